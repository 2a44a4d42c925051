"""Whoever signs in from a browser not seen before is told of it: when, with what kind of browser, and where to look."""

from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from supervise.accounts.models import Person
from supervise.accounts.service import invite
from supervise.core.actor import Actor
from supervise.core.clock import local, now
from supervise.core.db import db
from supervise.core.uow import unit_of_work
from supervise.jobs.handlers import HANDLERS
from supervise.jobs.worker import run_due
from supervise.notifications.models import Notice
from tests.factories import PASSWORD
from tests.rooms.accounts.conftest import join
from tests.rooms.notifications.conftest import Clinic, PostOffice
from tests.rooms.notifications.test_credentials import seed_on

MAILS = {kind: do for kind, do in HANDLERS.items() if kind.startswith("mail.")}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SignIn = Callable[..., FlaskClient]


@pytest.fixture
def sign_in(app: Flask, clinic: Clinic) -> SignIn:
    """Sign someone in through the door, in a browser that is fresh unless one is given; return the browser."""
    app.config["WTF_CSRF_ENABLED"] = False

    def enter(actor: Actor, browser: FlaskClient | None = None, agent: str = FIREFOX) -> FlaskClient:
        clinic.make.password(actor)
        email = db.session.get_one(Person, actor.person_id).email
        browser = browser or app.test_client()
        answer = browser.post("/sign-in", data={"email": email, "password": PASSWORD}, headers={"User-Agent": agent})
        assert answer.status_code == 303, answer.text
        return browser

    return enter


def told() -> list[str]:
    """Return the kinds of the notices so far."""
    db.session.rollback()
    db.session.expire_all()
    return [row.kind for row in db.session.query(Notice).order_by(Notice.id)]


def test_a_new_device_is_told_once_with_time_browser_and_the_way_to_the_sessions(
    clinic: Clinic, post: PostOffice, sign_in: SignIn
) -> None:
    browser = sign_in(clinic.supervisor)
    assert run_due(MAILS) == 1
    (mail,) = post.arrived
    at = local(db.session.query(Notice).one().created_at, clinic.supervisor.zone)
    assert mail["Subject"] == "Your account was signed in to from a device not seen before."
    assert [line for line in mail.get_content().splitlines() if line] == [
        "Your account was signed in to from a device not seen before.",
        f"Firefox, {at:%a} {at.day} {at:%b %Y}, {at:%H:%M} (America/Los_Angeles).",
        "Look: http://127.0.0.1:8000/account/sessions",
        "No case text is ever sent by mail.",
    ]
    assert "Linux" not in mail.as_string()
    assert "127.0.0.1:8000/notices" not in mail.as_string()
    assert "from a device not seen before" in browser.get("/inbox").text
    notice_id = db.session.query(Notice).one().id
    assert browser.get(f"/notices/{notice_id}").location == "/account/sessions"
    browser.post("/sign-out")
    sign_in(clinic.supervisor, browser)
    assert told() == ["new_device"]
    sign_in(clinic.supervisor)
    assert told() == ["new_device", "new_device"]


def test_a_clinic_may_share_a_computer(clinic: Clinic, sign_in: SignIn) -> None:
    browser = sign_in(clinic.supervisor)
    browser.post("/sign-out")
    sign_in(clinic.author, browser)
    assert told() == ["new_device", "new_device"], "the mark of one is none of the other"
    for actor in (clinic.supervisor, clinic.author):
        browser.post("/sign-out")
        sign_in(actor, browser)
    assert told() == ["new_device", "new_device"]


def test_a_mark_that_was_changed_or_is_old_counts_for_nothing(clinic: Clinic, sign_in: SignIn) -> None:
    browser = sign_in(clinic.supervisor)
    (mark,) = [one for one in browser._cookies.values() if "-device-" in one.key]
    assert (mark.http_only, mark.same_site) == (True, "Lax")
    assert clinic.supervisor.person_id not in mark.key + mark.value
    day, number, signature = mark.value.split(".")
    for wrong in ("", "x", f"{day}.{number}.", f"2999-01-01.{number}.{signature}", f"{day}.{number}.é{signature[1:]}"):
        browser.post("/sign-out")
        before = len(told())
        browser.set_cookie(mark.key, wrong)
        sign_in(clinic.supervisor, browser)
        assert len(told()) == before + 1, wrong
    browser.post("/sign-out")
    with time_machine.travel(now() + timedelta(days=401)):
        browser.set_cookie(mark.key, mark.value)
        before = len(told())
        sign_in(clinic.supervisor, browser)
        assert len(told()) == before + 1


def test_a_password_alone_earns_no_mark(app: Flask, clinic: Clinic, sign_in: SignIn) -> None:
    own = sign_in(clinic.supervisor)
    seed = seed_on(own.get("/account/second-factor").text)
    own.post("/account/second-factor", data={"password": PASSWORD, "code": pyotp.TOTP(seed).now()})
    before = told()
    stranger = sign_in(clinic.supervisor)
    stranger = sign_in(clinic.supervisor, stranger)
    assert told() == before, "half a session is none"
    with time_machine.travel(now() + timedelta(seconds=60)):
        code = {"code": pyotp.TOTP(seed).now()}
        assert stranger.post("/sign-in/code", data=code).status_code == 303
    assert told() == [*before, "new_device"]
    stranger.post("/sign-out")
    with time_machine.travel(now() + timedelta(seconds=120)):
        sign_in(clinic.supervisor, stranger)
        assert stranger.post("/sign-in/code", data={"code": pyotp.TOTP(seed).now()}).status_code == 303
    assert told() == [*before, "new_device"]


def test_whoever_joins_is_not_told_of_the_first_device(app: Flask, clinic: Clinic, sign_in: SignIn) -> None:
    with unit_of_work(clinic.admin) as work:
        path = invite(work, clinic.org_id, "new@test.example", "", ["clinician"])
    joining = {"name": "Tomás Quiroga", "zone": "America/Denver", "password": PASSWORD}
    browser = app.test_client()
    assert join(browser, path, joining).status_code == 303
    assert browser.get("/account").status_code == 200
    browser.post("/sign-out")
    data = {"email": "new@test.example", "password": PASSWORD}
    assert browser.post("/sign-in", data=data).status_code == 303
    assert told() == []

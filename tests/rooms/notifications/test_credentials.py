"""Whoever's way to sign in changes is told by mail and by a notice, whoever changed it; no secret is in either."""

import re
from collections.abc import Callable

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient

from supervise.accounts.models import Membership, Person
from supervise.accounts.service import Answer, accept_invitation, ask_reset, devices, hash_password, invite
from supervise.accounts.session import cookie_name
from supervise.core.actor import system
from supervise.core.clock import now
from supervise.core.db import db
from supervise.core.uow import unit_of_work
from supervise.jobs.handlers import HANDLERS
from supervise.jobs.worker import run_due
from supervise.notifications.models import Notice
from supervise.notifications.service import choose_mail, mark_read
from tests.factories import PASSWORD
from tests.rooms.notifications.conftest import Clinic, PostOffice

NEW = "violet ladder compass reed"
MAILS = {kind: do for kind, do in HANDLERS.items() if kind.startswith("mail.")}
Told = Callable[[], str]


@pytest.fixture
def client(clinic: Clinic) -> FlaskClient:
    """The supervisor's browser; the password is that of the tests."""
    clinic.make.password(clinic.supervisor)
    return clinic.make.client(clinic.supervisor)


@pytest.fixture
def told(clinic: Clinic, post: PostOffice) -> Told:
    """Return ``told()``: what the one mail and the one notice since the last call say. Nobody else gets any."""

    def look() -> str:
        run_due(MAILS)
        db.session.rollback()
        person = db.session.get_one(Person, clinic.supervisor.person_id)
        assert post.recipients == [[person.email]]
        (mail,) = post.arrived
        rows = db.session.query(Notice).all()
        assert {row.person_id for row in rows} == {person.id}
        assert len(rows) == 1
        with unit_of_work(system()) as work:
            work.session.query(Notice).delete()
        post.arrived.clear()
        post.recipients.clear()
        text = mail.get_content()
        assert mail["Subject"] in text
        assert "If you did not expect this" in text
        assert not re.search(r"/reset/\w", text)
        for secret in (PASSWORD, NEW, person.totp_sealed, person.password_hash):
            assert not secret or secret not in mail.as_string()
        return f"{mail['Subject']} {text}"

    return look


def seed_on(page: str) -> str:
    found = re.search(r'enrol-key">([A-Z2-7 ]+)<', page)
    assert found
    return found[1].replace(" ", "")


def codes_on(page: str) -> list[str]:
    codes = re.findall(r'<li class="num">([a-z0-9-]+)</li>', page)
    assert len(codes) == 10
    return codes


def sign_in(app: Flask, clinic: Clinic, code: str) -> None:
    person, client = db.session.get_one(Person, clinic.supervisor.person_id), app.test_client()
    client.set_cookie(f"{cookie_name()}-device-{devices.name_of(person.id)}", devices.mark(person.id, now().date()))
    client.post("/sign-in", data={"email": person.email, "password": PASSWORD})
    assert client.post("/sign-in/code", data={"code": code}).status_code == 303


def test_a_changed_password(client: FlaskClient, told: Told) -> None:
    assert client.post("/account/password", data={"current": PASSWORD, "password": NEW}).status_code == 303
    assert "Your password was changed." in told()


def test_a_password_set_by_a_link(app: Flask, clinic: Clinic, post: PostOffice, told: Told) -> None:
    person = db.session.get_one(Person, clinic.supervisor.person_id)
    ask_reset(person.email, "127.0.0.1")
    run_due(MAILS)
    found = re.search(r"(/reset/\S+)", post.arrived.pop().get_content())
    assert found
    post.recipients.clear()
    app.config["WTF_CSRF_ENABLED"] = False
    assert app.test_client().post(found[1], data={"password": NEW}).status_code == 303
    said = told()
    assert "Your password was changed." in said
    assert found[1] not in said


def test_each_change_of_the_second_factor(app: Flask, clinic: Clinic, client: FlaskClient, told: Told) -> None:
    seed = seed_on(client.get("/account/second-factor").text)
    form = {"password": PASSWORD, "code": pyotp.TOTP(seed).now()}
    first = codes_on(client.post("/account/second-factor", data=form).text)
    said = told()
    assert "A second factor was set up" in said
    codes = codes_on(client.post("/account/second-factor/codes", data={"password": PASSWORD}).text)
    said += told()
    assert "New recovery codes" in said
    sign_in(app, clinic, codes[0])
    said += told()
    assert "A recovery code of yours was used" in said
    assert client.post("/account/second-factor/remove", data={"password": PASSWORD}).status_code == 303
    said += told()
    assert "Your second factor was removed" in said
    assert not [secret for secret in (seed, *first, *codes) if secret in said]


def test_what_an_administrator_does_to_it(clinic: Clinic, told: Told) -> None:
    admin = clinic.make.client(clinic.admin)
    assert admin.post(f"/people/{clinic.supervisor.person_id}/second-factor").status_code == 303
    assert "Hal Whitcomb took your second factor away" in told()
    assert admin.post(f"/people/{clinic.supervisor.person_id}/reset").status_code == 200
    assert "Hal Whitcomb made a link that sets a new password" in told()


def test_no_choice_and_no_reading_keeps_the_mail_back(clinic: Clinic, client: FlaskClient, told: Told) -> None:
    """Whoever took an account over would mark the notice as read and say no to mails."""
    assert client.post("/account/password", data={"current": PASSWORD, "password": NEW}).status_code == 303
    with unit_of_work(clinic.supervisor) as work:
        choose_mail(work, by_mail=False)
        mark_read(work)
    assert "Your password was changed." in told()


def test_one_mail_for_all_places_of_a_person(clinic: Clinic, client: FlaskClient, post: PostOffice) -> None:
    other = clinic.make.organisation("Elsewhere")
    with unit_of_work(system(other.id)) as work:
        work.session.add(
            Membership(
                org_id=other.id, person_id=clinic.supervisor.person_id, roles=["supervisor"], created_at=work.now
            )
        )
    client.post("/account/password", data={"current": PASSWORD, "password": NEW})
    run_due(MAILS)
    assert len(post.arrived) == 1
    assert db.session.query(Notice).count() == 2


def test_someone_new_is_not_told_of_a_first_password(clinic: Clinic, post: PostOffice) -> None:
    with unit_of_work(clinic.admin) as work:
        token = invite(work, clinic.org_id, "", "", ["clinician"]).rpartition("/")[2]
    hashed = hash_password(NEW)
    with unit_of_work(system(clinic.org_id)) as work:
        accept_invitation(work, token, Answer("n@test.example", "N", "UTC", hashed=hashed))
    run_due(MAILS)
    assert post.arrived == []


def test_the_notice_leads_to_the_account(client: FlaskClient) -> None:
    client.post("/account/password", data={"current": PASSWORD, "password": NEW})
    notice_id = db.session.query(Notice).one().id
    assert "Your password was changed." in client.get("/notices").text
    assert client.get(f"/notices/{notice_id}").location == "/account"

"""After the password alone nothing opens: every address leads to the second factor, and nothing sent is taken."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pyotp
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from supervise.accounts.models import ParkedForm, Person
from supervise.accounts.rules import PASSWORD_MOST
from supervise.accounts.service import sign_ins
from supervise.accounts.service.links import invite
from supervise.audit.models import AuditRow
from supervise.core.actor import Actor, Role
from supervise.core.db import db
from supervise.core.due import DueWork
from supervise.core.settings import Settings
from supervise.core.uow import unit_of_work
from supervise.reports.seal import make_seal_identity
from tests.factories import Factory
from tests.rooms.accounts.conftest import PASSWORD, cookie, fresh, is_in
from tests.rooms.accounts.test_second_factor import START, enrol, seed_on

Open = Callable[[], FlaskClient]
Address = Callable[[Actor], str]
CODE, ENROL = "/sign-in/code", "/sign-in/second-factor"
DOORS = {
    "accounts.sign_in", "accounts.code", "accounts.enrol", "accounts.join", "accounts.join_sign_in",
    "accounts.lock", "accounts.unlock",
    "accounts.sign_out", "accounts.ask_reset", "accounts.reset", "reports.check", "reports.check_code", "safety.crisis",
    "safety.kept", "safety.card", "safety.worker", "web.alive", "web.help", "web.shortcuts",
}  # fmt: skip
"""What is open to everyone, signed in or not; each shows nothing of the person."""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """No demo: the second factor is required."""
    return settings.model_copy(update={"demo": False})


@pytest.fixture
def person(make: Factory) -> Actor:
    """Someone with every role, so that nothing else keeps a page from them."""
    roles = Role.SUPERVISEE, Role.SUPERVISOR, Role.CLINICIAN, Role.ADMIN
    return make.person(make.organisation(), *roles, name="Nuria Beltran")


@pytest.fixture(params=[CODE, ENROL])
def owed(request: pytest.FixtureRequest) -> str:
    """What is still owed after the password: a code, or setting the second factor up."""
    return str(request.param)


@pytest.fixture
def half(browser: Open, with_password: Address, person: Actor, owed: str) -> Iterator[FlaskClient]:
    """A browser in which the password was given and nothing else."""
    with time_machine.travel(START, tick=False) as clock:
        email = with_password(person)
        if owed == CODE:
            enrol(browser(), email)
            clock.shift(600)
        client = browser()
        answer = client.post("/sign-in", data={"email": email, "password": PASSWORD})
        assert answer.headers["Location"] == owed
        yield client


def addresses(app: Flask, method: str) -> list[tuple[str, str]]:
    """Return (endpoint, address) of every view that takes ``method``."""
    values = {"day": "2026-01-05", "number": "1"}
    return [
        (rule.endpoint, re.sub(r"<(?:[^:<>]+:)?(\w+)>", lambda name: values.get(name[1], "0" * 26), rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static" and method in (rule.methods or ())
    ]


def traces() -> list[int]:
    db.session.rollback()
    return [db.session.scalar(select(func.count()).select_from(kind)) or 0 for kind in (AuditRow, ParkedForm, DueWork)]


def test_every_address_leads_to_the_second_factor(app: Flask, half: FlaskClient, owed: str) -> None:
    asked = set()
    for method in ("GET", "POST"):
        for endpoint, path in addresses(app, method):
            if endpoint in DOORS:
                continue
            asked.add(endpoint)
            answer = half.open(path, method=method)
            assert answer.status_code == 303, f"{method} {path}: {answer.status_code}"
            assert answer.headers["Location"].partition("?")[0] == owed, f"{method} {path}"
    assert asked == {*app.view_functions} - DOORS - {"static"}
    assert len(asked) > 100


def test_a_script_is_turned_away_as_well(app: Flask, half: FlaskClient, owed: str) -> None:
    for method in ("GET", "POST"):
        for endpoint, path in addresses(app, method):
            for headers in ({"HX-Request": "true"}, {"X-Autosave": "1"}, {"X-CSRFToken": "x"}):
                if endpoint in DOORS:
                    continue
                answer = half.open(path, method=method, headers=headers)
                assert answer.status_code == 401, f"{method} {path}: {answer.status_code}"
                assert answer.data == b""
                assert answer.headers.get("HX-Redirect", owed).partition("?")[0] == owed


def test_what_is_open_to_everyone_knows_nobody(app: Flask, half: FlaskClient, person: Actor) -> None:
    identity, keyring = make_seal_identity("Cedar Street"), app.extensions["supervise"].keyring
    keyring.put_item("seal-key", identity.key_pem)
    keyring.put_item("seal-certificate", identity.certificate_pem)
    with unit_of_work(person) as work:
        link = invite(work, person.org_id, "", "", ["clinician"])
    paths = [path for endpoint, path in addresses(app, "GET") if endpoint in DOORS]
    for path in [*paths, link]:
        assert person.name not in half.get(path).text, path
    assert not is_in(half)


def test_nothing_that_is_sent_is_kept_or_counts(app: Flask, half: FlaskClient, owed: str) -> None:
    """Words parked for the person would be shown to them as their own after they sign in."""
    half.get("/account")
    before = traces()
    for endpoint, path in addresses(app, "POST"):
        if endpoint in DOORS - {"accounts.lock", "accounts.unlock"}:
            continue
        answer = half.post(path, data={"body": "Words of whoever knows the password", "typed": TYPED, "next": "/inbox"})
        assert answer.status_code == 303, f"{path}: {answer.status_code}"
        assert answer.headers["Location"].partition("?")[0] in (owed, "/sign-in"), path
    assert traces() == before
    assert not is_in(half)


TYPED = '{"path": "/meetings/new", "fields": [["notes", "Planted"]]}'


def test_replayed_forms_do_not_make_it_whole(
    half: FlaskClient, person: Actor, owed: str, with_password: Address
) -> None:
    """Each form that changes a session or a second factor, as a whole session sends it."""
    email = with_password(person)
    seed = seed_on(half.get(ENROL).text) if owed == ENROL else "JBSWY3DPEHPK3PXP" * 2
    stored = fresh(Person, person.person_id).totp_sealed
    code = pyotp.TOTP("JBSWY3DPEHPK3PXP" * 2).now()
    forms = {
        "/account/second-factor": {"password": PASSWORD, "code": pyotp.TOTP(seed).now()},
        "/account/second-factor/codes": {"password": PASSWORD},
        "/account/second-factor/remove": {"password": PASSWORD},
        "/account/password": {"current": PASSWORD, "password": "violet ladder compass reed"},
        "/account/place": {"org_id": person.org_id},
        "/unlock": {"password": PASSWORD, "next": "/account"},
        "/here": {},
        "/lock": {"next": "/account"},
        f"/people/{person.person_id}/second-factor": {},
        (CODE if owed == ENROL else ENROL): {"code": code},
        owed: {"code": code},
        "/sign-in": {"email": email, "password": PASSWORD, "next": "/account"},
    }
    for path, form in forms.items():
        for _ in range(2):
            half.post(path, data=form)
            assert not is_in(half), path
    assert fresh(Person, person.person_id).totp_sealed == stored
    assert half.get("/account").headers["Location"].partition("?")[0] == owed


def test_a_code_makes_only_the_session_whole_in_which_it_was_given(
    browser: Open, with_password: Address, person: Actor
) -> None:
    with time_machine.travel(START, tick=False) as clock:
        email = with_password(person)
        seed, _codes = enrol(browser(), email)
        clock.shift(60)
        clients = [browser(), browser()]
        for client in clients:
            client.post("/sign-in", data={"email": email, "password": PASSWORD})
        halves = [cookie(client) for client in clients]
        assert clients[0].post(CODE, data={"code": pyotp.TOTP(seed).now()}).status_code == 303
        assert [is_in(client) for client in clients] == [True, False]
        for secret in halves:
            thief = browser()
            thief.set_cookie("supervise", secret)
            assert not is_in(thief)


def test_no_code_counts_that_is_not_later_than_the_last_one(
    browser: Open, with_password: Address, person: Actor
) -> None:
    """Neither the code that set the factor up, nor one that was passed over, nor one used on another day."""
    with time_machine.travel(START, tick=False) as clock:
        email = with_password(person)
        client = browser()
        client.post("/sign-in", data={"email": email, "password": PASSWORD})
        seed = seed_on(client.get(ENROL).text)
        first = pyotp.TOTP(seed).now()
        client.post(ENROL, data={"code": first})

        def try_one(code: str) -> int:
            fresh_one = browser()
            fresh_one.post("/sign-in", data={"email": email, "password": PASSWORD})
            return fresh_one.post(CODE, data={"code": code}).status_code

        assert try_one(first) == 422
        clock.shift(60)
        at = int(datetime.now(UTC).timestamp())
        passed_over, now_one, next_one = (pyotp.TOTP(seed).at(at + shift) for shift in (-30, 0, 30))
        assert try_one(next_one) == 303
        assert [try_one(code) for code in (passed_over, now_one, next_one)] == [422, 422, 422]


def test_only_a_demo_works_without(app: Flask, settings: Settings) -> None:
    with pytest.raises(ValueError, match="demos only"):
        Settings(data_dir=settings.data_dir, second_factor="optional")
    for switch in ({"second_factor": "optional"}, {"idle_minutes": 120}, {"demo_password": "x"}, {"bind": "[::1]:1"}):
        changed = settings.model_copy(update=switch)  # past the check that refuses it
        app.extensions["supervise"].settings = changed
        assert sign_ins.second_factor_required(), switch


def test_no_form_value_of_any_length_is_a_code(half: FlaskClient, owed: str) -> None:
    for code in ("", " ", "0" * 6, "é" * 6, "१२३४५६", "\0" * 6, "9" * 40, "x" * (PASSWORD_MOST + 1)):
        assert half.post(owed, data={"code": code}).status_code in (422, 429), repr(code)
        assert not is_in(half)

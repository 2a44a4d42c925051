"""Coming in and leaving: sessions live on the server, and guessing is slow without locking anyone else out."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from supervise.accounts.models import Person, SignIn
from supervise.accounts.service import sign_ins
from supervise.accounts.session import set_cookie
from supervise.audit.models import AuditRow
from supervise.core.actor import Actor, Role, system
from supervise.core.db import db
from supervise.core.uow import unit_of_work
from tests.factories import Factory
from tests.rooms.accounts.conftest import PASSWORD, cookie, fresh, is_in

Enter = Callable[[Actor], FlaskClient]
Open = Callable[[], FlaskClient]
Address = Callable[[Actor], str]


@pytest.fixture
def person(make: Factory) -> Actor:
    return make.person(make.organisation(), Role.SUPERVISEE, name="Ines Valcourt")


def test_the_right_password_opens_and_the_cookie_is_strict(sign_in: Enter, person: Actor) -> None:
    client = sign_in(person)
    assert is_in(client)
    found = client.get_cookie("supervise")
    assert found is not None
    assert (found.http_only, found.same_site, found.path) == (True, "Lax", "/")
    row = db.session.scalars(select(SignIn)).one()
    assert row.token_hash == sign_ins.hash_of(found.value)
    assert found.value not in row.token_hash


def test_known_and_unknown_addresses_answer_alike(browser: Open, with_password: Address, person: Actor) -> None:
    email = with_password(person)
    known = browser().post("/sign-in", data={"email": email, "password": "not the password"})
    unknown = browser().post("/sign-in", data={"email": "nobody@test.example", "password": "not the password"})
    assert known.status_code == unknown.status_code == 422
    assert "do not match" in known.text
    assert known.text.replace(email, "X") == unknown.text.replace("nobody@test.example", "X")


def test_an_empty_form_says_what_is_missing(browser: Open, app: Flask) -> None:
    answer = browser().post("/sign-in", data={"email": "", "password": ""})
    assert answer.status_code == 422
    assert "The address is missing." in answer.text
    assert "The password is missing." in answer.text


def test_failures_and_successes_are_in_the_audit(sign_in: Enter, person: Actor, browser: Open) -> None:
    sign_in(person)
    browser().post("/sign-in", data={"email": fresh(Person, person.person_id).email, "password": "wrong wrong wrong"})
    browser().post("/sign-in", data={"email": "nobody@test.example", "password": "wrong wrong wrong"})
    rows = db.session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
    assert [(row.action, row.org_id == person.org_id, row.object_id) for row in rows] == [
        ("SignedIn", True, person.person_id),
        ("SignInFailed", True, person.person_id),
        ("SignInFailed", False, "unknown"),
    ]


def test_five_wrong_passwords_make_a_pause_that_ends(browser: Open, with_password: Address, person: Actor) -> None:
    email, start = with_password(person), datetime(2026, 1, 5, 12, tzinfo=UTC)
    with time_machine.travel(start, tick=False) as clock:
        client = browser()
        for _ in range(5):
            assert client.post("/sign-in", data={"email": email, "password": "wrong"}).status_code == 422
        paused = client.post("/sign-in", data={"email": email, "password": PASSWORD})
        assert paused.status_code == 429
        assert "Wait 30 seconds" in paused.text
        assert email in paused.text
        clock.shift(31)
        assert client.post("/sign-in", data={"email": email, "password": PASSWORD}).status_code == 303


def test_unknown_addresses_are_paused_alike(browser: Open, app: Flask) -> None:
    client = browser()
    answers = [client.post("/sign-in", data={"email": "nobody@test.example", "password": "wrong"}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]


def test_whoever_hammers_an_account_does_not_lock_its_owner_out(browser: Open, sign_in: Enter, person: Actor) -> None:
    own = sign_in(person)
    email = fresh(Person, person.person_id).email
    own.post("/sign-out")
    stranger = browser()
    for _ in range(6):
        last = stranger.post("/sign-in", data={"email": email, "password": "wrong"})
    assert last.status_code == 429
    assert own.post("/sign-in", data={"email": email, "password": PASSWORD}).status_code == 303


def test_a_stranger_in_the_network_does_not_lock_a_known_browser_out(
    browser: Open, sign_in: Enter, person: Actor, app: Flask
) -> None:
    own = sign_in(person)
    email = fresh(Person, person.person_id).email
    for number in range(31):
        last = browser().post("/sign-in", data={"email": f"guess{number}@test.example", "password": "wrong"})
    assert last.status_code == 429
    assert own.post("/sign-in", data={"email": email, "password": PASSWORD}).status_code == 303


def test_a_mark_of_another_account_helps_nobody(
    browser: Open,
    sign_in: Enter,
    person: Actor,
    make: Factory,
    with_password: Address,
) -> None:
    own = sign_in(person)
    other = with_password(make.person(make.organisation(), Role.SUPERVISOR))
    for _ in range(6):
        last = own.post("/sign-in", data={"email": other, "password": "wrong"})
    assert last.status_code == 429
    assert browser().post("/sign-in", data={"email": other, "password": PASSWORD}).status_code == 429


def test_a_stolen_cookie_opens_nothing_after_log_out(browser: Open, sign_in: Enter, person: Actor) -> None:
    client = sign_in(person)
    stolen = cookie(client)
    answer = client.post("/sign-out")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert client.get_cookie("supervise") is None
    thief = browser()
    thief.set_cookie("supervise", stolen)
    assert not is_in(thief)


def test_signing_in_makes_a_new_secret_and_ends_the_old_one(browser: Open, sign_in: Enter, person: Actor) -> None:
    client = sign_in(person)
    before = cookie(client)
    client.post("/sign-in", data={"email": fresh(Person, person.person_id).email, "password": PASSWORD})
    assert cookie(client) != before
    old = browser()
    old.set_cookie("supervise", before)
    assert not is_in(old)


def test_a_planted_cookie_is_not_adopted(browser: Open, with_password: Address, person: Actor) -> None:
    victim = browser()
    victim.set_cookie("supervise", "planted")
    victim.post("/sign-in", data={"email": with_password(person), "password": PASSWORD})
    assert cookie(victim) != "planted"
    attacker = browser()
    attacker.set_cookie("supervise", "planted")
    assert not is_in(attacker)


def test_the_session_ends_after_twelve_hours(sign_in: Enter, person: Actor) -> None:
    with time_machine.travel(datetime(2026, 1, 5, 8, tzinfo=UTC), tick=False) as clock:
        client = sign_in(person)
        for _ in range(71):
            clock.shift(timedelta(minutes=10))
            assert is_in(client)
        clock.shift(timedelta(minutes=10))
        answer = client.get("/account")
        assert answer.status_code == 303
        assert answer.headers["Location"] == "/sign-in?next=/account"


def test_signing_in_leads_where_the_person_was_going(browser: Open, with_password: Address, person: Actor) -> None:
    email, client = with_password(person), browser()
    answer = client.get("/account/sessions?x=1")
    assert answer.headers["Location"] == "/sign-in?next=/account/sessions?x%3D1"
    data = {"email": email, "password": PASSWORD, "next": "/account/sessions?x=1"}
    assert client.post("/sign-in", data=data).headers["Location"] == "/account/sessions?x=1"
    data["next"] = "https://elsewhere.example/"
    assert client.post("/sign-in", data=data).headers["Location"] == "/inbox"


def test_a_disabled_person_is_out_at_the_next_request(sign_in: Enter, person: Actor) -> None:
    client = sign_in(person)
    with unit_of_work(system()) as work:
        work.session.get_one(Person, person.person_id).disabled_at = work.now
    assert not is_in(client)
    data = {"email": fresh(Person, person.person_id).email, "password": PASSWORD}
    assert client.post("/sign-in", data=data).status_code == 422


def test_forms_need_their_token(make: Factory, person: Actor) -> None:
    client = make.client(person, csrf=True)
    answer = client.post("/account/colours", data={"theme": "dark"})
    assert answer.status_code == 400
    assert fresh(Person, person.person_id).theme == ""


def test_nothing_in_flasks_own_cookie_signs_anyone_in(browser: Open, person: Actor, app: Flask) -> None:
    client = browser()
    with client.session_transaction() as form_session:
        form_session["_user_id"] = person.person_id
        form_session["_fresh"] = True
    client.set_cookie("remember_token", f"{person.person_id}|0")
    assert not is_in(client)


def test_over_https_the_cookie_is_bound_to_the_host(app: Flask) -> None:
    installation = app.extensions["supervise"]
    installation.settings = installation.settings.model_copy(update={"public_url": "https://supervise.example"})
    with app.test_request_context("/"):
        response = app.make_response("")
        set_cookie(response, "secret")
    header = response.headers["Set-Cookie"]
    assert header.startswith("__Host-supervise=secret; ")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(header.split("; "))
    assert "Domain" not in header

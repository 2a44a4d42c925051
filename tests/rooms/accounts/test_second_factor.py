"""The second factor: asked of everyone outside demos, each code once, and no way around it."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pyotp
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from supervise.accounts.models import Person
from supervise.accounts.service import second_factor
from supervise.core.actor import Actor, Role
from supervise.core.db import db
from supervise.core.errors import Invalid
from supervise.core.settings import Settings
from tests.factories import Factory
from tests.rooms.accounts.conftest import PASSWORD, cookie, fresh, is_in

START = datetime(2026, 1, 5, 12, tzinfo=UTC)
Open = Callable[[], FlaskClient]
Address = Callable[[Actor], str]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """No demo: the second factor is required."""
    return settings.model_copy(update={"demo": False})


@pytest.fixture
def person(make: Factory) -> Actor:
    return make.person(make.organisation(), Role.SUPERVISOR, name="Nuria Beltran")


def seed_on(page: str) -> str:
    found = re.search(r'enrol-key">([A-Z2-7 ]+)<', page)
    assert found, page
    return found.group(1).replace(" ", "")


def enrol(client: FlaskClient, email: str) -> tuple[str, list[str]]:
    """Sign in for the first time and set up the second factor; return the seed and the recovery codes."""
    answer = client.post("/sign-in", data={"email": email, "password": PASSWORD})
    assert answer.headers["Location"] == "/sign-in/second-factor"
    seed = seed_on(client.get("/sign-in/second-factor").text)
    done = client.post("/sign-in/second-factor", data={"code": pyotp.TOTP(seed).now()})
    assert done.status_code == 200, done.text
    codes = re.findall(r'<li class="num">([a-z0-9-]+)</li>', done.text)
    assert len(set(codes)) == 10
    return seed, codes


def test_nothing_opens_before_a_second_factor_is_set_up(browser: Open, with_password: Address, person: Actor) -> None:
    client = browser()
    client.post("/sign-in", data={"email": with_password(person), "password": PASSWORD})
    for path in ("/account", "/people", "/inbox-of-nobody", "/account/second-factor"):
        assert client.get(path).status_code in (303, 404)
    assert client.get("/account").headers["Location"].startswith("/sign-in/second-factor")


def test_setting_up_shows_the_seed_and_changes_the_secret(browser: Open, with_password: Address, person: Actor) -> None:
    with time_machine.travel(START, tick=False):
        client = browser()
        email = with_password(person)
        client.post("/sign-in", data={"email": email, "password": PASSWORD})
        page = client.get("/sign-in/second-factor").text
        assert "<svg" in page
        assert "style=" not in page
        assert seed_on(page) == seed_on(client.get("/sign-in/second-factor").text)
        assert client.post("/sign-in/second-factor", data={"code": "000000"}).status_code == 422
        half = cookie(client)
        client.post("/sign-in/second-factor", data={"code": pyotp.TOTP(seed_on(page)).now()})
        assert cookie(client) != half
        assert is_in(client)
        stored = fresh(Person, person.person_id)
        assert seed_on(page) not in (stored.totp_sealed or "")
        thief = browser()
        thief.set_cookie("supervise", half)
        assert not is_in(thief)


def test_a_code_works_once(browser: Open, with_password: Address, person: Actor) -> None:
    with time_machine.travel(START, tick=False) as clock:
        email = with_password(person)
        first = browser()
        seed, _codes = enrol(first, email)
        clock.shift(60)
        code = pyotp.TOTP(seed).now()
        for client, status in ((browser(), 303), (browser(), 422)):
            answer = client.post("/sign-in", data={"email": email, "password": PASSWORD})
            assert answer.headers["Location"] == "/sign-in/code"
            assert not is_in(client)
            assert client.post("/sign-in/code", data={"code": code}).status_code == status
            assert is_in(client) is (status == 303)


def test_codes_of_the_neighbouring_half_minutes_fit_and_no_others(
    browser: Open, with_password: Address, person: Actor
) -> None:
    with time_machine.travel(START, tick=False) as clock:
        email = with_password(person)
        seed, _codes = enrol(browser(), email)
        clock.shift(600)
        at = int(datetime.now(UTC).timestamp())
        for shift, fits in ((-60, False), (60, False), (-30, True), (30, True)):
            client = browser()
            client.post("/sign-in", data={"email": email, "password": PASSWORD})
            answer = client.post("/sign-in/code", data={"code": pyotp.TOTP(seed).at(at + shift)})
            assert (answer.status_code == 303) is fits, shift


def test_a_recovery_code_works_once(browser: Open, with_password: Address, person: Actor) -> None:
    email = with_password(person)
    _seed, codes = enrol(browser(), email)
    for status in (303, 422):
        client = browser()
        client.post("/sign-in", data={"email": email, "password": PASSWORD})
        assert client.post("/sign-in/code", data={"code": codes[3].upper()}).status_code == status
    assert second_factor.recovery_codes_left(db.session(), person.person_id) == 9


def test_of_two_who_come_with_the_same_code_one_is_refused(
    browser: Open, with_password: Address, person: Actor, app: Flask
) -> None:
    with time_machine.travel(START, tick=False) as clock:
        seed, codes = enrol(browser(), with_password(person))
        clock.shift(60)

        def use(code: str) -> bool:
            with app.app_context():
                try:
                    second_factor.check_code(db.session(), person, code)
                except Invalid:
                    return False
                return True

        with ThreadPoolExecutor(4) as pool:
            assert sorted(pool.map(use, [pyotp.TOTP(seed).now()] * 4)) == [False, False, False, True]
            clock.shift(86_400)  # those who came too late count as wrong tries; a day later these are forgotten
            assert sorted(pool.map(use, [codes[0]] * 4)) == [False, False, False, True]


def test_wrong_codes_make_a_pause(browser: Open, with_password: Address, person: Actor) -> None:
    email = with_password(person)
    enrol(browser(), email)
    client = browser()
    client.post("/sign-in", data={"email": email, "password": PASSWORD})
    answers = [client.post("/sign-in/code", data={"code": f"00000{n}"}).status_code for n in range(6)]
    assert answers == [422] * 5 + [429]


def test_a_half_session_ends_soon(browser: Open, with_password: Address, person: Actor) -> None:
    with time_machine.travel(START, tick=False) as clock:
        email = with_password(person)
        enrol(browser(), email)
        client = browser()
        client.post("/sign-in", data={"email": email, "password": PASSWORD})
        clock.shift(15 * 60)
        assert client.get("/sign-in/code").headers["Location"] == "/sign-in"


def test_new_recovery_codes_need_the_password_and_replace_the_old(
    browser: Open, with_password: Address, person: Actor
) -> None:
    client, email = browser(), with_password(person)
    _seed, codes = enrol(client, email)
    assert client.post("/account/second-factor/codes", data={"password": "wrong"}).status_code == 422
    page = client.post("/account/second-factor/codes", data={"password": PASSWORD}).text
    new = re.findall(r'<li class="num">([a-z0-9-]+)</li>', page)
    assert len(new) == 10
    assert not {*new} & {*codes}
    with pytest.raises(Invalid):
        second_factor.check_code(db.session(), person, codes[0])


def test_removing_it_ends_every_session_and_asks_for_a_new_one(
    browser: Open, with_password: Address, person: Actor
) -> None:
    client, email = browser(), with_password(person)
    enrol(client, email)
    client.post("/account/second-factor/remove", data={"password": PASSWORD})
    assert not is_in(client)
    answer = client.post("/sign-in", data={"email": email, "password": PASSWORD})
    assert answer.headers["Location"] == "/sign-in/second-factor"

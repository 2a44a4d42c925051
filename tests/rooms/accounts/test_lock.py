"""Locking after idle minutes, and what was being typed: given back to its person, sent only by a press."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from supervise.accounts.models import Licence, ParkedForm, Person, SignIn
from supervise.accounts.service import forget_typed
from supervise.core.actor import Actor, Role, system
from supervise.core.db import db
from supervise.core.uow import unit_of_work
from tests.factories import Factory
from tests.rooms.accounts.conftest import PASSWORD, cookie, fresh, is_in

START = datetime(2026, 1, 5, 12, tzinfo=UTC)
LICENCE = {"jurisdiction": "US-CA", "title": "LMFT", "profession": "Marriage and family therapist", "number": "LMFT-77",
           "issued_on": "2015-03-02", "expires_on": "", "password": "never kept"}  # fmt: skip
Enter = Callable[[Actor], FlaskClient]


@pytest.fixture
def person(make: Factory) -> Actor:
    return make.person(make.organisation(), Role.SUPERVISEE, name="Ines Valcourt")


def unlock(client: FlaskClient, onward: str = "") -> str:
    answer = client.post("/unlock", data={"password": PASSWORD, "next": onward})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def licences() -> list[str]:
    db.session.rollback()
    return [row.number for row in db.session.scalars(select(Licence))]


def test_after_fifteen_idle_minutes_the_page_is_locked(sign_in: Enter, person: Actor) -> None:
    with time_machine.travel(START, tick=False) as clock:
        client = sign_in(person)
        clock.shift(timedelta(minutes=15))
        answer = client.get("/account/sessions")
        assert answer.headers["Location"] == "/unlock?next=/account/sessions"
        assert "Ines Valcourt" in client.get("/unlock").text
        assert client.post("/unlock", data={"password": "wrong"}).status_code == 422
        before = cookie(client)
        assert unlock(client, "/account/sessions") == "/account/sessions"
        assert is_in(client)
        assert cookie(client) != before


def test_autosave_and_polling_do_not_keep_it_open_but_a_touch_does(sign_in: Enter, person: Actor) -> None:
    with time_machine.travel(START, tick=False) as clock:
        client = sign_in(person)
        for minute in range(14):
            clock.shift(timedelta(minutes=1))
            assert client.post("/account/colours", headers={"X-Autosave": "1"}).status_code == 303, minute
            assert client.get("/account", headers={"HX-Trigger": "poll-inbox"}).status_code == 200, minute
        clock.shift(timedelta(minutes=1))
        assert client.post("/account/colours", headers={"X-Autosave": "1"}).status_code == 423
        unlock(client)
        for _ in range(20):
            clock.shift(timedelta(minutes=10))
            assert client.post("/here", headers={"X-CSRFToken": "x"}).status_code == 204


def test_the_touch_is_written_at_most_once_a_minute(sign_in: Enter, person: Actor) -> None:
    with time_machine.travel(START, tick=False) as clock:
        client = sign_in(person)
        for seconds, seen in ((30, 0), (29, 0), (1, 60), (59, 60), (1, 120)):
            clock.shift(seconds)
            client.get("/account")
            db.session.rollback()
            assert db.session.scalars(select(SignIn)).one().last_seen_at == START + timedelta(seconds=seen)


def test_locking_by_hand_covers_the_screen_at_once(sign_in: Enter, person: Actor) -> None:
    client = sign_in(person)
    answer = client.post("/lock", data={"next": "/account/sessions", "typed": ""})
    assert answer.headers["Location"] == "/unlock?next=/account/sessions"
    assert not is_in(client)
    assert client.get("/help").status_code == 200


def test_scripts_are_told_instead_of_redirected(sign_in: Enter, person: Actor) -> None:
    client = sign_in(person)
    client.post("/lock")
    answer = client.get("/account", headers={"HX-Request": "true"})
    assert answer.status_code == 423
    assert answer.headers["HX-Redirect"] == "/unlock"
    assert client.post("/here", headers={"X-CSRFToken": "x"}).status_code == 423


def test_what_was_typed_into_a_locked_page_comes_back_and_is_sent_by_a_press(sign_in: Enter, person: Actor) -> None:
    client = sign_in(person)
    client.post("/lock")
    answer = client.post("/account/licences/new", data=LICENCE)
    assert answer.headers["Location"] == "/unlock"
    sealed = db.session.scalars(select(ParkedForm)).one()
    assert "LMFT-77" not in sealed.fields_sealed
    where = unlock(client)
    assert where == f"/typed/{sealed.id}"
    page = client.get(where).text
    assert "LMFT-77" in page
    assert "never kept" not in page
    assert licences() == []
    sent = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)) | {"expires_on": ""}
    assert sent["parked"] == sealed.id
    assert client.post("/account/licences/new", data=sent | {"number": ""}).status_code == 422
    assert client.get(where).status_code == 200
    assert client.post("/account/licences/new", data=sent).status_code == 303
    assert licences() == ["LMFT-77"]
    assert client.get(where).status_code == 404


def test_what_was_typed_after_the_session_ended_waits_for_the_same_person(
    sign_in: Enter, person: Actor, make: Factory
) -> None:
    with time_machine.travel(START, tick=False) as clock:
        client = sign_in(person)
        clock.shift(timedelta(hours=13))
        answer = client.post("/account/licences/new", data=LICENCE)
        assert answer.headers["Location"] == "/sign-in"
        parked_id = db.session.scalars(select(ParkedForm.id)).one()
        other = sign_in(make.person(make.organisation(), Role.SUPERVISOR))
        assert other.get(f"/typed/{parked_id}").status_code == 404
        assert other.post(f"/typed/{parked_id}/discard").status_code == 404
        data = {"email": fresh(Person, person.person_id).email, "password": PASSWORD}
        assert client.post("/sign-in", data=data).headers["Location"] == f"/typed/{parked_id}"
        assert "LMFT-77" in client.get(f"/typed/{parked_id}").text


def test_long_texts_keep_their_lines(sign_in: Enter, person: Actor) -> None:
    client = sign_in(person)
    client.post("/lock")
    client.post("/account", data={"name": "First line\nsecond <b>line</b>", "version": "1"})
    page = client.get(unlock(client)).text
    assert ">\nFirst line\nsecond &lt;b&gt;line&lt;/b&gt;</textarea>" in page


def test_a_page_that_locks_itself_hands_over_what_nobody_saved(sign_in: Enter, person: Actor) -> None:
    with time_machine.travel(START, tick=False) as clock:
        client = sign_in(person)
        clock.shift(timedelta(minutes=16))  # the server locked first
        typed = json.dumps([{"path": "/account/licences/new", "fields": [["number", "LMFT-88"], ["password", "x"]]}])
        answer = client.post("/lock", data={"next": "/account", "typed": typed})
        assert answer.headers["Location"] == "/unlock?next=/account"
        page = client.get(unlock(client, "/account")).text
        assert "LMFT-88" in page
        assert 'action="/account/licences/new"' in page


@pytest.mark.parametrize(
    "typed", ["{", "[]", "[1]", '[{"path": "https://elsewhere.example/", "fields": [["a", "b"]]}]', '[{"path": 1}]']
)
def test_nonsense_from_the_page_is_not_kept(sign_in: Enter, person: Actor, typed: str) -> None:
    client = sign_in(person)
    assert client.post("/lock", data={"typed": typed}).status_code == 303
    assert db.session.scalars(select(ParkedForm)).all() == []


def test_a_forged_form_is_not_kept(make: Factory, person: Actor) -> None:
    client = make.client(person, csrf=True)
    with unit_of_work(person) as work:
        for row in work.session.scalars(select(SignIn)):
            row.locked_at = work.now
    answer = client.post("/account/licences/new", data=LICENCE | {"profession": "A text that somebody else made up"})
    assert answer.status_code == 401
    assert "A text that somebody else made up" in answer.text
    assert db.session.scalars(select(ParkedForm)).all() == []


def test_someone_who_signed_out_elsewhere_gets_the_words_back(sign_in: Enter, person: Actor) -> None:
    client = sign_in(person)
    client.delete_cookie("supervise")
    answer = client.post("/account", data={"name": "A long name that was typed for a while"})
    assert answer.status_code == 401
    assert "A long name that was typed for a while" in answer.text


def test_kept_words_go_after_a_day_and_by_hand(sign_in: Enter, person: Actor) -> None:
    with time_machine.travel(START, tick=False) as clock:
        client = sign_in(person)
        for _ in range(2):
            client.post("/lock")
            client.post("/account/licences/new", data=LICENCE)
            where = unlock(client)
            client.post(f"{where}/discard")
            assert client.get(where).status_code == 404
            client.post("/lock")
            client.post("/account/licences/new", data=LICENCE)
            where = unlock(client)
        clock.shift(timedelta(hours=24, seconds=1))
        with unit_of_work(system()) as work:
            assert forget_typed(work) == 2
        assert db.session.scalars(select(ParkedForm)).all() == []


def test_at_most_twenty_are_kept(sign_in: Enter, person: Actor) -> None:
    client = sign_in(person)
    client.post("/lock")
    for number in range(23):
        client.post("/account/licences/new", data=LICENCE | {"number": f"N{number}"})
    assert len(db.session.scalars(select(ParkedForm)).all()) == 20
    assert "N22" in client.get(unlock(client)).text


def test_autosaved_words_are_not_kept_twice(sign_in: Enter, person: Actor) -> None:
    client = sign_in(person)
    client.post("/lock")
    answer = client.post("/account/licences/new", data=LICENCE, headers={"X-Autosave": "1", "X-CSRFToken": "x"})
    assert answer.status_code == 423
    assert db.session.scalars(select(ParkedForm)).all() == []


def test_every_form_of_a_locked_page_is_kept_and_each_is_offered(sign_in: Enter, person: Actor) -> None:
    client = sign_in(person)
    forms = [{"path": f"/account/licences/new?n={n}", "fields": [["number", f"LMFT-{n}"]]} for n in range(3)]
    client.post("/lock", data={"typed": json.dumps(forms)})
    where, shown = unlock(client), set[str]()
    for left in (2, 1, 0):  # in whatever order: they were kept in the same instant
        page = client.get(where).text
        shown |= set(re.findall(r"LMFT-\d", page))
        assert page.count("What was typed at") == left
        assert len(set(re.findall(r"/typed/\w+", client.get("/inbox").text))) == left + 1
        where = client.post(f"{where}/discard").headers["Location"]
    assert shown == {"LMFT-0", "LMFT-1", "LMFT-2"}
    assert where == "/inbox"
    assert "Something you typed" not in client.get("/inbox").text

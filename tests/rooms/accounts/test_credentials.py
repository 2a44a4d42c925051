"""What people say of their profession is read by colleagues, administrators and boards, so it names no client."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from supervise.accounts import queries
from supervise.accounts.models import Person
from supervise.accounts.service.links import invite
from supervise.core.actor import Actor, Role
from supervise.core.db import db
from supervise.core.uow import unit_of_work
from tests.factories import Factory
from tests.rooms.accounts.conftest import fresh, join
from tests.rooms.accounts.test_account import LICENCE

CLIENT = "therapist of Milica Jovanović"


@pytest.fixture
def person(make: Factory) -> Actor:
    return make.person(make.organisation("Tern Street"), Role.SUPERVISEE, name="Ines Valcourt")


def profile(person: Actor, **more: str) -> dict[str, str]:
    row = fresh(Person, person.person_id)
    return {"name": row.name, "zone": row.zone, "phone": "", "version": str(row.version), "credential": "AMFT"} | more


@pytest.mark.parametrize("words", [CLIENT, "AMFT, call (559) 555-0123", "LMFT milica@cedar.example"])
def test_a_credential_names_no_client(make: Factory, person: Actor, words: str) -> None:
    answer = make.client(person).post("/account", data=profile(person, credential=words, phone="+1 707 555 0100"))
    assert answer.status_code == 422
    assert 'id="credential-error"' in answer.text
    assert "may identify someone" in answer.text
    assert words in answer.text, "what was typed stays"
    assert fresh(Person, person.person_id).credential == "AMFT"


@pytest.mark.parametrize(
    "words",
    [
        "LMFT", "PsyD, LCSW-C", "Associate Marriage and Family Therapist", "Clinical Social Worker",
        "Licensed Clinical Professional Counselor", "Board Certified Behavior Analyst", "Texas LPC Associate",
        "Diplomate, American Board of Professional Psychology",
    ],
)  # fmt: skip
def test_titles_as_boards_write_them_stand(make: Factory, person: Actor, words: str) -> None:
    answer = make.client(person).post("/account", data=profile(person, credential=words))
    assert answer.status_code == 303, answer.text
    assert fresh(Person, person.person_id).credential == words


@pytest.mark.parametrize("field", ["title", "profession"])
def test_a_licence_names_no_client_but_in_its_number(make: Factory, person: Actor, field: str) -> None:
    client = make.client(person)
    answer = client.post("/account/licences/new", data=LICENCE | {field: CLIENT})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert CLIENT in answer.text
    assert queries.licences_of(db.session(), person.person_id) == []
    assert client.post("/account/licences/new", data=LICENCE | {"number": "MFT Rosa 40-1"}).status_code == 303


def test_what_stood_there_before_is_not_asked_about_again(make: Factory, person: Actor) -> None:
    with unit_of_work(person) as work:
        work.session.get_one(Person, person.person_id).credential = CLIENT
    assert make.client(person).post("/account", data=profile(person, credential=CLIENT)).status_code == 303


def test_nobody_joins_with_a_credential_that_names_a_client(
    make: Factory, person: Actor, browser: Callable[[], FlaskClient]
) -> None:
    with unit_of_work(person) as work:
        path = invite(work, person.org_id, "new@test.example", "", ["clinician"])
    joining = {"name": "Tomás Quiroga", "zone": "America/Denver", "password": "violet ladder compass reed"}
    answer = join(browser(), path, joining | {"credential": CLIENT})
    assert answer.status_code == 422
    assert CLIENT in answer.text
    assert "Tomás Quiroga" in answer.text
    assert queries.by_email(db.session(), "new@test.example") is None
    assert join(browser(), path, joining | {"credential": "LPC"}).status_code == 303

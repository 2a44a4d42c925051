"""One's own account: sessions, password, licences, places, organisations."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from supervise.accounts import queries
from supervise.accounts.models import Licence, Membership, Organisation, Person, Setting
from supervise.accounts.service import check_password
from supervise.core.actor import Actor, Role, system
from supervise.core.db import db
from supervise.core.errors import Invalid
from supervise.core.installation import installation
from supervise.core.uow import unit_of_work
from supervise.reports.seal import make_seal_identity
from tests.factories import Factory
from tests.rooms.accounts.conftest import PASSWORD, cookie, fresh, is_in

Enter = Callable[[Actor], FlaskClient]
NEW = "violet ladder compass reed"
LICENCE = {"jurisdiction": "US-CA", "title": "LMFT", "profession": "Marriage and family therapist", "number": "LMFT-77",
           "issued_on": "2015-03-02", "expires_on": "2027-03-02"}  # fmt: skip
SETTING = {"name": "Cedar Street", "board": "ca-amft", "pay": "w2", "degree": "post", "starts_on": "2025-01-01"}


@pytest.fixture
def org(make: Factory) -> Organisation:
    return make.organisation("Tern Street")


@pytest.fixture
def person(make: Factory, org: Organisation) -> Actor:
    return make.person(org, Role.SUPERVISEE, name="Ines Valcourt")


def test_sessions_are_listed_and_ended(sign_in: Enter, person: Actor, make: Factory) -> None:
    here, there = sign_in(person), sign_in(person)
    rows = queries.sign_ins_of(db.session(), person.person_id, fresh(Person, person.person_id).created_at)
    assert len(rows) == 2
    page = here.get("/account/sessions")
    assert page.text.count("This one") == 1
    theirs = next(row.id for row in rows if f"/account/sessions/{row.id}/end" in page.text)
    stranger = make.client(make.person(make.organisation(), Role.ADMIN))
    assert stranger.post(f"/account/sessions/{theirs}/end").status_code == 404
    assert here.post(f"/account/sessions/{theirs}/end").status_code == 303
    assert is_in(here)
    assert not is_in(there)


def test_all_other_sessions_end_at_once(sign_in: Enter, person: Actor) -> None:
    here, others = sign_in(person), [sign_in(person), sign_in(person)]
    here.post("/account/sessions/end-others")
    assert is_in(here)
    assert not any(is_in(other) for other in others)


def test_a_new_password_ends_the_other_sessions_and_changes_this_secret(sign_in: Enter, person: Actor) -> None:
    here, other = sign_in(person), sign_in(person)
    before = cookie(here)
    assert here.post("/account/password", data={"current": "wrong", "password": NEW}).status_code == 422
    assert here.post("/account/password", data={"current": PASSWORD, "password": "short"}).status_code == 422
    assert is_in(other)
    assert here.post("/account/password", data={"current": PASSWORD, "password": NEW}).status_code == 303
    assert cookie(here) != before
    assert is_in(here)
    assert not is_in(other)


def test_the_profile_is_saved_and_a_second_saver_keeps_the_words(sign_in: Enter, person: Actor) -> None:
    client = sign_in(person)
    version = fresh(Person, person.person_id).version
    data = {
        "name": "Ines V.",
        "credential": "AMFT",
        "phone": "+1 555 0100",
        "zone": "America/Denver",
        "version": version,
    }
    assert client.post("/account", data=data).status_code == 303
    assert fresh(Person, person.person_id).zone == "America/Denver"
    answer = client.post("/account", data=data | {"name": "Another Name Altogether"})
    assert answer.status_code == 409
    assert "Another Name Altogether" in answer.text
    assert fresh(Person, person.person_id).name == "Ines V."
    wrong = client.post("/account", data=data | {"zone": "Mars/Olympus", "phone": "call me"})
    assert wrong.status_code == 422
    assert "call me" in wrong.text


def test_colours_and_shortcuts_are_kept(sign_in: Enter, person: Actor) -> None:
    client = sign_in(person)
    client.post("/account/colours", data={"theme": "dark"})
    client.post("/account/shortcuts", data={"shortcuts": "off"})
    page = client.get("/account").text
    assert 'data-theme="dark"' in page
    assert "data-shortcuts-off" in page
    assert client.post("/account/colours", data={"theme": '"><b>'}).status_code == 422


def test_licences_are_recorded_and_changed_by_one_saver_at_a_time(sign_in: Enter, person: Actor, make: Factory) -> None:
    client = sign_in(person)
    assert client.post("/account/licences/new", data=LICENCE).status_code == 303
    (row,) = queries.licences_of(db.session(), person.person_id)
    path, version = f"/account/licences/{row.id}", row.version
    assert "LMFT-77" in client.get("/account").text
    assert client.post(path, data=LICENCE | {"number": "LMFT-78", "version": version}).status_code == 303
    late = client.post(path, data=LICENCE | {"number": "LMFT-79", "version": version})
    assert late.status_code == 409
    assert "LMFT-79" in late.text
    assert fresh(Licence, path.rpartition("/")[2]).number == "LMFT-78"
    stranger = make.client(make.person(make.organisation(), Role.ADMIN))
    assert stranger.get(path).status_code == stranger.post(path, data=LICENCE).status_code == 404


@pytest.mark.parametrize(
    ("change", "says"),
    [({"number": ""}, "The number is missing."), ({"expires_on": "2010-01-01"}, "expires after"),
     ({"issued_on": "soon"}, "issued"), ({"jurisdiction": "US-ZZ"}, "Jurisdiction"),
     ({"title": "x" * 61}, "At most 60")],
)  # fmt: skip
def test_a_wrong_licence_says_why_and_keeps_the_rest(
    sign_in: Enter, person: Actor, change: dict[str, str], says: str
) -> None:
    answer = sign_in(person).post("/account/licences/new", data=LICENCE | change)
    assert answer.status_code == 422
    assert says in answer.text
    assert "Marriage and family therapist" in answer.text


def test_places_of_work_are_recorded(sign_in: Enter, person: Actor, make: Factory) -> None:
    client = sign_in(person)
    assert client.post("/account/settings/new", data=SETTING).status_code == 303
    (row,) = queries.settings_of(db.session(), person.person_id)
    path = f"/account/settings/{row.id}"
    ended = SETTING | {"ends_on": "2024-12-31", "version": str(row.version)}
    assert "cannot end before it starts" in client.post(path, data=ended).text
    assert client.post(path, data=ended | {"ends_on": "2026-01-01"}).status_code == 303
    assert fresh(Setting, path.rpartition("/")[2]).ends_on.isoformat() == "2026-01-01"
    stranger = make.client(make.person(make.organisation(), Role.AUDITOR))
    assert stranger.get(path).status_code == 404


def test_someone_in_two_organisations_chooses_where_to_work(
    sign_in: Enter, person: Actor, make: Factory, org: Organisation
) -> None:
    other, foreign = make.organisation("Elsewhere"), make.organisation("Foreign")
    with unit_of_work(system(other.id)) as work:
        work.session.add(Membership(org_id=other.id, person_id=person.person_id, roles=["admin"], created_at=work.now))
    client = sign_in(person)
    assert client.get("/people").status_code == 403
    assert client.post("/account/place", data={"org_id": foreign.id}).status_code == 404
    assert client.post("/account/place", data={"org_id": other.id}).status_code == 303
    assert "Elsewhere" in client.get("/people").text
    client.post("/sign-out")
    again = sign_in(person)
    assert again.get("/people").status_code == 200


def test_reading_the_account_writes_nothing_but_the_session(sign_in: Enter, person: Actor) -> None:
    client = sign_in(person)
    before = fresh(Person, person.person_id).version
    for path in ("/account", "/account/sessions", "/account/second-factor", "/account/password"):
        assert client.get(path).status_code == 200
    assert fresh(Person, person.person_id).version == before


def test_the_password_for_a_signature_is_checked_and_slowed_down(sign_in: Enter, person: Actor) -> None:
    sign_in(person)
    check_password(db.session(), person.person_id, PASSWORD)
    with pytest.raises(Invalid) as caught:
        check_password(db.session(), person.person_id, "wrong")
    assert caught.value.field == "password"
    with unit_of_work(person) as work, pytest.raises(RuntimeError):
        check_password(work.session, person.person_id, PASSWORD)


def test_every_entry_of_more_leads_to_a_page(make: Factory, org: Organisation) -> None:
    identity, keyring = make_seal_identity("Tern Street"), installation().keyring
    keyring.put_item("seal-key", identity.key_pem)
    keyring.put_item("seal-certificate", identity.certificate_pem)
    for role in Role:
        client = make.client(make.person(org, role))
        page = client.get("/more").text.partition("<main")[2].partition("</main>")[0]
        paths = re.findall(r'<a href="(/[^"]*)"', page)
        assert len(paths) >= 5
        assert [(role.value, path) for path in paths if client.get(path).status_code != 200] == []


def test_a_place_of_work_says_whom_it_serves(sign_in: Enter, person: Actor) -> None:
    client = sign_in(person)
    assert client.post("/account/settings/new", data=SETTING | {"serves": "campus"}).status_code == 303
    (row,) = queries.settings_of(db.session(), person.person_id)
    assert row.serves == "campus"
    page = client.get(f"/account/settings/{row.id}").text
    assert "One town, valley or island" in page
    assert client.post("/account/settings/new", data=SETTING | {"serves": "moon"}).status_code == 422

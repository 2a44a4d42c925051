"""What members are to each other: seen by the two, and no supervision that a board does not allow between them."""

from datetime import date

import pytest

from supervise.accounts import choices, queries
from supervise.accounts.models import Organisation
from supervise.accounts.rules import MIRRORED
from supervise.accounts.service.relationships import declare, end, forbidden
from supervise.core.actor import Actor, Role
from supervise.core.db import db
from supervise.core.errors import Invalid
from supervise.core.uow import unit_of_work
from supervise.supervision.service import Terms, propose_agreement, sign_agreement
from tests.factories import Factory

START = date(2026, 1, 5)


@pytest.fixture
def org(make: Factory) -> Organisation:
    return make.organisation("Tern Street")


@pytest.fixture
def licensee(make: Factory, org: Organisation) -> Actor:
    return make.person(org, Role.SUPERVISEE, name="Ines Valcourt")


@pytest.fixture
def boss(make: Factory, org: Organisation) -> Actor:
    return make.person(org, Role.SUPERVISOR, name="Odile Prudhomme")


def say(who: Actor, other: Actor, kind: str) -> str:
    with unit_of_work(who) as work:
        return declare(work, other.person_id, kind).id


def propose(make: Factory, licensee: Actor, boss: Actor, board: str) -> str:
    terms = Terms(licensee.person_id, boss.person_id, make.setting(licensee, board=board).id, START, None, "")
    with unit_of_work(licensee) as work:
        return propose_agreement(work, terms).id


def test_rules_name_kinds_that_exist_and_where_they_stand() -> None:
    for rule in choices.relationship_rules():
        assert rule.forbids <= set(choices.RELATIONSHIPS)
        assert rule.url.startswith("https://")
        assert rule.verified or rule.note
    assert set(MIRRORED) <= set(choices.RELATIONSHIPS)
    assert all(MIRRORED[MIRRORED[kind]] == kind for kind in MIRRORED)


@pytest.mark.parametrize(
    ("by", "kind", "board", "refused"),
    [
        ("licensee", "family", "tx-lpca", True),
        ("boss", "family", "tx-lpca", True),
        ("licensee", "employee", "tx-lpca", True),  # the supervisor works for the associate
        ("boss", "employer", "tx-lpca", True),  # the same, said by the other
        ("licensee", "employer", "tx-lpca", False),  # the associate works for the supervisor, as is usual
        ("boss", "employee", "tx-lpca", False),
        ("licensee", "friend", "tx-lpca", False),
        ("licensee", "family", "ca-amft", False),
    ],
)
def test_texas_refuses_relatives_and_employees_of_the_associate(
    make: Factory, licensee: Actor, boss: Actor, by: str, kind: str, board: str, refused: bool
) -> None:
    say(*((licensee, boss) if by == "licensee" else (boss, licensee)), kind)
    if not refused:
        assert propose(make, licensee, boss, board)
        return
    with pytest.raises(Invalid, match=r"22 TAC 681\.93\(c\).*ask your board"):
        propose(make, licensee, boss, board)


def test_what_is_declared_after_the_proposal_stops_the_signature(make: Factory, licensee: Actor, boss: Actor) -> None:
    agreement = propose(make, licensee, boss, "tx-lpca")
    row = say(boss, licensee, "family")
    with pytest.raises(Invalid), unit_of_work(boss) as work:
        sign_agreement(work, agreement)
    with unit_of_work(boss) as work:
        end(work, row)
    with unit_of_work(boss) as work:
        sign_agreement(work, agreement)


def test_a_rule_is_not_applied_before_it_holds(licensee: Actor, boss: Actor, org: Organisation) -> None:
    say(licensee, boss, "family")
    ids = org.id, licensee.person_id, boss.person_id
    assert forbidden(db.session(), *ids, "tx-lpca", date(2026, 1, 1))
    assert forbidden(db.session(), *ids, "tx-lpca", date(2020, 1, 1)) is None
    assert forbidden(db.session(), *ids, "no-such-board", date(2026, 1, 1)) is None


def test_the_two_see_it_and_nobody_else(make: Factory, org: Organisation, licensee: Actor, boss: Actor) -> None:
    client = make.client(licensee)
    answer = client.post("/account/relationships", data={"other_id": boss.person_id, "kind": "past_therapist"})
    assert answer.status_code == 303
    assert "was my therapist" in client.get("/account/relationships").text
    other = make.client(boss).get("/account/relationships").text
    assert "Ines Valcourt</b>: was my client in therapy" in other
    assert "declared a relationship between the two of you" in make.client(boss).get("/notices").text
    third = make.client(make.person(org, Role.ADMIN)).get("/account/relationships").text
    assert "therap" not in third.partition("Declare one")[0]


def test_only_who_declared_it_ends_it(make: Factory, licensee: Actor, boss: Actor) -> None:
    row = say(licensee, boss, "business")
    assert make.client(boss).post(f"/account/relationships/{row}/end").status_code == 404
    assert make.client(licensee).post(f"/account/relationships/{row}/end").status_code == 303
    assert queries.relationships_of(db.session(), licensee.person_id, licensee.org_id) == []


def test_mistakes_are_said_at_their_field(make: Factory, licensee: Actor, boss: Actor) -> None:
    client = make.client(licensee)
    for data in (
        {"other_id": "", "kind": "friend"},
        {"other_id": boss.person_id, "kind": ""},
        {"other_id": licensee.person_id, "kind": "friend"},
        {"other_id": "01zzzzzzzzzzzzzzzzzzzzzzzz", "kind": "friend"},
    ):
        assert client.post("/account/relationships", data=data).status_code == 422, data
    say(boss, licensee, "employer")
    again = client.post("/account/relationships", data={"other_id": boss.person_id, "kind": "employee"})
    assert "declared already" in again.text


def test_looking_over_is_noted_with_its_day(make: Factory, licensee: Actor) -> None:
    client = make.client(licensee)
    assert "not said yet" in client.get("/account/relationships").text
    assert client.post("/account/relationships/complete").status_code == 303
    assert "that this is complete. Say it again each year" in client.get("/account/relationships").text

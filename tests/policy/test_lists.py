"""Which cases and may I read this one: the lists and the single check give the same answer for everyone."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from supervise.access.models import CaseAccess
from supervise.accounts.models import Membership
from supervise.cases import queries
from supervise.cases.models import Case, CaseVersion
from supervise.cases.queries import Filters, case_facts, drafts, listed, listing, titles
from supervise.core.actor import Actor, Role, system
from supervise.core.clock import now
from supervise.core.db import db
from supervise.core.errors import NotFound
from supervise.core.ids import new_code
from supervise.core.uow import unit_of_work
from supervise.notifications.inbox import inbox
from supervise.notifications.waiting import what_waits
from supervise.policy import Action, Basis, decide
from tests.factories import Factory

CASES = 250
STATES = ("draft", "proposed", "confirmed", "open", "decided", "closed", "withdrawn")
UNRELEASED = STATES[:3]


@dataclass
class Town:
    """Two organisations, people in one of them or both, and cases in every condition."""

    actors: list[Actor]
    cases: list[Case]


@pytest.fixture
def town(make: Factory) -> Town:
    chance = random.Random(20260301)
    orgs = [make.organisation("Cedar Street"), make.organisation("Harbor Lane")]
    actors = [make.person(orgs[number % 2], *Role) for number in range(8)]
    both = actors[0]
    with unit_of_work(system(orgs[1].id)) as work:
        work.session.add(
            Membership(
                org_id=orgs[1].id, person_id=both.person_id, roles=[role.value for role in Role], created_at=work.now
            )
        )
    actors.append(Actor(both.person_id, orgs[1].id, both.roles, both.name, both.zone))
    for _ in range(CASES):
        _case(chance, chance.choice(actors), actors)
    db.session.expire_all()
    return Town(actors, db.session().query(Case).order_by(Case.id).all())


def _case(chance: random.Random, author: Actor, actors: list[Actor]) -> None:
    state, at = chance.choice(STATES), now() - timedelta(days=chance.randrange(1, 30))
    released = state not in UNRELEASED
    colleagues = [actor for actor in actors if actor.org_id == author.org_id and actor != author]
    record = chance.choice(colleagues) if chance.random() < 0.6 else None
    with unit_of_work(author) as work:
        case = Case(
            org_id=author.org_id, code=new_code(), author_id=author.person_id, audience="peers", state=state,
            kind="supervision" if record else "consultation", supervisor_id=record.person_id if record else None,
            jurisdiction="US-CA", current_version=int(released), created_at=at, changed_at=at,
            released_at=at if released else None, held=chance.random() < 0.2, consent_lapsed=chance.random() < 0.3,
        )  # fmt: skip
        work.session.add(case)
        work.session.flush()
        for number in range(1, 2 + (released and chance.random() < 0.3)):
            done = released and number == 1
            work.session.add(
                CaseVersion(
                    case_id=case.id, org_id=case.org_id, number=number, stage="released" if done else "draft",
                    title=f"Title {case.code}" if done else "", created_at=at, saved_at=at,
                    released_at=at if done else None,
                )
            )  # fmt: skip
        grounds = [(author, Basis.AUTHOR)]
        grounds += [(record, Basis.SUPERVISOR)] if record and chance.random() < 0.8 else []
        for colleague in colleagues:
            grounds += [(colleague, basis) for basis in (Basis.GROUP, Basis.PEER) if chance.random() < 0.5]
        for actor, basis in grounds:
            work.session.add(_access(chance, case, actor, basis, at))


def _access(chance: random.Random, case: Case, actor: Actor, basis: Basis, at: datetime) -> CaseAccess:
    row = CaseAccess(case_id=case.id, org_id=case.org_id, person_id=actor.person_id, basis=basis, granted_at=at)
    if basis is not Basis.AUTHOR:
        row.until = chance.choice([None, now() - timedelta(minutes=1), now() + timedelta(days=1)])
        row.suspended = chance.choice([None, None, "consent", "held"])
        row.ended_at = chance.choice([None, None, None, at])
        row.covenant_until = chance.choice([None, now() - timedelta(minutes=1), *[now() + timedelta(days=1)] * 18])
    return row


def _reads(actor: Actor, case: Case) -> bool:
    try:
        return decide(actor, Action.READ_CASE, case_facts(actor, case.id)).allowed
    except NotFound:
        return False


def _listed(actor: Actor) -> set[str]:
    """Return the ids on all pages of the list of cases."""
    found: set[str] = set()
    after = ""
    while True:
        rows, after = listing(db.session(), actor, Filters(), after, limit=7)
        found |= {row.case.id for row in rows}
        if not after:
            return found


def test_the_world_is_worth_looking_at(town: Town) -> None:
    reads = [(actor, case) for actor in town.actors for case in town.cases if _reads(actor, case)]
    others = [case for actor, case in reads if case.author_id != actor.person_id]
    assert len(others) > 50
    assert {case.state for case in others} == {"open", "decided", "closed", "withdrawn"}
    assert any(case.consent_lapsed for case in others)


def test_lists_and_single_checks_agree(town: Town) -> None:
    for actor in town.actors:
        shown = _listed(actor)
        writing = {case.id for case, _ in drafts(db.session(), actor)}
        for case in town.cases:
            reads = _reads(actor, case)
            if case.current_version:
                assert (case.id in shown) is reads, f"{case.state}, lapsed {case.consent_lapsed}"
                assert (case.id in listed(db.session(), actor, [case.id])) is reads
            else:
                assert case.id not in shown
                assert (case.id in writing) is reads
        assert writing <= {case.id for case in town.cases if _reads(actor, case)}


def test_nothing_waits_that_cannot_be_read(town: Town) -> None:
    for actor in town.actors:
        waiting = what_waits(db.session(), actor)
        rows = (*waiting.asking, *waiting.sign_off, *waiting.minutes)
        ids = {row.case.id for row in rows} | {case.id for case, _ in waiting.drafts}
        readable = {case.id for case in town.cases if _reads(actor, case)}
        assert ids <= readable
        page = repr(inbox(db.session(), actor, waiting))
        hidden = titles(db.session(), {case.id for case in town.cases} - readable)
        assert not [title for title in hidden.values() if title in page]


def test_what_is_asked_of_a_person_is_all_that_is_open_to_them(town: Town) -> None:
    for actor in town.actors:
        wanted = {
            case.id for case in town.cases
            if case.state == "open" and case.author_id != actor.person_id and _reads(actor, case)
        }  # fmt: skip
        found, total = queries.asking(db.session(), actor, queries.released_ids(actor, "closed"), now(), limit=CASES)
        assert {row.case.id for row in found} == wanted
        assert total == len(wanted)


def test_a_page_shows_the_list(town: Town, make: Factory) -> None:
    actor = town.actors[1]
    page = make.client(actor).get("/cases?whose=others").text
    for case in town.cases:
        if f"/cases/{case.id}" in page:
            assert _reads(actor, case)

"""Groups: who comes and goes, and that the cases go with the seat."""

from datetime import timedelta

import pytest

from supervise.access import service as access
from supervise.access.queries import bases
from supervise.cases import service as cases
from supervise.core.actor import Actor, Role
from supervise.core.db import db
from supervise.core.errors import Invalid, Refused
from supervise.core.uow import unit_of_work
from supervise.flows.leave_group import leave_group
from supervise.policy import Basis
from supervise.supervision import queries, service
from tests.rooms.hours.desk import Desk


def case_of(author: Actor, reader: Actor, group_id: str, *more: Basis) -> str:
    """A case that ``reader`` reads through a group and on other grounds."""
    brief = cases.Brief(kind="consultation", audience="group", group_id=group_id, jurisdiction="US-CA")
    with unit_of_work(author) as work:
        case_id = cases.start(work, brief, {"title": "", "question": "", "body": "Words."}).id
        for basis in (Basis.GROUP, *more):
            access.grant(
                work, case_id=case_id, org_id=author.org_id, person_id=reader.person_id, basis=basis,
                group_id=group_id if basis is Basis.GROUP else None, covenant_until=work.now + timedelta(days=1),
            )  # fmt: skip
    return case_id


def grounds(case_id: str, reader: Actor) -> frozenset[Basis]:
    db.session.rollback()
    return bases(db.session(), case_id, reader.person_id, reader.org_id)


def test_leaving_a_group_ends_reading_through_it_and_nothing_else(at: Desk) -> None:
    peer = at.make.person(at.org, Role.CLINICIAN)
    group, other = at.make.group(at.boss, at.me, peer), at.make.group(at.boss, peer, name="Other")
    through = case_of(at.me, peer, group.id)
    also = case_of(at.me, peer, group.id, Basis.PEER)
    elsewhere = case_of(at.me, peer, other.id)
    leave_group(at.boss, group.id, peer.person_id)
    assert grounds(through, peer) == frozenset()
    assert grounds(also, peer) == {Basis.PEER}
    assert grounds(elsewhere, peer) == {Basis.GROUP}
    assert queries.group_members(db.session(), group.id) == sorted([at.boss.person_id, at.me.person_id])


def test_coming_back_does_not_reopen_what_was_released_before(at: Desk) -> None:
    peer = at.make.person(at.org, Role.CLINICIAN)
    group = at.make.group(at.boss, peer)
    case_id = case_of(at.me, peer, group.id)
    leave_group(at.boss, group.id, peer.person_id)
    with unit_of_work(at.boss) as work:
        service.join_group(work, group.id, peer.person_id)
    assert grounds(case_id, peer) == frozenset()
    assert peer.person_id in queries.group_members(db.session(), group.id)


def test_a_refusal_is_shown_on_the_groups_page(at: Desk) -> None:
    group = at.make.group(at.boss, at.me)
    client = at.make.client(at.boss)
    leader = client.post(f"/groups/{group.id}/leave/{at.boss.person_id}")
    assert leader.status_code == 422
    assert "Whoever leads a group stays in it." in leader.text
    assert "Add a member" in leader.text
    assert client.post(f"/groups/{group.id}/leave/{at.me.person_id}").status_code == 303
    twice = client.post(f"/groups/{group.id}/leave/{at.me.person_id}")
    assert twice.status_code == 422
    assert "not in the group" in twice.text


def test_joining_takes_members_of_the_organisation_once(at: Desk) -> None:
    group = at.make.group(at.boss, at.me)
    outsider = at.make.person(at.make.organisation("Elsewhere"), Role.SUPERVISEE)
    client = at.make.client(at.boss)
    for person in (outsider, at.me):
        assert client.post(f"/groups/{group.id}/join", data={"person_id": person.person_id}).status_code == 422
        with pytest.raises(Invalid), unit_of_work(at.boss) as work:
            service.join_group(work, group.id, person.person_id)
    peer = at.make.person(at.org, Role.CLINICIAN, name="Peer New")
    assert client.post(f"/groups/{group.id}/join", data={"person_id": peer.person_id}).status_code == 303
    assert "Peer New" in client.get(f"/groups/{group.id}").text


def test_a_member_leaves_by_themselves_and_leads_nobody(at: Desk) -> None:
    peer = at.make.person(at.org, Role.CLINICIAN)
    group = at.make.group(at.boss, at.me, peer)
    client = at.make.client(peer)
    assert "Leave the group" in client.get(f"/groups/{group.id}").text
    assert client.post(f"/groups/{group.id}/leave/{at.me.person_id}").status_code == 403
    assert client.post(f"/groups/{group.id}/leave").location == "/groups"
    assert client.get(f"/groups/{group.id}").status_code == 404


def test_a_group_needs_a_name_and_starts_with_its_leader(at: Desk) -> None:
    client = at.make.client(at.boss)
    assert client.post("/groups/new", data={"name": "  ", "kind": "supervision"}).status_code == 422
    made = client.post("/groups/new", data={"name": "Tuesday", "kind": "consultation"})
    assert made.status_code == 303
    assert "Consultation group" in client.get(made.location).text
    assert at.make.client(at.me).get("/groups/new").status_code == 403


def test_groups_of_other_organisations_are_not_there(at: Desk) -> None:
    group = at.make.group(at.boss, at.me)
    elsewhere = at.make.person(at.make.organisation("Elsewhere"), Role.SUPERVISOR, Role.ADMIN)
    client = at.make.client(elsewhere)
    assert client.get(f"/groups/{group.id}").status_code == 404
    assert client.post(f"/groups/{group.id}/join", data={"person_id": elsewhere.person_id}).status_code == 404
    with pytest.raises(Refused):
        leave_group(at.boss, group.id, elsewhere.person_id)

"""The covenant of a group: signed by each member each year, before they read a case of the group."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from supervise.access import service as access
from supervise.access.queries import bases, reader_ids
from supervise.cases import service as cases
from supervise.core.actor import Actor, Role
from supervise.core.clock import now
from supervise.core.db import db
from supervise.core.errors import Refused
from supervise.core.uow import unit_of_work
from supervise.notifications.waiting import what_waits
from supervise.policy import Basis
from supervise.supervision import queries, service
from supervise.supervision.models import Covenant
from tests.rooms.hours.desk import Desk


@pytest.fixture
def peer(at: Desk) -> Actor:
    return at.make.person(at.org, Role.CLINICIAN)


def joined(at: Desk, peer: Actor) -> str:
    """Return a group that the peer has joined without signing anything."""
    group = at.make.group(at.boss, at.me)
    with unit_of_work(at.boss) as work:
        service.join_group(work, group.id, peer.person_id)
    return group.id


def released(at: Desk, peer: Actor, group_id: str) -> str:
    brief = cases.Brief(kind="consultation", audience="group", group_id=group_id, jurisdiction="US-CA")
    with unit_of_work(at.me) as work:
        case_id = cases.start(work, brief, {"title": "", "question": "", "body": "Words."}).id
        until = queries.covenants_until(work.session, group_id).get(peer.person_id)
        access.grant(
            work, case_id=case_id, org_id=at.me.org_id, person_id=peer.person_id, basis=Basis.GROUP, group_id=group_id,
            covenant_until=until,
        )  # fmt: skip
    return case_id


def reads(case_id: str, peer: Actor) -> bool:
    db.session.rollback()
    return Basis.GROUP in bases(db.session(), case_id, peer.person_id, peer.org_id)


def test_nothing_opens_before_it_is_signed_and_all_of_it_then(at: Desk, peer: Actor) -> None:
    group_id = joined(at, peer)
    case_id = released(at, peer, group_id)
    assert not reads(case_id, peer)
    assert peer.person_id not in reader_ids(db.session(), case_id)
    assert [group.id for group in what_waits(db.session(), peer).covenants] == [group_id]
    client, password = at.make.client(peer), at.make.password(peer)
    page = client.get(f"/groups/{group_id}/covenant").text
    for clause in queries.covenant_text().clauses:
        assert clause in page
    assert client.post(f"/groups/{group_id}/covenant", data={"password": "wrong"}).status_code == 422
    assert not reads(case_id, peer)
    assert client.post(f"/groups/{group_id}/covenant", data={"password": password}).status_code == 303
    assert reads(case_id, peer)
    assert what_waits(db.session(), peer).covenants == []
    assert reads(released(at, peer, group_id), peer)


def test_after_a_year_its_cases_close_until_it_is_signed_again(at: Desk, peer: Actor) -> None:
    group_id = joined(at, peer)
    with unit_of_work(peer) as work:
        service.sign_covenant(work, group_id)
    case_id = released(at, peer, group_id)
    with unit_of_work(peer) as work:  # a year goes by
        work.session.execute(update(Covenant).values(signed_at=now() - timedelta(days=366)))
        access.keep_covenant(work, group_id, peer.person_id, now() - timedelta(days=1))
    assert not reads(case_id, peer)
    assert not reads(released(at, peer, group_id), peer)
    assert "not signed" in at.make.client(peer).get(f"/groups/{group_id}").text
    with unit_of_work(peer) as work:
        service.sign_covenant(work, group_id)
    assert reads(case_id, peer)


def test_signing_opens_nothing_that_was_closed_for_another_reason(at: Desk, peer: Actor) -> None:
    group_id = joined(at, peer)
    ended, lapsed = released(at, peer, group_id), released(at, peer, group_id)
    with unit_of_work(at.me) as work:
        access.end(work, ended, peer.person_id, "left the group", Basis.GROUP)
        access.suspend(work, lapsed, "consent", (Basis.GROUP,))
    with unit_of_work(peer) as work:
        service.sign_covenant(work, group_id)
    assert not reads(ended, peer)
    assert not reads(lapsed, peer)


def test_only_members_sign(at: Desk, peer: Actor) -> None:
    group = at.make.group(at.boss, at.me)
    with pytest.raises(Refused), unit_of_work(peer) as work:
        service.sign_covenant(work, group.id)

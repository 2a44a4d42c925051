"""Whose signature a row waits for: two supervisors of one place, one who left, and what comes to a signed day."""

from datetime import date, timedelta

import pytest

from supervise.accounts.models import Membership
from supervise.accounts.service import change_roles
from supervise.audit.models import AuditRow
from supervise.core.actor import Actor, Role
from supervise.core.clock import replaying
from supervise.core.db import db
from supervise.core.errors import Conflict, Invalid, NotFound, Refused
from supervise.core.uow import unit_of_work
from supervise.flows.attest_days import attest_days, weeks_to_sign
from supervise.flows.board_report import ready
from supervise.flows.submit_days import add_entry, correct_entry, send_days_back, submit_again, submit_days
from supervise.hours import queries, service
from supervise.hours.models import Attestation
from supervise.notifications.inbox import Inbox, inbox
from supervise.notifications.models import Notice
from supervise.notifications.waiting import what_waits
from supervise.supervision.models import Agreement
from tests.rooms.hours.desk import DRAWING, FRIDAY, NOW, Desk


def second_supervisor(at: Desk, starts: date = date(2025, 1, 1)) -> Actor:
    other = at.make.person(at.org, Role.SUPERVISOR, name="Basil Thorne")
    at.make.agreement(at.me, other, at.place, starts=starts)
    return other


def ended(at: Desk, on: date = FRIDAY - timedelta(days=1)) -> None:
    """Let the first supervisor's agreement be over since ``on``."""
    with unit_of_work(at.me) as work:
        row = work.session.query(Agreement).filter_by(supervisor_id=at.boss.person_id).one()
        row.ends_on = on


def lose_role(at: Desk) -> None:
    with unit_of_work(at.make.person(at.org, Role.ADMIN)) as work:
        version = work.session.query(Membership).filter_by(person_id=at.boss.person_id).one().version
        change_roles(work, at.org.id, at.boss.person_id, [Role.CLINICIAN.value], version)


def sign(at: Desk, who: Actor) -> int:
    db.session.expire_all()
    seen = {week.key: week.rows_hash for week in weeks_to_sign(who, at.me.person_id).weeks}
    return attest_days(who, at.me.person_id, at.make.password(who), DRAWING, seen)


def waiting(at: Desk, who: Actor) -> list[int]:
    db.session.expire_all()
    return sorted(row.minutes for week in weeks_to_sign(who, at.me.person_id).weeks for row in week.rows)


def inbox_of(who: Actor) -> Inbox:
    db.session.expire_all()
    return inbox(db.session(), who, what_waits(db.session(), who))


def told(kind: str = "days_submitted") -> set[str]:
    db.session.expire_all()
    return {notice.person_id for notice in db.session.query(Notice).filter_by(kind=kind)}


# What was forgotten


@pytest.mark.parametrize("signed", [False, True])
def test_forgotten_work_is_added_with_a_reason_and_waits_for_the_signature(at: Desk, signed: bool) -> None:
    at.submit()
    if signed:
        at.sign()
    add_entry(at.me, at.place.id, FRIDAY, "group", 90, "I forgot the evening session.")
    assert at.standing() == {"individual": 150, "group": 90}
    assert at.state() == "submitted"
    assert waiting(at, at.boss) == ([90] if signed else [90, 150])
    assert any("adds rows" in said for said in weeks_to_sign(at.boss, at.me.person_id).weeks[0].exceptions)
    assert not queries.signed_ids(db.session(), [at.row("group")])
    at.sign()
    assert at.state() == "attested"
    assert len(queries.signed_ids(db.session(), [row.id for row in at.rows()])) == 2
    actions = [row.action for row in db.session.query(AuditRow)]
    assert actions.count("HoursAdded") == 1


def test_a_row_taken_out_by_mistake_is_added_again(at: Desk) -> None:
    at.submit()
    at.sign()
    at.correct(at.row("individual"), 0, "It did not take place.")
    at.sign()
    assert at.standing() == {}
    add_entry(at.me, at.place.id, FRIDAY, "individual", 150, "It did take place.")
    at.sign()
    assert at.standing() == {"individual": 150}


def test_what_cannot_be_added(at: Desk) -> None:
    def add(category: str = "group", minutes: int = 60, reason: str = "I forgot it.") -> None:
        add_entry(at.me, at.place.id, FRIDAY, category, minutes, reason)

    with pytest.raises(Refused, match="is a draft"):
        add()
    at.submit()
    for field, wrong in (
        ("category", {"category": "supervision"}),
        ("category", {"category": "holiday"}),
        ("category", {"category": "individual"}),  # it stands there: it is corrected
        ("minutes", {"minutes": 0}),
        ("minutes", {"minutes": 1441}),
        ("minutes", {"minutes": 1440}),  # with what stands it is more than a day
        ("reason", {"reason": " "}),
        ("reason", {"reason": "Tavian Brandvold did not come, call (707) 555-0147."}),
    ):
        with pytest.raises(Invalid) as caught:
            add(**wrong)  # type: ignore[arg-type]
        assert caught.value.field == field, wrong
    other = at.make.person(at.org, Role.SUPERVISEE)
    with pytest.raises(NotFound):
        add_entry(other, at.place.id, FRIDAY, "group", 60, "It is not mine.")
    assert at.standing() == {"individual": 150}


# Two supervisors of one place


def test_each_supervisor_signs_their_own_meetings_and_the_packets_say_so(at: Desk) -> None:
    other = second_supervisor(at)
    at.make.licence(at.me)
    at.make.meeting(at.boss, {at.me: at.place}, NOW - timedelta(hours=9))
    at.make.meeting(other, {at.me: at.place}, NOW - timedelta(hours=7), minutes=120)
    at.make.day(at.me, at.place, FRIDAY, individual=150)
    submit_days(at.me, at.place.id, [FRIDAY], at.boss.person_id)
    assert told() == {at.boss.person_id, other.person_id}
    assert waiting(at, at.boss) == [60, 150]
    assert waiting(at, other) == [120]
    sign(at, at.boss)
    assert at.state() == "submitted"
    assert inbox_of(other).to_sign[0].text.startswith("2 h 00")
    sign(at, other)
    assert at.state() == "attested"
    by = {row.id: s.supervisor_id for row in at.rows() for s in [queries.signature_of(db.session(), [row.id])[row.id]]}
    assert {row.minutes: by[row.id] for row in at.rows()} == {
        150: at.boss.person_id, 60: at.boss.person_id, 120: other.person_id,
    }  # fmt: skip
    packets = {choice.supervisor.name: [row.minutes for row in choice.rows] for choice in ready(at.me).choices}
    assert sorted(packets["Ines Valcourt"]) == [60, 150]
    assert packets["Basil Thorne"] == [120]


def test_a_supervisor_does_not_sign_or_return_what_is_anothers(at: Desk) -> None:
    other = second_supervisor(at)
    at.make.meeting(other, {at.me: at.place}, NOW - timedelta(hours=7))
    at.make.day(at.me, at.place, FRIDAY, individual=150)
    submit_days(at.me, at.place.id, [FRIDAY], at.boss.person_id)
    record = at.record()
    everything = queries.rows_hash(at.rows())
    with pytest.raises(Conflict, match="rows changed"), unit_of_work(at.boss) as work:
        service.attest(work, service.Signature(at.me.person_id, at.place.id, (record.id,), everything, "", DRAWING))
    with pytest.raises(Refused, match="take a meeting's record back"):
        send_days_back(other, at.me.person_id, [record.id], "The times are wrong.")
    assert weeks_to_sign(other, at.me.person_id).weeks[0].go_back == []
    assert at.state() == "submitted"


# A supervisor who left


def test_a_correction_after_the_supervisor_left_waits_for_both_and_either_signs(at: Desk) -> None:
    at.submit(FRIDAY - timedelta(days=7))
    at.sign()
    ended(at)
    successor = second_supervisor(at, FRIDAY)
    correct_entry(at.me, at.row("individual", FRIDAY - timedelta(days=7)), 100, "I mistyped it.")
    assert {at.boss.person_id, successor.person_id} <= told()
    assert waiting(at, at.boss) == [-150, 100]
    assert waiting(at, successor) == [-150, 100]
    week = weeks_to_sign(successor, at.me.person_id).weeks[0]
    assert "I now supervise Jonah Oyelaran at Alder Court. Ines Valcourt, who was" in week.statement
    assert "Ines Valcourt" in week.exceptions[0]
    page = at.make.client(at.me).get(f"/hours/weeks/{FRIDAY - timedelta(days=7)}").text
    assert "waits for Ines Valcourt or Basil Thorne" in page
    assert inbox_of(successor).to_sign[0].text.startswith("−0 h 50")
    sign(at, successor)
    assert at.state(FRIDAY - timedelta(days=7)) == "attested"
    assert waiting(at, at.boss) == []
    last = db.session.query(Attestation).order_by(Attestation.signed_at.desc(), Attestation.id.desc()).first()
    assert last is not None
    assert last.supervisor_id == successor.person_id


def test_the_former_supervisor_still_signs_what_they_supervised(at: Desk) -> None:
    day = FRIDAY - timedelta(days=7)
    at.submit(day)
    ended(at)
    second_supervisor(at, FRIDAY)
    sign(at, at.boss)
    add_entry(at.me, at.place.id, day, "group", 60, "I forgot it.")
    sign(at, at.boss)
    assert at.state(day) == "attested"


def test_a_successor_signs_no_day_of_which_nothing_was_signed(at: Desk) -> None:
    day = FRIDAY - timedelta(days=7)
    at.submit(day)
    ended(at)
    successor = second_supervisor(at, FRIDAY)
    assert waiting(at, successor) == []
    assert waiting(at, at.boss) == [150]


def test_without_a_successor_administrators_are_told_and_one_who_comes_can_sign(at: Desk) -> None:
    admin = at.make.person(at.org, Role.ADMIN)
    at.submit()
    at.sign()
    lose_role(at)
    correct_entry(at.me, at.row("individual"), 100, "I mistyped it.")
    assert admin.person_id in told("nobody_signs")
    page = at.make.client(at.me).get(f"/hours/weeks/{FRIDAY}").text
    assert "nobody here can sign it" in page
    successor = second_supervisor(at, FRIDAY)
    assert waiting(at, successor) == [-150, 100]
    assert "waits for Basil Thorne" in at.make.client(at.me).get(f"/hours/weeks/{FRIDAY}").text
    sign(at, successor)
    assert at.state() == "attested"


def test_a_supervisor_without_the_role_signs_nothing_and_is_asked_for_nothing(at: Desk) -> None:
    at.make.day(at.me, at.place, FRIDAY, individual=150)
    lose_role(at)
    with pytest.raises(Refused, match="nobody to sign"):
        submit_days(at.me, at.place.id, [FRIDAY])
    gone = Actor(at.boss.person_id, at.org.id, frozenset({Role.CLINICIAN}), at.boss.name, at.boss.zone)
    client = at.make.client(gone)
    assert client.get(f"/hours/attest/{at.me.person_id}").status_code in (403, 404)
    assert db.session.query(Membership).filter_by(person_id=at.boss.person_id).one().roles == ["clinician"]


def test_in_force_again_is_no_former_supervisor(at: Desk) -> None:
    day = FRIDAY - timedelta(days=7)
    at.submit(day)
    at.sign()
    other = second_supervisor(at)
    correct_entry(at.me, at.row("individual", day), 100, "I mistyped it.")
    assert waiting(at, other) == []  # both supervise there: each signs their own


# What goes back of a partly signed day


def test_what_is_not_signed_goes_back_alone_and_comes_again(at: Desk) -> None:
    at.submit()
    at.sign()
    at.correct(at.row("individual"), 100)
    send_days_back(at.boss, at.me.person_id, [at.record().id], "It was 120.")
    assert at.state() == "returned"
    assert at.record().sent_back_reason == "It was 120."
    assert waiting(at, at.boss) == []
    assert "It was 120." in at.make.client(at.me).get(f"/hours/weeks/{FRIDAY}").text
    assert inbox_of(at.me).own[0].title == "A day of your hours came back"
    with pytest.raises(Refused):
        at.make.day(at.me, at.place, FRIDAY, individual=50)  # what is signed is not typed over
    at.correct(at.row("individual"), 120)
    assert (at.state(), at.record().sent_back_reason) == ("submitted", "")
    at.sign()
    assert at.standing() == {"individual": 120}
    assert at.state() == "attested"


def test_what_came_back_is_taken_out_and_what_was_signed_stands(at: Desk) -> None:
    at.submit()
    at.sign()
    signed = at.row("individual")
    at.correct(signed, 100)
    at.correct(at.row("individual"), 110)
    send_days_back(at.boss, at.me.person_id, [at.record().id], "The first was right.")
    with unit_of_work(at.me) as work:
        service.take_out_returned(work, at.place.id, FRIDAY)
    assert at.state() == "attested"
    assert [row.id for row in at.rows()] == [signed]
    with pytest.raises(Refused, match="Nothing of this day was sent back"), unit_of_work(at.me) as work:
        service.take_out_returned(work, at.place.id, FRIDAY)


def test_what_came_back_is_submitted_again_as_it_is_and_a_meeting_is_never_lost(at: Desk) -> None:
    at.submit()
    at.sign()
    at.make.meeting(at.boss, {at.me: at.place}, NOW - timedelta(hours=9))
    assert at.state() == "submitted"
    send_days_back(at.boss, at.me.person_id, [at.record().id], "Look at it again.")
    with unit_of_work(at.me) as work:
        service.take_out_returned(work, at.place.id, FRIDAY)
    assert at.state() == "submitted"
    send_days_back(at.boss, at.me.person_id, [at.record().id], "Look at it again.")
    submit_again(at.me, at.place.id, FRIDAY)
    assert waiting(at, at.boss) == [60]
    with replaying(NOW + timedelta(days=1)):
        at.sign()
    assert at.state() == "attested"

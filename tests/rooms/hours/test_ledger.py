"""The ledger: a day from draft to locked and back, corrections, and what stands against them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from supervise.accounts.models import Setting
from supervise.core.actor import Role
from supervise.core.clock import replaying
from supervise.core.db import db
from supervise.core.errors import Conflict, Invalid, NotFound, Refused
from supervise.core.uow import unit_of_work
from supervise.flows.attest_days import attest_days, weeks_to_sign
from supervise.flows.submit_days import add_entry, correct_entry, send_days_back, submit_days
from supervise.hours import queries, service
from supervise.hours.models import Attestation, AttestedRow, HourEntry
from supervise.hours.rules import minutes_in
from supervise.supervision.models import Agreement
from tests.rooms.hours.desk import DRAWING, FRIDAY, MONDAY, NOW, Desk

LA = "America/Los_Angeles"


def test_a_day_goes_from_draft_to_locked_and_its_rows_stay(at: Desk) -> None:
    at.make.day(at.me, at.place, FRIDAY, individual=150, documentation=60)
    assert at.state() == "draft"
    submit_days(at.me, at.place.id, [FRIDAY])
    assert at.record().supervisor_id == at.boss.person_id
    rows = [row.id for row in at.rows()]
    assert at.sign() == 1
    assert at.state() == "attested"
    with unit_of_work(at.me) as work:
        assert service.lock_days(work, NOW + timedelta(minutes=1)) == 1
    assert at.state() == "locked"
    assert [row.id for row in at.rows()] == rows


def test_saving_again_replaces_what_changed_and_keeps_what_did_not(at: Desk) -> None:
    at.make.day(at.me, at.place, FRIDAY, individual=150, documentation=60)
    kept = at.row("individual")
    at.make.day(at.me, at.place, FRIDAY, individual=150, group=90)
    assert at.standing() == {"individual": 150, "group": 90}
    assert at.row("individual") == kept


def test_saving_a_draft_again_takes_over_how_the_place_pays_now(at: Desk) -> None:
    with unit_of_work(at.me) as work:
        work.session.get_one(Setting, at.place.id).pay = "1099"
    at.make.day(at.me, at.place, FRIDAY, individual=150)
    with unit_of_work(at.me) as work:
        work.session.get_one(Setting, at.place.id).pay = "w2"
    at.make.day(at.me, at.place, FRIDAY, individual=150)
    assert [(row.pay, row.minutes) for row in at.rows()] == [("w2", 150)]


@pytest.mark.parametrize("state", ["submitted", "attested", "locked"])
def test_only_a_draft_is_typed_over(at: Desk, state: str) -> None:
    at.submit()
    if state != "submitted":
        at.sign()
    if state == "locked":
        with unit_of_work(at.me) as work:
            service.lock_days(work, NOW + timedelta(minutes=1))
    with pytest.raises(Refused):
        at.make.day(at.me, at.place, FRIDAY, individual=50)
    assert at.standing() == {"individual": 150}
    assert at.state() == state


def test_a_submitted_day_is_taken_back_until_somebody_signs_it(at: Desk) -> None:
    at.submit()
    with unit_of_work(at.me) as work:
        service.recall_day(work, at.place.id, FRIDAY)
    assert at.state() == "draft"
    at.submit(individual=100)
    at.sign()
    with pytest.raises(Refused, match="nobody has signed"), unit_of_work(at.me) as work:
        service.recall_day(work, at.place.id, FRIDAY)
    at.correct(at.row("individual"), 50)
    with pytest.raises(Refused, match="Part of this day is signed"), unit_of_work(at.me) as work:
        service.recall_day(work, at.place.id, FRIDAY)


def test_days_go_back_with_a_reason_and_come_again(at: Desk) -> None:
    at.submit()
    send_days_back(at.boss, at.me.person_id, [at.record().id], "The group is missing.")
    assert at.state() == "draft"
    assert at.record().sent_back_reason == "The group is missing."
    at.make.day(at.me, at.place, FRIDAY, submit=True, individual=150, group=90)
    assert at.record().sent_back_reason == ""


def test_a_reason_that_names_someone_is_refused_before_it_stands_in_the_ledger(at: Desk) -> None:
    at.submit()
    with pytest.raises(Invalid, match="name a person") as caught:
        send_days_back(at.boss, at.me.person_id, [at.record().id], "Ottoline Farquhar was away on October 14, 2025.")
    assert caught.value.field == "reason"
    assert at.state() == "submitted"
    with pytest.raises(Invalid, match="name a person"):
        correct_entry(at.me, at.row("individual"), 50, "Tavian Brandvold did not come, call (707) 555-0147.")
    assert at.standing() == {"individual": 150}


def test_a_reason_may_name_those_who_sign_and_no_other_member(at: Desk) -> None:
    colleague = at.make.person(at.org, Role.SUPERVISEE, name="Tavian Brandvold")
    at.submit(individual=150, documentation=60)
    row = at.row("individual")
    with pytest.raises(Invalid, match="name a person"):
        correct_entry(at.me, row, 50, f"I was with {colleague.name}.")
    with pytest.raises(Invalid, match="name a person"):
        add_entry(at.me, at.place.id, FRIDAY, "group", 50, f"I was with {colleague.name}.")
    with pytest.raises(Invalid, match="name a person"):
        send_days_back(at.boss, at.me.person_id, [at.record().id], f"It was {colleague.name} who worked.")
    correct_entry(at.me, row, 50, f"{at.boss.name} asked me to.")
    add_entry(at.me, at.place.id, FRIDAY, "group", 50, f"{at.boss.name} asked me to.")
    send_days_back(at.boss, at.me.person_id, [at.record().id], f"{at.me.name}, look again.")
    assert at.record().sent_back_reason == f"{at.me.name}, look again."


def test_a_correction_is_a_reversal_and_a_row_and_what_was_signed_stays(at: Desk) -> None:
    at.submit(individual=150, documentation=60)
    at.sign()
    signed = at.row("individual")
    at.correct(signed, 100)
    rows = {row.id: row for row in at.rows()}
    assert rows[signed].minutes == 150
    assert [row.minutes for row in rows.values() if row.reverses_id == signed] == [-150]
    assert at.standing() == {"individual": 100, "documentation": 60}
    assert at.state() == "submitted"
    waiting = weeks_to_sign(at.boss, at.me.person_id).weeks[0]
    assert sorted(row.minutes for row in waiting.rows) == [-150, 100]
    assert waiting.exceptions[0].startswith("It corrects rows")
    at.sign()
    assert at.state() == "attested"
    assert len(queries.signed_ids(db.session(), [row.id for row in at.rows()])) == 4


def test_a_correction_is_corrected_again_and_a_reversal_is_not(at: Desk) -> None:
    at.submit()
    at.sign()
    first = at.row("individual")
    at.correct(first, 100)
    at.correct(at.row("individual"), 120)
    assert at.standing() == {"individual": 120}
    assert sum(row.minutes for row in at.rows()) == 120
    reversal = next(row.id for row in at.rows() if row.reverses_id)
    for gone in (reversal, first):
        with pytest.raises(Conflict, match="corrected before"):
            at.correct(gone, 10)
    at.sign()
    at.correct(at.row("individual"), 0, "It did not take place.")
    assert at.standing() == {}
    assert sum(row.minutes for row in at.rows()) == 0


def test_a_submitted_row_that_nobody_signed_is_corrected_too_and_the_day_can_still_come_back(at: Desk) -> None:
    at.submit()
    at.correct(at.row("individual"), 100)
    assert at.state() == "submitted"
    send_days_back(at.boss, at.me.person_id, [at.record().id], "Look again.")
    at.make.day(at.me, at.place, FRIDAY, submit=True, individual=90)
    assert at.standing() == {"individual": 90}
    assert sum(row.minutes for row in at.rows()) == 90
    at.sign()
    assert at.state() == "attested"


def test_a_draft_is_changed_not_corrected_and_a_meeting_is_nobodys_to_type(at: Desk) -> None:
    at.make.meeting(at.boss, {at.me: at.place}, NOW - timedelta(hours=3))
    at.make.day(at.me, at.place, FRIDAY, individual=50)
    with pytest.raises(Refused, match="draft"):
        at.correct(at.row("individual"), 40)
    with pytest.raises(Refused, match="meetings"):
        at.correct(at.row("supervision"), 40)
    with pytest.raises(Invalid, match="cannot be typed"):
        at.make.day(at.me, at.place, FRIDAY, supervision=60)


@pytest.mark.parametrize(("minutes", "field"), [(-1, "minutes"), (1441, "minutes"), (150, "minutes")])
def test_a_correction_that_cannot_be_names_its_field(at: Desk, minutes: int, field: str) -> None:
    at.submit()
    with pytest.raises(Invalid) as caught:
        at.correct(at.row("individual"), minutes)
    assert caught.value.field == field


def test_a_correction_counts_with_everything_else_on_the_day(at: Desk) -> None:
    at.submit(individual=600, documentation=600)
    with pytest.raises(Invalid, match="more than 24 hours"):
        at.correct(at.row("individual"), 841)
    at.correct(at.row("individual"), 840)
    assert at.standing() == {"individual": 840, "documentation": 600}


def test_a_signature_covers_exactly_the_rows_that_were_shown(at: Desk) -> None:
    at.submit(individual=150)
    shown = at.seen()
    with unit_of_work(at.me) as work:
        service.recall_day(work, at.place.id, FRIDAY)
    at.submit(individual=160)
    password = at.make.password(at.boss)
    with pytest.raises(Conflict, match="changed after you opened"):
        attest_days(at.boss, at.me.person_id, password, DRAWING, shown)
    assert at.state() == "submitted"
    assert db.session.query(AttestedRow).count() == 0
    at.sign()
    signed = db.session.query(Attestation).one()
    assert signed.rows_hash == queries.rows_hash(at.rows())
    assert {r.entry_id for r in db.session.query(AttestedRow)} == {row.id for row in at.rows()}


def test_a_day_added_to_a_week_after_it_was_shown_is_not_signed_unseen(at: Desk) -> None:
    at.submit(FRIDAY)
    shown = at.seen()
    at.submit(MONDAY)
    with pytest.raises(Conflict):
        attest_days(at.boss, at.me.person_id, at.make.password(at.boss), DRAWING, shown)
    assert (at.state(FRIDAY), at.state(MONDAY)) == ("submitted", "submitted")


def test_all_ticked_weeks_are_signed_or_none(at: Desk) -> None:
    at.submit(FRIDAY)
    at.submit(FRIDAY - timedelta(weeks=1))
    shown = at.seen()
    assert len(shown) == 2
    last = list(shown)[-1]
    with pytest.raises(Conflict):
        attest_days(at.boss, at.me.person_id, at.make.password(at.boss), DRAWING, shown | {last: "0" * 64})
    assert {at.state(FRIDAY), at.state(FRIDAY - timedelta(weeks=1))} == {"submitted"}
    assert at.sign() == 2


def test_six_weeks_a_page_the_oldest_first_and_the_odd_ones_on_top(at: Desk) -> None:
    for week in range(8):
        at.submit(FRIDAY - timedelta(weeks=week), individual=60)
        at.make.meeting(at.boss, {at.me: at.place}, NOW - timedelta(weeks=week, hours=9))
    at.submit(MONDAY - timedelta(weeks=3), documentation=15 * 60)
    queue = weeks_to_sign(at.boss, at.me.person_id)
    assert (len(queue.weeks), queue.later) == (6, 2)
    odd, *rest = queue.weeks
    assert odd.monday == MONDAY - timedelta(weeks=3)
    assert odd.exceptions == ["Monday has more than 14 hours."]
    assert [w.monday for w in rest] == [MONDAY - timedelta(weeks=w) for w in (7, 6, 5, 4, 2)]


def test_supervision_that_is_owed_is_an_exception_of_the_week(at: Desk) -> None:
    at.submit(individual=60)
    said = weeks_to_sign(at.boss, at.me.person_id).weeks[0].exceptions
    assert len(said) == 1
    assert said[0].startswith("0 of 1 units of supervision (Cal. BPC")


def test_no_agreement_no_submission_and_the_day_stays(at: Desk) -> None:
    other = at.make.setting(at.me, "Coldwater")
    at.make.day(at.me, other, FRIDAY, individual=50)
    with pytest.raises(Refused, match="No agreement signed by both"):
        submit_days(at.me, other.id, [FRIDAY])
    half = at.make.agreement(at.me, at.boss, other, signed=False)
    assert half.supervisor_signed_at is None
    with pytest.raises(Refused):
        submit_days(at.me, other.id, [FRIDAY])
    record = queries.day_record(db.session(), at.me.person_id, other.id, FRIDAY)
    assert record is not None
    assert record.state == "draft"


def test_an_agreement_covers_its_days_and_no_other(at: Desk) -> None:
    place = at.make.setting(at.me, "Coldwater")
    start, end = date(2026, 11, 10), date(2026, 11, 12)
    at.make.agreement(at.me, at.boss, place, starts=start, ends=end)
    for day in (9, 10, 12, 13):
        at.make.day(at.me, place, date(2026, 11, day), individual=50)
    submit_days(at.me, place.id, [start, end])
    for day in (9, 13):
        with pytest.raises(Refused):
            submit_days(at.me, place.id, [date(2026, 11, day)])
    with pytest.raises(Refused):  # all or none
        submit_days(at.me, place.id, [date(2026, 11, 9), FRIDAY])


def test_an_agreement_that_ended_does_not_sign_later_days(at: Desk) -> None:
    at.submit()
    with unit_of_work(at.boss) as work:
        held = work.session.query(Agreement).filter_by(setting_id=at.place.id).one()
        held.ends_on = FRIDAY - timedelta(days=1)
    with pytest.raises(Refused, match="No agreement between you was in force on Friday 20 November"):
        at.sign()
    assert at.state() == "submitted"


def test_two_supervisors_share_a_place_and_the_licensee_says_who_signs(at: Desk) -> None:
    second = at.make.person(at.org, Role.SUPERVISOR)
    at.make.agreement(at.me, second, at.place, starts=date(2026, 1, 1))
    at.make.day(at.me, at.place, FRIDAY, individual=50)
    with pytest.raises(Invalid, match="Choose who signs") as caught:
        submit_days(at.me, at.place.id, [FRIDAY])
    assert caught.value.field == "supervisor"
    submit_days(at.me, at.place.id, [FRIDAY], second.person_id)
    assert at.record().supervisor_id == second.person_id
    assert weeks_to_sign(at.boss, at.me.person_id).weeks == []
    with pytest.raises(Conflict):
        attest_days(at.boss, at.me.person_id, at.make.password(at.boss), DRAWING, {f"{at.place.id}_{MONDAY}": "0"})


def test_two_places_on_a_day_are_two_days_and_two_signatures(at: Desk) -> None:
    school = at.make.setting(at.me, "Ansel Creek")
    at.make.agreement(at.me, at.boss, school)
    at.make.day(at.me, at.place, FRIDAY, submit=True, individual=700)
    with pytest.raises(Invalid, match="more than 24 hours"):
        at.make.day(at.me, school, FRIDAY, child=741)
    at.make.day(at.me, school, FRIDAY, submit=True, child=740)
    assert at.sign() == 2
    assert {a.setting_id for a in db.session.query(Attestation)} == {at.place.id, school.id}


def test_an_attestation_is_the_supervisors_alone(at: Desk) -> None:
    at.submit()
    stranger = at.make.person(at.org, Role.SUPERVISOR)
    record = at.record().id
    signature = service.Signature(at.me.person_id, at.place.id, (record,), "", "", DRAWING)
    for actor in (stranger, at.me):
        with pytest.raises(NotFound), unit_of_work(actor) as work:
            service.attest(work, signature)
        with pytest.raises(NotFound), unit_of_work(actor) as work:
            service.send_back(work, at.me.person_id, [record], "No.")


def test_someone_elses_place_and_rows_are_not_there(at: Desk) -> None:
    other = at.make.person(at.make.organisation("Elsewhere"), Role.SUPERVISEE)
    at.submit()
    with pytest.raises(NotFound):
        at.make.day(other, at.place, FRIDAY, individual=50)
    with pytest.raises(NotFound), unit_of_work(other) as work:
        service.correct_entry(work, at.row("individual"), 10, "Why not.")


def test_days_to_come_and_days_outside_the_place_are_refused(at: Desk) -> None:
    with pytest.raises(Invalid, match="have been"):
        at.make.day(at.me, at.place, FRIDAY + timedelta(days=1), individual=50)
    with pytest.raises(Invalid, match="did not work"):
        at.make.day(at.me, at.place, date(2024, 12, 31), individual=50)


def test_today_is_the_persons_own_day(at: Desk) -> None:
    east = at.make.person(at.org, Role.SUPERVISEE, zone="Pacific/Auckland")
    place = at.make.setting(east)
    at.make.day(east, place, date(2026, 11, 21), individual=50)  # Saturday there, Friday here
    assert queries.entries(db.session(), east.person_id)[0].zone == "Pacific/Auckland"


@pytest.mark.parametrize(
    ("day", "zone", "minutes"),
    [
        (date(2026, 3, 8), LA, 23 * 60),
        (date(2026, 11, 1), LA, 25 * 60),
        (date(2026, 11, 2), LA, 24 * 60),
        (date(2026, 4, 5), "Australia/Lord_Howe", 24 * 60 + 30),
        (date(2026, 12, 31), "UTC", 24 * 60),
    ],
)
def test_a_day_has_the_minutes_that_its_clocks_give_it(day: date, zone: str, minutes: int) -> None:
    assert minutes_in(day, zone) == minutes


def test_no_day_holds_more_than_its_own_hours(at: Desk) -> None:
    short, long = date(2026, 3, 8), date(2026, 11, 1)
    with pytest.raises(Invalid, match="more than 23 hours"):
        at.make.day(at.me, at.place, short, individual=1000, documentation=381)
    at.make.day(at.me, at.place, short, individual=1000, documentation=380)
    at.make.day(at.me, at.place, long, individual=1000, documentation=500)
    with pytest.raises(Invalid, match="more than 25 hours"):
        at.make.day(at.me, at.place, long, individual=1000, documentation=501)


def test_a_zone_that_changes_leaves_earlier_rows_where_they_were(at: Desk) -> None:
    at.make.day(at.me, at.place, FRIDAY - timedelta(days=1), individual=50)
    moved = type(at.me)(at.me.person_id, at.me.org_id, at.me.roles, at.me.name, "America/New_York")
    at.make.day(moved, at.place, FRIDAY, individual=50)
    zones = {row.day: row.zone for row in queries.entries(db.session(), at.me.person_id)}
    assert zones == {FRIDAY - timedelta(days=1): LA, FRIDAY: "America/New_York"}


def test_a_week_over_new_year_is_one_week(at: Desk) -> None:
    with replaying(datetime(2026, 1, 5, tzinfo=UTC)):
        for day in (date(2025, 12, 31), date(2026, 1, 1)):
            at.submit(day, individual=60)
        weeks = weeks_to_sign(at.boss, at.me.person_id).weeks
    assert [w.monday for w in weeks] == [date(2025, 12, 29)]
    assert weeks[0].minutes == 120
    assert "Wed 31 Dec 2025 and Thu 1 Jan 2026" in weeks[0].statement


def test_a_statement_says_days_rows_and_sum(at: Desk) -> None:
    at.submit(MONDAY, individual=60, documentation=15)
    at.submit(FRIDAY, individual=60)
    statement = weeks_to_sign(at.boss, at.me.person_id).weeks[0].statement
    assert statement == (
        "I was the supervisor of record of Jonah Oyelaran at Alder Court on Mon 16 Nov 2026 and Fri 20 Nov 2026. "
        "The 3 rows shown, 2:15 in all, agree with what I know."
    )


def test_a_day_whose_rows_were_all_taken_out_is_not_submitted(at: Desk) -> None:
    meeting = at.make.meeting(at.boss, {at.me: at.place}, NOW - timedelta(hours=3))
    with unit_of_work(at.boss) as work:
        service.reverse_meeting(work, meeting, "It was recorded twice")
    with pytest.raises(Refused, match="Nothing is written"):
        submit_days(at.me, at.place.id, [FRIDAY])


def test_rows_belong_to_the_organisation_where_they_are_signed(at: Desk) -> None:
    other = at.make.organisation("Second practice")
    visiting = type(at.me)(at.me.person_id, other.id, at.me.roles, at.me.name, at.me.zone)
    at.make.day(visiting, at.place, FRIDAY, individual=50)
    with pytest.raises(Refused):
        submit_days(visiting, at.place.id, [FRIDAY])  # the agreement is in the first organisation
    submit_days(at.me, at.place.id, [FRIDAY])
    assert at.record().org_id == at.org.id
    assert {row.org_id for row in at.rows()} == {at.org.id}
    at.sign()


def test_locking_waits_until_its_time_and_corrections_unlock_only_for_a_signature(at: Desk) -> None:
    at.submit()
    at.sign()
    with unit_of_work(at.me) as work:
        assert service.lock_days(work, NOW - timedelta(days=1)) == 0
        assert service.lock_days(work, NOW + timedelta(days=1)) == 1
    at.correct(at.row("individual"), 140)
    assert at.state() == "submitted"
    assert at.record().locked_at is None


def test_rows_are_never_changed_by_any_verb(at: Desk) -> None:
    at.submit(individual=150, documentation=60)
    at.sign()
    before = {row.id: (row.minutes, row.category, row.recorded_at, row.reason) for row in at.rows()}
    at.correct(at.row("individual"), 20)
    at.sign()
    at.correct(at.row("documentation"), 0, "It was another day.")
    after = {row.id: (row.minutes, row.category, row.recorded_at, row.reason) for row in at.rows()}
    assert before.items() <= after.items()
    assert db.session.query(HourEntry).count() == 5

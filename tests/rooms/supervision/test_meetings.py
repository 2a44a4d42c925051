"""Meetings: what they are for whom, what is refused, the hours that follow and their reversal, and the notes."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from supervise.accounts.models import Setting
from supervise.core.actor import Actor, Role
from supervise.core.db import db
from supervise.core.errors import Invalid, Refused, Unavailable
from supervise.core.uow import unit_of_work
from supervise.deid.models import Original, Screening
from supervise.flows.record_meeting import Plan, cancel_meeting, preview, record_meeting
from supervise.hours import queries as hours
from supervise.supervision import queries
from supervise.supervision.models import Attendance, Meeting
from supervise.supervision.rules import instant
from tests.rooms.hours.desk import FRIDAY, NOW, Desk

LA = ZoneInfo("America/Los_Angeles")
TEN = datetime(2026, 11, 20, 10, tzinfo=LA)


def texan(at: Desk) -> tuple[Actor, Setting]:
    """A second supervisee of the same supervisor, under the Texas board and in its zone."""
    person = at.make.person(at.org, Role.SUPERVISEE, name="Ruth Okafor", zone="America/Chicago")
    place = at.make.setting(person, "Mesquite Fork", board="tx-lpca")
    at.make.agreement(person, at.boss, place)
    return person, place


def plan(
    at: Desk, starts: datetime = TEN, minutes: int = 60, came: dict[str, str] | None = None, **more: object
) -> Plan:
    values: dict[str, object] = {
        "starts_at": starts, "ends_at": starts + timedelta(minutes=minutes), "zone": at.boss.zone, "mode": "in_person",
        "group_id": None, "attendees": {at.me.person_id: at.place.id} if came is None else came, "case_ids": (),
        "notes": "",
    }  # fmt: skip
    return Plan(**(values | more))  # type: ignore[arg-type]


def test_one_meeting_is_triadic_for_one_board_and_individual_for_the_other(at: Desk) -> None:
    other, place = texan(at)
    both = {at.me.person_id: at.place.id, other.person_id: place.id}
    assert {m.person.id: m.kind for m in preview(at.boss, plan(at, came=both))} == {
        at.me.person_id: "triadic",
        other.person_id: "individual",
    }
    meeting_id, _ = record_meeting(at.boss, plan(at, came=both))
    assert {a.person_id: a.kind for a in queries.attendances(db.session(), [meeting_id])} == {
        at.me.person_id: "triadic",
        other.person_id: "individual",
    }
    mine = hours.entries(db.session(), at.me.person_id)
    theirs = hours.entries(db.session(), other.person_id)
    assert [(r.minutes, r.attendees, r.category, r.starts, r.zone) for r in mine] == [
        (60, 2, "supervision", "10:00", "America/Los_Angeles")
    ]
    assert [(r.minutes, r.attendees, r.category, r.starts, r.zone) for r in theirs] == [
        (60, 2, "supervision", "12:00", "America/Chicago")
    ]


def test_those_who_keep_no_hours_here_count_for_the_kind(at: Desk) -> None:
    assert preview(at.boss, plan(at))[0].kind == "individual"
    assert preview(at.boss, plan(at, others=1))[0].kind == "triadic"
    assert preview(at.boss, plan(at, others=7))[0].kind == "group"
    crowd = preview(at.boss, plan(at, others=8))[0]
    assert crowd.kind is None
    assert "at most 8" in crowd.warnings[0]


def test_warnings_come_before_anything_is_saved(at: Desk) -> None:
    by_phone = preview(at.boss, plan(at, mode="phone"))[0]
    assert "telephone" in by_phone.warnings[0]
    short = preview(at.boss, plan(at, minutes=45, others=3))[0]
    assert "45 minutes would not count" in short.warnings[0]
    assert db.session.query(Meeting).count() == 0


@pytest.mark.parametrize(
    ("starts", "minutes", "says"),
    [
        (TEN, 0, "ends before it starts"),
        (TEN, -30, "ends before it starts"),
        (TEN - timedelta(hours=9), 12 * 60 + 1, "more than 12 hours"),
        (NOW - timedelta(minutes=30), 60, "after it took place"),
    ],
)
def test_a_meeting_that_cannot_have_been_is_refused(at: Desk, starts: datetime, minutes: int, says: str) -> None:
    with pytest.raises(Invalid, match=says) as caught:
        record_meeting(at.boss, plan(at, starts, minutes))
    assert caught.value.field == "ends"


@pytest.mark.parametrize(("starts", "ends"), [(date(2026, 11, 21), None), (date(2026, 1, 1), date(2026, 11, 19))])
def test_a_meeting_outside_the_dates_of_the_place_is_refused_at_the_day(
    at: Desk, starts: date, ends: date | None
) -> None:
    with unit_of_work(at.me) as work:
        place = work.session.get_one(Setting, at.place.id)
        place.starts_on, place.ends_on = starts, ends
    for deed in (preview, record_meeting):
        with pytest.raises(Invalid, match="Jonah Oyelaran did not work at Alder Court on 20 November 2026") as caught:
            deed(at.boss, plan(at))
        assert caught.value.field == "day"
    form = {
        "day": "2026-11-20", "starts": "10:00", "ends": "11:00", "mode": "in_person", "others": "0",
        f"came_{at.me.person_id}": "1", f"at_{at.me.person_id}": at.place.id,
    }  # fmt: skip
    page = at.make.client(at.boss).post("/meetings/new", data=form)
    assert page.status_code == 422
    assert "did not work at Alder Court" in page.text
    assert db.session.query(Meeting).count() == 0


def test_nobody_is_in_two_meetings_at_once(at: Desk) -> None:
    record_meeting(at.boss, plan(at))
    with pytest.raises(Refused, match="another meeting"):
        record_meeting(at.boss, plan(at, TEN + timedelta(minutes=59)))
    record_meeting(at.boss, plan(at, TEN + timedelta(minutes=60)))
    second = at.make.person(at.org, Role.SUPERVISOR)
    at.make.agreement(at.me, second, at.place)
    with pytest.raises(Refused, match="another meeting"):  # the supervisee was elsewhere
        record_meeting(second, plan(at, TEN + timedelta(minutes=30)))


def test_a_meeting_taken_back_leaves_its_time_free(at: Desk) -> None:
    first, _ = record_meeting(at.boss, plan(at))
    cancel_meeting(at.boss, first, "It was recorded twice")
    record_meeting(at.boss, plan(at))
    assert sum(r.minutes for r in at.rows()) == 60


@pytest.mark.parametrize(
    ("day", "starts", "ends", "minutes"),
    [
        ("2026-03-08", "01:30", "03:30", 60),
        ("2026-11-01", "00:30", "02:30", 180),
        ("2026-11-02", "00:30", "02:30", 120),
    ],
)
def test_minutes_are_exact_on_days_when_the_clocks_change(
    at: Desk, day: str, starts: str, ends: str, minutes: int
) -> None:
    on = date.fromisoformat(day)
    first, last = (
        instant(on, datetime.strptime(text, "%H:%M").time(), at.boss.zone, "starts")  # noqa: DTZ007
        for text in (starts, ends)
    )
    record_meeting(at.boss, plan(at, first, int((last - first).total_seconds() // 60)))
    assert [r.minutes for r in at.rows(on)] == [minutes]


def test_an_hour_that_was_skipped_or_shown_twice_is_asked_about() -> None:
    two, one = datetime(2026, 3, 8, 2, 30), datetime(2026, 11, 1, 1, 30)  # noqa: DTZ001
    with pytest.raises(Invalid, match="skipped 02:30"):
        instant(two.date(), two.time(), "America/Los_Angeles", "starts")
    with pytest.raises(Invalid, match="twice"):
        instant(one.date(), one.time(), "America/Los_Angeles", "starts")
    both = [instant(one.date(), one.time(), "America/Los_Angeles", "starts", second) for second in (False, True)]
    assert both[1].astimezone(UTC) - both[0].astimezone(UTC) == timedelta(hours=1)


def test_the_row_stands_on_the_attendees_own_day(at: Desk) -> None:
    at.boss = at.make.person(at.org, Role.SUPERVISOR, zone="America/New_York")
    at.make.agreement(at.me, at.boss, at.place)
    late = datetime(2026, 11, 16, 1, 0, tzinfo=ZoneInfo("America/New_York"))  # Sunday 22:00 in Los Angeles
    record_meeting(at.boss, plan(at, late))
    assert [(r.day, r.starts) for r in hours.entries(db.session(), at.me.person_id)] == [(date(2026, 11, 15), "22:00")]


def test_nobody_is_booked_without_an_agreement_in_force(at: Desk) -> None:
    stranger = at.make.person(at.org, Role.SUPERVISEE)
    place = at.make.setting(stranger, "Somewhere")
    for came in ({stranger.person_id: place.id}, {at.me.person_id: place.id}, {"nobody": place.id}, {}):
        with pytest.raises(Invalid) as caught:
            record_meeting(at.boss, plan(at, came=came))
        assert caught.value.field == "attendees"
    at.make.agreement(stranger, at.boss, place, ends=FRIDAY - timedelta(days=1))
    with pytest.raises(Invalid, match="in force on that day"):
        record_meeting(at.boss, plan(at, came={stranger.person_id: place.id}))
    assert db.session.query(Attendance).count() == 0


def test_an_agreement_of_another_organisation_books_nothing_here(at: Desk) -> None:
    other = at.make.organisation("Second practice")
    visiting = Actor(at.boss.person_id, other.id, at.boss.roles, at.boss.name, at.boss.zone)
    with pytest.raises(Invalid, match="No agreement"):
        record_meeting(visiting, plan(at))


def test_no_attendee_gets_a_day_longer_than_a_day(at: Desk) -> None:
    at.make.day(at.me, at.place, FRIDAY, individual=1400)
    with pytest.raises(Invalid, match=r"Jonah Oyelaran: .* more than 24 hours") as caught:
        record_meeting(at.boss, plan(at))
    assert caught.value.field == "attendees"
    assert db.session.query(Meeting).count() == 0


def test_taking_a_meeting_back_reverses_signed_hours_and_asks_for_a_new_signature(at: Desk) -> None:
    other, place = texan(at)
    meeting_id, _ = record_meeting(at.boss, plan(at, came={at.me.person_id: at.place.id, other.person_id: place.id}))
    at.submit(individual=50)
    at.sign()
    signed = at.row("supervision")
    cancel_meeting(at.boss, meeting_id, "It did not take place")
    assert at.standing() == {"individual": 50}
    assert next(r.minutes for r in at.rows() if r.id == signed) == 60
    assert at.state() == "submitted"
    assert sum(r.minutes for r in hours.entries(db.session(), other.person_id)) == 0
    with pytest.raises(Refused, match="already"):
        cancel_meeting(at.boss, meeting_id, "It did not take place")
    at.sign()
    assert at.state() == "attested"


def test_a_meeting_on_a_signed_day_waits_for_a_signature_of_its_own(at: Desk) -> None:
    at.submit(individual=50)
    at.sign()
    record_meeting(at.boss, plan(at))
    assert at.state() == "submitted"
    assert len(at.seen()) == 1
    at.sign()
    assert at.state() == "attested"


# Pages ----------------------------------------------------------------------------------------------------------------


def typed(at: Desk, **more: str) -> dict[str, str]:
    me = at.me.person_id
    return {
        "day": "2026-11-20", "starts": "10:00", "ends": "11:00", "mode": "in_person", "others": "0", "group_id": "",
        "notes": "", f"came_{me}": "1", f"at_{me}": at.place.id,
    } | more  # fmt: skip


def press(client: FlaskClient, data: dict[str, str]) -> TestResponse:
    """See what it counts as, then record: the fingerprint of the preview goes back with the second press."""
    shown = client.post("/meetings/new", data=data)
    assert shown.status_code == 200, shown.text
    return client.post("/meetings/new", data=data | {"seen": seen(shown)})


def seen(page: TestResponse) -> str:
    found = re.search(r'name="seen" value="(\w+)"', page.text)
    assert found, page.text
    return found.group(1)


def test_the_page_shows_what_it_counts_as_and_records_at_the_second_press(at: Desk) -> None:
    client = at.make.client(at.boss)
    shown = client.post("/meetings/new", data=typed(at))
    assert shown.status_code == 200
    assert "Individual supervision" in shown.text
    assert db.session.query(Meeting).count() == 0
    answer = client.post("/meetings/new", data=typed(at) | {"seen": seen(shown)})
    assert answer.status_code == 303
    page = client.get(answer.location)
    assert "10:00–11:00, 1 h" in page.text
    assert "Recorded." in page.text


def test_what_changed_after_the_preview_is_shown_again_first(at: Desk) -> None:
    client = at.make.client(at.boss)
    shown = client.post("/meetings/new", data=typed(at))
    answer = client.post("/meetings/new", data=typed(at, mode="phone") | {"seen": seen(shown)})
    assert answer.status_code == 200
    assert "It changed since you looked" in answer.text
    assert "telephone and written exchange do not" in answer.text
    assert db.session.query(Meeting).count() == 0


def test_a_refusal_keeps_everything_that_was_typed(at: Desk) -> None:
    client = at.make.client(at.boss)
    data = typed(at, ends="09:00", notes="We practiced waiting after a question.", mode="live_video", others="2")
    answer = client.post("/meetings/new", data=data)
    assert answer.status_code == 422
    assert "ends before it starts" in answer.text
    assert "We practiced waiting after a question." in answer.text
    for kept in ('value="2026-11-20"', 'value="10:00"', 'value="09:00"', 'value="2"'):
        assert kept in answer.text
    assert re.search(rf'name="came_{at.me.person_id}" value="1" checked', answer.text)
    assert re.search(r'checked[^>]*value="live_video"', answer.text)


def test_a_repeated_hour_is_asked_about_on_the_page(at: Desk) -> None:
    client = at.make.client(at.boss)
    data = typed(at, day="2026-11-01", starts="01:10", ends="01:50")
    answer = client.post("/meetings/new", data=data)
    assert answer.status_code == 422
    assert "showed this hour twice" in answer.text
    assert press(client, data | {"repeated": "second"}).status_code == 303


def test_a_group_is_ticked_with_one_press_and_the_words_stay(at: Desk) -> None:
    other, _ = texan(at)
    peer = at.make.person(at.org, Role.CLINICIAN, name="Peer Without")
    group = at.make.group(at.boss, at.me, other, peer)
    client = at.make.client(at.boss)
    answer = client.post(
        "/meetings/new",
        data={"pick": group.id, "day": "2026-11-20", "starts": "10:00", "ends": "", "notes": "Endings."},
    )
    assert answer.status_code == 200
    for person in (at.me, other):
        assert re.search(rf'name="came_{person.person_id}" value="1" checked', answer.text)
    assert "Peer Without: in the group" in answer.text
    assert "Endings." in answer.text
    assert f'<option selected value="{group.id}">' in answer.text
    assert "mending" not in answer.text


def test_a_strangers_group_is_not_picked(at: Desk) -> None:
    leader = at.make.person(at.org, Role.SUPERVISOR)
    group = at.make.group(leader, at.me)
    answer = at.make.client(at.boss).post("/meetings/new", data=typed(at, pick=group.id))
    assert f'name="came_{at.me.person_id}" value="1" checked' in answer.text
    refused = at.make.client(at.boss).post("/meetings/new", data=typed(at, group_id=group.id))
    assert refused.status_code == 422


def test_notes_without_names_are_published_at_once_and_read_by_those_who_came(at: Desk) -> None:
    client = at.make.client(at.boss)
    answer = press(client, typed(at, notes="We practiced waiting after a question."))
    assert answer.location.startswith("/meetings/")
    assert "practiced waiting" in at.make.client(at.me).get(answer.location).text
    stranger = at.make.person(at.org, Role.SUPERVISOR)
    assert at.make.client(stranger).get(answer.location).status_code == 404


def test_notes_that_name_someone_wait_for_their_author(at: Desk) -> None:
    client = at.make.client(at.boss)
    answer = press(client, typed(at, notes="Tavian Brandvold called from (707) 555-0147 about the docket."))
    assert answer.location.startswith("/screenings/")
    meeting = db.session.query(Meeting).one()
    page = at.make.client(at.me).get(f"/meetings/{meeting.id}")
    assert "Brandvold" not in page.text
    assert "wait to be confirmed" in page.text
    mine = at.make.client(at.boss).get(f"/meetings/{meeting.id}")
    assert "Confirm what others will read" in mine.text
    assert "Brandvold" not in mine.text
    assert [r.minutes for r in at.rows()] == [60]


def test_without_the_engine_the_meeting_stands_and_the_notes_are_kept(
    at: Desk, app_engine: Callable[[bool], None]
) -> None:
    client = at.make.client(at.boss)
    app_engine(False)
    answer = press(client, typed(at, notes="We practiced waiting."))
    assert answer.status_code == 303
    meeting = db.session.query(Meeting).one()
    page = client.get(answer.location)
    assert "The notes are not published" in page.text
    assert "Screen them again" in page.text
    assert db.session.query(Original).count() == 1
    assert client.post(f"/meetings/{meeting.id}/screen").status_code == 303
    assert db.session.query(Screening).count() == 0
    app_engine(True)
    assert client.post(f"/meetings/{meeting.id}/screen").status_code == 303
    assert "We practiced waiting." in at.make.client(at.me).get(f"/meetings/{meeting.id}").text


def test_a_meeting_is_taken_back_on_its_page_with_a_reason(at: Desk) -> None:
    meeting_id, _ = record_meeting(at.boss, plan(at))
    client = at.make.client(at.boss)
    assert client.post(f"/meetings/{meeting_id}/cancel", data={}).status_code == 422
    assert client.post(f"/meetings/{meeting_id}/cancel", data={"because": "twice"}).status_code == 303
    assert client.post(f"/meetings/{meeting_id}/cancel", data={"because": "twice"}).status_code == 422
    assert "taken back" in client.get(f"/meetings/{meeting_id}").text
    assert [r.reason for r in at.rows() if r.reverses_id] == ["It was recorded twice"]


def test_an_earlier_day_without_agreements_today_can_still_be_recorded(at: Desk) -> None:
    leaving = at.make.person(at.org, Role.SUPERVISOR)
    at.make.agreement(at.me, leaving, at.place, ends=FRIDAY - timedelta(days=3))
    client = at.make.client(leaving)
    assert "No supervisee has an agreement" in client.get("/meetings/new").text
    assert press(client, typed(at, day="2026-11-16")).status_code == 303


def test_only_supervisors_record_meetings(at: Desk) -> None:
    assert at.make.client(at.me).get("/meetings/new").status_code == 403


@pytest.fixture
def app_engine(at: Desk) -> Callable[[bool], None]:
    """Take the engine away, or give it back."""
    installation = at.make.app.extensions["supervise"]
    load = installation.load_engine

    def missing() -> None:
        raise Unavailable("The de-identification step is not available.")

    def switch(on: bool) -> None:
        installation.load_engine = load if on else missing
        installation._engine = None

    return switch


def test_a_case_that_the_supervisor_does_not_read_cannot_be_discussed(at: Desk) -> None:
    with pytest.raises(Invalid, match="not yours to read"):
        record_meeting(at.boss, plan(at, case_ids=("01nothing",)))

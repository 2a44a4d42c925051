"""Notes of a meeting: written once or edited later, screened each time, read with their history by those who came."""

from datetime import UTC, datetime, timedelta

import pytest

from supervise.audit.models import AuditRow
from supervise.core.actor import Role
from supervise.core.db import db
from supervise.core.errors import Conflict
from supervise.core.uow import unit_of_work
from supervise.deid import queries as deid_queries
from supervise.deid import service as deid
from supervise.flows.publish import publish_confirmed
from supervise.flows.record_meeting import Plan, cancel_meeting, record_meeting
from supervise.flows.write_notes import NotesOutcome, write_notes
from supervise.notifications.models import Notice
from supervise.supervision import queries
from tests.rooms.hours.desk import Desk

STARTS = datetime(2026, 11, 20, 18, tzinfo=UTC)
NAMED = "Tavian Brandvold called from (707) 555-0147 about the docket."


@pytest.fixture
def meeting_id(at: Desk) -> str:
    return at.make.meeting(at.boss, {at.me: at.place}, STARTS)


def version(meeting_id: str) -> int:
    db.session.expire_all()
    return queries.meeting(db.session(), meeting_id).version


def write(at: Desk, meeting_id: str, words: str) -> NotesOutcome:
    return write_notes(at.boss, meeting_id, words, version(meeting_id))


def confirm(at: Desk, outcome: NotesOutcome) -> str:
    """Decide everything as proposed and publish, as the confirm page does."""
    assert outcome.screening_id is not None
    screening = deid_queries.screening(db.session(), outcome.screening_id)
    with unit_of_work(at.boss) as work:
        deid.accept_rest(work, screening.id, screening.version)
    return publish_confirmed(at.boss, screening.id, deid.work_on(db.session(), screening.id, at.boss)[1].hash())


def test_notes_are_written_later_by_whoever_led_the_meeting(at: Desk, meeting_id: str) -> None:
    client, address = at.make.client(at.boss), f"/meetings/{meeting_id}/notes"
    seen = str(version(meeting_id))
    assert client.post(address, data={"notes": " ", "version": seen}).status_code == 422
    assert client.post(address, data={"notes": "Endings.", "version": seen}).status_code == 303
    assert "Endings." in at.make.client(at.me).get(f"/meetings/{meeting_id}").text
    mine = at.make.client(at.me)
    assert mine.get(address).status_code == 403
    assert mine.post(address, data={"notes": "Mine.", "version": str(version(meeting_id))}).status_code == 403
    assert db.session.query(Notice).filter_by(kind="notes_edited").count() == 0


def test_an_edit_keeps_what_they_said_before_and_tells_who_came(at: Desk, meeting_id: str) -> None:
    write(at, meeting_id, "We practiced waiting.")
    boss, address = at.make.client(at.boss), f"/meetings/{meeting_id}/notes"
    shown = boss.get(address)
    assert "We practiced waiting." in shown.text
    answer = boss.post(address, data={"notes": "We practiced endings.", "version": str(version(meeting_id))})
    assert answer.status_code == 303
    mine = at.make.client(at.me)
    page = mine.get(f"/meetings/{meeting_id}")
    assert "We practiced endings." in page.text
    assert "We practiced waiting." not in page.text
    assert "What they said before" in page.text
    history = mine.get(f"{address}/history").text
    assert "We practiced waiting." in history
    assert "edited the notes of a supervision meeting" in mine.get("/inbox").text
    assert db.session.query(Notice).filter_by(kind="notes_edited", person_id=at.me.person_id).count() == 1
    assert db.session.query(AuditRow).filter_by(action="NotesEdited", object_id=meeting_id).count() == 1
    stranger = at.make.client(at.make.person(at.org, Role.SUPERVISOR))
    assert stranger.get(f"{address}/history").status_code == 404


def test_an_edit_is_screened_and_the_old_words_stay_until_it_is_confirmed(at: Desk, meeting_id: str) -> None:
    write(at, meeting_id, "We practiced waiting.")
    outcome = write(at, meeting_id, NAMED)
    mine, boss = at.make.client(at.me), at.make.client(at.boss)
    page = mine.get(f"/meetings/{meeting_id}").text
    assert "We practiced waiting." in page
    assert "Brandvold" not in page
    assert "nobody else reads them yet" not in page
    assert db.session.query(Notice).filter_by(kind="notes_edited").count() == 0
    own = boss.get(f"/meetings/{meeting_id}").text
    assert "Your new words for them are kept" in own
    assert "Brandvold" not in own
    assert "Brandvold" in boss.get(f"/meetings/{meeting_id}/notes").text
    assert confirm(at, outcome) == f"/meetings/{meeting_id}"
    page = mine.get(f"/meetings/{meeting_id}").text
    assert "about the docket" in page
    assert "Brandvold" not in page
    assert "555-0147" not in page
    assert [row.notes for row in queries.notes_revisions(db.session(), meeting_id)] == ["We practiced waiting."]


def test_new_words_can_be_thrown_away(at: Desk, meeting_id: str) -> None:
    write(at, meeting_id, "We practiced waiting.")
    write(at, meeting_id, NAMED)
    assert at.make.client(at.me).post(f"/meetings/{meeting_id}/notes/drop").status_code == 403
    boss = at.make.client(at.boss)
    assert boss.post(f"/meetings/{meeting_id}/notes/drop").status_code == 303
    page = boss.get(f"/meetings/{meeting_id}").text
    assert "We practiced waiting." in page
    assert "nobody else reads them yet" not in page
    assert deid_queries.original_of(db.session(), f"meeting:{meeting_id}") is None
    assert boss.get("/inbox").text.count("not published yet") == 0


def test_a_second_window_overwrites_nothing(at: Desk, meeting_id: str) -> None:
    seen = version(meeting_id)
    boss, address = at.make.client(at.boss), f"/meetings/{meeting_id}/notes"
    assert boss.post(address, data={"notes": "Quite calm.", "version": str(seen)}).status_code == 303
    late = boss.post(address, data={"notes": "Not calm at all.", "version": str(seen)})
    assert late.status_code == 409
    assert "Quite calm." in late.text
    assert "Not calm at all." in late.text
    with pytest.raises(Conflict):
        write_notes(at.boss, meeting_id, "Not calm.", seen)
    assert queries.meeting(db.session(), meeting_id).notes == "Quite calm."


def test_an_identifier_goes_from_the_notes_of_a_meeting_that_was_taken_back_too(at: Desk, meeting_id: str) -> None:
    """Those who came still read them."""
    write(at, meeting_id, "We spoke of the harbour.")
    boss = at.make.client(at.boss)
    assert boss.post(f"/meetings/{meeting_id}/cancel", data={"because": "twice"}).status_code == 303
    assert "Edit the notes" in boss.get(f"/meetings/{meeting_id}").text
    assert write(at, meeting_id, "We spoke of work.").screening_id is None
    assert "We spoke of work." in at.make.client(at.me).get(f"/meetings/{meeting_id}").text


def test_notes_may_name_those_who_were_there_and_no_other_member(at: Desk, meeting_id: str) -> None:
    colleague = at.make.person(at.org, Role.SUPERVISEE, name="Tavian Brandvold")
    outcome = write(at, meeting_id, f"{colleague.name} came up twice; {at.me.name} and {at.boss.name} will look again.")
    assert outcome.screening_id is not None
    confirm(at, outcome)
    page = at.make.client(at.me).get(f"/meetings/{meeting_id}").text
    assert "Brandvold" not in page
    assert f"{at.me.name} and {at.boss.name} will look again" in page
    outcome = write(at, meeting_id, f"{at.me.name} and {at.boss.name} will look again.")
    assert outcome == NotesOutcome(), "published at once"


def test_notes_written_with_the_record_may_name_those_who_were_there(at: Desk) -> None:
    at.make.person(at.org, Role.SUPERVISEE, name="Tavian Brandvold")
    for words, asked in ((f"{at.me.name} practiced waiting.", False), ("Tavian Brandvold practiced waiting.", True)):
        plan = Plan(
            STARTS, STARTS + timedelta(minutes=30), at.boss.zone, "in_person", None,
            {at.me.person_id: at.place.id}, (), notes=words,
        )  # fmt: skip
        meeting_id, outcome = record_meeting(at.boss, plan)
        assert bool(outcome.screening_id) == asked
        cancel_meeting(at.boss, meeting_id, "It was recorded twice")

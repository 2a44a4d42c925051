"""A legal hold keeps every original of a case: versions, posts and their edits, decisions, rulings, notes."""

from dataclasses import replace
from datetime import timedelta

import time_machine

from supervise.core.clock import now
from supervise.core.db import db
from supervise.core.uow import unit_of_work
from supervise.deid import queries as originals
from supervise.deid import service as deid
from supervise.deid.models import Original
from supervise.flows.post_guidance import edit_post
from supervise.flows.record_meeting import Plan, record_meeting
from supervise.reviews import queries
from supervise.reviews.models import Decision
from supervise.supervision.models import Meeting
from tests.rooms.reviews.conftest import Room
from tests.rooms.reviews.test_closing import DECISION, confirm

NAMED = "Milica Jovanović told me so when I called (559) 555-0123."


def hold(room: Room, on: bool) -> None:
    answer = room.browser(room.author).post(f"/cases/{room.case_id}/legal-hold", data={"on": "1" if on else ""})
    assert answer.status_code == 303


def held(subject: str) -> list[bool]:
    db.session.expire_all()
    return [row.held and row.sealed is not None for row in originals.originals_of(db.session(), subject)]


def published(room: Room, body: str = NAMED) -> str:
    found = room.post(room.peer, body)
    if found.screening_id:
        confirm(room.peer, found.screening_id)
    return found.row_id


def last_decision() -> str:
    return f"decision:{db.session.query(Decision).one().id}"


def test_what_was_said_before_the_hold_and_while_it_is_on_is_kept_until_it_is_lifted(thread: Room) -> None:
    before = published(thread)
    hold(thread, True)
    assert held(f"post:{before}") == [True]
    after, clean = published(thread), published(thread, "I would wait a week.")
    thread.send(thread.peer, NAMED, do="draft")
    for row_id in (after, clean):
        assert held(f"post:{row_id}") == [True], "also where nothing was found and nothing had to be kept"
    with time_machine.travel(now() + timedelta(days=60)), unit_of_work(thread.author) as work:
        assert deid.destroy_due(work) == 0
    thread.clients.clear()
    hold(thread, False)
    assert held(f"post:{before}") == held(f"post:{clean}") == [False]
    with time_machine.travel(now() + timedelta(days=60)), unit_of_work(thread.author) as work:
        assert deid.destroy_due(work) == 3, "the draft is its writer's own and stays"


def test_new_words_do_not_write_over_an_original_on_hold(thread: Room) -> None:
    post_id = published(thread)
    hold(thread, True)
    version = queries.post(db.session(), post_id).version
    edit = edit_post(thread.peer, post_id, "Milica Jovanović laughed.", "", version)
    assert held(f"post:{post_id}") == [True, True]
    confirm(thread.peer, edit.screening_id)
    assert held(f"post:{post_id}") == [True, True]
    hold(thread, False)
    assert held(f"post:{post_id}") == [False, False]
    with time_machine.travel(now() + timedelta(days=60)), unit_of_work(thread.author) as work:
        assert deid.destroy_due(work) == 2


def test_decisions_and_reasons_are_kept(thread: Room) -> None:
    hold(thread, True)
    answer = thread.browser(thread.author).post(f"/cases/{thread.case_id}/decision", data={**DECISION, "body": NAMED})
    assert answer.status_code == 303
    assert held(last_decision()) == [True]
    confirm(thread.author, answer.location.split("/")[2].partition("?")[0])
    data = {"outcome": "sent_back", "reason": NAMED, "version": str(thread.case.version)}
    answer = thread.browser(thread.supervisor).post(f"/cases/{thread.case_id}/ruling", data=data)
    ruling = queries.unpublished_ruling(db.session(), thread.case_id, thread.supervisor.person_id)
    assert ruling is not None
    assert held(f"ruling:{ruling.id}") == [True]


def test_a_draft_of_a_version_is_kept_from_its_first_word(thread: Room) -> None:
    hold(thread, True)
    thread.browser(thread.author).post(
        f"/cases/{thread.case_id}/edit", data={"version": "0", "title": "New", "question": "", "body": "Words."}
    )
    rows = db.session.query(Original).filter(Original.subject.startswith("case_version:")).all()
    assert rows
    assert all(row.held for row in rows if row.sealed)


def test_notes_of_a_meeting_about_the_case_are_kept_while_any_of_its_cases_is_on_hold(thread: Room) -> None:
    setting = thread.make.setting(thread.author)
    thread.make.agreement(thread.author, thread.supervisor, setting)
    first = thread.case_id
    second = thread.release(texts={"title": "Another", "question": "Why?", "body": "She came late again."})
    plan = Plan(
        now() - timedelta(days=2), now() - timedelta(days=2, hours=-1), thread.author.zone, "in_person", None,
        {thread.author.person_id: setting.id}, (first, second), notes=NAMED,
    )  # fmt: skip
    meeting_id, _ = record_meeting(thread.supervisor, plan)
    for case_id in (first, second):
        thread.case_id = case_id
        hold(thread, True)
    assert held(f"meeting:{meeting_id}") == [True]
    hold(thread, False)
    assert held(f"meeting:{meeting_id}") == [True]
    earlier = {"starts_at": plan.starts_at - timedelta(days=1), "ends_at": plan.ends_at - timedelta(days=1)}
    later, _ = record_meeting(thread.supervisor, replace(plan, **earlier))
    assert held(f"meeting:{later}") == [True]
    thread.case_id = first
    hold(thread, False)
    assert held(f"meeting:{meeting_id}") == held(f"meeting:{later}") == [False]
    assert db.session.query(Meeting).count() == 2

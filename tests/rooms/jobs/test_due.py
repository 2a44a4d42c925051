"""Due work: claimed by one, finished once, given up in the end. The same on SQLite and PostgreSQL."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from supervise.core import due
from supervise.core.actor import system
from supervise.core.clock import now
from supervise.core.db import db
from supervise.core.uow import unit_of_work
from supervise.jobs.routine import EVERY, ensure_routine, slot
from supervise.jobs.worker import Job, run_due, run_one
from tests.rooms.jobs.conftest import done_once, note, rows, traces

Plan = Callable[..., list[str]]
Later = Callable[[float], None]
DO = {"test.note": done_once}


def claim(lease: timedelta = due.LEASE) -> Job:
    with unit_of_work(system()) as work:
        row = due.claim(work.session, work.now, DO, lease)
        assert row is not None
        return Job(row.id, row.claim_token or "", row.kind, dict(row.ids), row.attempts)


def test_work_is_done_once_and_only_when_it_is_due(plan: Plan) -> None:
    plan(count=2)
    with unit_of_work(system()) as work:
        work.due("test.note", work.now + timedelta(hours=1), {})
    assert run_due(DO) == 2
    assert traces() == 2
    assert [row.done_at is not None for row in rows()] == [True, True, False]


def test_work_that_exists_only_in_a_failed_transaction_does_not_exist(app: Flask) -> None:
    def fails() -> None:
        with unit_of_work(system()) as work:
            work.due("test.note", work.now, {})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert rows() == []


def test_a_worker_without_the_handler_leaves_the_work_alone(plan: Plan) -> None:
    plan("test.other")
    assert run_due(DO) == 0
    assert rows()[0].attempts == 0


def test_a_claim_that_ended_counts_for_nothing(plan: Plan, later: Later) -> None:
    plan()
    first = claim()
    assert not run_one(DO)  # it is claimed
    later(61)
    second = claim()
    with pytest.raises(due.LateClaim), first.finishing() as work:
        note(work, first)
    assert traces() == 0
    done_once(second)
    assert traces() == 1


def test_a_slow_worker_that_nobody_overtook_may_finish(plan: Plan, later: Later) -> None:
    plan()
    job = claim()
    later(300)
    done_once(job)
    assert traces() == 1


def test_what_is_done_is_not_finished_again(plan: Plan) -> None:
    plan()
    job = claim()
    done_once(job)
    with pytest.raises(due.LateClaim), job.finishing():
        pass


def test_an_effect_that_fails_leaves_nothing_and_is_tried_later_and_later(plan: Plan, later: Later) -> None:
    plan()

    def breaks(job: Job) -> None:
        with job.finishing() as work:
            note(work, job)
            raise ZeroDivisionError

    waits = []
    for _ in range(4):
        assert run_one({"test.note": breaks})
        (row,) = rows()
        wait = (row.due_at - now()).total_seconds()
        waits.append(round(wait))
        assert not run_one({"test.note": breaks})  # not before its time
        later(wait + 1)
    assert waits == [5, 10, 20, 40]
    assert traces() == 0
    assert rows()[0].last_error is not None
    assert "ZeroDivisionError" in (rows()[0].last_error or "")
    assert run_due(DO) == 1
    assert traces() == 1


def test_poison_is_given_up_and_taken_up_again_by_a_person(plan: Plan, later: Later) -> None:
    (work_id,) = plan()

    def breaks(_job: Job) -> None:
        raise ValueError("never a word of this in the table")

    for tried in range(due.MAX_ATTEMPTS):
        assert run_one({"test.note": breaks}), tried
        later(3601)
    (row,) = rows()
    assert row.gave_up_at is not None
    assert row.attempts == due.MAX_ATTEMPTS
    assert "never a word" not in (row.last_error or "")
    assert run_due(DO) == 0
    assert due.health(db.session(), now()).given_up[0].id == work_id
    with unit_of_work(system()) as work:
        assert due.try_again(work.session, work_id, work.now)
        assert not due.try_again(work.session, work_id, work.now)
    assert run_due(DO) == 1
    assert due.count_given_up(db.session()) == 0


def test_work_that_takes_its_worker_down_is_given_up_too(plan: Plan, later: Later) -> None:
    """Whoever claimed it died each time: nobody was left to call it failed."""
    plan()
    for _ in range(due.MAX_ATTEMPTS):
        claim()
        later(61)
    assert not run_one(DO)
    (row,) = rows()
    assert row.gave_up_at is not None
    assert row.last_error == due.LOST
    assert traces() == 0


def test_the_same_key_is_written_once(app: Flask) -> None:
    for _ in range(2):
        with unit_of_work(system()) as work:
            work.due("test.note", work.now, {}, dedupe_key="once")
            work.due("test.note", work.now, {}, dedupe_key="once")
            work.due("test.note", work.now, {}, dedupe_key="another")
    assert sorted(row.dedupe_key or "" for row in rows()) == ["another", "once"]


def test_a_key_that_exists_does_not_undo_what_else_was_written(app: Flask, plan: Plan) -> None:
    with unit_of_work(system()) as work:
        work.due("test.note", work.now, {}, dedupe_key="once")
    with unit_of_work(system()) as work:
        work.due("test.before", work.now, {})
        work.due("test.note", work.now, {}, dedupe_key="once")
        work.due("test.after", work.now, {})
    assert sorted(row.kind for row in rows()) == ["test.after", "test.before", "test.note"]


def test_each_routine_has_one_row_a_slot(app: Flask, later: Later) -> None:
    for _ in range(3):
        with unit_of_work(system()) as work:
            ensure_routine(work)
    assert sorted(row.kind for row in rows()) == sorted(EVERY)
    assert all(row.due_at <= now() for row in rows())
    did = run_due(dict.fromkeys(EVERY, lambda job: finish(job)))
    assert did == len(EVERY)
    later(61)
    with unit_of_work(system()) as work:
        ensure_routine(work)
    assert [row.kind for row in rows() if row.done_at is None].count("audit.head") == 1


def finish(job: Job) -> None:
    with job.finishing():
        pass


def test_a_routine_that_fails_does_not_pile_up(app: Flask, later: Later) -> None:
    for _ in range(5):
        with unit_of_work(system()) as work:
            ensure_routine(work)
        later(3600)
    assert len(rows()) == len(EVERY)


@pytest.mark.parametrize(
    ("at", "every", "start"),
    [("10:07:31", 1, "10:07"), ("10:07:31", 10, "10:00"), ("10:07:31", 60, "10:00"), ("23:59:59", 720, "12:00")],
)
def test_slots_are_counted_from_midnight(at: str, every: int, start: str) -> None:
    day = now().replace(hour=0, minute=0, second=0, microsecond=0)
    h, m, s = map(int, at.split(":"))
    found = slot(day + timedelta(hours=h, minutes=m, seconds=s), timedelta(minutes=every))
    assert f"{found:%H:%M}" == start


def test_old_work_is_forgotten_and_unfinished_work_never(plan: Plan, later: Later) -> None:
    plan(count=2)
    run_one(DO)
    later(31 * 24 * 3600)
    with unit_of_work(system()) as work:
        assert due.forget(work.session, work.now - timedelta(days=30), ["test.other"]) == 0
        assert due.forget(work.session, work.now - timedelta(days=30)) == 1
    assert len(rows()) == 1

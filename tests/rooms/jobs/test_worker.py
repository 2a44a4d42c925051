"""Real workers: beside each other, killed, stopped, and cut off from their database."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from supervise.core import due
from supervise.core.actor import system
from supervise.core.db import db
from supervise.core.settings import Settings
from supervise.core.uow import unit_of_work
from supervise.jobs import worker
from supervise.jobs.worker import Job, run_due, run_forever
from tests.rooms.jobs.conftest import done_once, rows, traces

ROOT = Path(__file__).parents[3]
Plan = Callable[..., list[str]]
DO = {"test.note": done_once}


def as_json(settings: Settings) -> str:
    return settings.model_dump_json(exclude={"demo_password", "mail_password"})


@contextmanager
def process(settings: Settings, how: str) -> Iterator[subprocess.Popen[str]]:
    """A worker in a process of its own, killed in the end whatever happens."""
    command = [sys.executable, "-m", "tests.rooms.jobs.worker_process", as_json(settings), how]
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert running.stdout is not None
        line = running.stdout.readline()
        assert line == "ready\n", running.communicate()
        yield running
    finally:
        running.kill()
        running.communicate()


def until(found: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


@contextmanager
def running(app: worker.Application, handlers: dict[str, Callable[[Job], None]]) -> Iterator[threading.Event]:
    """A worker in a thread of this process; it is stopped and has ended on leaving."""
    stop = threading.Event()
    thread = threading.Thread(target=run_forever, args=(app, stop, handlers))
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join(30)
        assert not thread.is_alive()


def test_workers_beside_each_other_never_do_the_same_work(app: Flask, plan: Plan) -> None:
    plan(count=60)
    did: list[str] = []

    def noted(job: Job) -> None:
        done_once(job)
        did.append(job.work_id)

    def work() -> None:
        with app.app_context():
            run_due({"test.note": noted})

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(did) == len(set(did)) == 60
    assert traces() == 60
    assert {row.attempts for row in rows()} == {1}


def test_a_killed_worker_leaves_its_work_to_another_exactly_once(app: Flask, settings: Settings, plan: Plan) -> None:
    plan()
    with process(settings, "hangs") as one:
        assert one.stdout is not None
        assert one.stdout.readline() == "begun\n"
        one.send_signal(signal.SIGKILL)
        assert one.wait(10) == -signal.SIGKILL
    assert traces() == 0
    with process(settings, "notes") as other:
        until(lambda: traces() == 1)
        other.send_signal(signal.SIGTERM)
        assert other.wait(15) == 0  # it stops by itself, in order
    (row,) = [row for row in rows() if row.kind == "test.note"]
    assert row.done_at is not None
    assert row.attempts == 2


def test_a_worker_that_is_stopped_finishes_what_it_does(app: Flask, plan: Plan) -> None:
    plan(count=2)
    begun, go_on = threading.Event(), threading.Event()

    def slow(job: Job) -> None:
        begun.set()
        assert go_on.wait(30)
        done_once(job)

    with running(app, {"test.note": slow}) as stop:
        assert begun.wait(30)
        stop.set()
        go_on.set()
    assert traces() == 1
    assert sorted(row.attempts for row in rows() if row.kind == "test.note") == [0, 1]


def test_a_worker_writes_the_routines(app: Flask) -> None:
    with running(app, {}):
        until(lambda: bool(rows()))
    assert "audit.head" in {row.kind for row in rows()}


class Rounds:
    """The application, and how often the worker has come back to it."""

    def __init__(self, app: Flask) -> None:
        self.app, self.count = app, 0

    def app_context(self) -> AbstractContextManager[object]:
        self.count += 1
        return self.app.app_context()


@contextmanager
def outage(app: Flask, settings: Settings) -> Iterator[None]:
    """Take the database away from everyone, and give it back."""
    with app.app_context():
        url, server = db.engine.url, db.engine.dialect.name == "postgresql"
    if server:
        admin = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f'ALTER DATABASE "{url.database}" ALLOW_CONNECTIONS false'))
            connection.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"),
                {"name": url.database},
            )
        try:
            yield
        finally:
            with admin.connect() as connection:
                connection.execute(text(f'ALTER DATABASE "{url.database}" ALLOW_CONNECTIONS true'))
            admin.dispose()
        return
    file, away = settings.data_dir / "supervise.sqlite", settings.data_dir / "away"
    until(lambda: (db.session.remove(), db.engine.dispose(), not file.with_name(f"{file.name}-wal").exists())[-1])
    file.rename(away)
    file.mkdir()  # there is something, and it is no database
    try:
        yield
    finally:
        file.rmdir()
        away.rename(file)


def test_a_database_that_goes_away_and_comes_back_loses_nothing(
    app: Flask, settings: Settings, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "POLL_SECONDS", 0.05)
    plan()
    rounds = Rounds(app)
    with ExitStack() as stack:
        with outage(app, settings):
            stack.enter_context(running(rounds, DO))
            until(lambda: rounds.count > 3)  # it asks again and again
        until(lambda: traces() == 1)


def test_an_outage_in_the_middle_of_a_piece_of_work_leaves_it_to_be_done(
    app: Flask, settings: Settings, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "POLL_SECONDS", 0.05)
    (work_id,) = plan()
    tries: list[int] = []
    over = threading.Event()

    def cut_off(job: Job) -> None:
        tries.append(job.attempt)
        if len(tries) == 1:
            db.session.remove()
            try:
                with outage(app, settings):
                    done_once(job)
            finally:
                over.set()
        else:
            done_once(job)

    with running(app, {"test.note": cut_off}):
        assert over.wait(30), "the work never began"
        until(lambda: attempt_failed_or_lost(work_id))
        with unit_of_work(system()) as work:  # no need to wait for the delay
            row = work.session.get_one(due.DueWork, work_id)
            row.due_at, row.claimed_until = work.now, None
        until(lambda: traces() == 1)
    assert len(tries) == 2


def attempt_failed_or_lost(work_id: str) -> bool:
    try:
        return any(row.id == work_id and (row.last_error or row.claimed_until) for row in rows())
    except DBAPIError:  # our own connection was cut off, too
        db.session.remove()
        return False

"""``kill -9`` at every step of the red path: the next process goes on, nobody is forgotten, nobody is counted twice."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from supervise.accounts.session import cookie_name
from supervise.core.actor import system
from supervise.core.clock import now
from supervise.core.db import db
from supervise.core.due import DueWork
from supervise.core.settings import Settings
from supervise.core.uow import unit_of_work
from supervise.flows.page_crisis import ask_for_help
from supervise.safety.models import Crisis, CrisisStep
from tests.factories import Factory
from tests.rooms.notifications.conftest import PostOffice, free_port
from tests.rooms.safety.conftest import Phones, Rota, paged

ROOT = Path(__file__).parents[3]


@contextmanager
def worker(settings: Settings, step: str = "none") -> Iterator[subprocess.Popen[str]]:
    given = settings.model_dump_json(exclude={"demo_password", "mail_password", "pager_secret"})
    command = [sys.executable, "-m", "tests.rooms.safety.red_process", given, step]
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        yield running
    finally:
        running.kill()
        running.communicate()


def until(found: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


def clock_runs_out() -> None:
    """Let the time of the next rung come."""
    with unit_of_work(system()) as work:
        for row in work.session.query(DueWork).filter_by(kind="crisis.climb", done_at=None):
            row.due_at = now() - timedelta(seconds=1)


def outstanding(crisis_id: str) -> int:
    """Return how many pages have neither gone out nor failed."""
    db.session.rollback()
    db.session.expire_all()
    rows = db.session.query(CrisisStep).filter_by(crisis_id=crisis_id, kind="paged", delivered_at=None, failed_at=None)
    return rows.count()


@pytest.mark.parametrize("step", ["page", "sent", "climb"])
def test_a_worker_killed_at_any_step_leaves_it_to_the_next(
    rota: Rota, settings: Settings, phones: Phones, post: PostOffice, step: str
) -> None:
    found = ask_for_help(rota.asker, "red")
    clock_runs_out()
    with worker(settings, step) as killed:
        assert killed.wait(60) == -signal.SIGKILL
    ladder = [one.person_id for one in (rota.on_call, rota.backup)]
    with worker(settings) as other:
        until(lambda: len(paged(found)) >= 2 and not outstanding(found))
        other.send_signal(signal.SIGTERM)
        assert other.wait(30) == 0
    for channel in ("in_app", "pager", "mail"):
        assert paged(found, channel) == ladder, channel  # each once in the record, whoever died
    assert {body["to"] for body in phones.bodies()} == {*ladder}
    assert len({body["id"] for body in phones.bodies()}) == 2  # a second copy carries the number of the first
    assert len({mail["Message-ID"] for mail in post.arrived}) == 2
    clocks = db.session.query(DueWork).filter_by(kind="crisis.climb", done_at=None).count()
    assert clocks == 1


def test_a_web_process_killed_while_asking_pages_or_did_not_answer(
    app: Flask, rota: Rota, settings: Settings, make: Factory
) -> None:
    """Whatever was answered is there with its page and its clock; what was not answered is whole or absent."""
    secret = make.client(rota.asker).get_cookie(cookie_name())
    assert secret is not None
    given = settings.model_copy(update={"bind": f"127.0.0.1:{free_port()}"})
    for wait in (0.0, 0.005, 0.02, 0.05, 0.1, 0.3):
        command = [
            sys.executable, "-m", "tests.rooms.safety.web_process",
            given.model_dump_json(exclude={"demo_password", "mail_password", "pager_secret"}), secret.value,
        ]  # fmt: skip
        running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert running.stdout is not None
        assert running.stdout.readline() == "asking\n"
        time.sleep(wait)
        running.kill()
        said, _ = running.communicate()
        db.session.rollback()
        db.session.expire_all()
        rows = db.session.query(Crisis).all()
        assert len(rows) == 1 if "303" in said or rows else not rows
        for row in rows:
            assert paged(row.id)[:1] == [rota.on_call.person_id]
            assert db.session.query(DueWork).filter_by(kind="crisis.climb", done_at=None).count() == 1
    assert ask_for_help(rota.asker, "red")

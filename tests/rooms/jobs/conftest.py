"""Work of the tests' own, whose effect can be counted."""

from collections.abc import Callable, Iterator

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from supervise.accounts.models import Attempt
from supervise.core.actor import system
from supervise.core.clock import now
from supervise.core.db import db
from supervise.core.due import DueWork
from supervise.core.uow import UnitOfWork, unit_of_work
from supervise.jobs.worker import Job

KEY = "what the tests count"


def note(work: UnitOfWork, job: Job) -> None:
    """Leave a trace of one piece of work: a row in a table that wants nothing else."""
    work.session.add(Attempt(key=f"{KEY} {job.work_id}", count=1, since=work.now))


def done_once(job: Job) -> None:
    """Do a piece of work whose effect is its trace; a second effect would break the table's key."""
    with job.finishing() as work:
        note(work, job)


@pytest.fixture
def plan(app: Flask) -> Callable[..., list[str]]:
    """Write work that is due now; return its ids."""

    def write(kind: str = "test.note", count: int = 1) -> list[str]:
        with unit_of_work(system()) as work:
            for _ in range(count):
                work.due(kind, work.now, {})
            work.session.flush()
            return list(work.session.scalars(select(DueWork.id).where(DueWork.kind == kind)))

    return write


def rows() -> list[DueWork]:
    """Return all due work as it is in the database now."""
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(select(DueWork).order_by(DueWork.id)))


def traces() -> int:
    """Return how many pieces of work left their trace."""
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(Attempt.key.startswith(KEY))) or 0


@pytest.fixture
def later() -> Iterator[Callable[[float], None]]:
    """Move the clock of this process to so many seconds from now."""
    travels: list[time_machine.travel] = []

    def move(seconds: float) -> None:
        at = now().timestamp() + seconds
        for travel in travels:
            travel.stop()
        travels[:] = [time_machine.travel(at, tick=True)]
        travels[0].start()

    yield move
    for travel in travels:
        travel.stop()

"""The worker: claims due work and does it, one piece at a time. Any number of workers may run beside each other."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask
from sqlalchemy.exc import OperationalError

from supervise.core import due, log
from supervise.core.actor import system
from supervise.core.clock import now
from supervise.core.db import db
from supervise.core.uow import UnitOfWork, unit_of_work
from supervise.jobs.routine import ensure_routine

POLL_SECONDS = 1.0


@dataclass(frozen=True)
class Job:
    """One claimed piece of work. Its effect counts only if the claim still holds when it is finished."""

    work_id: str
    token: str
    kind: str
    ids: Mapping[str, str]
    attempt: int
    due_at: str

    @contextmanager
    def finishing(self) -> Iterator[UnitOfWork]:
        """Open the unit of work of the effect; on leaving, the job is done in the same transaction.

        Raises LateClaim, and rolls the effect back, when another worker has taken the job meanwhile.
        """
        with unit_of_work(system(self.ids.get("org_id", ""))) as work:
            yield work
            due.finish(work.session, self.work_id, self.token, work.now)


Handler = Callable[[Job], None]


def run_one(handlers: Mapping[str, Handler]) -> bool:
    """Claim and do the work that is due longest; return False when nothing is due. Needs an application context."""
    with unit_of_work(system()) as work:
        row = due.claim(work.session, work.now, tuple(handlers))
        if row is None:
            return False
        job = Job(row.id, row.claim_token or "", row.kind, dict(row.ids), row.attempts, row.due_at.isoformat())
    try:
        handlers[job.kind](job)
    except due.LateClaim:
        log.logger().warning("claim ended before the work", kind=job.kind, due=job.work_id)
    except Exception as error:
        db.session.rollback()
        log.logger().error(
            "due work failed", kind=job.kind, due=job.work_id, attempt=job.attempt, where=log.where(error)
        )
        with unit_of_work(system()) as work:
            due.fail(work.session, job.work_id, job.token, work.now, log.where(error))
    return True


def run_due(handlers: Mapping[str, Handler], limit: int = 1000) -> int:
    """Do everything that is due now; return how much that was. Used by tests and by ``--once``."""
    done = 0
    while done < limit and run_one(handlers):
        done += 1
    return done


def run_forever(app: Flask, stop: threading.Event, handlers: Mapping[str, Handler]) -> None:
    """Work until ``stop`` is set. A database that does not answer is asked again; nothing is lost meanwhile."""
    routine_at = now()
    while not stop.is_set():
        with app.app_context():
            try:
                if now() >= routine_at:
                    with unit_of_work(system()) as work:
                        ensure_routine(work)
                    routine_at = now() + timedelta(seconds=30)
                busy = run_one(handlers)
            except OperationalError as error:
                log.logger().error("database", where=log.where(error))
                busy = False
        if not busy:
            stop.wait(POLL_SECONDS)

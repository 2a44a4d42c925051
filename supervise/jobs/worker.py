"""The worker: claims due work and does it, one piece at a time. Any number of workers may run beside each other."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from sqlalchemy.exc import DBAPIError

from supervise.core import due, log
from supervise.core.actor import system
from supervise.core.clock import now
from supervise.core.db import db
from supervise.core.uow import UnitOfWork, unit_of_work
from supervise.jobs.routine import ensure_routine

POLL_SECONDS = 1.0
ROUTINE_EVERY = timedelta(seconds=30)


@dataclass(frozen=True)
class Job:
    """One claimed piece of work. Its effect counts only if the claim still holds when it is finished."""

    work_id: str
    token: str
    kind: str
    ids: Mapping[str, str]
    attempt: int

    @contextmanager
    def finishing(self) -> Iterator[UnitOfWork]:
        """Open the unit of work of the effect; on leaving, the job is done in the same transaction.

        Raises LateClaim, and rolls the effect back, when another worker has taken the job meanwhile.
        """
        with unit_of_work(system(self.ids.get("org_id", ""))) as work:
            yield work
            due.finish(work.session, self.work_id, self.token, work.now)


Handler = Callable[[Job], None]


class Application(Protocol):
    """What the worker needs of the application."""

    def app_context(self) -> AbstractContextManager[object]:
        """Return the context in which database and installation are found."""


def run_one(handlers: Mapping[str, Handler], lease: timedelta = due.LEASE) -> bool:
    """Claim and do the work that is due longest; return False when nothing is due. Needs an application context."""
    job = _claim(handlers, lease)
    if job is None:
        return False
    try:
        handlers[job.kind](job)
    except due.LateClaim:
        log.logger().warning("claim ended before the work", kind=job.kind, due=job.work_id)
    except Exception as error:
        db.session.rollback()
        where = log.where(error)
        log.logger().error("due work failed", kind=job.kind, due=job.work_id, attempt=job.attempt, where=where)
        with unit_of_work(system()) as work:
            due.fail(work.session, job.work_id, job.token, work.now, where)
    return True


def _claim(handlers: Mapping[str, Handler], lease: timedelta) -> Job | None:
    waits = due.anything_to_claim(db.session(), now(), handlers)
    db.session.rollback()
    if not waits:
        return None
    with unit_of_work(system()) as work:
        row = due.claim(work.session, work.now, handlers, lease)
        if row is None:
            return None
        return Job(row.id, row.claim_token or "", row.kind, dict(row.ids), row.attempts)


def run_due(handlers: Mapping[str, Handler], limit: int = 1000) -> int:
    """Do everything that is due now; return how much that was."""
    done = 0
    while done < limit and run_one(handlers):
        done += 1
    return done


def run_forever(
    app: Application, stop: threading.Event, handlers: Mapping[str, Handler], lease: timedelta = due.LEASE
) -> None:
    """Work until ``stop`` is set; what is being done then is finished first.

    A database that does not answer is asked again; nothing is lost meanwhile, since what is claimed comes free by
    itself.
    """
    routine_at = now()
    while not stop.is_set():
        busy = False
        try:
            with app.app_context():
                if now() >= routine_at:
                    with unit_of_work(system()) as work:
                        ensure_routine(work)
                    routine_at = now() + ROUTINE_EVERY
                busy = run_one(handlers, lease)
        except DBAPIError as error:
            log.logger().error("database", where=log.where(error))
        if not busy:
            stop.wait(POLL_SECONDS)

"""The unit of work: the one place that commits.

A verb changes rows and says what happened (``emit``). On leaving, every sink sees every event inside the same
transaction (the audit chain, notices), then all of it is committed or none of it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from supervise.core import due
from supervise.core.actor import Actor
from supervise.core.clock import now
from supervise.core.db import WRITES, db
from supervise.core.errors import Conflict


@dataclass
class UnitOfWork:
    """What a verb works with: the session, who acts, and the instant at which all of it happens."""

    session: Session
    actor: Actor
    now: datetime
    events: list[object] = field(default_factory=list)

    def emit(self, event: object) -> None:
        """Say that something happened. Events are the dataclasses of ``supervise.events``: ids only, no text."""
        self.events.append(event)

    def due(self, kind: str, at: datetime, ids: Mapping[str, str], dedupe_key: str | None = None) -> None:
        """Write due work that exists only if this unit of work is committed."""
        due.schedule(self.session, kind, at, self.now, ids, dedupe_key)


Sink = Callable[[UnitOfWork, object], None]
_sinks: list[Sink] = []


def plug_in(*sinks: Sink) -> None:
    """Set the sinks, in order. Called once by the factory, since the core knows no room."""
    _sinks[:] = sinks


@contextmanager
def unit_of_work(actor: Actor) -> Iterator[UnitOfWork]:
    """Open a write transaction; commit on leaving, roll back on any error. Does not nest.

    Raises Conflict for the second of two savers of a row.
    """
    session = db.session()
    if session.info.get("in_unit_of_work"):
        raise RuntimeError("a unit of work is open already; pass it on instead")
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("rows were changed outside a unit of work")
    session.rollback()  # ends the read transaction, whose snapshot may be older than the lock we take now
    session.connection(execution_options=WRITES)
    session.info["in_unit_of_work"] = True
    work = UnitOfWork(session=session, actor=actor, now=now())
    try:
        yield work
        session.flush()
        for event in work.events:
            for sink in _sinks:
                sink(work, event)
        session.commit()
    except StaleDataError as error:  # of two savers this is the second, wherever the row was flushed
        session.rollback()
        raise Conflict("It was changed while you were writing. Nothing was overwritten; look at it first.") from error
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop("in_unit_of_work", None)

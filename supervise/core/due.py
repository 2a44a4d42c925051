"""Due work: rows written in the transaction that causes them, claimed by any number of workers.

A claim is a token with an end. Whoever finishes must still hold the token, so the effect of a worker that was paused
past its claim is refused. Rows carry ids only, never text.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import JSON, ColumnElement, Index, String, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from supervise.core.db import Base, Identified
from supervise.core.ids import new_id

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 12
LOST = "the worker stopped while it was doing this"


class LateClaim(Exception):
    """The claim ended before the work did; another worker has it, or had it."""


class DueWork(Identified, Base):
    """One thing to do at or after ``due_at``; ``ids`` name the rows it is about."""

    __tablename__ = "due_work"
    __table_args__ = (Index(None, "done_at", "due_at"),)

    kind: Mapped[str] = mapped_column(String(60))
    ids: Mapped[dict[str, str]] = mapped_column(JSON)
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    dedupe_key: Mapped[str | None] = mapped_column(String(200), unique=True)
    attempts: Mapped[int] = mapped_column(default=0)
    claim_token: Mapped[str | None] = mapped_column(String(26))
    claimed_until: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    gave_up_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(200))


_UNDONE = DueWork.done_at.is_(None) & DueWork.gave_up_at.is_(None)


def schedule(
    session: Session, kind: str, due_at: datetime, now: datetime, ids: Mapping[str, str], dedupe_key: str | None = None
) -> None:
    """Write due work into the current transaction. With a ``dedupe_key`` that exists already, nothing is written."""
    row = DueWork(kind=kind, ids=dict(ids), due_at=due_at, created_at=now, dedupe_key=dedupe_key)
    if dedupe_key is None:
        session.add(row)
        return
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return


def anything_to_claim(session: Session, now: datetime, kinds: Collection[str]) -> bool:
    """Tell whether ``claim`` would find something; a look takes no lock, so a waiting worker is in nobody's way."""
    return session.scalars(select(DueWork.id).where(_claimable(now, kinds)).limit(1)).first() is not None


def claim(session: Session, now: datetime, kinds: Collection[str], lease: timedelta = LEASE) -> DueWork | None:
    """Claim the work that is due longest, or return None. The caller commits before it works.

    What was claimed ``MAX_ATTEMPTS`` times and neither finished nor failed takes its worker down each time: it is given
    up here, since nobody was left to say so.
    """
    oldest = select(DueWork).where(_claimable(now, kinds)).order_by(DueWork.due_at, DueWork.id).limit(1)
    while (row := session.scalars(oldest.with_for_update(skip_locked=True)).first()) is not None:
        if row.attempts < MAX_ATTEMPTS:
            row.claim_token, row.claimed_until, row.attempts = new_id(), now + lease, row.attempts + 1
            session.flush()
            return row
        row.gave_up_at, row.last_error, row.claim_token, row.claimed_until = now, LOST, None, None
        session.flush()
    return None


def _claimable(now: datetime, kinds: Collection[str]) -> ColumnElement[bool]:
    unclaimed = DueWork.claimed_until.is_(None) | (DueWork.claimed_until <= now)
    return _UNDONE & (DueWork.due_at <= now) & DueWork.kind.in_([*kinds]) & unclaimed


def finish(session: Session, work_id: str, token: str, now: datetime) -> None:
    """Mark the work done in the transaction of its effect; raise LateClaim when the token is no longer the row's."""
    done = session.execute(
        update(DueWork)
        .where(DueWork.id == work_id, DueWork.claim_token == token, DueWork.done_at.is_(None))
        .values(done_at=now, claimed_until=None)
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]
        raise LateClaim(work_id)


def fail(session: Session, work_id: str, token: str, now: datetime, error: str) -> None:
    """Put the work back with a growing delay, or give it up after ``MAX_ATTEMPTS`` so that a person sees it."""
    row = session.get(DueWork, work_id)
    if row is None or row.claim_token != token or row.done_at is not None:
        return
    row.last_error, row.claim_token, row.claimed_until = error[:200], None, None
    if row.attempts >= MAX_ATTEMPTS:
        row.gave_up_at = now
    else:
        row.due_at = now + timedelta(seconds=min(3600, 5 * 2 ** (row.attempts - 1)))


def try_again(session: Session, work_id: str, now: datetime) -> bool:
    """Take up work that was given up, as if it were new; return False where there is none such."""
    taken_up = session.execute(
        update(DueWork)
        .where(DueWork.id == work_id, DueWork.gave_up_at.is_not(None), DueWork.done_at.is_(None))
        .values(gave_up_at=None, attempts=0, due_at=now)
    )
    return bool(taken_up.rowcount)  # type: ignore[attr-defined]


def is_pending(session: Session, kind: str, key_prefix: str) -> bool:
    """Tell whether work of this kind, whose dedupe key begins with ``key_prefix``, is not done and not given up."""
    found = select(DueWork.id).where(
        _UNDONE, DueWork.kind == kind, DueWork.dedupe_key.startswith(key_prefix, autoescape=True)
    )
    return session.scalars(found.limit(1)).first() is not None


def forget(session: Session, done_before: datetime, kinds: Collection[str] | None = None) -> int:
    """Delete what was done before an instant, of all kinds or of some; return how many rows that were."""
    statement = delete(DueWork).where(DueWork.done_at < done_before)
    if kinds is not None:
        statement = statement.where(DueWork.kind.in_([*kinds]))
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Health:
    """How due work stands: what was given up, latest first; what is late by kind; when a worker last finished."""

    given_up: list[DueWork]
    late: list[tuple[str, int, datetime]]
    last_done_at: datetime | None


def health(session: Session, now: datetime, limit: int = 50) -> Health:
    """Return how due work stands. ``late`` holds (kind, how many, due since)."""
    given_up = session.scalars(
        select(DueWork).where(DueWork.gave_up_at.is_not(None)).order_by(DueWork.gave_up_at.desc()).limit(limit)
    )
    late = session.execute(
        select(DueWork.kind, func.count(), func.min(DueWork.created_at))
        .where(_UNDONE, (DueWork.due_at <= now) | (DueWork.attempts > 0))
        .group_by(DueWork.kind)
        .order_by(DueWork.kind)
    )
    return Health([*given_up], [(kind, n, since) for kind, n, since in late], session.scalar(func.max(DueWork.done_at)))


def count_given_up(session: Session) -> int:
    """Return how many pieces of work were given up and wait for a person."""
    return session.scalar(select(func.count()).where(DueWork.gave_up_at.is_not(None))) or 0

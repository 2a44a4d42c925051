"""Due work: rows written in the transaction that causes them, claimed by any number of workers.

A claim is a token with an end. Whoever finishes must still hold the token, so the effect of a worker that was paused
past its claim is refused. Rows carry ids only, never text.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import JSON, Index, String, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from supervise.core.db import Base, Identified
from supervise.core.ids import new_id

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 12


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


def claim(session: Session, now: datetime, kinds: tuple[str, ...]) -> DueWork | None:
    """Claim the work that is due longest, or return None. The caller commits before it works."""
    row = session.scalars(
        select(DueWork)
        .where(
            DueWork.done_at.is_(None),
            DueWork.gave_up_at.is_(None),
            DueWork.due_at <= now,
            DueWork.kind.in_(kinds),
            (DueWork.claimed_until.is_(None)) | (DueWork.claimed_until <= now),
        )
        .order_by(DueWork.due_at, DueWork.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if row is None:
        return None
    row.claim_token, row.claimed_until, row.attempts = new_id(), now + LEASE, row.attempts + 1
    session.flush()
    return row


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

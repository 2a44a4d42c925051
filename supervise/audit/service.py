"""Writing the chain: the sink of every unit of work, and reads that are recorded on their own. Checking lies beside."""

from sqlalchemy import func, select

from supervise.audit.checking import Problem, verify
from supervise.audit.heads import write_head
from supervise.audit.models import AuditRow
from supervise.audit.rules import START, row_hash
from supervise.core.actor import Actor
from supervise.core.uow import UnitOfWork, unit_of_work
from supervise.events import Event

__all__ = ["Problem", "record", "record_read", "verify", "write_head"]


def record(work: UnitOfWork, event: object) -> None:
    """Append ``event`` to the chain of its organisation, in the transaction of what happened."""
    if not isinstance(event, Event):
        raise TypeError(f"{type(event).__name__} is not in the catalogue of events")
    session = work.session
    if session.get_bind().dialect.name == "postgresql":
        # On SQLite the write lock makes appends wait for each other; here a lock per chain does.
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(event.org_id, 1))))
    last = session.execute(
        select(AuditRow.seq, AuditRow.hash)
        .where(AuditRow.org_id == event.org_id)
        .order_by(AuditRow.seq.desc())
        .limit(1)
    ).first()
    object_type, object_id = event.subject
    row = AuditRow(
        org_id=event.org_id,
        seq=last.seq + 1 if last else 1,
        at=work.now,
        actor_id=work.actor.person_id,
        session_id=work.actor.session_id,
        action=type(event).__name__,
        object_type=object_type,
        object_id=object_id,
        details=event.details,
        previous=last.hash if last else START,
    )
    row.hash = row_hash(
        org_id=row.org_id, seq=row.seq, at=row.at, actor_id=row.actor_id, session_id=row.session_id, action=row.action,
        object_type=row.object_type, object_id=row.object_id, details=row.details, previous=row.previous,
    )  # fmt: skip
    session.add(row)
    session.flush()


def record_read(actor: Actor, event: Event) -> None:
    """Record that something was read, in a unit of work of its own. Call before showing it: unrecorded is unread."""
    with unit_of_work(actor) as work:
        work.emit(event)

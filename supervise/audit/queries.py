"""Reading the chain: what the viewer shows."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supervise.audit.models import AuditRow

PAGE = 50


@dataclass(frozen=True, slots=True)
class Filter:
    """What a reader of the audit looks for; empty fields match everything."""

    person_id: str = ""
    action: str = ""
    object_id: str = ""
    since: datetime | None = None
    until: datetime | None = None


def page(session: Session, org_id: str, wanted: Filter, before: int | None = None) -> list[AuditRow]:
    """Return up to ``PAGE + 1`` rows of an organisation, the latest first, below ``before`` (a ``seq``)."""
    rows = select(AuditRow).where(AuditRow.org_id == org_id)
    if before is not None:
        rows = rows.where(AuditRow.seq < before)
    if wanted.person_id:
        rows = rows.where(AuditRow.actor_id == wanted.person_id)
    if wanted.action:
        rows = rows.where(AuditRow.action == wanted.action)
    if wanted.object_id:
        rows = rows.where(AuditRow.object_id == wanted.object_id)
    if wanted.since:
        rows = rows.where(AuditRow.at >= wanted.since)
    if wanted.until:
        rows = rows.where(AuditRow.at < wanted.until)
    return list(session.scalars(rows.order_by(AuditRow.seq.desc()).limit(PAGE + 1)))


def readers_between(session: Session, org_id: str, case_id: str, since: datetime, until: datetime) -> set[str]:
    """Return the ids of those who opened a case between two instants, as far as readings are recorded."""
    rows = select(AuditRow.actor_id).where(
        AuditRow.org_id == org_id,
        AuditRow.object_id == case_id,
        AuditRow.action == "CaseRead",
        AuditRow.at.between(since, until),
    )
    return set(session.scalars(rows.distinct()))


def actor_ids(session: Session, org_id: str) -> set[str]:
    """Return the ids of everyone who ever did something in an organisation."""
    return set(session.scalars(select(AuditRow.actor_id).where(AuditRow.org_id == org_id).distinct()))


def happened_last(session: Session, action: str) -> datetime | None:
    """Return when something last happened to the installation as a whole; None if it never did."""
    return session.scalar(select(func.max(AuditRow.at)).where(AuditRow.org_id == "", AuditRow.action == action))


def last_row_at(session: Session) -> datetime | None:
    """Return when something last happened anywhere."""
    return session.scalar(select(AuditRow.at).order_by(AuditRow.id.desc()).limit(1))

"""Reading of crises, the rota and drills."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from supervise.core.actor import Actor, Role
from supervise.core.db import db
from supervise.core.errors import NotFound
from supervise.core.settings import Settings
from supervise.policy import CrisisFacts
from supervise.safety.models import Crisis, CrisisStep, Drill, OnCall
from supervise.safety.rules import Stand, Timers


def timers(settings: Settings) -> Timers:
    """Return the times that the installation sets."""
    minutes = settings.red_minutes, settings.amber_minutes, settings.spoke_minutes
    return Timers(*(timedelta(minutes=one) for one in minutes))


def crisis(session: Session, crisis_id: str) -> Crisis:
    """Return one crisis; raise NotFound."""
    found = session.get(Crisis, crisis_id)
    if found is None:
        raise NotFound()
    return found


def stand(row: Crisis) -> Stand:
    """Return how a crisis stands, for the rules."""
    return Stand(row.level, row.closed_at is not None, row.calling_at, row.spoke_at)


def crisis_facts(_actor: Actor, crisis_id: str) -> CrisisFacts:
    """Load what policy needs to know about a crisis."""
    row = crisis(db.session(), crisis_id)
    paged = db.session.scalars(
        select(CrisisStep.person_id).where(CrisisStep.crisis_id == crisis_id, CrisisStep.kind == "paged")
    )
    return CrisisFacts(row.id, row.org_id, row.raised_by, frozenset(one for one in paged if one), bool(row.closed_at))


def steps(session: Session, crisis_id: str) -> Sequence[CrisisStep]:
    """Return every step of a crisis, the first first."""
    found = select(CrisisStep).where(CrisisStep.crisis_id == crisis_id).order_by(CrisisStep.at, CrisisStep.id)
    return session.scalars(found).all()


def open_for(session: Session, actor: Actor) -> Sequence[Crisis]:
    """Return the open crises of the organisation that the actor raised, was paged for, or may answer; red first."""
    wanted = select(Crisis).where(Crisis.org_id == actor.org_id, Crisis.closed_at.is_(None))
    if not actor.has(Role.SUPERVISOR):
        paged = select(CrisisStep.crisis_id).where(CrisisStep.person_id == actor.person_id, CrisisStep.kind == "paged")
        wanted = wanted.where(or_(Crisis.raised_by == actor.person_id, Crisis.id.in_(paged)))
    return session.scalars(wanted.order_by(Crisis.level.desc(), Crisis.raised_at, Crisis.id)).all()


def open_of_client(session: Session, client_id: str) -> Crisis | None:
    """Return the open crisis of a client."""
    return session.scalars(select(Crisis).where(Crisis.client_id == client_id, Crisis.closed_at.is_(None))).first()


def on_call_now(session: Session, org_id: str, at: datetime) -> dict[str, OnCall]:
    """Return who stands on each rung; who came later stands before who came earlier."""
    rows = session.scalars(
        select(OnCall)
        .where(OnCall.org_id == org_id, OnCall.starts_at <= at, or_(OnCall.ends_at.is_(None), OnCall.ends_at > at))
        .order_by(OnCall.starts_at, OnCall.id)
    )
    return {row.rung: row for row in rows}


def rota(session: Session, org_id: str, at: datetime) -> Sequence[OnCall]:
    """Return what of the rota is not over, the first to begin first."""
    return session.scalars(
        select(OnCall)
        .where(OnCall.org_id == org_id, or_(OnCall.ends_at.is_(None), OnCall.ends_at > at))
        .order_by(OnCall.starts_at, OnCall.id)
    ).all()


def failed_pages(session: Session, org_id: str, since: datetime) -> Sequence[CrisisStep]:
    """Return pages that did not go out since an instant, the latest first."""
    return session.scalars(
        select(CrisisStep)
        .where(CrisisStep.org_id == org_id, CrisisStep.failed_at >= since)
        .order_by(CrisisStep.failed_at.desc())
    ).all()


def woken_at(session: Session, person_id: str) -> datetime | None:
    """Return when a drill last woke a person."""
    found = select(Drill.woke_at).where(Drill.person_id == person_id, Drill.woke_at.is_not(None))
    return session.scalars(found.order_by(Drill.woke_at.desc()).limit(1)).first()


def last_drill(session: Session, person_id: str) -> Drill | None:
    """Return the latest drill of a person."""
    found = select(Drill).where(Drill.person_id == person_id).order_by(Drill.asked_at.desc(), Drill.id.desc())
    return session.scalars(found.limit(1)).first()


def was_called(session: Session, row: Crisis, person_id: str) -> bool:
    """Tell whether a person was paged for a crisis, or said that they are calling."""
    found = select(CrisisStep.id).where(CrisisStep.crisis_id == row.id, CrisisStep.person_id == person_id)
    return row.calling_by == person_id or session.scalars(found.limit(1)).first() is not None

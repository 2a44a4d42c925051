"""Reading of originals and screenings: the rows alone, never what is sealed in them."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supervise.core.actor import Actor
from supervise.core.db import db
from supervise.core.errors import NotFound
from supervise.deid.models import Original, Screening
from supervise.policy import OwnFacts


def original_of(session: Session, subject: str) -> Original | None:
    """Return the row of a subject's original, destroyed or not; None if there never was one."""
    return session.scalars(select(Original).where(Original.subject == subject)).first()


def originals_of(session: Session, subject: str) -> list[Original]:
    """Return the rows of a subject's original and of earlier ones that a legal hold has kept."""
    kept = Original.subject.startswith(f"{subject}@", autoescape=True)
    return list(session.scalars(select(Original).where((Original.subject == subject) | kept).order_by(Original.id)))


def screening(session: Session, screening_id: str) -> Screening:
    """Return a screening; raise NotFound."""
    found = session.get(Screening, screening_id)
    if found is None:
        raise NotFound
    return found


def screening_of(session: Session, subject: str) -> Screening | None:
    """Return the screening of a subject, whatever its state; None if there is none."""
    return session.scalars(select(Screening).where(Screening.subject == subject)).first()


def saved_at(session: Session, subject: str) -> datetime | None:
    """Return when an original was last saved; None if there is none any more."""
    row = original_of(session, subject)
    return row.saved_at if row is not None and row.sealed is not None else None


def screening_facts(actor: Actor, screening_id: str) -> OwnFacts:
    """Load what policy needs to know about a screening: it is its author's alone, in the organisation of the text."""
    row = screening(db.session(), screening_id)
    if row.org_id != actor.org_id:
        raise NotFound
    return OwnFacts(person_id=row.author_id)


def unconfirmed(session: Session, person_id: str, org_id: str) -> list[Screening]:
    """Return the texts of a person in an organisation that others do not see before findings are decided."""
    rows = session.scalars(
        select(Screening)
        .where(
            Screening.author_id == person_id,
            Screening.org_id == org_id,
            Screening.state.in_(["proposed", "confirmed"]),
        )
        .order_by(Screening.proposed_at.desc(), Screening.id)
    )
    return list(rows)


def overdue(session: Session, before: datetime) -> int:
    """Return how many originals should have been destroyed before an instant and were not."""
    late = select(func.count()).where(
        Original.sealed.is_not(None), Original.destroy_at < before, ~Original.kid.startswith("hold-")
    )
    return session.scalar(late) or 0

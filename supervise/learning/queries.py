"""Reading of the consultation ledger and of evidence of competence. Both belong to the person, wherever they work."""

from datetime import date, datetime
from functools import cache

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from supervise.core.resources import folder
from supervise.learning.models import CompetencyEvidence, ConsultationEntry
from supervise.learning.rules import CeRules, Competency, load_ce, load_competencies


@cache
def ce_rules() -> CeRules:
    """Return the rules on consultation as continuing education; read once."""
    return load_ce(folder("config") / "ce")


@cache
def competencies() -> dict[str, Competency]:
    """Return every competency of every framework by id, in the order of the files; read once."""
    frameworks = load_competencies(folder("config") / "competencies")
    return {one.id: one for framework in frameworks.values() for one in framework.competencies}


def title_of(competency: str) -> str:
    """Return the title of a competency; of one that is no longer in a framework, its id in words."""
    known = competencies().get(competency)
    return known.title if known else competency.replace("_", " ")


def entries(session: Session, person_id: str) -> list[ConsultationEntry]:
    """Return a person's consultation ledger, latest day first."""
    rows = session.scalars(
        select(ConsultationEntry)
        .where(ConsultationEntry.person_id == person_id)
        .order_by(ConsultationEntry.day.desc(), ConsultationEntry.id.desc())
    )
    return list(rows)


def last_entry(session: Session, case_id: str, person_id: str) -> ConsultationEntry | None:
    """Return what a person confirmed last for a case, if they did."""
    return session.scalars(
        select(ConsultationEntry)
        .where(ConsultationEntry.case_id == case_id, ConsultationEntry.person_id == person_id)
        .order_by(ConsultationEntry.confirmed_at.desc(), ConsultationEntry.id.desc())
    ).first()


def counted_minutes(session: Session, person_id: str, since: date, until: date) -> int:
    """Return a person's minutes that counted as continuing education on the days from ``since`` to ``until``."""
    found = session.scalar(
        select(func.coalesce(func.sum(ConsultationEntry.ce_minutes), 0)).where(
            ConsultationEntry.person_id == person_id, ConsultationEntry.day.between(since, until)
        )
    )
    return int(found or 0)


def evidence(session: Session, person_id: str) -> list[CompetencyEvidence]:
    """Return a person's evidence of competence, latest first."""
    rows = session.scalars(
        select(CompetencyEvidence)
        .where(CompetencyEvidence.person_id == person_id)
        .order_by(CompetencyEvidence.at.desc(), CompetencyEvidence.id.desc())
    )
    return list(rows)


def confirmations(person_id: str) -> Select[str, datetime, datetime]:
    """Return a select of what a person confirmed: id of the case, which closing of it, and when."""
    return select(ConsultationEntry.case_id, ConsultationEntry.closed_at, ConsultationEntry.confirmed_at).where(
        ConsultationEntry.person_id == person_id
    )

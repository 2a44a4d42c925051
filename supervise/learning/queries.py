"""Reading of the consultation ledger and of evidence of competence. Both belong to the person, wherever they work."""

from collections.abc import Iterable
from datetime import date
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


def entry_of(session: Session, case_id: str, person_id: str) -> ConsultationEntry | None:
    """Return what a person confirmed for a case, if they did."""
    return session.scalars(
        select(ConsultationEntry).where(ConsultationEntry.case_id == case_id, ConsultationEntry.person_id == person_id)
    ).first()


def confirmed_of(session: Session, person_id: str, case_ids: Iterable[str]) -> set[str]:
    """Return which of these cases a person has confirmed minutes for."""
    rows = session.scalars(
        select(ConsultationEntry.case_id).where(
            ConsultationEntry.person_id == person_id, ConsultationEntry.case_id.in_([*case_ids])
        )
    )
    return set(rows)


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


def confirmed_ids(person_id: str) -> Select[str]:
    """Return a select of the ids of cases for which a person has confirmed minutes."""
    return select(ConsultationEntry.case_id).where(ConsultationEntry.person_id == person_id)

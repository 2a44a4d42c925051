"""The verb of learning: a participant of a closed case confirms the minutes that it took."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.exc import IntegrityError

from supervise.core.errors import Conflict, Invalid
from supervise.core.uow import UnitOfWork
from supervise.events import MinutesCredited
from supervise.learning import queries
from supervise.learning.models import CompetencyEvidence, ConsultationEntry

LEAST, MOST = 1, 480


@dataclass(frozen=True, slots=True)
class Credit:
    """What a participant confirms. ``part``: author, supervisor or colleague. ``ce_minutes`` of ``minutes`` count."""

    case_id: str
    part: str
    suggested: int
    minutes: int
    day: date
    closed_at: datetime
    zone: str
    competencies: tuple[str, ...]
    ce_minutes: int
    ce_because: str
    ce_citation: str


def check_minutes(minutes: int | None) -> int:
    """Return the minutes if they are whole and between 1 and 480; raise Invalid."""
    if minutes is None or not LEAST <= minutes <= MOST:
        raise Invalid(f"Enter whole minutes between {LEAST} and {MOST}.", "minutes")
    return minutes


def confirm_minutes(work: UnitOfWork, credit: Credit, shown_in: Mapping[str, Sequence[str]]) -> ConsultationEntry:
    """Write the entry of the actor for one closing of a case, once, and the evidence that goes with it.

    ``shown_in`` names the posts in which a competency showed; one without a post showed in the case as a whole. The
    entry is consultation and is never added to supervision.
    """
    check_minutes(credit.minutes)
    known = queries.competencies()
    if any(one not in known for one in credit.competencies):
        raise Invalid("Choose competencies from the list.", "competencies")
    entry = ConsultationEntry(
        person_id=work.actor.person_id,
        org_id=work.actor.org_id,
        case_id=credit.case_id,
        part=credit.part,
        suggested=credit.suggested,
        minutes=credit.minutes,
        day=credit.day,
        closed_at=credit.closed_at,
        zone=credit.zone,
        competencies=[*credit.competencies],
        ce_minutes=credit.ce_minutes,
        ce_because=credit.ce_because,
        ce_citation=credit.ce_citation,
        confirmed_at=work.now,
    )
    try:
        with work.session.begin_nested():
            work.session.add(entry)
    except IntegrityError as error:
        raise Conflict("You have confirmed your minutes for this case already.") from error
    for competency in credit.competencies:
        posts: Sequence[str | None] = shown_in.get(competency) or [None]
        for post_id in posts:
            work.session.add(
                CompetencyEvidence(
                    person_id=work.actor.person_id,
                    org_id=work.actor.org_id,
                    competency=competency,
                    case_id=credit.case_id,
                    post_id=post_id,
                    at=work.now,
                )
            )
    work.emit(MinutesCredited(work.actor.org_id, entry.id, credit.case_id))
    return entry

"""Reading of incidents: rows with ids and places. Words are read from the texts of the case, by flows."""

from datetime import datetime

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session

from supervise.core.errors import NotFound
from supervise.incidents.models import Incident, PatternChoice
from supervise.incidents.rules import OPEN, Place

PAGE = 50


def incident(session: Session, incident_id: str) -> Incident:
    """Return one incident; raise NotFound."""
    found = session.get(Incident, incident_id)
    if found is None:
        raise NotFound
    return found


def open_in(session: Session, case_id: str) -> list[Incident]:
    """Return what is hidden in a case now, first seen first."""
    rows = select(Incident).where(Incident.case_id == case_id, Incident.state.in_(OPEN))
    return list(session.scalars(rows.order_by(Incident.seen_at, Incident.id)))


def all_in(session: Session, case_id: str) -> list[Incident]:
    """Return every incident of a case, first seen first."""
    rows = select(Incident).where(Incident.case_id == case_id)
    return list(session.scalars(rows.order_by(Incident.seen_at, Incident.id)))


def places_of(row: Incident) -> list[Place]:
    """Return where the words of an incident stand."""
    return [Place.from_list(place) for place in row.places]


def of_organisation(session: Session, org_id: str, before: str = "") -> tuple[list[Incident], str]:
    """Return the incidents of an organisation, latest first, and the id to go on ``before`` (or nothing)."""
    wanted = select(Incident).where(Incident.org_id == org_id)
    if before:
        last = incident(session, before)
        wanted = wanted.where(tuple_(Incident.seen_at, Incident.id) < tuple_(last.seen_at, last.id))
    rows = session.scalars(wanted.order_by(Incident.seen_at.desc(), Incident.id.desc()).limit(PAGE + 1)).all()
    return list(rows[:PAGE]), rows[PAGE - 1].id if len(rows) > PAGE else ""


def times_to_repair(session: Session, org_id: str) -> list[tuple[datetime, datetime]]:
    """Return when each repaired incident of an organisation was seen and when it was repaired."""
    rows = session.execute(
        select(Incident.seen_at, Incident.ended_at).where(Incident.org_id == org_id, Incident.state == "repaired")
    )
    return [(row.seen_at, row.ended_at) for row in rows if row.ended_at is not None]


def patterns(session: Session, org_id: str) -> list[dict[str, str]]:
    """Return the shapes that an organisation has kept, first seen first."""
    rows = session.scalars(
        select(Incident.pattern)
        .where(Incident.org_id == org_id, Incident.state == "repaired")
        .order_by(Incident.seen_at)
    )
    return [row for row in rows if row]


def keeps_patterns(session: Session, org_id: str) -> bool:
    """Tell whether an organisation keeps the shape of what was seen; it does not unless an administrator says so."""
    choice = session.get(PatternChoice, org_id)
    return choice is not None and choice.kept


def to_mend(session: Session, person_id: str, cases: Select[str]) -> list[Incident]:
    """Return what was seen in a person's words in these cases and waits to be mended, first seen first."""
    rows = select(Incident).where(
        Incident.author_id == person_id, Incident.state == "hidden", Incident.case_id.in_(cases)
    )
    return list(session.scalars(rows.order_by(Incident.seen_at, Incident.id)))


def disputed_in(session: Session, cases: Select[str], person_id: str) -> list[Incident]:
    """Return what waits for a person's word in these cases, but for their own words, first disputed first."""
    rows = select(Incident).where(
        Incident.state == "disputed", Incident.case_id.in_(cases), Incident.author_id != person_id
    )
    return list(session.scalars(rows.order_by(Incident.disputed_at, Incident.id)))

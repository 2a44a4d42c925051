"""The verbs of incidents. Whose words they are, where they stand and who may say what is found by the flows."""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from supervise.core.errors import Conflict
from supervise.core.text import ReleasedText
from supervise.core.uow import UnitOfWork
from supervise.events import IdentifierSeen, IncidentChanged, PatternsChosen
from supervise.incidents import queries
from supervise.incidents.models import Incident, PatternChoice
from supervise.incidents.rules import OPEN, Place


@dataclass(frozen=True, slots=True)
class Seen:
    """What a reader marked: in which text of whom, shown since when, as what, and wherever it stands in the case."""

    case_id: str
    subject: str
    field: str
    author_id: str
    shown_since: datetime
    label: str
    places: tuple[Place, ...]
    prints: Mapping[str, str] = dataclasses.field(default_factory=dict)


def hide(work: UnitOfWork, seen: Seen) -> Incident:
    """Hide what the actor marked, from this transaction on."""
    row = Incident(
        org_id=work.actor.org_id, case_id=seen.case_id, subject=seen.subject, field=seen.field,
        author_id=seen.author_id, marker_id=work.actor.person_id, label=seen.label, state="hidden",
        places=[place.as_list() for place in seen.places], prints=dict(seen.prints), shown_since=seen.shown_since,
        seen_at=work.now,
    )  # fmt: skip
    work.session.add(row)
    work.session.flush()
    work.emit(IdentifierSeen(row.org_id, row.id, row.case_id))
    return row


def widen(work: UnitOfWork, incident_id: str, places: Iterable[Place], prints: Mapping[str, str], label: str) -> None:
    """Hide the same person or thing in its other forms as well, after the case was screened again."""
    row = queries.incident(work.session, incident_id)
    if row.state not in OPEN:
        return
    known = queries.places_of(row)
    row.places = [place.as_list() for place in dict.fromkeys([*known, *places])]
    row.prints, row.label = {**row.prints, **prints}, label


def withdraw(work: UnitOfWork, incident_id: str) -> Incident:
    """Take a mark back. What another mark covers stays hidden."""
    return _end(work, incident_id, "withdrawn")


def dispute(work: UnitOfWork, incident_id: str, reason: ReleasedText) -> Incident:
    """The author says that it identifies nobody, and why; it stays hidden until somebody else agrees."""
    row = _open(work, incident_id)
    row.state, row.reason, row.disputed_at = "disputed", str(reason), work.now
    work.emit(IncidentChanged(row.org_id, row.id, row.case_id, "disputed"))
    return row


def keep_hidden(work: UnitOfWork, incident_id: str) -> Incident:
    """Somebody else does not agree: the author mends it after all."""
    row = _open(work, incident_id)
    if row.state != "disputed":
        raise Conflict("Its author has not said that it identifies nobody.")
    row.state = "hidden"
    work.emit(IncidentChanged(row.org_id, row.id, row.case_id, "kept"))
    return row


def clear(work: UnitOfWork, incident_id: str) -> Incident:
    """Somebody else agrees that it identifies nobody: it may be read again."""
    row = _open(work, incident_id)
    if row.state != "disputed":
        raise Conflict("Its author has not said that it identifies nobody.")
    return _end(work, incident_id, "cleared")


def repaired(work: UnitOfWork, incident_id: str, pattern: Mapping[str, str]) -> Incident:
    """A stand-in is in its place everywhere. The fingerprints stay, so that no later text brings it back unasked."""
    row = _end(work, incident_id, "repaired")
    row.pattern = dict(pattern)
    return row


def choose_patterns(work: UnitOfWork, kept: bool) -> None:
    """Say whether the organisation keeps shapes. Switching it off removes those that were kept."""
    org_id = work.actor.org_id
    work.session.merge(PatternChoice(org_id=org_id, kept=kept, changed_by=work.actor.person_id, changed_at=work.now))
    if not kept:
        for row in work.session.query(Incident).where(Incident.org_id == org_id):
            row.pattern = {}
    work.emit(PatternsChosen(org_id, "on" if kept else "off"))


def _open(work: UnitOfWork, incident_id: str) -> Incident:
    row = queries.incident(work.session, incident_id)
    if row.state not in OPEN:
        raise Conflict("This is settled already.")
    return row


def _end(work: UnitOfWork, incident_id: str, state: str) -> Incident:
    row = _open(work, incident_id)
    row.state, row.ended_at, row.ended_by, row.places = state, work.now, work.actor.person_id, []
    if state != "repaired":
        row.prints = {}
    work.emit(IncidentChanged(row.org_id, row.id, row.case_id, state))
    return row

"""Notes of a meeting: written by whoever led it, screened like every text, read by those who were there.

Published notes can be edited. The old words stay until the new ones are screened, and in the history after that.
"""

from dataclasses import dataclass
from typing import Any

from supervise.accounts.queries import people
from supervise.core.actor import Actor
from supervise.core.db import db
from supervise.core.errors import Unavailable
from supervise.core.uow import unit_of_work
from supervise.deid import service as deid
from supervise.flows.hold_case import keep_while_held
from supervise.flows.publish import submit_text
from supervise.supervision import queries, service


@dataclass(frozen=True, slots=True)
class NotesOutcome:
    """What became of notes: published, waiting for their author at ``screening_id``, or kept because of ``problem``."""

    screening_id: str | None = None
    problem: str = ""


def write_notes(actor: Actor, meeting_id: str, notes: str, seen: int) -> NotesOutcome:
    """Keep words for the notes of a meeting, and screen them.

    Raises Invalid at ``notes`` where they cannot be screened as they are, Conflict when the meeting is not at the
    version ``seen`` any more.
    """
    with unit_of_work(actor) as work:
        row = service.save_notes(work, meeting_id, notes, seen)
        keep_while_held(work, row.case_ids, service.subject_of(meeting_id))
    return screen_notes(actor, meeting_id, notes.strip())


def screen_notes(actor: Actor, meeting_id: str, notes: str) -> NotesOutcome:
    """Screen notes that were just kept."""
    try:
        return NotesOutcome(submit_text(actor, service.subject_of(meeting_id), {"notes": notes}).screening_id)
    except Unavailable as error:
        return NotesOutcome(problem=str(error))


def screen_kept_notes(actor: Actor, meeting_id: str) -> NotesOutcome:
    """Screen again the notes that were kept when they could not be screened."""
    return screen_notes(actor, meeting_id, own_notes(actor, meeting_id))


def own_notes(actor: Actor, meeting_id: str) -> str:
    """Return the notes as their author goes on writing them: what waits, else what is published."""
    row = queries.meeting(db.session(), meeting_id)
    kept = deid.read_original(db.session(), service.subject_of(meeting_id), actor)
    if row.notes_state != "screening" or "notes" not in kept:
        return row.notes
    return deid.reveal(kept["notes"], actor, row.recorded_by)


def drop_notes(actor: Actor, meeting_id: str) -> None:
    """Throw away words for the notes that were never published."""
    with unit_of_work(actor) as work:
        service.drop_notes(work, meeting_id)


def notes_history(meeting_id: str) -> dict[str, Any]:
    """Return a meeting with what its notes said before, latest first, and who wrote them."""
    session = db.session()
    row = queries.meeting(session, meeting_id)
    by = people(session, {row.recorded_by})[row.recorded_by].name
    return {"row": row, "by": by, "revisions": queries.notes_revisions(session, meeting_id)}

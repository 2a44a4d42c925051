"""A supervision meeting becomes a record, and hours of everyone who came.

What kind of supervision it was is derived for each attendee from who came and from that attendee's board; it is shown,
with what would be lost, before anything is saved.
"""

from dataclasses import dataclass
from datetime import date, datetime

from supervise.access.queries import bases
from supervise.accounts.models import Person, Setting
from supervise.accounts.queries import people, settings_of
from supervise.cases.queries import titles
from supervise.core.actor import Actor
from supervise.core.clock import local, now
from supervise.core.db import db
from supervise.core.errors import Invalid, Refused
from supervise.core.uow import unit_of_work
from supervise.deid import service as deid
from supervise.flows.publish import Submitted, submit_text
from supervise.hours import service as hours
from supervise.hours.queries import boards
from supervise.hours.rules import meeting_kind, meeting_warnings
from supervise.supervision import service
from supervise.supervision.queries import agreement_on, meeting, supervisees_of
from supervise.supervision.rules import meeting_minutes


@dataclass(frozen=True, slots=True)
class Plan:
    """A meeting as the supervisor describes it. ``attendees``: person → setting."""

    starts_at: datetime
    ends_at: datetime
    zone: str
    mode: str
    group_id: str | None
    attendees: dict[str, str]
    case_ids: tuple[str, ...]
    notes: str


@dataclass(frozen=True, slots=True)
class Meant:
    """What the meeting is for one attendee under their board, and what would not count."""

    person: Person
    setting: Setting
    board: str
    kind: str | None
    warnings: list[str]


def possible_attendees(actor: Actor, on: date) -> list[tuple[Person, list[Setting]]]:
    """Return the supervisees of the actor on a day, each with the settings that an agreement covers."""
    session = db.session()
    covered: dict[str, set[str]] = {}
    for agreement in supervisees_of(session, actor.person_id, on, actor.org_id):
        covered.setdefault(agreement.supervisee_id, set()).add(agreement.setting_id)
    found = people(session, covered)
    return [
        (found[person_id], [s for s in settings_of(session, person_id) if s.id in settings])
        for person_id, settings in sorted(covered.items(), key=lambda item: found[item[0]].name)
    ]


def preview(actor: Actor, plan: Plan) -> list[Meant]:
    """Say what the meeting would be for each attendee; raise Invalid or Refused where it cannot be recorded."""
    minutes = meeting_minutes(plan.starts_at, plan.ends_at, now())
    if not plan.attendees:
        raise Invalid("Tick at least one supervisee who came.", "attendees")
    day = local(plan.starts_at, plan.zone).date()
    session = db.session()
    found = people(session, plan.attendees)
    meant = []
    for person_id, setting_id in plan.attendees.items():
        setting = session.get(Setting, setting_id)
        if setting is None or setting.person_id != person_id:
            raise Invalid("Choose a place of work of that supervisee.", "attendees")
        if actor.person_id not in {a.supervisor_id for a in agreement_on(session, person_id, setting_id, day)}:
            raise Refused(f"No agreement between you and {found[person_id].name} for {setting.name} holds on that day.")
        board = boards().get(setting.board)
        kind = meeting_kind(board, len(plan.attendees)) if board else None
        warnings = meeting_warnings(board, len(plan.attendees), minutes, plan.mode) if board else []
        meant.append(Meant(found[person_id], setting, board.title if board else setting.board, kind, warnings))
    return meant


def record_meeting(actor: Actor, plan: Plan) -> tuple[str, Submitted | None]:
    """Record the meeting with everyone's hours; return its id, and what became of the notes if there were any."""
    meant = preview(actor, plan)
    _refuse_unreadable(actor, plan.case_ids)
    minutes = meeting_minutes(plan.starts_at, plan.ends_at, now())
    with unit_of_work(actor) as work:
        kinds = {m.person.id: (m.setting.id, m.kind) for m in meant}
        row = service.record_meeting(
            work,
            service.Record(plan.starts_at, plan.ends_at, plan.zone, plan.mode, plan.group_id, plan.case_ids, kinds),
        )
        for m in meant:
            hours.book_supervision(
                work,
                setting=m.setting,
                supervisor_id=actor.person_id,
                starts_at=plan.starts_at,
                zone=plan.zone,
                minutes=minutes,
                mode=plan.mode,
                attendees=len(meant),
                meeting_id=row.id,
            )
        if plan.notes.strip():
            service.expect_notes(work, row.id)
            deid.save_original(work, f"meeting:{row.id}", {"notes": plan.notes})
        meeting_id = row.id
    if not plan.notes.strip():
        return meeting_id, None
    return meeting_id, submit_text(actor, f"meeting:{meeting_id}", {"notes": plan.notes})


def cancel_meeting(actor: Actor, meeting_id: str, reason: str) -> None:
    """Take a meeting back: its hours are reversed in the same unit of work, signed ones await a new signature."""
    with unit_of_work(actor) as work:
        row = service.cancel_meeting(work, meeting_id)
        hours.reverse_meeting(work, row.id, reason)


def discussed(actor: Actor, meeting_id: str) -> dict[str, str]:
    """Return the cases of a meeting that the actor may read, id → title; others are not even counted."""
    session = db.session()
    ids = meeting(session, meeting_id).case_ids
    readable = [i for i in ids if bases(session, i, actor.person_id, actor.org_id)]
    return titles(session, readable)


def _refuse_unreadable(actor: Actor, case_ids: tuple[str, ...]) -> None:
    session = db.session()
    for case_id in case_ids:
        if not bases(session, case_id, actor.person_id, actor.org_id):
            raise Invalid("One of the cases is not yours to read.", "case_ids")

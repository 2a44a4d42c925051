"""A supervision meeting becomes a record, and hours of everyone who came.

What kind of supervision it was is derived for each attendee from who came and from that attendee's board; it is shown,
with what would be lost, before anything is saved.
"""

from dataclasses import dataclass
from datetime import date, datetime

from supervise.access.queries import bases
from supervise.accounts.models import Person, Setting
from supervise.accounts.queries import lapsed_since, people, settings_of
from supervise.cases.queries import titles
from supervise.core.actor import Actor
from supervise.core.clock import local_day, now
from supervise.core.db import db
from supervise.core.errors import Invalid, Refused, Unavailable
from supervise.core.text import digest
from supervise.core.uow import UnitOfWork, unit_of_work
from supervise.deid import service as deid
from supervise.flows.hold_case import keep_while_held
from supervise.flows.name_readers import names_of
from supervise.flows.write_notes import NotesOutcome, screen_notes
from supervise.hours import service as hours
from supervise.hours.queries import boards
from supervise.hours.rules import meeting_kind, meeting_warnings
from supervise.supervision import service
from supervise.supervision.queries import agreement_on, group_facts, group_members, meeting, supervisees_of
from supervise.supervision.rules import meeting_minutes


@dataclass(frozen=True, slots=True)
class Plan:
    """A meeting as the supervisor describes it. ``attendees``: person → setting; ``others`` keep no hours here."""

    starts_at: datetime
    ends_at: datetime
    zone: str
    mode: str
    group_id: str | None
    attendees: dict[str, str]
    case_ids: tuple[str, ...]
    notes: str
    others: int = 0

    @property
    def present(self) -> int:
        return len(self.attendees) + self.others


@dataclass(frozen=True, slots=True)
class Meant:
    """What the meeting is for one attendee under their board, and what would not count."""

    person: Person
    setting: Setting
    board: str
    kind: str | None
    minutes: int
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


def group_attendees(actor: Actor, group_id: str, on: date) -> tuple[dict[str, str], list[str]]:
    """Return person → setting for the members of a group whom the actor supervises, and the names of the others."""
    facts = group_facts(actor, group_id)
    if actor.person_id not in facts.member_ids or facts.org_id != actor.org_id:
        raise Refused("That is not a group of yours.")
    could = {person.id: settings for person, settings in possible_attendees(actor, on)}
    members = [i for i in group_members(db.session(), group_id) if i != actor.person_id]
    missing = people(db.session(), [i for i in members if i not in could])
    return {i: could[i][0].id for i in members if i in could}, sorted(person.name for person in missing.values())


def preview(actor: Actor, plan: Plan) -> list[Meant]:
    """Say what the meeting would be for each attendee; raise Invalid or Refused where it cannot be recorded."""
    minutes = meeting_minutes(plan.starts_at, plan.ends_at, now())
    if not plan.attendees:
        raise Invalid("Tick at least one supervisee who came.", "attendees")
    session = db.session()
    found = people(session, plan.attendees)
    meant = []
    for person_id, setting_id in plan.attendees.items():
        setting = session.get(Setting, setting_id)
        if person_id not in found or setting is None or setting.person_id != person_id:
            raise Invalid("Choose a place of work of that supervisee.", "attendees")
        whose = found[person_id]
        day = local_day(plan.starts_at, whose.zone)
        if not hours.works_there(setting, day):
            raise Invalid(f"{whose.name} did not work at {setting.name} on {day.day} {day:%B %Y}.", "day")
        held = [a for a in agreement_on(session, person_id, setting_id, day) if a.org_id == actor.org_id]
        if actor.person_id not in {a.supervisor_id for a in held}:
            raise Invalid(
                f"No agreement between you and {whose.name} for {setting.name} was in force on that day.", "attendees"
            )
        board = boards().get(setting.board)
        if board and (ended := lapsed_since(session, actor.person_id, board.jurisdiction, day)):
            raise Invalid(
                f"Your licence there, as recorded, ended on {ended.day} {ended:%b %Y}. Add the renewal under Account; "
                "supervision after that day would not count.",
                "day",
            )
        kind = meeting_kind(board, plan.present) if board else None
        warnings = meeting_warnings(board, plan.present, minutes, plan.mode) if board else []
        meant.append(Meant(whose, setting, board.title if board else setting.board, kind, minutes, warnings))
    return meant


def fingerprint(meant: list[Meant]) -> str:
    """Return what tells whether a preview is still the one that was shown."""
    return digest(*(f"{m.person.id}|{m.setting.id}|{m.kind}|{m.minutes}|{m.warnings}" for m in meant))


def record_meeting(actor: Actor, plan: Plan) -> tuple[str, NotesOutcome]:
    """Record the meeting with everyone's hours; return its id, and what became of the notes.

    Notes that cannot be screened as they are raise Invalid before anything is recorded; where the engine is missing the
    meeting is recorded and the notes are kept.
    """
    meant = preview(actor, plan)
    _refuse_unreadable(actor, plan)
    notes, problem = plan.notes.strip(), ""
    if notes:
        try:
            deid.prepare({"notes": notes}, names_of(db.session(), {actor.person_id, *plan.attendees}))
        except Unavailable as error:
            problem = str(error)
    with unit_of_work(actor) as work:
        kinds = {m.person.id: (m.setting.id, m.kind) for m in meant}
        row = service.record_meeting(
            work,
            service.Record(
                plan.starts_at, plan.ends_at, plan.zone, plan.mode, plan.group_id, plan.case_ids, kinds, plan.others
            ),
        )
        for m in meant:
            _book(work, m, row.id, plan)
        if notes:
            service.save_notes(work, row.id, notes, row.version)
            keep_while_held(work, plan.case_ids, service.subject_of(row.id))
        meeting_id = row.id
    if not notes or problem:
        return meeting_id, NotesOutcome(problem=problem)
    return meeting_id, screen_notes(actor, meeting_id, notes)


def _book(work: UnitOfWork, meant: Meant, meeting_id: str, plan: Plan) -> None:
    try:
        hours.book_supervision(
            work,
            setting=meant.setting,
            supervisor_id=work.actor.person_id,
            starts_at=plan.starts_at,
            zone=meant.person.zone,
            minutes=meant.minutes,
            mode=plan.mode,
            attendees=plan.present,
            meeting_id=meeting_id,
        )
    except Invalid as error:
        raise Invalid(f"{meant.person.name}: {error}", "attendees") from error


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


def _refuse_unreadable(actor: Actor, plan: Plan) -> None:
    session = db.session()
    for case_id in plan.case_ids:
        if not bases(session, case_id, actor.person_id, actor.org_id):
            raise Invalid("One of the cases is not yours to read.", "case_ids")
    if plan.group_id and actor.person_id not in group_members(session, plan.group_id):
        raise Invalid("That is not a group of yours.", "group_id")

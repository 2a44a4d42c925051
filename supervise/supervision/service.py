"""The verbs of supervision: agreements, groups, meetings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from supervise.access import service as access
from supervise.accounts.choices import jurisdiction_of
from supervise.accounts.models import Setting
from supervise.accounts.queries import lapsed_since, membership
from supervise.accounts.service.relationships import forbidden
from supervise.core.clock import local_day
from supervise.core.errors import Conflict, Invalid, Refused
from supervise.core.sanitize import plain
from supervise.core.text import ReleasedText
from supervise.core.uow import UnitOfWork
from supervise.deid import service as deid
from supervise.events import AgreementChanged, GroupChanged, MeetingCancelled, MeetingRecorded, NotesEdited
from supervise.supervision import queries
from supervise.supervision.models import Agreement, Attendance, Covenant, Group, GroupMember, Meeting, NotesRevision
from supervise.supervision.rules import COVENANT_HOLDS, overlaps


@dataclass(frozen=True, slots=True)
class Terms:
    """What an agreement says."""

    supervisee_id: str
    supervisor_id: str
    setting_id: str
    starts_on: date
    ends_on: date | None
    text: str


def propose_agreement(work: UnitOfWork, terms: Terms) -> Agreement:
    """Write an agreement between two members; it holds once both have signed it."""
    actor = work.actor
    if actor.person_id not in {terms.supervisee_id, terms.supervisor_id}:
        raise Refused("You can only propose an agreement that you are a party to.")
    if terms.supervisee_id == terms.supervisor_id:
        raise Invalid("Nobody supervises themselves.", "other_id")
    for person_id in (terms.supervisee_id, terms.supervisor_id):
        if membership(work.session, person_id, actor.org_id) is None:
            raise Invalid("Both must be members of this organisation.", "other_id")
    setting = work.session.get(Setting, terms.setting_id)
    if setting is None or setting.person_id != terms.supervisee_id:
        raise Invalid("The place of work must be one of the supervisee's.", "setting_id")
    if terms.ends_on is not None and terms.ends_on < terms.starts_on:
        raise Invalid("The agreement ends before it starts.", "ends_on")
    _refuse_forbidden(work, terms.supervisee_id, terms.supervisor_id, setting, terms.starts_on)
    _refuse_lapsed(work, terms.supervisor_id, setting, max(terms.starts_on, local_day(work.now, actor.zone)))
    row = Agreement(
        org_id=actor.org_id,
        supervisee_id=terms.supervisee_id,
        supervisor_id=terms.supervisor_id,
        setting_id=terms.setting_id,
        starts_on=terms.starts_on,
        ends_on=terms.ends_on,
        terms=terms.text.strip(),
        proposed_by=actor.person_id,
        created_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    work.emit(AgreementChanged(row.org_id, row.id, "proposed", _other(row, actor.person_id)))
    return row


def sign_agreement(work: UnitOfWork, agreement_id: str) -> Agreement:
    """Sign as the party that the actor is; both signatures put it in force from its first day."""
    row = queries.agreement(work.session, agreement_id)
    setting = work.session.get(Setting, row.setting_id)
    if setting is not None:
        _refuse_forbidden(work, row.supervisee_id, row.supervisor_id, setting, row.starts_on)
        _refuse_lapsed(work, row.supervisor_id, setting, local_day(work.now, work.actor.zone))
    if work.actor.person_id == row.supervisee_id and row.supervisee_signed_at is None:
        row.supervisee_signed_at = work.now
    elif work.actor.person_id == row.supervisor_id and row.supervisor_signed_at is None:
        row.supervisor_signed_at = work.now
    else:
        raise Refused("You have signed it, or it is not yours to sign.")
    work.emit(AgreementChanged(row.org_id, row.id, "signed", _other(row, work.actor.person_id)))
    if row.supervisee_signed_at and row.supervisor_signed_at:
        work.emit(AgreementChanged(row.org_id, row.id, "in_force"))
    return row


def _refuse_forbidden(
    work: UnitOfWork, supervisee_id: str, supervisor_id: str, setting: Setting, starts_on: date
) -> None:
    """Refuse a supervision that the board does not allow between these two, by what they declared."""
    rule = forbidden(work.session, work.actor.org_id, supervisee_id, supervisor_id, setting.board, starts_on)
    if rule is not None:
        read = "" if rule.verified else " The text was not read in full: ask your board."
        raise Invalid(f"You two have declared a relationship. {rule.because} ({rule.citation}.){read}", "other_id")


def _refuse_lapsed(work: UnitOfWork, supervisor_id: str, setting: Setting, on: date) -> None:
    """Refuse new supervision by somebody whose licence there, as recorded, has expired."""
    if ended := lapsed_since(work.session, supervisor_id, jurisdiction_of(setting.board), on):
        raise Invalid(
            f"The supervisor's licence there, as recorded, expired on {ended.day} {ended:%b %Y}. New supervision waits "
            "until its renewal stands under the supervisor's account.",
            "other_id",
        )


def end_agreement(work: UnitOfWork, agreement_id: str, ends_on: date) -> None:
    """End an agreement with a day; hours up to and including that day stay attestable by this supervisor."""
    row = queries.agreement(work.session, agreement_id)
    today = local_day(work.now, work.actor.zone)
    if row.ends_on is not None and row.ends_on < today:
        raise Refused("It has ended already.")
    if ends_on < max(today, row.starts_on):
        raise Invalid(
            "The last day lies in the past; days already worked under it would lose their supervisor.", "ends_on"
        )
    row.ends_on = ends_on
    work.emit(AgreementChanged(row.org_id, row.id, "ended", _other(row, work.actor.person_id)))


def _other(row: Agreement, person_id: str) -> str:
    return row.supervisor_id if person_id == row.supervisee_id else row.supervisee_id


def start_group(work: UnitOfWork, name: str, kind: str) -> Group:
    """Start a group that the actor leads."""
    name = plain(name)
    if not name:
        raise Invalid("Give the group a name.", "name")
    row = Group(org_id=work.actor.org_id, name=name, kind=kind, leader_id=work.actor.person_id, created_at=work.now)
    work.session.add(row)
    work.session.flush()
    work.emit(GroupChanged(row.org_id, row.id, "started"))
    return row


def join_group(work: UnitOfWork, group_id: str, person_id: str) -> None:
    """Add a member of the organisation to a group. What was released to the group before stays closed to them."""
    row = queries.group(work.session, group_id)
    if membership(work.session, person_id, row.org_id) is None:
        raise Invalid("Only members of this organisation can join.", "person_id")
    seat = work.session.scalars(
        select(GroupMember).where(GroupMember.group_id == group_id, GroupMember.person_id == person_id)
    ).first()
    if seat is not None and seat.left_at is None:
        raise Invalid("This person is in the group.", "person_id")
    if seat is None:
        seat = GroupMember(group_id=group_id, person_id=person_id)
        work.session.add(seat)
    seat.joined_at, seat.left_at = work.now, None
    work.session.flush()
    work.emit(GroupChanged(row.org_id, group_id, "joined", person_id))


def leave_group(work: UnitOfWork, group_id: str, person_id: str) -> None:
    """Take a person out of a group; their access to its cases is ended by the flow that calls this."""
    row = queries.group(work.session, group_id)
    if person_id == row.leader_id:
        raise Refused("Whoever leads a group stays in it.")
    seat = work.session.scalars(
        select(GroupMember).where(
            GroupMember.group_id == group_id, GroupMember.person_id == person_id, GroupMember.left_at.is_(None)
        )
    ).first()
    if seat is None:
        raise Refused("This person is not in the group.")
    seat.left_at = work.now
    work.emit(GroupChanged(row.org_id, group_id, "left", person_id))


def sign_covenant(work: UnitOfWork, group_id: str) -> None:
    """Sign a group's covenant for a year as a member; what is released to the group opens to them."""
    row, actor = queries.group(work.session, group_id), work.actor
    if actor.person_id not in queries.group_members(work.session, group_id):
        raise Refused("Only members of a group sign its covenant.")
    work.session.add(
        Covenant(
            org_id=row.org_id, group_id=group_id, person_id=actor.person_id, text=queries.covenant_text().version,
            signed_at=work.now,
        )
    )  # fmt: skip
    access.keep_covenant(work, group_id, actor.person_id, work.now + COVENANT_HOLDS)
    work.emit(GroupChanged(row.org_id, group_id, "covenant"))


def subject_of(meeting_id: str) -> str:
    """Return the name under which the original of a meeting's notes and its screening are kept."""
    return f"meeting:{meeting_id}"


@dataclass(frozen=True, slots=True)
class Record:
    """A meeting as it took place. ``attendees``: person → setting and kind of supervision under their board."""

    starts_at: datetime
    ends_at: datetime
    zone: str
    mode: str
    group_id: str | None
    case_ids: tuple[str, ...]
    attendees: Mapping[str, tuple[str, str | None]]
    others: int = 0


def record_meeting(work: UnitOfWork, record: Record) -> Meeting:
    """Write a meeting led by the actor; raise Refused when anyone in it was in another meeting at that time."""
    _refuse_overlap(work, record)
    row = Meeting(
        org_id=work.actor.org_id,
        supervisor_id=work.actor.person_id,
        group_id=record.group_id,
        starts_at=record.starts_at,
        ends_at=record.ends_at,
        zone=record.zone,
        mode=record.mode,
        others=record.others,
        case_ids=list(record.case_ids),
        recorded_by=work.actor.person_id,
        recorded_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    for person_id, (setting_id, kind) in record.attendees.items():
        work.session.add(Attendance(meeting_id=row.id, person_id=person_id, setting_id=setting_id, kind=kind))
    work.session.flush()
    work.emit(MeetingRecorded(row.org_id, row.id))
    return row


def _refuse_overlap(work: UnitOfWork, record: Record) -> None:
    people = {work.actor.person_id, *record.attendees}
    came_to = select(Attendance.meeting_id).where(Attendance.person_id.in_(people))
    near = work.session.scalars(
        select(Meeting).where(
            Meeting.cancelled_at.is_(None),
            Meeting.starts_at < record.ends_at,
            Meeting.ends_at > record.starts_at,
            (Meeting.supervisor_id.in_(people)) | Meeting.id.in_(came_to),
        )
    )
    for other in near:
        if overlaps((record.starts_at, record.ends_at), (other.starts_at, other.ends_at)):
            raise Refused("Someone of those present is recorded in another meeting at that time. Check the times.")


def cancel_meeting(work: UnitOfWork, meeting_id: str) -> Meeting:
    """Take a meeting back; the flow that calls this reverses its hours in the same unit of work."""
    row = queries.meeting(work.session, meeting_id)
    if row.cancelled_at is not None:
        raise Refused("The meeting was taken back already.")
    row.cancelled_at = work.now
    work.emit(MeetingCancelled(row.org_id, row.id))
    return row


def save_notes(work: UnitOfWork, meeting_id: str, notes: str, seen: int) -> Meeting:
    """Keep words for the notes that nobody else sees before they are screened; what is published stays meanwhile.

    ``seen``: the version of the meeting that the page was made from, so that a second window overwrites nothing.
    """
    row = queries.meeting(work.session, meeting_id)
    if row.version != seen:
        raise Conflict("The notes, or the meeting, were changed after you opened them here.")
    if not notes.strip():
        raise Invalid("Write something.", "notes")
    row.notes_state, row.notes_saved_at = "screening", work.now
    deid.save_original(work, subject_of(meeting_id), {"notes": notes.strip()})
    return row


def publish_notes(work: UnitOfWork, meeting_id: str, text: Mapping[str, ReleasedText]) -> None:
    """Put screened notes into the meeting's record for those who were there; what stood there is kept as history."""
    row = queries.meeting(work.session, meeting_id)
    if row.notes:
        work.session.add(NotesRevision(meeting_id=row.id, notes=row.notes, replaced_at=work.now))
        row.notes_edited_at = work.now
        work.emit(NotesEdited(row.org_id, row.id))
    row.notes, row.notes_state = str(text["notes"]), "published"


def drop_notes(work: UnitOfWork, meeting_id: str) -> None:
    """Throw away words for the notes that were never published; what is published stays."""
    row = queries.meeting(work.session, meeting_id)
    if row.notes_state == "screening":
        row.notes_state = "published"
        deid.discard(work, subject_of(meeting_id))

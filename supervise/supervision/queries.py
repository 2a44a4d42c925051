"""Reading of supervision: agreements in force, groups, meetings, and the facts of each for policy."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import cache

from sqlalchemy import Select, String, cast, func, or_, select
from sqlalchemy.orm import Session

from supervise.accounts.queries import roles_of
from supervise.core.actor import Actor, Role
from supervise.core.clock import local_day, now
from supervise.core.db import db
from supervise.core.errors import NotFound
from supervise.core.resources import folder
from supervise.policy import AgreementFacts, GroupFacts, MeetingFacts
from supervise.supervision.models import Agreement, Attendance, Covenant, Group, GroupMember, Meeting, NotesRevision
from supervise.supervision.rules import COVENANT_HOLDS, CovenantText, load_covenant


def _in_force(on: date) -> Select[Agreement]:
    return select(Agreement).where(
        Agreement.supervisee_signed_at.is_not(None),
        Agreement.supervisor_signed_at.is_not(None),
        Agreement.starts_on <= on,
        or_(Agreement.ends_on.is_(None), Agreement.ends_on >= on),
    )


def supervisors_of(session: Session, person_id: str, org_id: str, on: date) -> list[Agreement]:
    """Return the agreements under which a person is supervised in an organisation on a day, the oldest first."""
    rows = session.scalars(
        _in_force(on)
        .where(Agreement.supervisee_id == person_id, Agreement.org_id == org_id)
        .order_by(Agreement.starts_on, Agreement.id)
    )
    return list(rows)


def supervisees_of(session: Session, supervisor_id: str, on: date, org_id: str | None = None) -> list[Agreement]:
    """Return the agreements under which a person supervises on a day, in one organisation or in all."""
    statement = _in_force(on).where(Agreement.supervisor_id == supervisor_id)
    if org_id is not None:
        statement = statement.where(Agreement.org_id == org_id)
    return list(session.scalars(statement.order_by(Agreement.starts_on, Agreement.id)))


def agreement_on(session: Session, supervisee_id: str, setting_id: str, on: date) -> list[Agreement]:
    """Return the agreements in force for one setting on one day; usually one, sometimes two supervisors share it."""
    rows = session.scalars(
        _in_force(on)
        .where(Agreement.supervisee_id == supervisee_id, Agreement.setting_id == setting_id)
        .order_by(Agreement.starts_on, Agreement.id)
    )
    return list(rows)


def ever_supervised(session: Session, person_id: str) -> list[Agreement]:
    """Return every agreement that both signed, in force or past: past supervisors still sign what they supervised."""
    rows = session.scalars(
        select(Agreement).where(
            Agreement.supervisee_id == person_id,
            Agreement.supervisee_signed_at.is_not(None),
            Agreement.supervisor_signed_at.is_not(None),
        )
    )
    return list(rows)


def still_supervises(session: Session, person_id: str, org_id: str) -> bool:
    """Tell whether someone is a member with the role of a supervisor now: nobody else signs anything."""
    return Role.SUPERVISOR in roles_of(session, person_id, org_id)


def succeeded(session: Session, supervisor_id: str, org_id: str, on: date) -> frozenset[tuple[str, str]]:
    """Return (place of work, former supervisor) for whom a person stands in, since they supervise there now.

    A former supervisor's agreement for the place is over, or they do not supervise in this organisation any more.
    """
    places = {a.setting_id for a in supervisees_of(session, supervisor_id, on, org_id)}
    return frozenset(
        (a.setting_id, a.supervisor_id)
        for a in _signed_for(session, places, org_id)
        if a.supervisor_id != supervisor_id and is_former(session, a.setting_id, a.supervisor_id, org_id, on)
    )


def is_former(session: Session, setting_id: str, supervisor_id: str, org_id: str, on: date) -> bool:
    """Tell whether a supervisor of a place of work supervises there no more."""
    if not still_supervises(session, supervisor_id, org_id):
        return True
    held = session.scalars(
        _in_force(on).where(Agreement.setting_id == setting_id, Agreement.supervisor_id == supervisor_id).limit(1)
    )
    return held.first() is None


def _signed_for(session: Session, setting_ids: Iterable[str], org_id: str) -> list[Agreement]:
    rows = session.scalars(
        select(Agreement)
        .where(
            Agreement.setting_id.in_([*setting_ids]),
            Agreement.org_id == org_id,
            Agreement.supervisee_signed_at.is_not(None),
            Agreement.supervisor_signed_at.is_not(None),
        )
        .order_by(Agreement.starts_on, Agreement.id)
    )
    return list(rows)


def latest_agreement(session: Session, setting_id: str, supervisor_id: str, org_id: str) -> Agreement | None:
    """Return the latest agreement of a supervisor for a place of work that both signed."""
    found = [a for a in _signed_for(session, [setting_id], org_id) if a.supervisor_id == supervisor_id]
    return found[-1] if found else None


def agreements_of(session: Session, person_id: str, org_id: str) -> list[Agreement]:
    """Return all agreements a person is a party to in an organisation, the latest first."""
    rows = session.scalars(
        select(Agreement)
        .where(
            Agreement.org_id == org_id,
            or_(Agreement.supervisee_id == person_id, Agreement.supervisor_id == person_id),
        )
        .order_by(Agreement.starts_on.desc(), Agreement.id.desc())
    )
    return list(rows)


def agreement(session: Session, agreement_id: str) -> Agreement:
    """Return one agreement; raise NotFound."""
    found = session.get(Agreement, agreement_id)
    if found is None:
        raise NotFound()
    return found


def agreement_facts(actor: Actor, agreement_id: str) -> AgreementFacts:
    """Return what policy needs to know about an agreement."""
    row = agreement(db.session(), agreement_id)
    signed = {row.supervisee_id: row.supervisee_signed_at, row.supervisor_id: row.supervisor_signed_at}
    return AgreementFacts(
        org_id=row.org_id,
        supervisee_id=row.supervisee_id,
        supervisor_id=row.supervisor_id,
        signed_by=frozenset(person for person, at in signed.items() if at is not None),
        ended=row.ends_on is not None and row.ends_on < local_day(now(), actor.zone),
    )


def groups_of(session: Session, person_id: str, org_id: str) -> list[Group]:
    """Return the groups a person belongs to or leads now, by name."""
    member_of = select(GroupMember.group_id).where(GroupMember.person_id == person_id, GroupMember.left_at.is_(None))
    rows = session.scalars(
        select(Group)
        .where(
            Group.org_id == org_id,
            Group.ended_at.is_(None),
            or_(Group.leader_id == person_id, Group.id.in_(member_of)),
        )
        .order_by(Group.name, Group.id)
    )
    return list(rows)


def group(session: Session, group_id: str) -> Group:
    """Return one group; raise NotFound."""
    found = session.get(Group, group_id)
    if found is None:
        raise NotFound()
    return found


@cache
def covenant_text() -> CovenantText:
    """Return what members of a group sign each year."""
    return load_covenant(folder("config") / "covenant.toml")


def covenants_until(session: Session, group_id: str) -> dict[str, datetime]:
    """Return by person until when the covenant of a group that they signed holds; who never signed is left out."""
    rows = session.execute(
        select(Covenant.person_id, func.max(Covenant.signed_at))
        .where(Covenant.group_id == group_id, Covenant.text == covenant_text().version)
        .group_by(Covenant.person_id)
    )
    return {person_id: signed_at + COVENANT_HOLDS for person_id, signed_at in rows}


def covenants_to_sign(session: Session, person_id: str, org_id: str, at: datetime) -> list[Group]:
    """Return the groups of a person whose covenant they have not signed, or not within a year."""
    mine = groups_of(session, person_id, org_id)
    held = {group.id: covenants_until(session, group.id).get(person_id) for group in mine}
    return [group for group in mine if (until := held[group.id]) is None or until <= at]


def group_members(session: Session, group_id: str) -> list[str]:
    """Return the ids of everyone in a group now, its leader included."""
    found = group(session, group_id)
    rows = session.scalars(
        select(GroupMember.person_id).where(GroupMember.group_id == group_id, GroupMember.left_at.is_(None))
    )
    return sorted({found.leader_id, *rows})


def group_facts(_actor: Actor, group_id: str) -> GroupFacts:
    """Return what policy needs to know about a group."""
    row = group(db.session(), group_id)
    return GroupFacts(row.org_id, row.leader_id, frozenset(group_members(db.session(), group_id)))


def meeting(session: Session, meeting_id: str) -> Meeting:
    """Return one meeting; raise NotFound."""
    found = session.get(Meeting, meeting_id)
    if found is None:
        raise NotFound()
    return found


def meeting_facts(_actor: Actor, meeting_id: str) -> MeetingFacts:
    """Return what policy needs to know about a meeting."""
    row = meeting(db.session(), meeting_id)
    return MeetingFacts(row.org_id, row.supervisor_id, frozenset(attendee_ids(db.session(), meeting_id)))


def notes_revisions(session: Session, meeting_id: str) -> list[NotesRevision]:
    """Return what the notes of a meeting said before, latest first."""
    rows = session.scalars(
        select(NotesRevision)
        .where(NotesRevision.meeting_id == meeting_id)
        .order_by(NotesRevision.replaced_at.desc(), NotesRevision.id.desc())
    )
    return list(rows)


def attendances(session: Session, meeting_ids: Iterable[str]) -> list[Attendance]:
    """Return who came to these meetings."""
    return list(session.scalars(select(Attendance).where(Attendance.meeting_id.in_([*meeting_ids]))))


def attendee_ids(session: Session, meeting_id: str) -> list[str]:
    """Return the ids of the supervisees who came to a meeting."""
    return sorted(row.person_id for row in attendances(session, [meeting_id]))


def meetings_of(session: Session, person_id: str, org_id: str, limit: int = 50, before: str = "") -> list[Meeting]:
    """Return the meetings a person led or came to, the latest first; ``before`` is the id of the last one seen."""
    came_to = select(Attendance.meeting_id).where(Attendance.person_id == person_id)
    statement = select(Meeting).where(
        Meeting.org_id == org_id, or_(Meeting.supervisor_id == person_id, Meeting.id.in_(came_to))
    )
    if before:
        last = meeting(session, before)
        statement = statement.where(
            or_(Meeting.starts_at < last.starts_at, (Meeting.starts_at == last.starts_at) & (Meeting.id < last.id))
        )
    return list(session.scalars(statement.order_by(Meeting.starts_at.desc(), Meeting.id.desc()).limit(limit)))


def meetings_about(session: Session, case_id: str) -> list[Meeting]:
    """Return the meetings at which a case was discussed."""
    # Ids have letters and digits only, so the JSON text of the list can be searched.
    wanted = select(Meeting).where(cast(Meeting.case_ids, String).contains(f'"{case_id}"', autoescape=True))
    return list(session.scalars(wanted.order_by(Meeting.starts_at, Meeting.id)))


def agreements_to_sign(session: Session, person_id: str, org_id: str, on: date) -> list[Agreement]:
    """Return agreements that wait for a person's own signature and have not ended, the oldest proposal first."""
    rows = session.scalars(
        select(Agreement)
        .where(
            Agreement.org_id == org_id,
            ((Agreement.supervisee_id == person_id) & Agreement.supervisee_signed_at.is_(None))
            | ((Agreement.supervisor_id == person_id) & Agreement.supervisor_signed_at.is_(None)),
            or_(Agreement.ends_on.is_(None), Agreement.ends_on >= on),
        )
        .order_by(Agreement.created_at, Agreement.id)
    )
    return list(rows)

"""The names that may stand in a text: of those who read it, or would once it is released.

To everybody else in the organisation a name is that of somebody they may know, so it is screened like any.
"""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from supervise.access.queries import reader_ids
from supervise.accounts.queries import people
from supervise.cases import queries as cases
from supervise.supervision.queries import attendee_ids, group_members, meeting


def names_of_readers(session: Session, case_id: str) -> frozenset[str]:
    """Return the full names of the author and of everyone who reads the case, or is chosen to while it is a draft."""
    case = cases.get(session, case_id)
    ids = {case.author_id, case.supervisor_id or ""} | reader_ids(session, case_id)
    if case.current_version == 0:
        ids.update(group_members(session, case.group_id) if case.audience == "group" and case.group_id else ())
        ids.update(case.peer_ids if case.audience == "peers" else ())
    return names_of(session, ids)


def names_at_meeting(session: Session, meeting_id: str) -> frozenset[str]:
    """Return the full names of those who were at a meeting: they read its notes."""
    return names_of(session, {meeting(session, meeting_id).supervisor_id, *attendee_ids(session, meeting_id)})


def names_of(session: Session, person_ids: Iterable[str]) -> frozenset[str]:
    """Return the full names of people."""
    return frozenset(person.name for person in people(session, {*person_ids} - {""}).values())

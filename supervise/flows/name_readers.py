"""The names that may stand in a text of a case: of those who read the case, or would once it is released."""

from sqlalchemy.orm import Session

from supervise.access.queries import reader_ids
from supervise.accounts.queries import people
from supervise.cases import queries as cases
from supervise.supervision.queries import group_members


def names_of_readers(session: Session, case_id: str) -> frozenset[str]:
    """Return the full names of the author and of everyone who reads the case, or is chosen to while it is a draft.

    To all others in the organisation a name is that of somebody they may know, so it is screened like any.
    """
    case = cases.get(session, case_id)
    ids = {case.author_id, case.supervisor_id or ""} | reader_ids(session, case_id)
    if case.current_version == 0:
        ids.update(group_members(session, case.group_id) if case.audience == "group" and case.group_id else ())
        ids.update(case.peer_ids if case.audience == "peers" else ())
    return frozenset(person.name for person in people(session, ids - {""}).values())

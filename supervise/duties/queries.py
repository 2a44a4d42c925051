"""Reading of duty records, and of the rows of law with who verified them."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervise.accounts.choices import jurisdictions
from supervise.accounts.queries import people
from supervise.core.errors import NotFound
from supervise.core.resources import folder
from supervise.duties.models import DutyConfirmation, DutyRecord, DutyStep
from supervise.duties.rules.guide import Clock, Confirmed
from supervise.duties.rules.rows import Book, load_book


@cache
def book() -> Book:
    """Return the rows of law that can be read, and what is wrong with the others; read once."""
    return load_book(folder("config") / "duties", jurisdictions())


def duty_title(duty_id: str) -> str:
    """Return what a duty is called; of one whose file cannot be read, plain words."""
    known = book().duties.get(duty_id)
    return known.title if known else "A duty to report or to protect"


def record(session: Session, record_id: str) -> DutyRecord:
    """Return one record; raise NotFound."""
    found = session.get(DutyRecord, record_id)
    if found is None:
        raise NotFound
    return found


def records_of(session: Session, person_id: str, org_id: str) -> list[DutyRecord]:
    """Return a person's own records in an organisation, open ones first, then the latest."""
    rows = session.scalars(
        select(DutyRecord)
        .where(DutyRecord.owner_id == person_id, DutyRecord.org_id == org_id)
        .order_by(DutyRecord.state.desc(), DutyRecord.opened_at.desc(), DutyRecord.id)
    )
    return list(rows)


def open_of(session: Session, person_id: str, org_id: str) -> list[DutyRecord]:
    """Return what a person has not closed, what ends first at the top."""
    rows = session.scalars(
        select(DutyRecord)
        .where(DutyRecord.owner_id == person_id, DutyRecord.org_id == org_id, DutyRecord.state == "open")
        .order_by(DutyRecord.next_at, DutyRecord.id)
    )
    return list(rows)


def on_case(session: Session, case_id: str) -> list[DutyRecord]:
    """Return all records that belong to a case, first opened first; who may read each is asked of policy."""
    rows = session.scalars(select(DutyRecord).where(DutyRecord.case_id == case_id))
    return sorted(rows, key=lambda row: (row.opened_at, row.id))


def steps_of(session: Session, record_id: str) -> list[DutyStep]:
    """Return who was told, in the order in which it happened."""
    rows = session.scalars(select(DutyStep).where(DutyStep.record_id == record_id))
    return sorted(rows, key=lambda row: (row.at, row.id))


def clocks_of(row: DutyRecord) -> list[Clock]:
    """Return the clocks that a record keeps."""
    return [
        Clock(one["key"], one["digest"], one["which"], datetime.fromisoformat(one["at"]), one["why"])
        for one in row.clocks
    ]


def confirmations(session: Session, org_id: str) -> Mapping[str, list[Confirmed]]:
    """Return by row key who of the organisation verified the row as it is now; words on older texts count no more."""
    rows = [row for row in live_confirmations(session, org_id) if _current(row)]
    names = {person_id: person.name for person_id, person in people(session, {row.by_id for row in rows}).items()}
    found: dict[str, list[Confirmed]] = {}
    for row in rows:
        found.setdefault(row.row_key, []).append(Confirmed(names.get(row.by_id, "?"), row.at, row.read))
    return found


def live_confirmations(session: Session, org_id: str) -> list[DutyConfirmation]:
    """Return the confirmations of an organisation that were not taken back, the earliest first."""
    rows = session.scalars(
        select(DutyConfirmation).where(DutyConfirmation.org_id == org_id, DutyConfirmation.withdrawn_at.is_(None))
    )
    return sorted(rows, key=lambda row: (row.at, row.id))


def _current(row: DutyConfirmation) -> bool:
    known = book().rows.get(row.row_key)
    return known is not None and known.digest == row.digest

"""What waits for whose signature: a meeting's row for whoever led it, any other row for the day's supervisor.

Rows that come to a day after it was signed may also be signed by the successor of a supervisor who no longer supervises
there; ``instead_of`` says for whom someone stands in, as (place of work, former supervisor).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from supervise.hours.models import AttestedRow, DayRecord, HourEntry
from supervise.hours.queries import signed_ids

StandsIn = Collection[tuple[str, str]]


def signer_of(row: HourEntry, record: DayRecord) -> str | None:
    """Return who signs a row: the supervisor who led the meeting, else the one to whom the day was submitted."""
    return row.supervisor_id or record.supervisor_id


def _waiting(supervisor_id: str, instead_of: StandsIn) -> Select[HourEntry, DayRecord]:
    signer = func.coalesce(HourEntry.supervisor_id, DayRecord.supervisor_id)
    earlier = aliased(HourEntry)
    signed_before = (
        select(AttestedRow.entry_id)
        .join(earlier, earlier.id == AttestedRow.entry_id)
        .where(
            earlier.person_id == DayRecord.person_id,
            earlier.setting_id == DayRecord.setting_id,
            earlier.day == DayRecord.day,
        )
        .exists()
    )
    formers = [and_(DayRecord.setting_id == place, signer == former) for place, former in sorted(instead_of)]
    mine = or_(signer == supervisor_id, and_(signed_before, or_(*formers))) if formers else signer == supervisor_id
    return (
        select(HourEntry, DayRecord)
        .join(
            DayRecord,
            and_(
                HourEntry.person_id == DayRecord.person_id,
                HourEntry.setting_id == DayRecord.setting_id,
                HourEntry.day == DayRecord.day,
            ),
        )
        .outerjoin(AttestedRow, AttestedRow.entry_id == HourEntry.id)
        .where(DayRecord.state == "submitted", AttestedRow.entry_id.is_(None), mine)
    )


def rows_waiting(
    session: Session,
    supervisor_id: str,
    person_id: str | None = None,
    org_id: str | None = None,
    instead_of: StandsIn = (),
) -> list[tuple[HourEntry, DayRecord]]:
    """Return the unsigned rows of submitted days that a supervisor may sign, each with its day, the oldest first."""
    statement = _waiting(supervisor_id, instead_of)
    if person_id is not None:
        statement = statement.where(DayRecord.person_id == person_id)
    if org_id is not None:
        statement = statement.where(DayRecord.org_id == org_id)
    found = session.execute(statement.order_by(DayRecord.day, DayRecord.id, HourEntry.recorded_at, HourEntry.id))
    return [(row, record) for row, record in found]


def days_waiting(
    session: Session,
    supervisor_id: str,
    person_id: str | None = None,
    org_id: str | None = None,
    instead_of: StandsIn = (),
) -> list[DayRecord]:
    """Return the submitted days with rows that a supervisor may sign, the oldest first."""
    found = rows_waiting(session, supervisor_id, person_id, org_id, instead_of)
    return [*dict.fromkeys(record for _, record in found)]


def unsigned_rows(session: Session, records: Sequence[DayRecord]) -> list[HourEntry]:
    """Return the rows of these days that are not yet under a signature, whoever is to sign them."""
    if not records:
        return []
    keys = {(r.person_id, r.setting_id, r.day) for r in records}
    rows = session.scalars(
        select(HourEntry)
        .where(
            HourEntry.person_id.in_({r.person_id for r in records}),
            HourEntry.day >= min(r.day for r in records),
            HourEntry.day <= max(r.day for r in records),
        )
        .order_by(HourEntry.day, HourEntry.recorded_at, HourEntry.id)
    )
    found = [row for row in rows if (row.person_id, row.setting_id, row.day) in keys]
    signed = signed_ids(session, [row.id for row in found])
    return [row for row in found if row.id not in signed]


def sent_back_days(session: Session, person_id: str) -> list[DayRecord]:
    """Return days that a supervisor sent back, as a whole or what was not signed, and that were not submitted again."""
    rows = session.scalars(
        select(DayRecord).where(
            DayRecord.person_id == person_id,
            DayRecord.state.in_(("draft", "returned")),
            DayRecord.sent_back_reason != "",
        )
    )
    return list(rows)


@dataclass(frozen=True, slots=True)
class ToSign:
    """Rows of one person that wait for a supervisor's signature: on how many days, and how long in all."""

    person_id: str
    days: int
    first: date
    last: date
    since: datetime
    minutes: int


def to_sign(session: Session, supervisor_id: str, instead_of: StandsIn = ()) -> list[ToSign]:
    """Return what waits for a supervisor's signature, one line a person, who has waited longest first."""
    found: dict[str, list[tuple[HourEntry, DayRecord]]] = {}
    for row, record in rows_waiting(session, supervisor_id, instead_of=instead_of):
        found.setdefault(record.person_id, []).append((row, record))
    lines = [_line(person_id, pairs) for person_id, pairs in found.items()]
    return sorted((line for line in lines if line is not None), key=lambda line: (line.since, line.person_id))


def _line(person_id: str, pairs: Iterable[tuple[HourEntry, DayRecord]]) -> ToSign | None:
    pairs = [*pairs]
    days = {record.day for _, record in pairs}
    since = [record.submitted_at for _, record in pairs if record.submitted_at]
    minutes = sum(row.minutes for row, _ in pairs)
    return ToSign(person_id, len(days), min(days), max(days), min(since), minutes) if since else None

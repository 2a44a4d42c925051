"""Signing, sending back and locking. A signature covers exactly the rows that were shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from supervise.core.errors import Conflict, Invalid, NotFound, Refused
from supervise.core.uow import UnitOfWork
from supervise.events import DaysAttested, DaysSentBack
from supervise.hours import queries
from supervise.hours.models import Attestation, AttestedRow, DayRecord, HourEntry
from supervise.hours.service.rows import day_rows, touch
from supervise.hours.waiting import StandsIn, rows_waiting, signer_of, unsigned_rows


def send_back(
    work: UnitOfWork, person_id: str, record_ids: Sequence[str], reason: str, instead_of: StandsIn = ()
) -> None:
    """Give submitted days back to the licensee with a reason; of a partly signed day only what is not signed.

    ``instead_of``: for whom the actor stands in.
    """
    if not reason.strip():
        raise Invalid("Say what should be changed.", "reason")
    if not record_ids:
        raise Invalid("Tick the days to send back.", "days")
    waiting = rows_waiting(work.session, work.actor.person_id, person_id, instead_of=instead_of)
    days = []
    for record in (work.session.get(DayRecord, record_id) for record_id in dict.fromkeys(record_ids)):
        if record is None or record.person_id != person_id:
            raise NotFound()
        rows = [row for row, of in waiting if of is record]
        if not rows and record.supervisor_id != work.actor.person_id:
            raise NotFound()
        if record.state != "submitted" or not rows:
            raise Conflict("One of these days does not wait for you any more.")
        if record.supervisor_id != work.actor.person_id and all(r.supervisor_id == work.actor.person_id for r in rows):
            raise Refused("Only your own meetings of that day wait for you; take a meeting's record back instead.")
        partly = queries.signed_ids(work.session, [row.id for row in day_rows(work, record)])
        record.state, record.sent_back_reason = "returned" if partly else "draft", reason.strip()
        touch(work, record)
        days.append(str(record.day))
    work.emit(DaysSentBack(work.actor.org_id, person_id, " ".join(sorted(days))))


@dataclass(frozen=True, slots=True)
class Signature:
    """What a supervisor signs: rows of one person's days in one setting as shown (by hash), and the drawing.

    ``instead_of``: the former supervisor whose rows these would be, empty where they are the actor's own to sign.
    """

    person_id: str
    setting_id: str
    record_ids: tuple[str, ...]
    rows_hash: str
    statement: str
    drawing: str
    instead_of: str = ""


def attest(work: UnitOfWork, signature: Signature) -> Attestation:
    """Sign exactly the rows that were shown. Raises Conflict when any of them changed, or was signed meanwhile."""
    records = _days_of(work, signature)
    rows = _rows_of(work, signature, records)
    if not rows or queries.rows_hash(rows) != signature.rows_hash:
        raise Conflict("The rows changed after you opened the page. Nothing was signed; look again before you sign.")
    signed = Attestation(
        org_id=work.actor.org_id,
        person_id=signature.person_id,
        supervisor_id=work.actor.person_id,
        setting_id=signature.setting_id,
        days=[str(record.day) for record in records],
        rows_hash=signature.rows_hash,
        statement=signature.statement,
        signature=signature.drawing,
        signed_at=work.now,
    )
    work.session.add(signed)
    ids = {row.id for row in rows}
    unsigned = {row.day for row in unsigned_rows(work.session, records) if row.id not in ids}
    for record in records:
        if record.day not in unsigned:  # else it waits on, for whoever signs the rest
            record.state, record.attested_at = "attested", work.now
        touch(work, record)
    work.session.add_all([AttestedRow(entry_id=row_id, attestation_id=signed.id) for row_id in ids])
    try:
        work.session.flush()
    except IntegrityError as error:
        raise Conflict("Someone signed these rows at the same moment. Nothing was signed twice.") from error
    work.emit(DaysAttested(work.actor.org_id, signed.id, signature.person_id, " ".join(signed.days)))
    return signed


def _days_of(work: UnitOfWork, signature: Signature) -> list[DayRecord]:
    whose = signature.instead_of or work.actor.person_id
    found = []
    for record_id in signature.record_ids:
        record = work.session.get(DayRecord, record_id)
        if record is None or record.person_id != signature.person_id:
            raise NotFound()
        if whose not in {signer_of(row, record) for row in day_rows(work, record)}:
            raise NotFound()
        if record.setting_id != signature.setting_id or record.state != "submitted":
            raise Conflict("One of these days does not wait for your signature any more. Look again before you sign.")
        found.append(record)
    if not found:
        raise NotFound()
    return found


def _rows_of(work: UnitOfWork, signature: Signature, records: Sequence[DayRecord]) -> list[HourEntry]:
    """Return the unsigned rows of these days that this signature is for."""
    days = {record.day: record for record in records}
    whose = signature.instead_of or work.actor.person_id
    return [row for row in unsigned_rows(work.session, records) if signer_of(row, days[row.day]) == whose]


def lock_days(work: UnitOfWork, attested_before: datetime, person_id: str | None = None) -> int:
    """Lock signed days; what is corrected afterwards is a reversal, as before, and shows beside what was signed."""
    statement = select(DayRecord).where(DayRecord.state == "attested", DayRecord.attested_at <= attested_before)
    if person_id is not None:
        statement = statement.where(DayRecord.person_id == person_id)
    records = work.session.scalars(statement.limit(1000)).all()
    for record in records:
        record.state, record.locked_at = "locked", work.now
    return len(records)

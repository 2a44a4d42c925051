"""Who may sign a row of hours that waits: its supervisor, or whoever supervises there now when that one has gone."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy.orm import Session

from supervise.accounts.models import Person
from supervise.accounts.queries import people
from supervise.core.clock import local_day
from supervise.core.uow import UnitOfWork
from supervise.events import NobodyCanSign
from supervise.hours.models import DayRecord, HourEntry
from supervise.hours.queries import signed_ids
from supervise.hours.waiting import signer_of
from supervise.supervision.queries import agreement_on, is_former, latest_agreement, still_supervises


def may_sign(session: Session, record: DayRecord, signer_id: str, today: date, partly_signed: bool) -> list[str]:
    """Return who may sign rows of a day that are a supervisor's to sign; empty where nobody can.

    What came to a signed day may be signed by a successor too, once its supervisor no longer supervises there.
    """
    found = [signer_id] if still_supervises(session, signer_id, record.org_id) else []
    if partly_signed and is_former(session, record.setting_id, signer_id, record.org_id, today):
        now_there = agreement_on(session, record.person_id, record.setting_id, today)
        found += [
            a.supervisor_id
            for a in now_there
            if a.org_id == record.org_id and still_supervises(session, a.supervisor_id, record.org_id)
        ]
    return [*dict.fromkeys(found)]


def told_about(work: UnitOfWork, record: DayRecord) -> list[str]:
    """Return who is told that a row of the day's supervisor comes to a signed day, administrators if nobody."""
    signer_id = record.supervisor_id or ""
    found = may_sign(work.session, record, signer_id, local_day(work.now, work.actor.zone), partly_signed=True)
    if not found:
        agreement = latest_agreement(work.session, record.setting_id, signer_id, record.org_id)
        if agreement is not None:
            work.emit(NobodyCanSign(record.org_id, agreement.id, record.person_id, str(record.day)))
    return found


def waits_for(session: Session, record: DayRecord, rows: Iterable[HourEntry], today: date) -> dict[str, list[Person]]:
    """Return, by id of each unsigned row of a submitted day, who may sign it; an empty list where nobody can."""
    rows = [*rows]
    signed = signed_ids(session, [row.id for row in rows])
    found = {
        row.id: may_sign(session, record, signer_of(row, record) or "", today, bool(signed))
        for row in rows
        if row.id not in signed
    }
    names = people(session, {i for ids in found.values() for i in ids})
    return {row_id: [names[i] for i in ids] for row_id, ids in found.items()}

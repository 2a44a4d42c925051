"""What comes to a day after it was submitted: corrections, meetings, and meetings taken back."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from supervise.accounts.models import Setting
from supervise.core.clock import local
from supervise.core.errors import Conflict, Invalid, NotFound, Refused
from supervise.core.uow import UnitOfWork
from supervise.events import HoursAdded, HoursCorrected
from supervise.hours import queries
from supervise.hours.models import DayRecord, HourEntry
from supervise.hours.rules import CATEGORIES
from supervise.hours.service.rows import (
    MOST_IN_A_ROW,
    new_row,
    own_setting,
    record_of,
    refuse_beyond,
    tell_signers,
    wait_again,
    works_there,
)


def correct_entry(
    work: UnitOfWork, entry_id: str, minutes: int, reason: str, told: Collection[str] | None = None
) -> None:
    """Replace a row that stands by a reversal and, unless ``minutes`` is 0, a new row; both wait for a signature.

    ``told`` are those who may sign them, where it is not the day's supervisor alone.
    """
    row = queries.entry(work.session, entry_id)
    if row.person_id != work.actor.person_id:
        raise NotFound()
    if row.source == "meeting":
        raise Refused("Supervision comes from meetings; ask the supervisor who led it to take the record back.")
    if not reason.strip():
        raise Invalid("A correction needs a reason.", "reason")
    if not 0 <= minutes <= MOST_IN_A_ROW:
        raise Invalid("A day has 1,440 minutes.", "minutes")
    if minutes == row.minutes:
        raise Invalid("That is what stands there already.", "minutes")
    rows = queries.standing(queries.entries(work.session, row.person_id, since=row.day, until=row.day))
    refuse_beyond(row.day, row.zone, sum(r.minutes for r in rows if r is not row) + minutes, "minutes")
    setting = own_setting(work, row.setting_id)
    record = record_of(work, setting, row.day)
    if record.state == "draft":
        raise Refused("This day is a draft; change it on the day's page.")
    reversal = reverse(work, row, reason.strip())
    if minutes:
        new = new_row(work, record, setting, row.category, minutes, source=row.source, reason=reason.strip())
        new.mode, new.degree, new.pay, new.zone, new.org_id = row.mode, row.degree, row.pay, row.zone, row.org_id
        work.session.add(new)
    _wait_for_signers(work, record, told)
    work.session.flush()
    work.emit(HoursCorrected(row.org_id, reversal.id, row.id))


def add_entry(
    work: UnitOfWork,
    setting_id: str,
    day: date,
    category: str,
    minutes: int,
    reason: str,
    told: Collection[str] | None = None,
) -> HourEntry:
    """Add a kind of work that is missing on a submitted or signed day; the row waits for a signature.

    ``told`` are those who may sign it, where it is not the day's supervisor alone.
    """
    setting = own_setting(work, setting_id)
    record = queries.day_record(work.session, work.actor.person_id, setting.id, day)
    if record is None or record.state == "draft":
        raise Refused("This day is a draft; write it on the day's page.")
    if category not in CATEGORIES or category == "supervision":
        raise Invalid("Choose a kind of work. Supervision comes from meetings.", "category")
    if not reason.strip():
        raise Invalid("A row that is added later needs a reason.", "reason")
    if not 1 <= minutes <= MOST_IN_A_ROW:
        raise Invalid("From 1 to 1,440 minutes.", "minutes")
    rows = queries.standing(queries.entries(work.session, record.person_id, since=day, until=day))
    if any(row.category == category and row.setting_id == setting.id and row.source != "meeting" for row in rows):
        raise Invalid("That kind of work stands on this day; correct its row instead.", "category")
    refuse_beyond(day, work.actor.zone, sum(row.minutes for row in rows) + minutes, "minutes")
    row = new_row(work, record, setting, category, minutes, source="typed", reason=reason.strip(), org_id=record.org_id)
    like = next((r for r in rows if r.setting_id == setting.id), None)
    if like is not None:  # the place may have been mended since
        row.degree, row.pay, row.zone = like.degree, like.pay, like.zone
    work.session.add(row)
    _wait_for_signers(work, record, told)
    work.session.flush()
    work.emit(HoursAdded(row.org_id, row.id, str(day)))
    return row


def _wait_for_signers(work: UnitOfWork, record: DayRecord, told: Collection[str] | None) -> None:
    """Let a signed day wait again, and tell those who may sign; a submitted one waits already."""
    waited = record.state == "submitted"
    wait_again(work, record, by_licensee=True)
    if not waited:
        tell_signers(work, record, [record.supervisor_id or ""] if told is None else told)


def reverse(work: UnitOfWork, row: HourEntry, reason: str) -> HourEntry:
    """Write the reversal of a row; raise Conflict if it was reversed before."""
    again = work.session.scalars(select(HourEntry.id).where(HourEntry.reverses_id == row.id)).first()
    if row.reverses_id is not None or again is not None:
        raise Conflict("This row was corrected before; correct the row that stands now.")
    names = (
        "person_id", "org_id", "setting_id", "supervisor_id", "day", "zone", "starts", "category", "mode", "attendees",
        "degree", "pay", "source", "meeting_id",
    )  # fmt: skip
    reversal = HourEntry(
        **{name: getattr(row, name) for name in names},
        minutes=-row.minutes,
        reverses_id=row.id,
        reason=reason,
        recorded_by=work.actor.person_id,
        recorded_at=work.now,
    )
    work.session.add(reversal)
    try:
        work.session.flush()
    except IntegrityError as error:
        raise Conflict("This row was corrected at the same moment; look at what stands now.") from error
    return reversal


def book_supervision(
    work: UnitOfWork,
    *,
    setting: Setting,
    supervisor_id: str,
    starts_at: datetime,
    zone: str,
    minutes: int,
    mode: str,
    attendees: int,
    meeting_id: str,
) -> HourEntry:
    """Write an attendee's row of a meeting, on the day on which it began in ``zone``, the attendee's own."""
    there = local(starts_at, zone)
    day = there.date()
    if not works_there(setting, day):
        raise Invalid(f"The day lies outside the dates of {setting.name}.", "day")
    rows = queries.standing(queries.entries(work.session, setting.person_id, since=day, until=day))
    refuse_beyond(day, zone, sum(r.minutes for r in rows) + minutes, None)
    record = record_of(work, setting, day)
    row = new_row(
        work, record, setting, "supervision", minutes, source="meeting", zone=zone, starts=f"{there:%H:%M}",
        org_id=work.actor.org_id, supervisor_id=supervisor_id, mode=mode, attendees=attendees, meeting_id=meeting_id,
    )  # fmt: skip
    work.session.add(row)
    wait_again(work, record)
    work.session.flush()
    return row


def reverse_meeting(work: UnitOfWork, meeting_id: str, reason: str) -> None:
    """Reverse every row of a meeting that still stands; signed days wait for a signature over the reversal."""
    rows = work.session.scalars(select(HourEntry).where(HourEntry.meeting_id == meeting_id)).all()
    for row in queries.standing(rows):
        reversal = reverse(work, row, reason)
        record = queries.day_record(work.session, row.person_id, row.setting_id, row.day)
        if record is not None:
            wait_again(work, record)
        work.emit(HoursCorrected(row.org_id, reversal.id, row.id))

"""The verbs of the ledger. A row is never changed; a signature covers exactly the rows that were shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from supervise.accounts.models import Setting
from supervise.core.clock import local, local_day
from supervise.core.errors import Conflict, Invalid, NotFound, Refused
from supervise.core.uow import UnitOfWork
from supervise.events import DayLogged, DayRecalled, DaysAttested, DaysSentBack, DaysSubmitted, HoursCorrected
from supervise.hours import queries
from supervise.hours.models import Attestation, AttestedRow, DayRecord, HourEntry
from supervise.hours.rules import CATEGORIES, minutes_in

MOST_IN_A_ROW = 24 * 60
SIGNED = ("attested", "locked")


def own_setting(work: UnitOfWork, setting_id: str) -> Setting:
    """Return a place of work of the actor; raise NotFound for anyone else's."""
    setting = work.session.get(Setting, setting_id)
    if setting is None or setting.person_id != work.actor.person_id:
        raise NotFound()
    return setting


def save_day(
    work: UnitOfWork, setting_id: str, day: date, minutes: Mapping[str, int], seen: int | None = None
) -> DayRecord:
    """Write the typed minutes of a draft day, by category. Meetings' rows are untouched: supervision is not typed.

    ``seen`` is the version of the day that the page showed (0: nothing was written yet); raises Conflict if it moved.
    """
    setting = own_setting(work, setting_id)
    _refuse_day(work, setting, day)
    record = queries.day_record(work.session, work.actor.person_id, setting.id, day)
    if seen is not None and seen != (record.version if record else 0):
        raise Conflict(
            "This day was changed in another window, or a meeting was recorded on it. The table shows what is saved, "
            "the fields what you typed; save again to keep yours."
        )
    if record is not None and record.state != "draft":
        raise Refused("This day was submitted. Take it back first, or correct single rows if it is signed.")
    wanted = {category: value for category, value in minutes.items() if value}
    for category in wanted:
        if category not in CATEGORIES or category == "supervision":
            raise Invalid("That kind of work cannot be typed here.", category)
    _refuse_total(work, day, setting_id, wanted)
    record = record or _record(work, setting, day)
    for row in queries.standing(_day_rows(work, record)):
        if row.source != "typed":
            continue
        same_place = (row.degree, row.pay) == (setting.degree, setting.pay)  # the place may have been mended since
        if wanted.get(row.category) == row.minutes and same_place:
            del wanted[row.category]
        else:
            work.session.delete(row)
    for category, value in wanted.items():
        work.session.add(_new_row(work, record, setting, category, value, source="typed"))
    _touch(work, record)
    work.session.flush()
    work.emit(DayLogged(record.org_id, record.person_id, setting.id, str(day)))
    return record


def _refuse_day(work: UnitOfWork, setting: Setting, day: date) -> None:
    if day > local_day(work.now, work.actor.zone):
        raise Invalid("Hours are logged for days that have been.", "day")
    if day < setting.starts_on or (setting.ends_on is not None and day > setting.ends_on):
        raise Invalid(f"You did not work at {setting.name} on that day; change the place's dates under Account.", "day")


def _refuse_total(work: UnitOfWork, day: date, setting_id: str, wanted: Mapping[str, int]) -> None:
    for category, value in wanted.items():
        if not 0 <= value <= MOST_IN_A_ROW:
            raise Invalid("A day has 1,440 minutes.", category)
    rows = queries.standing(queries.entries(work.session, work.actor.person_id, since=day, until=day))
    others = sum(row.minutes for row in rows if row.setting_id != setting_id or row.source != "typed")
    _refuse_beyond(day, work.actor.zone, others + sum(wanted.values()), next(iter(wanted), None))


def _refuse_beyond(day: date, zone: str, total: int, field: str | None) -> None:
    """Raise Invalid where all that stands on a day would be longer than the day itself, whatever its clocks did."""
    most = minutes_in(day, zone)
    if total > most:
        hours = f"{most // 60} hours" if most % 60 == 0 else f"{most:,} minutes"
        raise Invalid(f"With everything else that stands on this day it is more than {hours}.", field)


def _record(work: UnitOfWork, setting: Setting, day: date) -> DayRecord:
    """Return the state of a day, made as a draft where nothing was written yet."""
    record = queries.day_record(work.session, setting.person_id, setting.id, day)
    if record is None:
        record = DayRecord(
            person_id=setting.person_id, org_id=work.actor.org_id, setting_id=setting.id, day=day, state="draft",
            changed_at=work.now, sent_back_reason="",
        )  # fmt: skip
        work.session.add(record)
        try:
            work.session.flush()
        except IntegrityError as error:
            raise Conflict("Something was written on this day at the same moment. Look at it and try again.") from error
    return record


def _touch(work: UnitOfWork, record: DayRecord) -> None:
    """Move the day's version with its rows; raise Conflict when someone else moved it since it was read."""
    record.changed_at = work.now
    flag_modified(record, "changed_at")  # also where the clock did not move
    try:
        work.session.flush()
    except StaleDataError as error:
        raise Conflict("This day was changed at the same moment. Nothing was saved; look at it first.") from error


def _day_rows(work: UnitOfWork, record: DayRecord) -> list[HourEntry]:
    return queries.entries(
        work.session, record.person_id, since=record.day, until=record.day, setting_id=record.setting_id
    )


def _new_row(
    work: UnitOfWork, record: DayRecord, setting: Setting, category: str, minutes: int, *, source: str, **more: object
) -> HourEntry:
    values: dict[str, object] = {
        "person_id": record.person_id,
        "org_id": record.org_id,
        "setting_id": record.setting_id,
        "day": record.day,
        "zone": work.actor.zone,
        "minutes": minutes,
        "category": category,
        "mode": "in_person",
        "degree": setting.degree,
        "pay": setting.pay,
        "source": source,
        "starts": "",
        "reason": "",
        "recorded_by": work.actor.person_id,
        "recorded_at": work.now,
    }
    return HourEntry(**(values | more))


def submit_days(work: UnitOfWork, setting_id: str, supervisors: Mapping[date, str]) -> None:
    """Submit draft days, each to the supervisor given for it (whom the flow took from the agreement in force)."""
    setting = own_setting(work, setting_id)
    for day, supervisor_id in supervisors.items():
        record = queries.day_record(work.session, work.actor.person_id, setting.id, day)
        rows = queries.standing(_day_rows(work, record)) if record else []
        if record is None or not rows:
            raise Refused(f"Nothing is written on {day:%A} {day.day} {day:%B}.")
        if record.state != "draft":
            raise Conflict(f"{day:%A} {day.day} {day:%B} was submitted before.")
        record.state, record.supervisor_id, record.submitted_at = "submitted", supervisor_id, work.now
        record.sent_back_reason, record.org_id = "", work.actor.org_id
        for row in rows:
            if row.source == "typed":
                row.org_id = work.actor.org_id  # where the supervisor signs, whichever door the licensee came through
        _touch(work, record)
    for supervisor_id in sorted(set(supervisors.values())):
        days = " ".join(str(day) for day, found in sorted(supervisors.items()) if found == supervisor_id)
        work.emit(DaysSubmitted(work.actor.org_id, work.actor.person_id, setting.id, days, supervisor_id))


def recall_day(work: UnitOfWork, setting_id: str, day: date) -> None:
    """Take a submitted day back to draft, as long as nobody has signed any of it."""
    setting = own_setting(work, setting_id)
    record = queries.day_record(work.session, work.actor.person_id, setting.id, day)
    if record is None or record.state != "submitted":
        raise Refused("Only a submitted day that nobody has signed can be taken back.")
    if queries.signed_ids(work.session, [row.id for row in _day_rows(work, record)]):
        raise Refused("Part of this day is signed. Correct the row in question instead.")
    record.state, record.supervisor_id = "draft", None
    _touch(work, record)
    work.emit(DayRecalled(record.org_id, record.person_id, setting.id, str(day)))


def send_back(work: UnitOfWork, person_id: str, record_ids: Sequence[str], reason: str) -> None:
    """Give submitted days back to the licensee with a reason; the actor is their supervisor."""
    if not reason.strip():
        raise Invalid("Say what should be changed.", "reason")
    if not record_ids:
        raise Invalid("Tick the days to send back.", "days")
    days = []
    for record in (work.session.get(DayRecord, record_id) for record_id in dict.fromkeys(record_ids)):
        if record is None or record.supervisor_id != work.actor.person_id or record.person_id != person_id:
            raise NotFound()
        if record.state != "submitted":
            raise Conflict("One of these days does not wait for you any more.")
        if queries.signed_ids(work.session, [row.id for row in _day_rows(work, record)]):
            raise Refused(
                f"Part of {record.day:%A} {record.day.day} {record.day:%B} is signed, so it cannot go back as a whole. "
                "Say what is wrong with the correction; it is corrected again, and you sign what then stands."
            )
        record.state, record.sent_back_reason = "draft", reason.strip()
        _touch(work, record)
        days.append(str(record.day))
    work.emit(DaysSentBack(work.actor.org_id, person_id, " ".join(sorted(days))))


@dataclass(frozen=True, slots=True)
class Signature:
    """What a supervisor signs: days of one person in one setting, the rows shown (by hash), and the drawing."""

    person_id: str
    setting_id: str
    record_ids: tuple[str, ...]
    rows_hash: str
    statement: str
    drawing: str


def attest(work: UnitOfWork, signature: Signature) -> Attestation:
    """Sign exactly the rows that were shown. Raises Conflict when any of them changed, or was signed meanwhile."""
    records = [work.session.get(DayRecord, record_id) for record_id in signature.record_ids]
    found = [r for r in records if r is not None]
    if not found or len(found) != len(records):
        raise NotFound()
    for record in found:
        if record.supervisor_id != work.actor.person_id or record.person_id != signature.person_id:
            raise NotFound()
        if record.setting_id != signature.setting_id or record.state != "submitted":
            raise Conflict("One of these days does not wait for your signature any more. Look again before you sign.")
    rows = queries.rows_of_days(work.session, found)
    if not rows or queries.rows_hash(rows) != signature.rows_hash:
        raise Conflict("The rows changed after you opened the page. Nothing was signed; look again before you sign.")
    signed = Attestation(
        org_id=work.actor.org_id,
        person_id=signature.person_id,
        supervisor_id=work.actor.person_id,
        setting_id=signature.setting_id,
        days=[str(record.day) for record in found],
        rows_hash=signature.rows_hash,
        statement=signature.statement,
        signature=signature.drawing,
        signed_at=work.now,
    )
    work.session.add(signed)
    for record in found:
        record.state, record.attested_at = "attested", work.now
        _touch(work, record)
    work.session.add_all([AttestedRow(entry_id=row.id, attestation_id=signed.id) for row in rows])
    try:
        work.session.flush()
    except IntegrityError as error:
        raise Conflict("Someone signed these rows at the same moment. Nothing was signed twice.") from error
    work.emit(DaysAttested(work.actor.org_id, signed.id, signature.person_id, " ".join(signed.days)))
    return signed


def correct_entry(work: UnitOfWork, entry_id: str, minutes: int, reason: str) -> None:
    """Replace a row that stands by a reversal and, unless ``minutes`` is 0, a new row; both wait for a signature."""
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
    _refuse_beyond(row.day, row.zone, sum(r.minutes for r in rows if r is not row) + minutes, "minutes")
    setting = own_setting(work, row.setting_id)
    record = _record(work, setting, row.day)
    if record.state == "draft":
        raise Refused("This day is a draft; change it on the day's page.")
    reversal = reverse(work, row, reason.strip())
    if minutes:
        new = _new_row(work, record, setting, row.category, minutes, source=row.source, reason=reason.strip())
        new.mode, new.degree, new.pay, new.zone, new.org_id = row.mode, row.degree, row.pay, row.zone, row.org_id
        work.session.add(new)
    was_signed = record.state in SIGNED
    _wait_again(work, record)
    work.session.flush()
    work.emit(HoursCorrected(row.org_id, reversal.id, row.id))
    if was_signed and record.supervisor_id:
        work.emit(DaysSubmitted(record.org_id, row.person_id, setting.id, str(row.day), record.supervisor_id))


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


def _wait_again(work: UnitOfWork, record: DayRecord) -> None:
    """Note that rows came to a day; a signed one waits for the same supervisor again, for those rows only."""
    if record.state in SIGNED:
        record.state, record.submitted_at, record.locked_at = "submitted", work.now, None
    _touch(work, record)


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
    rows = queries.standing(queries.entries(work.session, setting.person_id, since=day, until=day))
    _refuse_beyond(day, zone, sum(r.minutes for r in rows) + minutes, None)
    record = _record(work, setting, day)
    row = _new_row(
        work, record, setting, "supervision", minutes, source="meeting", zone=zone, starts=f"{there:%H:%M}",
        org_id=work.actor.org_id, supervisor_id=supervisor_id, mode=mode, attendees=attendees, meeting_id=meeting_id,
    )  # fmt: skip
    work.session.add(row)
    _wait_again(work, record)
    work.session.flush()
    return row


def reverse_meeting(work: UnitOfWork, meeting_id: str, reason: str) -> None:
    """Reverse every row of a meeting that still stands; signed days wait for a signature over the reversal."""
    rows = work.session.scalars(select(HourEntry).where(HourEntry.meeting_id == meeting_id)).all()
    for row in queries.standing(rows):
        reversal = reverse(work, row, reason)
        record = queries.day_record(work.session, row.person_id, row.setting_id, row.day)
        if record is not None:
            _wait_again(work, record)
        work.emit(HoursCorrected(row.org_id, reversal.id, row.id))


def lock_days(work: UnitOfWork, attested_before: datetime, person_id: str | None = None) -> int:
    """Lock signed days; what is corrected afterwards is a reversal, as before, and shows beside what was signed."""
    statement = select(DayRecord).where(DayRecord.state == "attested", DayRecord.attested_at <= attested_before)
    if person_id is not None:
        statement = statement.where(DayRecord.person_id == person_id)
    records = work.session.scalars(statement.limit(1000)).all()
    for record in records:
        record.state, record.locked_at = "locked", work.now
    return len(records)

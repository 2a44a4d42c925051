"""The verbs of the ledger. A row is never changed; a signature covers exactly the rows that were shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from supervise.accounts.models import Setting
from supervise.core.clock import local, local_day
from supervise.core.errors import Conflict, Invalid, NotFound, Refused
from supervise.core.uow import UnitOfWork
from supervise.events import DaysAttested, DaysSentBack, DaysSubmitted, HoursCorrected
from supervise.hours import queries
from supervise.hours.models import Attestation, AttestedRow, DayRecord, HourEntry
from supervise.hours.rules import CATEGORIES

MINUTES_A_DAY = 24 * 60
SIGNED = ("attested", "locked")


def own_setting(work: UnitOfWork, setting_id: str) -> Setting:
    """Return a place of work of the actor; raise NotFound for anyone else's."""
    setting = work.session.get(Setting, setting_id)
    if setting is None or setting.person_id != work.actor.person_id:
        raise NotFound()
    return setting


def save_day(work: UnitOfWork, setting_id: str, day: date, minutes: Mapping[str, int]) -> DayRecord:
    """Write the typed minutes of a draft day, by category. Meetings' rows are untouched: supervision is not typed."""
    setting = own_setting(work, setting_id)
    _refuse_day(work, setting, day)
    record = _record(work, work.actor.person_id, setting, day)
    if record.state != "draft":
        raise Refused("This day was submitted. Take it back first, or correct single rows if it is signed.")
    wanted = {category: value for category, value in minutes.items() if value}
    for category in wanted:
        if category not in CATEGORIES or category == "supervision":
            raise Invalid("That kind of work cannot be typed here.", category)
    _refuse_total(work, day, setting_id, wanted)
    typed = [row for row in _day_rows(work, record) if row.source == "typed"]
    signed = queries.signed_ids(work.session, [row.id for row in typed])
    for row in typed:
        if row.id in signed or row.reverses_id:
            raise Refused("A row of this day is signed; it is corrected, not typed over.")
        if wanted.get(row.category) == row.minutes:
            del wanted[row.category]
        else:
            work.session.delete(row)
    for category, value in wanted.items():
        work.session.add(_new_row(work, setting, day, category, value, source="typed"))
    work.session.flush()
    return record


def _refuse_day(work: UnitOfWork, setting: Setting, day: date) -> None:
    if day > local_day(work.now, work.actor.zone):
        raise Invalid("Hours are logged for days that have been.", "day")
    if day < setting.starts_on or (setting.ends_on is not None and day > setting.ends_on):
        raise Invalid(f"You did not work at {setting.name} on that day; change the place's dates under Account.", "day")


def _refuse_total(work: UnitOfWork, day: date, setting_id: str, wanted: Mapping[str, int]) -> None:
    for category, value in wanted.items():
        if not 0 <= value <= MINUTES_A_DAY:
            raise Invalid("A day has 1,440 minutes.", category)
    rows = queries.standing(queries.entries(work.session, work.actor.person_id, since=day, until=day))
    others = sum(row.minutes for row in rows if row.setting_id != setting_id or row.source != "typed")
    if others + sum(wanted.values()) > MINUTES_A_DAY:
        raise Invalid("With what else stands on this day that is more than 24 hours.", next(iter(wanted), None))


def _record(work: UnitOfWork, person_id: str, setting: Setting, day: date) -> DayRecord:
    record = queries.day_record(work.session, person_id, setting.id, day)
    if record is None:
        record = DayRecord(
            person_id=person_id, org_id=work.actor.org_id, setting_id=setting.id, day=day, state="draft",
            sent_back_reason="",
        )  # fmt: skip
        work.session.add(record)
        work.session.flush()
    return record


def _day_rows(work: UnitOfWork, record: DayRecord) -> list[HourEntry]:
    return queries.entries(
        work.session, record.person_id, since=record.day, until=record.day, setting_id=record.setting_id
    )


def _new_row(
    work: UnitOfWork, setting: Setting, day: date, category: str, minutes: int, *, source: str, **more: object
) -> HourEntry:
    values: dict[str, object] = {
        "person_id": setting.person_id,
        "org_id": work.actor.org_id,
        "setting_id": setting.id,
        "day": day,
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
        if record is None or not _day_rows(work, record):
            raise Refused(f"Nothing is written on {day:%A} {day.day} {day:%B}.")
        if record.state != "draft":
            raise Conflict(f"{day:%A} {day.day} {day:%B} was submitted before.")
        record.state, record.supervisor_id, record.submitted_at = "submitted", supervisor_id, work.now
        record.sent_back_reason = ""
    for supervisor_id in sorted(set(supervisors.values())):
        days = " ".join(str(day) for day, found in sorted(supervisors.items()) if found == supervisor_id)
        work.emit(DaysSubmitted(work.actor.org_id, work.actor.person_id, setting.id, days, supervisor_id))


def recall_day(work: UnitOfWork, setting_id: str, day: date) -> None:
    """Take a submitted day back to draft, as long as nobody has signed any of it."""
    setting = own_setting(work, setting_id)
    record = queries.day_record(work.session, work.actor.person_id, setting.id, day)
    if record is None or record.state != "submitted":
        raise Refused("Only a submitted day can be taken back.")
    rows = _day_rows(work, record)
    if queries.signed_ids(work.session, [row.id for row in rows]) or any(row.reverses_id for row in rows):
        raise Refused("Part of this day is signed. Correct the row in question instead.")
    record.state, record.supervisor_id = "draft", None


def send_back(work: UnitOfWork, record_ids: Sequence[str], reason: str) -> None:
    """Give submitted days back to the licensee with a reason; the actor is their supervisor."""
    if not reason.strip():
        raise Invalid("Say what should be changed.", "reason")
    records = [work.session.get(DayRecord, record_id) for record_id in record_ids]
    if not records:
        raise Invalid("Tick the days to send back.", "reason")
    for record in records:
        if record is None or record.supervisor_id != work.actor.person_id:
            raise NotFound()
        if record.state != "submitted":
            raise Conflict("One of these days does not wait for you any more.")
        signed = queries.signed_ids(work.session, [row.id for row in _day_rows(work, record)])
        if signed:
            raise Refused("Part of this day is signed; its corrections are signed or corrected again, not sent back.")
        record.state, record.sent_back_reason = "draft", reason.strip()
    person_id = records[0].person_id if records[0] else ""
    days = " ".join(str(record.day) for record in records if record)
    work.emit(DaysSentBack(work.actor.org_id, person_id, days))


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
    work.session.flush()
    work.session.add_all([AttestedRow(entry_id=row.id, attestation_id=signed.id) for row in rows])
    for record in found:
        record.state, record.attested_at = "attested", work.now
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
    if not 0 <= minutes <= MINUTES_A_DAY:
        raise Invalid("A day has 1,440 minutes.", "minutes")
    if minutes == row.minutes:
        raise Invalid("That is what stands there already.", "minutes")
    setting = own_setting(work, row.setting_id)
    record = _record(work, row.person_id, setting, row.day)
    if record.state == "draft":
        raise Refused("This day is a draft; change it on the day's page.")
    reversal = reverse(work, row, reason.strip())
    if minutes:
        new = _new_row(work, setting, row.day, row.category, minutes, source=row.source, reason=reason.strip())
        new.mode, new.degree, new.pay, new.zone = row.mode, row.degree, row.pay, row.zone
        work.session.add(new)
    _wait_again(work, record)
    work.session.flush()
    work.emit(HoursCorrected(row.org_id, reversal.id, row.id))


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
    work.session.flush()
    return reversal


def _wait_again(work: UnitOfWork, record: DayRecord) -> None:
    """A signed day has unsigned rows again: it waits for the same supervisor, for those rows only."""
    if record.state in SIGNED:
        record.state, record.submitted_at, record.locked_at = "submitted", work.now, None


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
    """Write an attendee's row of a meeting, on the local day on which it began."""
    there = local(starts_at, zone)
    record = _record(work, setting.person_id, setting, there.date())
    row = _new_row(
        work, setting, there.date(), "supervision", minutes, source="meeting", zone=zone, starts=f"{there:%H:%M}",
        supervisor_id=supervisor_id, mode=mode, attendees=attendees, meeting_id=meeting_id,
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

"""Rows and days as every verb of the ledger writes them."""

from collections.abc import Collection
from datetime import date

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from supervise.accounts.models import Setting
from supervise.core.clock import local_day
from supervise.core.errors import Conflict, Invalid, NotFound
from supervise.core.uow import UnitOfWork
from supervise.events import DaysSubmitted
from supervise.hours import queries
from supervise.hours.models import DayRecord, HourEntry
from supervise.hours.rules import minutes_in

MOST_IN_A_ROW = 24 * 60
SIGNED = ("attested", "locked")


def own_setting(work: UnitOfWork, setting_id: str) -> Setting:
    """Return a place of work of the actor; raise NotFound for anyone else's."""
    setting = work.session.get(Setting, setting_id)
    if setting is None or setting.person_id != work.actor.person_id:
        raise NotFound()
    return setting


def works_there(setting: Setting, day: date) -> bool:
    """Tell whether a day lies within the dates of a place of work."""
    return setting.starts_on <= day and (setting.ends_on is None or day <= setting.ends_on)


def refuse_day(work: UnitOfWork, setting: Setting, day: date) -> None:
    if day > local_day(work.now, work.actor.zone):
        raise Invalid("Hours are logged for days that have been.", "day")
    if not works_there(setting, day):
        raise Invalid(f"You did not work at {setting.name} on that day; change the place's dates under Account.", "day")


def refuse_beyond(day: date, zone: str, total: int, field: str | None) -> None:
    """Raise Invalid where all that stands on a day would be longer than the day itself, whatever its clocks did."""
    most = minutes_in(day, zone)
    if total > most:
        hours = f"{most // 60} hours" if most % 60 == 0 else f"{most:,} minutes"
        raise Invalid(f"With everything else that stands on this day it is more than {hours}.", field)


def record_of(work: UnitOfWork, setting: Setting, day: date) -> DayRecord:
    """Return the state of a day, made as a draft where nothing was written yet."""
    return queries.day_record(work.session, setting.person_id, setting.id, day) or new_record(work, setting, day)


def new_record(work: UnitOfWork, setting: Setting, day: date) -> DayRecord:
    """Begin a day on which nothing was written; raise Conflict when someone else began it since it was read."""
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


def touch(work: UnitOfWork, record: DayRecord) -> None:
    """Move the day's version with its rows; raise Conflict when someone else moved it since it was read."""
    record.changed_at = work.now
    flag_modified(record, "changed_at")  # also where the clock did not move
    try:
        work.session.flush()
    except StaleDataError as error:
        raise Conflict("This day was changed at the same moment. Nothing was saved; look at it first.") from error


def day_rows(work: UnitOfWork, record: DayRecord) -> list[HourEntry]:
    return queries.entries(
        work.session, record.person_id, since=record.day, until=record.day, setting_id=record.setting_id
    )


def new_row(
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


def wait_again(work: UnitOfWork, record: DayRecord, *, by_licensee: bool = False) -> None:
    """Note that rows came to a day; a signed one waits again, for those rows only.

    A day of which the unsigned rows were sent back waits again only once its licensee has done something about it.
    """
    if record.state in SIGNED or (record.state == "returned" and by_licensee):
        record.state, record.submitted_at, record.locked_at = "submitted", work.now, None
        record.sent_back_reason = ""
    touch(work, record)


def tell_signers(work: UnitOfWork, record: DayRecord, told: Collection[str]) -> None:
    """Tell supervisors that rows of a day wait for them."""
    for supervisor_id in sorted(told):
        work.emit(DaysSubmitted(record.org_id, record.person_id, record.setting_id, str(record.day), supervisor_id))

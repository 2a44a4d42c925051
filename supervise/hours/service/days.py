"""A day from the first row to its submission, and back to a draft."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta

from supervise.core.clock import local_day
from supervise.core.errors import Conflict, Invalid, Refused
from supervise.core.uow import UnitOfWork
from supervise.events import DayLogged, DayRecalled, DaysSubmitted
from supervise.hours import queries
from supervise.hours.models import DayRecord
from supervise.hours.rules import CATEGORIES
from supervise.hours.service.rows import (
    MOST_IN_A_ROW,
    day_rows,
    new_record,
    new_row,
    own_setting,
    refuse_beyond,
    refuse_day,
    tell_signers,
    touch,
    wait_again,
    works_there,
)
from supervise.hours.waiting import unsigned_rows


def save_day(
    work: UnitOfWork, setting_id: str, day: date, minutes: Mapping[str, int], seen: int | None = None
) -> DayRecord:
    """Write the typed minutes of a draft day, by category. Meetings' rows are untouched: supervision is not typed.

    ``seen`` is the version of the day that the page showed (0: nothing was written yet); raises Conflict if it moved.
    """
    setting = own_setting(work, setting_id)
    refuse_day(work, setting, day)
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
    record = record or new_record(work, setting, day)  # not read again: a day begun since then is a conflict
    for row in queries.standing(day_rows(work, record)):
        if row.source != "typed":
            continue
        same_place = (row.degree, row.pay) == (setting.degree, setting.pay)  # the place may have been mended since
        if wanted.get(row.category) == row.minutes and same_place:
            del wanted[row.category]
        else:
            work.session.delete(row)
    for category, value in wanted.items():
        work.session.add(new_row(work, record, setting, category, value, source="typed"))
    touch(work, record)
    work.session.flush()
    work.emit(DayLogged(record.org_id, record.person_id, setting.id, str(day)))
    return record


def repeat_week(work: UnitOfWork, setting_id: str, monday: date) -> int:
    """Write the typed rows of the week before as drafts of the same weekdays; return how many days were written.

    Days on which something was written, days to come and days outside the dates of the place stay as they are.
    """
    setting, today, written = own_setting(work, setting_id), local_day(work.now, work.actor.zone), 0
    before = queries.week(work.session, work.actor.person_id, setting.id, monday - timedelta(weeks=1))
    now = queries.week(work.session, work.actor.person_id, setting.id, monday)
    for like, day in zip(before, now, strict=True):
        minutes: dict[str, int] = {}
        for row in queries.standing(like.rows):
            if row.source == "typed":
                minutes[row.category] = minutes.get(row.category, 0) + row.minutes
        if minutes and day.record is None and day.day <= today and works_there(setting, day.day):
            save_day(work, setting.id, day.day, minutes)
            written += 1
    if not written:
        raise Refused("Nothing to repeat: the days are written already, or the week before holds nothing typed.")
    return written


def _refuse_total(work: UnitOfWork, day: date, setting_id: str, wanted: Mapping[str, int]) -> None:
    for category, value in wanted.items():
        if not 0 <= value <= MOST_IN_A_ROW:
            raise Invalid("A day has 1,440 minutes.", category)
    rows = queries.standing(queries.entries(work.session, work.actor.person_id, since=day, until=day))
    others = sum(row.minutes for row in rows if row.setting_id != setting_id or row.source != "typed")
    refuse_beyond(day, work.actor.zone, others + sum(wanted.values()), next(iter(wanted), None))


def submit_days(work: UnitOfWork, setting_id: str, supervisors: Mapping[date, str]) -> None:
    """Submit draft days, each to the supervisor given for it (whom the flow took from the agreement in force)."""
    setting = own_setting(work, setting_id)
    for day, supervisor_id in supervisors.items():
        record = queries.day_record(work.session, work.actor.person_id, setting.id, day)
        rows = queries.standing(day_rows(work, record)) if record else []
        if record is None or not rows:
            raise Refused(f"Nothing is written on {day:%A} {day.day} {day:%B}.")
        if record.state != "draft":
            raise Conflict(f"{day:%A} {day.day} {day:%B} was submitted before.")
        record.state, record.supervisor_id, record.submitted_at = "submitted", supervisor_id, work.now
        record.sent_back_reason, record.org_id = "", work.actor.org_id
        for row in rows:
            if row.source == "typed":
                row.org_id = work.actor.org_id  # where the supervisor signs, whichever door the licensee came through
        touch(work, record)
    for supervisor_id in sorted(set(supervisors.values())):
        days = " ".join(str(day) for day, found in sorted(supervisors.items()) if found == supervisor_id)
        work.emit(DaysSubmitted(work.actor.org_id, work.actor.person_id, setting.id, days, supervisor_id))
    _tell_leaders(work, setting.id, supervisors)


def _tell_leaders(work: UnitOfWork, setting_id: str, supervisors: Mapping[date, str]) -> None:
    """Tell whoever led a meeting on a day that another supervisor signs: the meeting's row waits for its leader."""
    led: dict[str, set[date]] = {}
    for day, supervisor_id in supervisors.items():
        rows = queries.entries(work.session, work.actor.person_id, since=day, until=day, setting_id=setting_id)
        for row in queries.standing(rows):
            if row.supervisor_id and row.supervisor_id != supervisor_id:
                led.setdefault(row.supervisor_id, set()).add(day)
    for leader_id, days in sorted(led.items()):
        listed = " ".join(str(day) for day in sorted(days))
        work.emit(DaysSubmitted(work.actor.org_id, work.actor.person_id, setting_id, listed, leader_id))


def recall_day(work: UnitOfWork, setting_id: str, day: date) -> None:
    """Take a submitted day back to draft, as long as nobody has signed any of it."""
    setting = own_setting(work, setting_id)
    record = queries.day_record(work.session, work.actor.person_id, setting.id, day)
    if record is None or record.state != "submitted":
        raise Refused("Only a submitted day that nobody has signed can be taken back.")
    if queries.signed_ids(work.session, [row.id for row in day_rows(work, record)]):
        raise Refused("Part of this day is signed. Correct the row in question instead.")
    record.state, record.supervisor_id = "draft", None
    touch(work, record)
    work.emit(DayRecalled(record.org_id, record.person_id, setting.id, str(day)))


def submit_again(work: UnitOfWork, setting_id: str, day: date, told: Collection[str] | None = None) -> None:
    """Submit what was sent back of a partly signed day as it is; ``told`` as in ``correct_entry``."""
    record = _returned(work, setting_id, day)
    wait_again(work, record, by_licensee=True)
    tell_signers(work, record, [record.supervisor_id or ""] if told is None else told)


def take_out_returned(work: UnitOfWork, setting_id: str, day: date) -> None:
    """Take the typed rows out that were sent back and never signed; what was signed stands again as it was signed.

    Meetings' rows stay: they are their supervisor's, and wait for a signature once more.
    """
    record = _returned(work, setting_id, day)
    rows = unsigned_rows(work.session, [record])
    typed = [row for row in rows if row.source != "meeting"]
    for part in ([r for r in typed if r.reverses_id], [r for r in typed if not r.reverses_id]):
        for row in part:
            work.session.delete(row)
        work.session.flush()  # a reversal goes before the row that it reverses
    record.state, record.sent_back_reason = "submitted" if len(rows) > len(typed) else "attested", ""
    touch(work, record)
    work.emit(DayRecalled(record.org_id, record.person_id, setting_id, str(day)))


def _returned(work: UnitOfWork, setting_id: str, day: date) -> DayRecord:
    setting = own_setting(work, setting_id)
    record = queries.day_record(work.session, work.actor.person_id, setting.id, day)
    if record is None or record.state != "returned":
        raise Refused("Nothing of this day was sent back.")
    return record

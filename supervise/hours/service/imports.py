"""A log that was kept elsewhere, written into draft days, and a whole import undone."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervise.accounts.models import Setting
from supervise.core.clock import local_day
from supervise.core.errors import Conflict, Invalid, NotFound, Refused
from supervise.core.uow import UnitOfWork
from supervise.events import DayLogged, DayRecalled
from supervise.hours import queries
from supervise.hours.models import HourEntry, HourImport
from supervise.hours.rules import ImportRow, minutes_in
from supervise.hours.service.rows import new_row, own_setting, record_of, touch, works_there


def in_the_way(
    session: Session, setting: Setting, rows: Sequence[ImportRow], today: date, zone: str
) -> dict[int, list[str]]:
    """Return by line why a row cannot be written: its day, its place, what stands there, or that it stands already."""
    if not rows:
        return {}
    first, last = min(row.day for row in rows), max(row.day for row in rows)
    records = queries.day_records(session, setting.person_id, setting.id, first, last)
    there = queries.standing(queries.entries(session, setting.person_id, since=first, until=last))
    on_day: dict[date, int] = defaultdict(int)
    known = {(r.day, r.starts, r.minutes, r.category) for r in there if r.setting_id == setting.id}
    for found in there:
        on_day[found.day] += found.minutes
    wrong: dict[int, list[str]] = {}
    for row in rows:
        record = records.get(row.day)
        on_day[row.day] += row.minutes
        said = ""
        if row.day > today:
            said = "This day is still to come."
        elif not works_there(setting, row.day):
            said = f"You did not work at {setting.name} on that day; change the place's dates under Account."
        elif record is not None and record.state != "draft":
            said = f"This day is {record.state} already; correct it on its own page."
        elif (row.day, row.start, row.minutes, row.category) in known:
            said = "A row like this stands on that day already."
        elif on_day[row.day] > minutes_in(row.day, zone):
            said = "With everything else on this day it is more than the day has."
        if said:
            on_day[row.day] -= row.minutes
            wrong.setdefault(row.line, []).append(said)
    return wrong


def import_rows(work: UnitOfWork, setting_id: str, name: str, rows: Sequence[ImportRow]) -> HourImport:
    """Write rows into draft days of one place, all or none; raise Conflict where one of them cannot be written."""
    setting = own_setting(work, setting_id)
    if not rows:
        raise Invalid("There is no row to import.")
    today = local_day(work.now, work.actor.zone)
    if in_the_way(work.session, setting, rows, today, work.actor.zone):
        raise Conflict("Something was written on one of these days since. Look at the rows again.")
    made = HourImport(
        person_id=work.actor.person_id, org_id=work.actor.org_id, setting_id=setting.id, name=name[:120],
        entries=len(rows), minutes=sum(row.minutes for row in rows), imported_at=work.now,
    )  # fmt: skip
    work.session.add(made)
    work.session.flush()
    by_day: dict[date, list[ImportRow]] = defaultdict(list)
    for row in rows:
        by_day[row.day].append(row)
    for day, inside in sorted(by_day.items()):
        record = record_of(work, setting, day)
        for row in inside:
            work.session.add(
                new_row(
                    work, record, setting, row.category, row.minutes, source="import", starts=row.start,
                    attendees=row.attendees, import_id=made.id,
                )
            )  # fmt: skip
        touch(work, record)
        work.emit(DayLogged(record.org_id, record.person_id, setting.id, str(day)))
    return made


def undo_import(work: UnitOfWork, import_id: str) -> HourImport:
    """Take every row of an import out again, as long as all its days are drafts; else nothing changes."""
    made = work.session.get(HourImport, import_id)
    if made is None or made.person_id != work.actor.person_id:
        raise NotFound()
    if made.undone_at is not None:
        raise Refused("This import was undone before.")
    rows = [*work.session.scalars(select(HourEntry).where(HourEntry.import_id == made.id).order_by(HourEntry.day))]
    days = list(dict.fromkeys(row.day for row in rows))
    records = queries.day_records(work.session, made.person_id, made.setting_id, days[0], days[-1]) if days else {}
    held = [day for day in days if records[day].state != "draft"]
    if held:
        raise Refused(
            f"{len(held)} of its days {'is' if len(held) == 1 else 'are'} not drafts any more, the first {held[0]}. "
            "Take them back first, or correct single rows; nothing was undone."
        )
    for row in rows:
        work.session.delete(row)
    for day in days:
        touch(work, records[day])
        work.emit(DayRecalled(records[day].org_id, made.person_id, made.setting_id, str(day)))
    made.undone_at = work.now
    return made

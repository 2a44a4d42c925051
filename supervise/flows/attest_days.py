"""A supervisor signs days of one supervisee: the rows as they were shown, week by week, with one password."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from supervise.accounts.models import Person, Setting
from supervise.accounts.queries import people, person
from supervise.accounts.service import check_password
from supervise.core.actor import Actor
from supervise.core.db import db
from supervise.core.errors import Conflict, Invalid, Refused
from supervise.core.uow import unit_of_work
from supervise.flows.show_progress import owed_words
from supervise.hours import service
from supervise.hours.models import DayRecord, HourEntry
from supervise.hours.queries import in_order, monday_of, rows_hash, rows_of_days, waiting_for
from supervise.supervision.queries import agreement_on, supervisees_of

MOST_WEEKS = 6
LONG_DAY = 14 * 60


@dataclass(frozen=True, slots=True)
class WeekToSign:
    """The submitted days of one week in one setting, with exactly the rows that a signature would cover."""

    key: str
    setting: Setting
    monday: date
    records: list[DayRecord]
    rows: list[HourEntry]
    rows_hash: str
    statement: str
    exceptions: list[str]

    @property
    def minutes(self) -> int:
        return sum(row.minutes for row in self.rows)

    @property
    def days(self) -> list[tuple[date, list[HourEntry], int]]:
        """Each day with its rows and their sum."""
        found = [(record.day, in_order(row for row in self.rows if row.day == record.day)) for record in self.records]
        return [(day, rows, sum(row.minutes for row in rows)) for day, rows in found]


@dataclass(frozen=True, slots=True)
class Queue:
    """The weeks that wait for a signature (of six calendar weeks), how many more do, and who appears in their rows."""

    weeks: list[WeekToSign]
    later: int
    names: dict[str, Person]


def supervised_by(actor: Actor, today: date) -> set[str]:
    """Return the ids of everyone whom the actor supervises here today."""
    return {a.supervisee_id for a in supervisees_of(db.session(), actor.person_id, today, actor.org_id)}


def weeks_to_sign(actor: Actor, person_id: str) -> Queue:
    """Return the oldest six weeks, in every place, that wait for the actor; those with exceptions come first."""
    session = db.session()
    whose = person(session, person_id)
    grouped: dict[tuple[date, str], list[DayRecord]] = {}
    for record in waiting_for(session, actor.person_id, person_id, actor.org_id):
        grouped.setdefault((monday_of(record.day), record.setting_id), []).append(record)
    mondays = sorted({monday for monday, _ in grouped})
    weeks = [
        _week(whose.name, session.get_one(Setting, setting_id), monday, records)
        for (monday, setting_id), records in sorted(grouped.items())
        if monday in mondays[:MOST_WEEKS]
    ]
    seen = {row.supervisor_id for week in weeks for row in week.rows if row.supervisor_id}
    return Queue(
        sorted(weeks, key=lambda week: (not week.exceptions, week.monday, week.setting.name)),
        len(mondays[MOST_WEEKS:]),
        people(session, seen),
    )


def _week(name: str, setting: Setting, monday: date, records: list[DayRecord]) -> WeekToSign:
    rows = rows_of_days(db.session(), records)
    return WeekToSign(
        key=f"{setting.id}_{monday}",
        setting=setting,
        monday=monday,
        records=records,
        rows=rows,
        rows_hash=rows_hash(rows),
        statement=_statement(name, setting, records, rows),
        exceptions=_exceptions(setting, monday, records, rows),
    )


def _statement(name: str, setting: Setting, records: Sequence[DayRecord], rows: Sequence[HourEntry]) -> str:
    days = [f"{record.day:%a} {record.day.day} {record.day:%b %Y}" for record in records]
    listed = " and ".join([", ".join(days[:-1]), days[-1]]) if len(days) > 1 else days[0]
    total = sum(row.minutes for row in rows)
    sign, total = ("−", -total) if total < 0 else ("", total)
    count = f"The {len(rows)} rows shown, {sign}{total // 60}:{total % 60:02d} in all, agree"
    if len(rows) == 1:
        count = f"The row shown, {sign}{total // 60}:{total % 60:02d}, agrees"
    return f"I was the supervisor of record of {name} at {setting.name} on {listed}. {count} with what I know."


def _exceptions(setting: Setting, monday: date, records: Sequence[DayRecord], rows: Sequence[HourEntry]) -> list[str]:
    said = []
    for record in records:
        total = sum(row.minutes for row in rows if row.day == record.day)
        if total > LONG_DAY:
            said.append(f"{record.day:%A} has more than 14 hours.")
    if any(row.reverses_id for row in rows):
        said.append("It corrects rows that were submitted or signed before.")
    return said + owed_words(db.session(), setting, monday)


def attest_days(actor: Actor, person_id: str, password: str, drawing: str, seen: Mapping[str, str]) -> int:
    """Sign the ticked weeks: ``seen`` is week key → fingerprint of the rows as shown. Returns how many were signed.

    Each week is a signature of its own; all are made, or none. Raises Invalid for password and drawing, Conflict when
    rows changed since they were shown, Refused when no agreement was in force on a day.
    """
    if not seen:
        raise Invalid("Tick at least one week.", "weeks")
    if not drawing:
        raise Invalid("Draw your signature, or type your name.", "signature")
    check_password(db.session(), actor.person_id, password)
    weeks = {week.key: week for week in weeks_to_sign(actor, person_id).weeks}
    with unit_of_work(actor) as work:
        for key, shown in seen.items():
            week = weeks.get(key)
            if week is None:
                raise Conflict("One of these weeks does not wait for you any more. Look again before you sign.")
            for record in week.records:
                held = {
                    a.supervisor_id
                    for a in agreement_on(work.session, person_id, week.setting.id, record.day)
                    if a.org_id == actor.org_id
                }
                if actor.person_id not in held:
                    day = f"{record.day:%A} {record.day.day} {record.day:%B %Y}"
                    raise Refused(f"No agreement between you was in force on {day}, so it cannot be signed by you.")
            service.attest(
                work,
                service.Signature(
                    person_id, week.setting.id, tuple(r.id for r in week.records), shown, week.statement, drawing
                ),
            )
    return len(seen)

"""A supervisor signs days of one supervisee: the rows as they were shown, week by week, with one password."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from supervise.accounts.models import Setting
from supervise.accounts.queries import person
from supervise.accounts.service import check_password
from supervise.core.actor import Actor
from supervise.core.db import db
from supervise.core.errors import Invalid, Refused
from supervise.core.uow import unit_of_work
from supervise.flows.show_progress import owed_words
from supervise.hours import service
from supervise.hours.models import DayRecord, HourEntry
from supervise.hours.queries import monday_of, rows_hash, rows_of_days, waiting_for
from supervise.supervision.queries import agreement_on

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


def weeks_to_sign(actor: Actor, person_id: str) -> list[WeekToSign]:
    """Return up to six weeks that wait for the actor's signature; weeks with exceptions come first."""
    session = db.session()
    whose = person(session, person_id)
    grouped: dict[tuple[str, date], list[DayRecord]] = {}
    for record in waiting_for(session, actor.person_id, person_id):
        grouped.setdefault((record.setting_id, monday_of(record.day)), []).append(record)
    weeks = []
    for (setting_id, monday), records in sorted(grouped.items(), key=lambda item: item[0][1])[:MOST_WEEKS]:
        rows = rows_of_days(session, records)
        setting = session.get_one(Setting, setting_id)
        weeks.append(
            WeekToSign(
                key=f"{setting_id}_{monday}",
                setting=setting,
                monday=monday,
                records=records,
                rows=rows,
                rows_hash=rows_hash(rows),
                statement=_statement(whose.name, setting, records),
                exceptions=_exceptions(person_id, setting, monday, records, rows),
            )
        )
    return sorted(weeks, key=lambda week: (not week.exceptions, week.monday))


def _statement(name: str, setting: Setting, records: Sequence[DayRecord]) -> str:
    days = ", ".join(f"{record.day:%a} {record.day.day} {record.day:%B %Y}" for record in records)
    return (
        f"I supervised {name} at {setting.name} on {days}. The rows shown agree with what I know. I sign them as they "
        "stand here and nothing else."
    )


def _exceptions(
    person_id: str, setting: Setting, monday: date, records: Sequence[DayRecord], rows: Sequence[HourEntry]
) -> list[str]:
    said = []
    for record in records:
        total = sum(row.minutes for row in rows if row.day == record.day)
        if total > LONG_DAY:
            said.append(f"{record.day:%A} has more than 14 hours.")
    if any(row.reverses_id for row in rows):
        said.append("It corrects rows that were signed before.")
    return said + owed_words(db.session(), person_id, setting, monday)


def attest_days(actor: Actor, person_id: str, password: str, drawing: str, seen: Mapping[str, str]) -> int:
    """Sign the ticked weeks: ``seen`` is week key → fingerprint of the rows as shown. Returns how many were signed.

    Each week is a signature of its own; all are made, or none. Raises Invalid for password and drawing, Conflict when
    rows changed since they were shown, Refused when no agreement was in force on a day.
    """
    if not drawing:
        raise Invalid("Draw your signature, or type your name.", "signature")
    if not seen:
        raise Invalid("Tick at least one week.", "weeks")
    check_password(db.session(), actor.person_id, password)
    weeks = {week.key: week for week in weeks_to_sign(actor, person_id)}
    with unit_of_work(actor) as work:
        for key, shown in seen.items():
            week = weeks.get(key)
            if week is None:
                raise Refused("One of these weeks does not wait for you any more. Look again before you sign.")
            for record in week.records:
                held = {a.supervisor_id for a in agreement_on(work.session, person_id, week.setting.id, record.day)}
                if actor.person_id not in held:
                    day = f"{record.day:%A} {record.day.day} {record.day:%B}"
                    raise Refused(f"No agreement between you was in force on {day}.")
            service.attest(
                work,
                service.Signature(
                    person_id, week.setting.id, tuple(r.id for r in week.records), shown, week.statement, drawing
                ),
            )
    return len(seen)

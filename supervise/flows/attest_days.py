"""A supervisor signs days of one supervisee: the rows as they were shown, week by week, with one password."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from supervise.accounts.choices import jurisdiction_of
from supervise.accounts.models import Person, Setting
from supervise.accounts.queries import lapsed_since, people, person
from supervise.accounts.service import check_password
from supervise.core.actor import Actor
from supervise.core.clock import local_day, now
from supervise.core.db import db
from supervise.core.errors import Conflict, Invalid, Refused
from supervise.core.uow import UnitOfWork, unit_of_work
from supervise.flows.show_progress import owed_words
from supervise.hours import service
from supervise.hours.models import DayRecord, HourEntry
from supervise.hours.queries import as_rule_entries, in_order, monday_of, rows_hash
from supervise.hours.rules import LONG_DAY, flags
from supervise.hours.waiting import days_waiting, rows_waiting, signer_of
from supervise.supervision.queries import agreement_on, succeeded, supervisees_of

MOST_WEEKS = 6


@dataclass(frozen=True, slots=True)
class WeekToSign:
    """The submitted days of one week in one setting, with exactly the rows that a signature would cover.

    ``go_back`` are the days that may be sent back; ``former``: whose successor the signer is, where that is so.
    """

    key: str
    setting: Setting
    monday: date
    records: list[DayRecord]
    go_back: list[DayRecord]
    rows: list[HourEntry]
    rows_hash: str
    statement: str
    exceptions: list[str]
    former: Person | None = None

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


def days_to_sign(actor: Actor) -> list[DayRecord]:
    """Return the days in this organisation with rows that the actor may sign, the oldest first."""
    session = db.session()
    stands_in = succeeded(session, actor.person_id, actor.org_id, local_day(now(), actor.zone))
    return days_waiting(session, actor.person_id, org_id=actor.org_id, instead_of=stands_in)


def supervised_by(actor: Actor, today: date) -> set[str]:
    """Return the ids of everyone whom the actor supervises here today."""
    return {a.supervisee_id for a in supervisees_of(db.session(), actor.person_id, today, actor.org_id)}


def weeks_to_sign(actor: Actor, person_id: str) -> Queue:
    """Return the oldest six weeks, in every place, that wait for the actor; those with exceptions come first.

    Rows of a former supervisor, which the actor may sign as the successor, make a signature of their own.
    """
    session = db.session()
    whose = person(session, person_id)
    stands_in = succeeded(session, actor.person_id, actor.org_id, local_day(now(), actor.zone))
    grouped: dict[tuple[date, str, str], list[tuple[HourEntry, DayRecord]]] = {}
    for row, record in rows_waiting(session, actor.person_id, person_id, actor.org_id, stands_in):
        signer = signer_of(row, record) or ""
        former = "" if signer == actor.person_id else signer
        grouped.setdefault((monday_of(record.day), record.setting_id, former), []).append((row, record))
    mondays = sorted({monday for monday, _, _ in grouped})
    names = people(session, {r.supervisor_id for pairs in grouped.values() for r, _ in pairs if r.supervisor_id}
                   | {former for _, _, former in grouped if former})  # fmt: skip
    weeks = [
        _week(actor, whose.name, session.get_one(Setting, setting_id), monday, pairs, names.get(former))
        for (monday, setting_id, former), pairs in sorted(grouped.items(), key=lambda item: item[0])
        if monday in mondays[:MOST_WEEKS]
    ]
    return Queue(
        sorted(weeks, key=lambda week: (not week.exceptions, week.monday, week.setting.name)),
        len(mondays[MOST_WEEKS:]),
        names,
    )


def _week(
    actor: Actor,
    name: str,
    setting: Setting,
    monday: date,
    pairs: Sequence[tuple[HourEntry, DayRecord]],
    former: Person | None,
) -> WeekToSign:
    rows = [row for row, _ in pairs]
    records = [*dict.fromkeys(record for _, record in pairs)]
    led = {record.id for record in records if record.supervisor_id != actor.person_id and former is None}
    return WeekToSign(
        key=f"{setting.id}_{monday}" + (f"_{former.id}" if former else ""),
        setting=setting,
        monday=monday,
        records=records,
        go_back=[record for record in records if record.id not in led],
        rows=rows,
        rows_hash=rows_hash(rows),
        statement=_statement(name, setting, records, rows, former),
        exceptions=_exceptions(actor.person_id, setting, monday, records, rows, former),
        former=former,
    )


def _statement(
    name: str, setting: Setting, records: Sequence[DayRecord], rows: Sequence[HourEntry], former: Person | None
) -> str:
    days = [f"{record.day:%a} {record.day.day} {record.day:%b %Y}" for record in records]
    listed = " and ".join([", ".join(days[:-1]), days[-1]]) if len(days) > 1 else days[0]
    total = sum(row.minutes for row in rows)
    sign, total = ("−", -total) if total < 0 else ("", total)
    count = f"The {len(rows)} rows shown, {sign}{total // 60}:{total % 60:02d} in all, agree"
    if len(rows) == 1:
        count = f"The row shown, {sign}{total // 60}:{total % 60:02d}, agrees"
    was = f"I was the supervisor of record of {name} at {setting.name} on {listed}."
    if former is not None:
        was = (
            f"I now supervise {name} at {setting.name}. {former.name}, who was the supervisor of record on {listed}, "
            "supervises there no more."
        )
    return f"{was} {count} with what I know."


def _exceptions(
    signer: str,
    setting: Setting,
    monday: date,
    records: Sequence[DayRecord],
    rows: Sequence[HourEntry],
    former: Person | None,
) -> list[str]:
    said = [f"These days were supervised by {former.name}; you sign as the successor."] if former else []
    ended = lapsed_since(db.session(), signer, jurisdiction_of(setting.board), max(r.day for r in records))
    if ended and not former:
        said.append(
            f"Your licence there, as recorded, expired on {ended.day} {ended:%b %Y}, before the end of this week."
        )
    for record in records:
        total = sum(row.minutes for row in rows if row.day == record.day)
        if total > LONG_DAY:
            said.append(f"{record.day:%A} has more than 14 hours.")
    said += [
        f"{one.day:%A}: {one.text}"
        for one in flags(as_rule_entries(rows), records[-1].day)
        if one.kind in ("overlap", "two_places")
    ]
    if any(row.reverses_id for row in rows):
        said.append("It corrects rows that were submitted or signed before.")
    reversed_for = {row.reason for row in rows if row.reverses_id}
    if any(row.reason not in reversed_for for row in rows if row.reason):
        said.append("It adds rows to days that were submitted or signed before.")
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
            _refuse_without_agreement(work, week)
            service.attest(
                work,
                service.Signature(
                    person_id, week.setting.id, tuple(r.id for r in week.records), shown, week.statement, drawing,
                    instead_of=week.former.id if week.former else "",
                ),
            )  # fmt: skip
    return len(seen)


def _refuse_without_agreement(work: UnitOfWork, week: WeekToSign) -> None:
    """Raise Refused where the actor did not supervise on one of the days, and is nobody's successor either."""
    if week.former is not None:
        return
    for record in week.records:
        held = {
            a.supervisor_id
            for a in agreement_on(work.session, record.person_id, week.setting.id, record.day)
            if a.org_id == work.actor.org_id
        }
        if work.actor.person_id not in held:
            day = f"{record.day:%A} {record.day.day} {record.day:%B %Y}"
            raise Refused(f"No agreement between you was in force on {day}, so it cannot be signed by you.")

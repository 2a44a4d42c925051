"""Reading of the ledger: rows, days, weeks, and what waits for a signature."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from functools import lru_cache

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from supervise.accounts.models import Setting
from supervise.core.errors import NotFound
from supervise.core.resources import folder
from supervise.core.text import digest
from supervise.hours.models import Attestation, AttestedRow, DayRecord, HourEntry, HourImport
from supervise.hours.rules import Board, Entry, load_boards, owed_this_week

WITH_CLIENTS = {
    "individual": "Individual",
    "couple_family": "Couples and families",
    "child": "Children",
    "group": "Group",
    "crisis": "Crisis",
}
OTHER_WORK = {
    "assessment": "Assessment",
    "documentation": "Notes and reports",
    "advocacy": "Advocacy for a client",
    "training": "Training",
    "other": "Other",
}
CATEGORY_WORDS = {**WITH_CLIENTS, **OTHER_WORK, "supervision": "Supervision"}


@lru_cache(maxsize=1)
def boards() -> dict[str, Board]:
    """Return the rule sets by id, read once per process; a mistake in one stops the start with file and line."""
    return load_boards(folder("config") / "boards")


def entry(session: Session, entry_id: str) -> HourEntry:
    """Return one row of the ledger; raise NotFound."""
    found = session.get(HourEntry, entry_id)
    if found is None:
        raise NotFound()
    return found


def _rows(person_id: str) -> Select[HourEntry]:
    return select(HourEntry).where(HourEntry.person_id == person_id)


def entries(
    session: Session,
    person_id: str,
    *,
    since: date | None = None,
    until: date | None = None,
    setting_id: str | None = None,
    org_id: str = "",
) -> list[HourEntry]:
    """Return rows of a person from ``since`` to ``until``, both included, reversals among them, by day."""
    statement = _rows(person_id)
    if since is not None:
        statement = statement.where(HourEntry.day >= since)
    if until is not None:
        statement = statement.where(HourEntry.day <= until)
    if setting_id is not None:
        statement = statement.where(HourEntry.setting_id == setting_id)
    if org_id:
        statement = statement.where(HourEntry.org_id == org_id)
    return list(session.scalars(statement.order_by(HourEntry.day, HourEntry.recorded_at, HourEntry.id)))


def standing(rows: Sequence[HourEntry]) -> list[HourEntry]:
    """Return the rows that stand: neither reversals nor what they reverse."""
    reversed_ids = {row.reverses_id for row in rows if row.reverses_id}
    return [row for row in rows if row.reverses_id is None and row.id not in reversed_ids]


def as_rule_entries(rows: Sequence[HourEntry]) -> list[Entry]:
    """Return what stands of ``rows`` as the rules see it."""
    return [
        Entry(
            id=row.id,
            day=row.day,
            minutes=row.minutes,
            category=row.category,
            setting=row.setting_id,
            degree=row.degree,
            pay=row.pay,
            start=time.fromisoformat(row.starts) if row.starts else None,
            supervisor=row.supervisor_id or "",
            mode=row.mode,
            attendees=row.attendees,
        )
        for row in standing(rows)
        if row.minutes > 0
    ]


def signed_ids(session: Session, row_ids: Iterable[str]) -> set[str]:
    """Return which of these rows are under a signature."""
    wanted = [*row_ids]
    found: set[str] = set()
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        found.update(session.scalars(select(AttestedRow.entry_id).where(AttestedRow.entry_id.in_(part))))
    return found


def rows_hash(rows: Iterable[HourEntry]) -> str:
    """Return the fingerprint of exactly these rows, whatever their order."""
    lines = sorted(
        f"{r.id}|{r.person_id}|{r.setting_id}|{r.day}|{r.category}|{r.minutes}|{r.mode}|{r.attendees}|{r.degree}|{r.pay}"
        f"|{r.reverses_id or ''}|{r.reason}"
        for r in rows
    )
    return digest(*lines)


def day_record(session: Session, person_id: str, setting_id: str, day: date) -> DayRecord | None:
    """Return the state of one day in one setting, or None where nothing was written."""
    return session.scalars(
        select(DayRecord).where(
            DayRecord.person_id == person_id, DayRecord.setting_id == setting_id, DayRecord.day == day
        )
    ).first()


def day_records(session: Session, person_id: str, setting_id: str, since: date, until: date) -> dict[date, DayRecord]:
    """Return the states of days in one setting by day."""
    rows = session.scalars(
        select(DayRecord).where(
            DayRecord.person_id == person_id,
            DayRecord.setting_id == setting_id,
            DayRecord.day >= since,
            DayRecord.day <= until,
        )
    )
    return {row.day: row for row in rows}


@dataclass(frozen=True, slots=True)
class DayView:
    """One day of a week as the page shows it; ``minutes`` by category, of what stands."""

    day: date
    state: str
    record: DayRecord | None
    rows: list[HourEntry] = field(default_factory=list)

    @property
    def minutes(self) -> dict[str, int]:
        total: dict[str, int] = {}
        for row in standing(self.rows):
            total[row.category] = total.get(row.category, 0) + row.minutes
        return total

    @property
    def with_clients(self) -> int:
        return sum(v for k, v in self.minutes.items() if k in WITH_CLIENTS)

    @property
    def other(self) -> int:
        return sum(v for k, v in self.minutes.items() if k in OTHER_WORK)

    @property
    def supervision(self) -> int:
        return self.minutes.get("supervision", 0)

    @property
    def total(self) -> int:
        return sum(self.minutes.values())


def in_order(rows: Iterable[HourEntry]) -> list[HourEntry]:
    """Return rows of a day by kind of work, a correction right after what it corrects."""
    order = [*CATEGORY_WORDS]
    return sorted(rows, key=lambda row: (order.index(row.category), row.recorded_at, row.reverses_id is None, row.id))


def monday_of(day: date) -> date:
    """Return the Monday of the week in which ``day`` lies."""
    return day - timedelta(days=day.weekday())


def week(session: Session, person_id: str, setting_id: str, monday: date, org_id: str = "") -> list[DayView]:
    """Return the seven days of a week in one setting; with ``org_id`` the rows of that organisation alone."""
    last = monday + timedelta(days=6)
    records = day_records(session, person_id, setting_id, monday, last)
    by_day: dict[date, list[HourEntry]] = {}
    for row in entries(session, person_id, since=monday, until=last, setting_id=setting_id, org_id=org_id):
        by_day.setdefault(row.day, []).append(row)
    views = []
    for offset in range(7):
        day = monday + timedelta(days=offset)
        record = records.get(day)
        rows = in_order(by_day.get(day, []))
        views.append(DayView(day, record.state if record else ("draft" if rows else "empty"), record, rows))
    return views


def attestation(session: Session, attestation_id: str) -> Attestation:
    """Return one signature; raise NotFound."""
    found = session.get(Attestation, attestation_id)
    if found is None:
        raise NotFound()
    return found


def attestations_of(session: Session, person_id: str) -> list[Attestation]:
    """Return the signatures over a person's hours, the latest first."""
    rows = session.scalars(
        select(Attestation)
        .where(Attestation.person_id == person_id)
        .order_by(Attestation.signed_at.desc(), Attestation.id)
    )
    return list(rows)


def signature_of(session: Session, row_ids: Iterable[str]) -> dict[str, Attestation]:
    """Return the signature over each of these rows, for those that are signed."""
    pairs = session.execute(
        select(AttestedRow.entry_id, Attestation)
        .join(Attestation, Attestation.id == AttestedRow.attestation_id)
        .where(AttestedRow.entry_id.in_([*row_ids]))
    )
    return {row.entry_id: row.Attestation for row in pairs}


def organisations_of(session: Session, person_id: str) -> set[str]:
    """Return the organisations in which a person has rows."""
    return set(session.scalars(select(HourEntry.org_id).where(HourEntry.person_id == person_id).distinct()))


def places_in(session: Session, person_id: str, org_id: str) -> set[str]:
    """Return the ids of the places in which a person has rows in an organisation."""
    mine = HourEntry.person_id == person_id
    return set(session.scalars(select(HourEntry.setting_id).where(mine, HourEntry.org_id == org_id).distinct()))


def licensees_in(session: Session, org_id: str) -> list[str]:
    """Return the ids of people with rows in an organisation, for auditors."""
    return sorted(session.scalars(select(HourEntry.person_id).where(HourEntry.org_id == org_id).distinct()))


def entries_of_people(session: Session, person_ids: Iterable[str], since: date, until: date) -> list[HourEntry]:
    """Return the rows of several people from ``since`` to ``until``, both included, by day."""
    rows = session.scalars(
        select(HourEntry)
        .where(HourEntry.person_id.in_([*person_ids]), HourEntry.day.between(since, until))
        .order_by(HourEntry.day, HourEntry.id)
    )
    return list(rows)


def imports_of(session: Session, person_id: str) -> list[HourImport]:
    """Return a person's imports, the latest first."""
    rows = session.scalars(
        select(HourImport)
        .where(HourImport.person_id == person_id)
        .order_by(HourImport.imported_at.desc(), HourImport.id)
    )
    return list(rows)


def supervision_in_week(
    session: Session, settings: Mapping[str, Setting], monday: date
) -> dict[str, tuple[int, float]]:
    """Return, by person, the minutes of supervision in a week and the units that its hours still need to count.

    ``settings`` are the places of work of the people concerned, by id. Rules that look at more than a month are for the
    page of progress; here stands what can be mended by Sunday.
    """
    last = monday + timedelta(days=6)
    people = {place.person_id for place in settings.values()}
    rows = entries_of_people(session, people, monday.replace(day=1), last)
    by_board: dict[tuple[str, str], list[HourEntry]] = {}
    minutes = dict.fromkeys(people, 0)
    for row in rows:
        place = settings.get(row.setting_id)
        if row.category == "supervision" and row.day >= monday:
            minutes[row.person_id] += row.minutes
        if place is not None and place.board in boards():
            by_board.setdefault((row.person_id, place.board), []).append(row)
    owed = dict.fromkeys(people, 0.0)
    for (person_id, board), theirs in by_board.items():
        for one in owed_this_week(boards()[board], as_rule_entries(theirs), monday):
            if one.window in {"week", "month"} and not one.enough:
                owed[person_id] += one.units_needed - one.units_have
    return {person_id: (minutes[person_id], owed[person_id]) for person_id in people}

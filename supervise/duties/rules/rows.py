"""Rows of law, from ``config/duties``: strict, each read alone, so that one mistake takes nothing else away."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from supervise.core.rulefile import RuleFileError, Table, read_rows

STANCES = ("mandatory", "permissive", "case_law", "none_found", "not_recorded")
RECIPIENTS = {
    "victim": "the person threatened",
    "police": "law enforcement",
    "hospital": "a hospital, to admit or commit the client",
    "guardian": "a parent or guardian of the person threatened, if a minor",
    "treatment": "nobody outside: a changed, documented treatment plan",
    "director": "the director of community services",
    "precaution": "whoever else a reasonable precaution involves",
    "medical": "medical personnel",
    "mental_health": "mental health personnel",
    "crisis": "a crisis service",
    "county": "the county agency",
    "agency": "the agency that takes such reports, or its hotline",
    "ombudsman": "the ombudsman of a care facility",
    "prosecutor": "the prosecuting attorney of the county where it happened",
    "board": "the board that licenses the provider concerned",
    "department": "the state department that licenses health professions",
    "client": "the client, told of their rights and of how to complain",
}
"""Whom a row may name, in our own words."""

NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Period:
    """How long a law gives: one unit is above 0; all are 0 where it says "at once"."""

    hours: int = 0
    days: int = 0
    working_days: int = 0

    @property
    def at_once(self) -> bool:
        return not (self.hours or self.days or self.working_days)

    @property
    def words(self) -> str:
        """The period in words."""
        if self.at_once:
            return "at once"
        if self.hours:
            return f"within {self.hours} hours"
        if self.days:
            return f"by the end of day {self.days}"
        return f"within {self.working_days} working days"


@dataclass(frozen=True, slots=True)
class Reading:
    """What one source says where sources differ."""

    says: str
    source: str


@dataclass(frozen=True, slots=True)
class Checked:
    """Someone who compared the row with the law before it was shipped."""

    by: str
    on: date
    note: str


@dataclass(frozen=True, slots=True)
class Row:
    """What one source says of one duty in one jurisdiction, in our own words. Verified by nobody as it is shipped.

    ``asks``: items of the duty's checklist that the trigger needs. ``ways``: any one of them discharges; each names
    recipients who are all told. ``first`` and ``written``: the two clocks; None where none is recorded.
    ``digest`` changes with every word of the row, so that a confirmation never covers a later text.
    """

    duty: str
    jurisdiction: str
    stance: str
    citation: str
    asks: tuple[str, ...]
    trigger: str
    ways: tuple[tuple[str, ...], ...]
    covered: str
    first: Period | None
    written: Period | None
    hotline: str
    hotline_checked: str
    reasons_asked: bool
    personal: bool
    note: str
    conflicts: tuple[Reading, ...]
    source: str
    checked_on: date
    effective_from: str
    checked_by: tuple[Checked, ...]
    place: str
    digest: str

    @property
    def key(self) -> str:
        """Which row it is, whatever it says: "child US-CA"."""
        return f"{self.duty} {self.jurisdiction}"

    @property
    def recipients(self) -> tuple[str, ...]:
        """Everyone whom some way names, each once, in the order of the row."""
        return tuple(dict.fromkeys(one for way in self.ways for one in way))


@dataclass(frozen=True, slots=True)
class Duty:
    """One of the duties: what it is, when its clock starts, what is asked, and steps that hold without any row."""

    id: str
    title: str
    about: str
    clock: str
    checklist: Mapping[str, str]
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """A row or file that was left out. ``jurisdiction`` where that much could be read."""

    duty: str
    jurisdiction: str
    message: str


@dataclass(frozen=True, slots=True)
class Book:
    """All that could be read, and all that could not."""

    duties: Mapping[str, Duty]
    rows: Mapping[str, Row]
    problems: tuple[Problem, ...]

    def row(self, duty: str, jurisdiction: str) -> Row | None:
        """The row of a duty in a jurisdiction, or None."""
        return self.rows.get(f"{duty} {jurisdiction}")


def load_book(folder: Path, places: Iterable[str]) -> Book:
    """Read every file of ``folder``; ``places`` are the codes of known jurisdictions. Raises nothing: see problems."""
    duties: dict[str, Duty] = {}
    rows: dict[str, Row] = {}
    problems: list[Problem] = []
    known = frozenset(places)
    for path in sorted(folder.glob("*.toml")):
        try:
            head, parts = read_rows(path)
            duty = _duty(path, head)
        except RuleFileError as error:
            problems.append(Problem(path.stem, "", str(error)))
            continue
        duties[duty.id] = duty
        for line, part in parts:
            where = ""
            try:
                if isinstance(part, RuleFileError):
                    raise part
                where = part.choice("jurisdiction", known)
                row = _row(duty, where, part, f"{path.name}, line {line}")
                if row.key in rows:
                    raise part.fail("jurisdiction", f"{where} stands twice, first at {rows[row.key].place}")
                rows[row.key] = row
            except RuleFileError as error:
                problems.append(Problem(duty.id, where, str(error)))
    if not duties:
        problems.append(Problem("", "", f"{folder.name}: holds no file of a duty that can be read"))
    return Book(duties, rows, tuple(problems))


def _duty(path: Path, head: Table) -> Duty:
    if head.identifier("id") != path.stem:
        raise head.fail("id", f"must be {path.stem}, as the file is called")
    asked = head.table("checklist")
    names = asked.keys()
    items = {name: asked.text(name) for name in names}
    if not items:
        raise head.fail("checklist", "must not be empty")
    duty = Duty(path.stem, head.text("title"), head.text("about"), head.text("clock"), items, head.texts("steps"))
    head.done()
    return duty


def _row(duty: Duty, jurisdiction: str, row: Table, place: str) -> Row:
    stance = row.choice("stance", STANCES)
    values = {
        "citation": row.text("citation") if stance != "not_recorded" else row.text("citation", ""),
        "asks": row.texts("asks", duty.checklist) if row.has("asks") else (),
        "trigger": row.text("trigger", ""),
        "ways": _ways(row),
        "covered": row.text("covered", ""),
        "first": _period(row, "first"),
        "written": _period(row, "written"),
        "hotline": row.text("hotline", ""),
        "hotline_checked": row.text("hotline_checked") if row.has("hotline") or row.has("hotline_checked") else "",
        "reasons_asked": row.has("reasons_asked") and row.truth("reasons_asked"),
        "personal": row.has("personal") and row.truth("personal"),
        "note": row.text("note", ""),
        "conflicts": _conflicts(row),
        "source": row.text("source"),
        "checked_on": row.day("checked_on"),
        "effective_from": _effective(row),
        "checked_by": _checked_by(row),
    }
    row.done()
    digest = hashlib.sha256(repr((duty.id, jurisdiction, stance, sorted(values.items()))).encode()).hexdigest()[:32]
    return Row(duty.id, jurisdiction, stance, place=place, digest=digest, **values)  # type: ignore[arg-type]


def _ways(row: Table) -> tuple[tuple[str, ...], ...]:
    """Each way is recipients joined by "+": ["victim+police", "hospital"]."""
    ways = tuple(tuple(way.split("+")) for way in (row.texts("ways") if row.has("ways") else ()))
    for one in (one for way in ways for one in way):
        if one not in RECIPIENTS:
            raise row.fail("ways", f"{one!r} is not one of {', '.join(sorted(RECIPIENTS))}")
    return ways


def _period(row: Table, which: str) -> Period | None:
    """``first = "at once"`` or ``first_hours``, ``first_days``, ``first_working_days``; at most one of them."""
    keys = [key for key in (which, *(f"{which}_{unit}" for unit in Period.__slots__)) if row.has(key)]
    if len(keys) > 1:
        raise row.fail(keys[1], f"stands beside {keys[0]}; give one period")
    if not keys:
        return None
    if keys[0] == which:
        row.choice(which, ("at once",))
        return Period()
    return Period(**{keys[0].removeprefix(f"{which}_"): row.whole(keys[0], least=1)})


def _conflicts(row: Table) -> tuple[Reading, ...]:
    if not row.has("conflicts"):
        return ()
    found = []
    for one in row.tables("conflicts"):
        found.append(Reading(one.text("says"), one.text("source")))
        one.done()
    if len(found) < 2:
        raise row.fail("conflicts", "names fewer than two readings")
    return tuple(found)


def _effective(row: Table) -> str:
    """A date, or the words that it is not known; never left out."""
    value = row.text("effective_from")
    if value != NOT_KNOWN:
        try:
            date.fromisoformat(value)
        except ValueError as error:
            raise row.fail("effective_from", f'must be a date in quotes or "{NOT_KNOWN}"') from error
    return value


def _checked_by(row: Table) -> tuple[Checked, ...]:
    """Who checked the row before it was shipped: information, never a reason to say what the law asks."""
    found = []
    for one in row.tables("verified", empty=True):
        found.append(Checked(one.text("by"), one.day("on"), one.text("note")))
        one.done()
    return tuple(found)

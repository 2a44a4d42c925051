"""Rules that limit minutes, as buckets: each entry draws on some buckets, and none may be drawn below empty."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, Generic, TypeVar

from supervise.hours.rules.board import (
    NO_LIMIT,
    Age,
    Average,
    Board,
    Concurrent,
    Floor,
    Maximum,
    Owed,
    Rolling,
    Rule,
    Share,
    Within,
)
from supervise.hours.rules.calendar import FORTNIGHT, add_months, window_label, window_start
from supervise.hours.rules.entry import Entry
from supervise.hours.rules.meetings import kind_of, units

Valid = list[tuple[Entry, int]]  # entries with the minutes that passed every rule about the entry alone
Key = tuple[date, str]  # first day of a window, and the setting or ""
Room = tuple[int, str]  # minutes that may be admitted, and the sentence for those that may not
OPEN: Room = NO_LIMIT, ""
R = TypeVar("R", bound=Rule)


def _matches(entry: Entry, of: frozenset[str], degree: str | None) -> bool:
    return entry.category in of and degree in (None, entry.degree)


class Cap(Generic[R]):
    """One limiting rule: on which buckets an entry draws, and how much room there is in each.

    Buckets are told apart by keys. The room of a bucket may depend on rows of the ledger: those that name its key as
    their `basis`. A row added to the ledger changes the room of no other bucket, but for `Span`.
    """

    def __init__(self, board: Board, rule: R) -> None:
        self.board, self.rule = board, rule

    def keys(self, entry: Entry) -> Iterable[Any]:
        """The buckets on which an entry draws."""
        raise NotImplementedError

    def basis(self, entry: Entry) -> Iterable[Any]:
        """The buckets whose room may depend on an entry."""
        return ()

    def basis_of(self, key: Any) -> Any:
        """The key under which the basis of a bucket is kept: its own, where nothing else is said."""
        return key

    def room(self, key: Any, rows: Valid) -> Room:
        """The room of a bucket while nothing has been drawn from it; `rows` are its basis."""
        raise NotImplementedError


class _Maximum(Cap[Maximum]):
    def keys(self, entry: Entry) -> Iterable[date | None]:
        if _matches(entry, self.rule.of, self.rule.degree):
            yield None if self.rule.window is None else window_start(entry.day, self.rule.window)

    def room(self, key: Any, rows: Valid) -> Room:
        where = f" ({window_label(key, self.rule.window)})" if key and self.rule.window else ""
        return self.rule.minutes, self.rule.because + where


class _Rolling(Cap[Rolling]):
    """One bucket for every run of so many days, by its first day; a day lies in as many runs as they are long."""

    def keys(self, entry: Entry) -> Iterable[int]:
        day = entry.day.toordinal()
        return range(day - self.rule.days + 1, day + 1) if entry.category in self.rule.of else ()

    def room(self, key: Any, rows: Valid) -> Room:
        return self.rule.minutes, self.rule.because


def oldest_day(rule: Age, as_of: date) -> date:
    """The first day that is not too old on `as_of`: a day exactly `years` back still counts."""
    return add_months(as_of, -12 * rule.years)


class _Age(Cap[Age]):
    def __init__(self, board: Board, rule: Age, as_of: date) -> None:
        super().__init__(board, rule)
        self._oldest = oldest_day(rule, as_of)

    def keys(self, entry: Entry) -> Iterable[bool]:
        if entry.day < self._oldest:
            yield _matches(entry, self.rule.except_of, self.rule.except_degree)

    def room(self, key: Any, rows: Valid) -> Room:
        return self.rule.except_minutes if key else 0, self.rule.because


@dataclass(slots=True)
class _Work:
    """What happened in one window: meetings, client minutes, and whether anything needed supervision."""

    meetings: Valid = field(default_factory=list)
    client: int = 0
    experience: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """One window of an owed rule: units held, in how many weeks, whether any were owed, whether they fall short."""

    units: Fraction
    weeks: int
    owed: bool
    short: bool


def _window_key(rule: Owed, entry: Entry) -> Key:
    return window_start(entry.day, rule.window), entry.setting if rule.per_setting else ""


def _together(rule: Owed, work: dict[Key, _Work], key: Key) -> list[Valid]:
    """The meetings that may answer for a window: its own; for a fortnight those of either pair of weeks."""
    own = work[key].meetings
    if rule.window != FORTNIGHT:
        return [own]
    beside = (work.get((key[0] + timedelta(days=days), key[1])) for days in (-7, 7))
    return [own + (other.meetings if other else []) for other in beside]


def shortfalls(board: Board, rule: Owed, valid: Valid) -> dict[Key, Held]:
    """Every window of an owed rule by its first day and setting."""
    work: dict[Key, _Work] = defaultdict(_Work)
    for entry, minutes in valid:
        if minutes == 0:
            continue
        here = work[_window_key(rule, entry)]
        if entry.is_supervision and (not rule.kinds or kind_of(board, entry) in rule.kinds):
            here.meetings.append((entry, minutes))
        if rule.degree in (None, entry.degree) and entry.category not in rule.exempt:
            here.experience = True
            here.client += minutes if entry.category in rule.client else 0
    found: dict[Key, Held] = {}
    for key, here in work.items():
        held, weeks = max(
            (units(board, met), len({window_start(entry.day, "week") for entry, _ in met}))
            for met in _together(rule, work, key)
        )
        owed = (
            here.experience if not rule.over_minutes and rule.when == "experience" else here.client > rule.over_minutes
        )
        found[key] = Held(held, weeks, owed, owed and (held < rule.units or weeks < rule.weeks))
    return found


class _Owed(Cap[Owed]):
    def __init__(self, board: Board, rule: Owed) -> None:
        super().__init__(board, rule)
        self._whole = rule.void or rule.over_minutes == 0

    def keys(self, entry: Entry) -> Iterable[Key]:
        rule = self.rule
        affected = rule.degree in (None, entry.degree) and entry.category not in rule.exempt
        if affected and (self._whole or entry.category in rule.client):
            yield _window_key(rule, entry)

    def basis(self, entry: Entry) -> Iterable[Key]:
        start, setting = _window_key(self.rule, entry)
        beside = (0, -7, 7) if self.rule.window == FORTNIGHT and entry.is_supervision else (0,)
        return [(start + timedelta(days=days), setting) for days in beside]

    def room(self, key: Any, rows: Valid) -> Room:
        held = shortfalls(self.board, self.rule, rows).get(key)
        if held is None or not held.short:
            return OPEN
        rule = self.rule
        weeks = f" in {held.weeks} of {rule.weeks} weeks" if rule.weeks else ""
        there = f"{window_label(key[0], rule.window)}: {plain(held.units)} of {plain(rule.units)} units{weeks}"
        return 0 if self._whole else rule.over_minutes, f"{rule.because} ({there})"


def plain(number: Fraction) -> str:
    """A number of units as it is written: 2, 1.5, 3.98."""
    return f"{float(number):.2f}".rstrip("0").rstrip(".")


Period = tuple[date | None, str]  # first day of a window (None: the whole time), and the setting or ""


def _period(rule: Average, entry: Entry) -> Period:
    start = None if rule.window is None else window_start(entry.day, rule.window)
    return start, entry.setting if rule.per_setting else ""


def averages(board: Board, rule: Average, valid: Valid) -> dict[Period, tuple[int, Fraction]]:
    """Client minutes and units of supervision in every period that the rule looks at."""
    client: dict[Period, int] = defaultdict(int)
    meetings: dict[Period, Valid] = defaultdict(list)
    for entry, minutes in valid:
        if rule.degree in (None, entry.degree):
            period = _period(rule, entry)
            client[period] += minutes if entry.category in rule.client else 0
            if entry.is_supervision:
                meetings[period].append((entry, minutes))
    in_order = sorted(client, key=lambda period: (period[0] or date.min, period[1]))
    return {period: (client[period], units(board, meetings[period])) for period in in_order}


class _Average(Cap[Average]):
    def keys(self, entry: Entry) -> Iterable[Period]:
        if _matches(entry, self.rule.client, self.rule.degree):
            yield _period(self.rule, entry)

    def basis(self, entry: Entry) -> Iterable[Period]:
        if entry.is_supervision and self.rule.degree in (None, entry.degree):
            yield _period(self.rule, entry)

    def room(self, key: Any, rows: Valid) -> Room:
        rule, held = self.rule, units(self.board, rows)
        start = key[0]
        where = "" if start is None or rule.window is None else f"{window_label(start, rule.window)}: "
        said = f"{where}{plain(held)} units{' in this setting' if rule.per_setting else ''}"
        return int(held * rule.minutes_per_unit), f"{rule.because} ({said})"


class _Share(Cap[Share]):
    def keys(self, entry: Entry) -> Iterable[str]:
        return ("all",) if kind_of(self.board, entry) in self.rule.kinds else ()

    def basis(self, entry: Entry) -> Iterable[str]:
        return ("all",) if entry.is_supervision and kind_of(self.board, entry) not in self.rule.kinds else ()

    def room(self, key: Any, rows: Valid) -> Room:
        others = sum(minutes for _, minutes in rows)
        return others * self.rule.percent // (100 - self.rule.percent), self.rule.because


class Span(Cap[Within]):
    """The run of months that holds the most minutes, the latest of equals; before and after it nothing counts.

    It hangs on every row, so it is chosen when the cap is made. A row inside it can only make it fuller.
    """

    def __init__(self, board: Board, rule: Within, valid: Valid) -> None:
        super().__init__(board, rule)
        self._days: dict[date, int] = defaultdict(int)
        for entry, minutes in valid:
            self._days[entry.day] += minutes
        self.first, self.last = self._fullest()

    def _fullest(self) -> tuple[date, date]:
        in_order = sorted(self._days)
        best, first, upto, held = -1, date.min, 0, 0
        for start in in_order:
            end = add_months(start, self.rule.months)
            while upto < len(in_order) and in_order[upto] <= end:
                held += self._days[in_order[upto]]
                upto += 1
            if held >= best:
                best, first = held, start
            held -= self._days[start]
        return (first, add_months(first, self.rule.months)) if in_order else (date.max, date.min)

    def stays(self, entry: Entry, minutes: int) -> bool:
        """Take a row in, and tell whether the months chosen are still the fullest."""
        self._days[entry.day] += minutes
        return self.holds(entry.day) or self._fullest() == (self.first, self.last)

    def holds(self, day: date) -> bool:
        """Whether a day lies in the chosen months."""
        return self.first <= day <= self.last

    def keys(self, entry: Entry) -> Iterable[str]:
        return () if self.holds(entry.day) else ("outside",)

    def room(self, key: Any, rows: Valid) -> Room:
        return 0, self.rule.because


class _Floor(Cap[Floor]):
    def keys(self, entry: Entry) -> Iterable[date]:
        if entry.category in self.rule.of:
            yield window_start(entry.day, self.rule.window)

    def basis(self, entry: Entry) -> Iterable[date]:
        return self.keys(entry)

    def room(self, key: Any, rows: Valid) -> Room:
        held = sum(minutes for _, minutes in rows)
        if held >= self.rule.minutes:
            return OPEN
        return 0, f"{self.rule.because} ({window_label(key, self.rule.window)}: {held} minutes)"


class _Concurrent(Cap[Concurrent]):
    def keys(self, entry: Entry) -> Iterable[tuple[date, str]]:
        if entry.is_supervision:
            yield window_start(entry.day, self.rule.window), entry.supervisor

    def basis(self, entry: Entry) -> Iterable[date]:
        if entry.is_supervision:
            yield window_start(entry.day, self.rule.window)

    def basis_of(self, key: tuple[date, str]) -> date:
        return key[0]

    def room(self, key: tuple[date, str], rows: Valid) -> Room:
        people: dict[str, int] = defaultdict(int)
        for entry, minutes in rows:
            people[entry.supervisor] += minutes
        taken = sorted((name for name in people if people[name]), key=lambda name: (-people[name], name))
        return OPEN if key[1] in taken[: self.rule.most] else (0, self.rule.because)


def _cap(board: Board, rule: Rule, valid: Valid, as_of: date) -> Cap[Any] | None:
    match rule:
        case Maximum():
            return _Maximum(board, rule)
        case Rolling():
            return _Rolling(board, rule)
        case Age():
            return _Age(board, rule, as_of)
        case Owed():
            return _Owed(board, rule)
        case Average():
            return _Average(board, rule)
        case Share():
            return _Share(board, rule)
        case Within():
            return Span(board, rule, valid)
        case Floor():
            return _Floor(board, rule)
        case Concurrent():
            return _Concurrent(board, rule)
    return None


def caps(board: Board, valid: Valid, as_of: date) -> list[Cap[Any]]:
    """The limits of a board, in the order of its file."""
    found = (_cap(board, rule, valid, as_of) for rule in board.rules)
    return [cap for cap in found if cap is not None]

"""Rules that limit minutes, as buckets: each entry draws on some buckets, and none may be drawn below empty."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from supervise.hours.rules.board import (
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


@dataclass(slots=True)
class Bucket:
    """Minutes that may still be admitted under one rule, and the sentence for those that may not."""

    rule: Rule
    room: int
    text: str

    def take(self, minutes: int) -> None:
        """Draw admitted minutes."""
        self.room -= minutes


Draws = Callable[[Entry], Iterable[Bucket]]


def _matches(entry: Entry, of: frozenset[str], degree: str | None) -> bool:
    return entry.category in of and degree in (None, entry.degree)


def _maximum(rule: Maximum) -> Draws:
    buckets: dict[date | None, Bucket] = {}

    def draws(entry: Entry) -> Iterable[Bucket]:
        if _matches(entry, rule.of, rule.degree):
            start = None if rule.window is None else window_start(entry.day, rule.window)
            if start not in buckets:
                where = "" if start is None or rule.window is None else f" ({window_label(start, rule.window)})"
                buckets[start] = Bucket(rule, rule.minutes, rule.because + where)
            yield buckets[start]

    return draws


def _rolling(rule: Rolling) -> Draws:
    """One bucket for every run of so many days, by its first day; a day lies in as many runs as they are long."""
    buckets: dict[int, Bucket] = {}

    def draws(entry: Entry) -> Iterable[Bucket]:
        if entry.category in rule.of:
            day = entry.day.toordinal()
            for first in range(day - rule.days + 1, day + 1):
                if first not in buckets:
                    buckets[first] = Bucket(rule, rule.minutes, rule.because)
                yield buckets[first]

    return draws


def oldest_day(rule: Age, as_of: date) -> date:
    """The first day that is not too old on `as_of`: a day exactly `years` back still counts."""
    return add_months(as_of, -12 * rule.years)


def _age(rule: Age, as_of: date) -> Draws:
    oldest = oldest_day(rule, as_of)
    excepted, rest = (Bucket(rule, room, rule.because) for room in (rule.except_minutes, 0))

    def draws(entry: Entry) -> Iterable[Bucket]:
        if entry.day < oldest:
            yield excepted if _matches(entry, rule.except_of, rule.except_degree) else rest

    return draws


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


def _key(rule: Owed, entry: Entry) -> Key:
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
        here = work[_key(rule, entry)]
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


def _owed(board: Board, rule: Owed, valid: Valid) -> Draws:
    whole_window = rule.void or rule.over_minutes == 0
    room = 0 if whole_window else rule.over_minutes
    buckets: dict[Key, Bucket] = {}
    for key, held in shortfalls(board, rule, valid).items():
        if held.short:
            weeks = f" in {held.weeks} of {rule.weeks} weeks" if rule.weeks else ""
            there = f"{window_label(key[0], rule.window)}: {plain(held.units)} of {plain(rule.units)} units{weeks}"
            buckets[key] = Bucket(rule, room, f"{rule.because} ({there})")

    def draws(entry: Entry) -> Iterable[Bucket]:
        affected = rule.degree in (None, entry.degree) and entry.category not in rule.exempt
        if affected and (whole_window or entry.category in rule.client):
            bucket = buckets.get(_key(rule, entry))
            if bucket is not None:
                yield bucket

    return draws


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


def _average(board: Board, rule: Average, valid: Valid) -> Draws:
    buckets: dict[Period, Bucket] = {}
    for period, (_, held) in averages(board, rule, valid).items():
        start = period[0]
        where = "" if start is None or rule.window is None else f"{window_label(start, rule.window)}: "
        said = f"{where}{plain(held)} units{' in this setting' if rule.per_setting else ''}"
        buckets[period] = Bucket(rule, int(held * rule.minutes_per_unit), f"{rule.because} ({said})")

    def draws(entry: Entry) -> Iterable[Bucket]:
        if _matches(entry, rule.client, rule.degree):
            yield buckets[_period(rule, entry)]

    return draws


def _within(rule: Within, valid: Valid) -> Draws:
    """The run of months that holds the most minutes, the latest of equals; before and after it nothing counts."""
    days: dict[date, int] = defaultdict(int)
    for entry, minutes in valid:
        days[entry.day] += minutes
    in_order = sorted(days)
    best, first, upto, held = -1, date.min, 0, 0
    for start in in_order:
        end = add_months(start, rule.months)
        while upto < len(in_order) and in_order[upto] <= end:
            held += days[in_order[upto]]
            upto += 1
        if held >= best:
            best, first = held, start
        held -= days[start]
    last = add_months(first, rule.months) if in_order else date.max
    bucket = Bucket(rule, 0, rule.because)

    def draws(entry: Entry) -> Iterable[Bucket]:
        if not first <= entry.day <= last:
            yield bucket

    return draws


def _floor(rule: Floor, valid: Valid) -> Draws:
    held: dict[date, int] = defaultdict(int)
    for entry, minutes in valid:
        if entry.category in rule.of:
            held[window_start(entry.day, rule.window)] += minutes
    thin = {
        start: Bucket(rule, 0, f"{rule.because} ({window_label(start, rule.window)}: {minutes} minutes)")
        for start, minutes in held.items()
        if minutes < rule.minutes
    }

    def draws(entry: Entry) -> Iterable[Bucket]:
        bucket = thin.get(window_start(entry.day, rule.window)) if entry.category in rule.of else None
        if bucket is not None:
            yield bucket

    return draws


def _concurrent(rule: Concurrent, valid: Valid) -> Draws:
    held: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for entry, minutes in valid:
        if entry.is_supervision and minutes:
            held[window_start(entry.day, rule.window)][entry.supervisor] += minutes
    taken = {
        start: set(sorted(people, key=lambda name: (-people[name], name))[: rule.most])
        for start, people in held.items()
        if len(people) > rule.most
    }
    bucket = Bucket(rule, 0, rule.because)

    def draws(entry: Entry) -> Iterable[Bucket]:
        if entry.is_supervision:
            people = taken.get(window_start(entry.day, rule.window))
            if people is not None and entry.supervisor not in people:
                yield bucket

    return draws


def _share(board: Board, rule: Share, valid: Valid) -> Draws:
    others = sum(m for entry, m in valid if entry.is_supervision and kind_of(board, entry) not in rule.kinds)
    bucket = Bucket(rule, others * rule.percent // (100 - rule.percent), rule.because)

    def draws(entry: Entry) -> Iterable[Bucket]:
        if kind_of(board, entry) in rule.kinds:
            yield bucket

    return draws


def _draws(board: Board, rule: Rule, valid: Valid, as_of: date) -> Draws | None:
    match rule:
        case Maximum():
            return _maximum(rule)
        case Rolling():
            return _rolling(rule)
        case Age():
            return _age(rule, as_of)
        case Owed():
            return _owed(board, rule, valid)
        case Average():
            return _average(board, rule, valid)
        case Share():
            return _share(board, rule, valid)
        case Within():
            return _within(rule, valid)
        case Floor():
            return _floor(rule, valid)
        case Concurrent():
            return _concurrent(rule, valid)
    return None


def caps(board: Board, valid: Valid, as_of: date) -> list[Draws]:
    """The limits of a board, in the order of its file, ready to admit `valid` entries."""
    found = (_draws(board, rule, valid, as_of) for rule in board.rules)
    return [draws for draws in found if draws is not None]

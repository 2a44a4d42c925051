"""Rules that limit minutes, as buckets: each entry draws on some buckets, and none may be drawn below empty."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from supervise.hours.rules.board import Age, Average, Board, Maximum, Owed, Rolling, Rule, Share
from supervise.hours.rules.calendar import add_months, window_label, window_start
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


@dataclass(slots=True)
class Window:
    """The room on one day under a rolling cap: the least room of all the windows that hold the day."""

    rule: Rolling
    day: int
    held: dict[int, int]

    @property
    def room(self) -> int:
        """Minutes that may still be admitted on this day."""
        fullest = max(self.held.get(start, 0) for start in range(self.day - self.rule.days + 1, self.day + 1))
        return self.rule.minutes - fullest

    @property
    def text(self) -> str:
        """The sentence for what does not fit."""
        return self.rule.because

    def take(self, minutes: int) -> None:
        """Draw admitted minutes from every window that holds the day."""
        for start in range(self.day - self.rule.days + 1, self.day + 1):
            self.held[start] = self.held.get(start, 0) + minutes


Draws = Callable[[Entry], Iterable[Bucket | Window]]


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
    held: dict[int, int] = {}

    def draws(entry: Entry) -> Iterable[Window]:
        if entry.category in rule.of:
            yield Window(rule, entry.day.toordinal(), held)

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


def _key(rule: Owed, entry: Entry) -> Key:
    return window_start(entry.day, rule.window), entry.setting if rule.per_setting else ""


def shortfalls(board: Board, rule: Owed, valid: Valid) -> dict[Key, tuple[Fraction, bool, bool]]:
    """Each window of an owed rule: units held, whether supervision was owed, whether it fell short."""
    work: dict[Key, _Work] = defaultdict(_Work)
    for entry, minutes in valid:
        if minutes == 0:
            continue
        here = work[_key(rule, entry)]
        if entry.is_supervision:
            here.meetings.append((entry, minutes))
        if rule.degree in (None, entry.degree) and entry.category not in rule.exempt:
            here.experience = True
            here.client += minutes if entry.category in rule.client else 0
    found: dict[Key, tuple[Fraction, bool, bool]] = {}
    for key, here in work.items():
        held = units(board, here.meetings)
        owed = (
            here.experience if not rule.over_minutes and rule.when == "experience" else here.client > rule.over_minutes
        )
        found[key] = held, owed, owed and held < rule.units
    return found


def _owed(board: Board, rule: Owed, valid: Valid) -> Draws:
    whole_window = rule.void or rule.over_minutes == 0
    room = 0 if whole_window else rule.over_minutes
    buckets: dict[Key, Bucket] = {}
    for key, (held, _, short) in shortfalls(board, rule, valid).items():
        if short:
            there = f" ({window_label(key[0], rule.window)}: {_plain(held)} of {rule.units} units)"
            buckets[key] = Bucket(rule, room, rule.because + there)

    def draws(entry: Entry) -> Iterable[Bucket]:
        affected = rule.degree in (None, entry.degree) and entry.category not in rule.exempt
        if affected and (whole_window or entry.category in rule.client):
            bucket = buckets.get(_key(rule, entry))
            if bucket is not None:
                yield bucket

    return draws


def _plain(number: Fraction) -> str:
    return f"{float(number):.2f}".rstrip("0").rstrip(".")


def averages(board: Board, rule: Average, valid: Valid) -> dict[str, tuple[int, Fraction]]:
    """Per setting: client minutes and units of supervision over the whole period the rule looks at."""
    client: dict[str, int] = defaultdict(int)
    meetings: dict[str, Valid] = defaultdict(list)
    for entry, minutes in valid:
        if rule.degree in (None, entry.degree):
            client[entry.setting] += minutes if entry.category in rule.client else 0
            if entry.is_supervision:
                meetings[entry.setting].append((entry, minutes))
    return {setting: (client[setting], units(board, meetings[setting])) for setting in sorted(client)}


def _average(board: Board, rule: Average, valid: Valid) -> Draws:
    buckets = {
        setting: Bucket(
            rule, int(held * rule.minutes_per_unit), f"{rule.because} ({_plain(held)} units in this setting)"
        )
        for setting, (_, held) in averages(board, rule, valid).items()
    }

    def draws(entry: Entry) -> Iterable[Bucket]:
        if _matches(entry, rule.client, rule.degree):
            yield buckets[entry.setting]

    return draws


def _share(board: Board, rule: Share, valid: Valid) -> Draws:
    others = sum(m for entry, m in valid if entry.is_supervision and kind_of(board, entry) not in rule.kinds)
    bucket = Bucket(rule, others * rule.percent // (100 - rule.percent), rule.because)

    def draws(entry: Entry) -> Iterable[Bucket]:
        if kind_of(board, entry) in rule.kinds:
            yield bucket

    return draws


def caps(board: Board, valid: Valid, as_of: date) -> list[Draws]:
    """The limits of a board, in the order of its file, ready to admit `valid` entries."""
    found: list[Draws] = []
    for rule in board.rules:
        if isinstance(rule, Maximum):
            found.append(_maximum(rule))
        elif isinstance(rule, Rolling):
            found.append(_rolling(rule))
        elif isinstance(rule, Age):
            found.append(_age(rule, as_of))
        elif isinstance(rule, Owed):
            found.append(_owed(board, rule, valid))
        elif isinstance(rule, Average):
            found.append(_average(board, rule, valid))
        elif isinstance(rule, Share):
            found.append(_share(board, rule, valid))
    return found

"""Dates go, the time between them stays: days and weeks counted from one day of the story that is named nowhere."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from supervise.deid.engine.calendar import Moment, read_moment, read_range
from supervise.deid.engine.findings import Group, Span
from supervise.deid.engine.lexicon import lexicon
from supervise.deid.engine.patterns import Pattern, compiled

UNKNOWN: Final = "[date]"
HOLIDAY: Final = "[holiday]"
BIRTHDAY: Final = "[date of birth]"
RECURRING: Final = "[time of year]"
EARLY: Final = "[early in treatment]"
ZERO: Final = "[day 0]"
_START: Final = "[start of treatment]"
_MONTH: Final = "[month 0]"
SHOWN: Final = frozenset((ZERO, _START, _MONTH))
"""What can stand for the day that others are counted from."""
_COMMON_YEAR: Final = 2001  # for stories that name no year; none of the length of February is claimed then
_AROUND: Final = 70
_EXACT_DAYS: Final = 31
_UNSURE_DAYS: Final = 122  # a month without a year that lies further away may be last year's or this year's
_NEAR_DAYS: Final = 12
_EARLY_DAYS: Final = 45


@dataclass(frozen=True, slots=True)
class Origin:
    """The day that others are counted from, and what stands in its place; ``dated``: the text names its year."""

    day: date
    exact: bool
    dated: bool
    treatment: bool
    shown: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """What stands in for the dates of one text. ``many``: "later" alone would not say later than what."""

    text: str
    origin: Origin | None
    many: bool
    rules: "_Rules"

    def stand_in(self, group: Group) -> str:
        """Return the interval for a date; less is said where less is certain."""
        if self.rules.is_birthday(self.text, group):
            return BIRTHDAY
        if self.rules.recurs(self.text, group):
            return RECURRING
        form = group.forms[0]
        if group.source == "holiday":
            return HOLIDAY
        if self.origin is None:
            return UNKNOWN
        ends = read_range(form)
        if ends is not None:
            return self._range(form, *ends)
        moment = read_moment(form)
        return f"[{self._words(moment)}]" if moment is not None else UNKNOWN

    def _range(self, form: str, first: Moment, last: Moment) -> str:
        a, b = self._words(first), self._words(last)
        joint = " and " if " and " in form.lower() or "&" in form else " to "
        if a == b or "date" in (a, b):
            return f"[{a}]"
        number, _, rest = a.partition(" ")
        other, _, unit = b.partition(" ")
        if number.isdigit() and other.isdigit() and rest.replace("day ", "days ") == unit:
            return f"[{number}{joint}{b}]"
        return f"[{a}{joint}{b}]"

    def _words(self, moment: Moment) -> str:
        """Return the distance of a moment from the origin in words, exact only where both are."""
        origin = self.origin
        day = moment.on(origin.day) if origin is not None else None
        if origin is None or day is None:
            return "date"
        days = (day - origin.day).days
        dated = moment.year is not None and origin.dated
        if not dated and abs(days) > _UNSURE_DAYS:
            return "date"
        exact = moment.day is not None and origin.exact and (dated or not _over_february(day, origin.day))
        if days == 0 and (exact or not origin.exact):
            return origin.shown[1:-1]
        way = self._way(days)
        if exact and abs(days) <= _EXACT_DAYS:
            return f"{abs(days)} day{'s' * (abs(days) != 1)} {way}"
        if origin.treatment and not exact and -_NEAR_DAYS < days <= _EARLY_DAYS:
            return EARLY[1:-1]
        if abs(days) < _NEAR_DAYS:
            return "about the same time"
        return f"about {_long(abs(days))} {way}"

    def _way(self, days: int) -> str:
        if self.origin is not None and self.origin.treatment:
            return "into treatment" if days > 0 else "before treatment"
        if not self.many:
            return "later" if days > 0 else "earlier"
        zero = self.origin.shown[1:-1] if self.origin is not None else ""
        return f"{'after' if days > 0 else 'before'} {zero}"


def timeline(text: str, groups: Sequence[Group], origin: Origin | None = None) -> Timeline:
    """Return the timeline of a text; ``origin`` is that of the text that this one answers, if it is known."""
    rules = _rules()
    dated = [g for g in groups if g.label == "DATE" and not rules.is_birthday(text, g) and g.source != "holiday"]
    moments = sorted((g.places[0], m, g) for g in dated if (m := _start(g.forms[0])) is not None)
    if origin is not None:
        return Timeline(text, origin, many=True, rules=rules)
    found = _origin(text, moments, rules)
    if found is None or (len(moments) < 2 and not found.treatment):
        return Timeline(text, None, many=False, rules=rules)
    return Timeline(text, found, many=len(moments) > 2, rules=rules)


def _origin(text: str, moments: Sequence[tuple[Span, Moment, Group]], rules: "_Rules") -> Origin | None:
    """Return the start of treatment where the text names it, else the first of the most exact dates."""
    year = next((m.year for _, m, _ in moments if m.year is not None), None)
    reference = date(year or _COMMON_YEAR, 7, 1)
    best: tuple[tuple[bool, bool, bool, int], Origin] | None = None
    for place, moment, group in moments:
        day = moment.on(reference)
        if day is None or rules.recurs(text, group):
            continue
        whole, dated = moment.day is not None, moment.year is not None
        treatment = rules.begins_treatment(text, group)
        shown = _START if treatment else ZERO if whole else _MONTH
        rank = (not treatment, not whole, not dated, place[0])
        if best is None or rank < best[0]:
            best = (rank, Origin(day, whole, dated, treatment, shown))
    return best[1] if best else None


def _start(form: str) -> Moment | None:
    ends = read_range(form)
    return ends[0] if ends else read_moment(form)


def _over_february(one: date, other: date) -> bool:
    """Tell whether a 29 February may lie between two days of which the year of one is guessed."""
    first, last = sorted((one, other))
    return any(first <= date(y, 3, 1) <= last and first <= date(y, 2, 28) for y in (first.year, last.year))


def _long(days: int) -> str:
    if days < 60:
        weeks = round(days / 7)
        return f"{weeks} weeks"
    months = round(days / 30.44)
    return f"{months} months" if months < 24 else f"{round(days / 365.25)} years"


@dataclass(frozen=True)
class _Rules:
    """Patterns of ``config/deid/relations.toml`` about what stands around a date."""

    by_kind: dict[str, tuple[Pattern, ...]] = field(default_factory=dict)

    def is_birthday(self, text: str, group: Group) -> bool:
        return self._any(text, group, "birthday", "birthday_after", every=False)

    def begins_treatment(self, text: str, group: Group) -> bool:
        return self._any(text, group, "treatment_start", "treatment_start_after", every=False)

    def recurs(self, text: str, group: Group) -> bool:
        return self._any(text, group, "recurring", "", every=True)

    def _any(self, text: str, group: Group, before: str, after: str, *, every: bool) -> bool:
        hits = (
            _hits(self.by_kind[before], text[max(0, start - _AROUND) : start])
            or _hits(self.by_kind.get(after, ()), text[end : end + _AROUND])
            for start, end in group.places
        )
        return all(hits) if every else any(hits)


def _hits(patterns: Iterable[Pattern], text: str) -> bool:
    return any(next(pattern.spans(text), None) is not None for pattern in patterns)


def _rules() -> _Rules:
    kinds = ("birthday", "birthday_after", "treatment_start", "treatment_start_after", "recurring")
    rules = lexicon().rules
    return _Rules({kind: tuple(compiled(row["pattern"]) for row in rules[kind]) for kind in kinds})

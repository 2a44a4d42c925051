"""Dates as people write them, and the intervals that stand in for them."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import re2

MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
            "september sept sep", "october oct", "november nov", "december dec",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth",
    "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth",
    "twenty-first", "twenty-second", "twenty-third", "twenty-fourth", "twenty-fifth", "twenty-sixth", "twenty-seventh",
    "twenty-eighth", "twenty-ninth", "thirtieth", "thirty-first",
)  # fmt: skip
ORDINALS: Final = {word: number for number, word in enumerate(_ORDINALS, start=1)}
_ISO = re2.compile(r"^((?:19|20)\d\d)[-/.](\d\d?)(?:[-/.](\d\d?))?$")
_NUMERIC = re2.compile(r"^(\d\d?)[-/.](\d\d?)(?:[-/.](\d\d(?:\d\d)?))?$")
_MONTH_YEAR = re2.compile(r"^(\d\d?)[-/]((?:19|20)\d\d)$")
_IN_WORDS = "|".join(sorted(ORDINALS, key=len, reverse=True))
_ONE_DAY = r"((?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?|" + _IN_WORDS + r")"
_TO = r"(?: ?[-–—] ?| (?:to|through|thru|until|and) | ?& ?)"
_DAYS = re2.compile(r"\b" + _ONE_DAY + _TO + _ONE_DAY + r"\b")
_NUMERIC_RANGE = re2.compile(r"^(\d\d?/\d\d?)" + _TO + r"(\d\d?/\d\d?)(/(?:\d\d){1,2})?$")
_TOKEN = re2.compile(r"[a-z]+(?:-[a-z]+)?|\d+")
_SEASONS = {"spring": 4, "summer": 7, "fall": 10, "autumn": 10, "winter": 1}


@dataclass(frozen=True, slots=True)
class Moment:
    """As much of a date as the text says; ``exact`` is false where day, month or year had to be guessed."""

    day: int | None
    month: int | None
    year: int | None

    @property
    def exact(self) -> bool:
        return None not in (self.day, self.month, self.year)

    def on(self, reference: date | None) -> date | None:
        """Return the calendar day, taking what is missing from the day it is compared with; None if impossible."""
        year = self.year
        if self.month is None or (year is None and reference is None):
            return None
        if year is None and reference is not None:
            near = [self._day(y) for y in (reference.year - 1, reference.year, reference.year + 1)]
            days = [day for day in near if day]
            return min(days, key=lambda day: abs(day - reference)) if days else None
        return self._day(year) if year is not None else None

    def _day(self, year: int) -> date | None:
        try:
            return date(year, self.month or 1, self.day or 15)
        except ValueError:
            return None


def read_moment(words: str) -> Moment | None:
    """Read a date in any of the forms that the recogniser finds; numeric ones in the American order."""
    plain = words.strip().lower()
    if found := _ISO.match(plain):
        year, month, day = found.groups()
        return _checked(int(day) if day else None, int(month), int(year))
    if found := _MONTH_YEAR.match(plain):
        return _checked(None, int(found.group(1)), int(found.group(2)))
    if found := _NUMERIC.match(plain):
        first, second, year = found.groups()
        month, day = (int(first), int(second)) if int(first) <= 12 else (int(second), int(first))
        return _checked(day, month, _full_year(year))
    return _in_words(plain)


def _in_words(plain: str) -> Moment | None:
    month = day = year = None
    tokens = [m.group() for m in _TOKEN.finditer(plain)]
    for number, token in enumerate(tokens):
        if token in MONTHS and month is None:
            month = MONTHS[token]
        elif token in _SEASONS and month is None:
            month = _SEASONS[token]
        elif token in ORDINALS:
            day = ORDINALS[token]
        elif token.isdigit() and len(token) == 4:
            year = int(token)
        elif token.isdigit() and int(token) <= 31 and day is None:
            day = int(token)
        elif token.isdigit() and len(token) == 2 and number == len(tokens) - 1:
            year = _full_year(token)
    return _checked(day, month, year) if month else None


def _full_year(digits: str | None) -> int | None:
    if not digits:
        return None
    return int(digits) if len(digits) == 4 else 2000 + int(digits) - (100 if int(digits) > 50 else 0)


def _checked(day: int | None, month: int | None, year: int | None) -> Moment | None:
    if month is not None and not 1 <= month <= 12:
        return None
    if day is not None and not 1 <= day <= 31:
        return None
    return Moment(day, month, year)


def read_range(words: str) -> tuple[Moment, Moment] | None:
    """Read a stretch of days of one month, or two numeric days: "March 3-7, 2024", "3/4 to 3/8"; None for others."""
    plain = words.strip().lower()
    if found := _NUMERIC_RANGE.match(plain):
        ends = [read_moment(f"{found.group(n)}{found.group(3) or ''}") for n in (1, 2)]
        return (ends[0], ends[1]) if ends[0] and ends[1] else None
    found = _DAYS.search(plain)
    first, last = (_day(found.group(n)) for n in (1, 2)) if found else (0, 0)
    if found is None or not (1 <= first <= 31 and 1 <= last <= 31):
        return None
    moment = _in_words(f"{plain[: found.start()]} {plain[found.end() :]}")
    return (replace(moment, day=first), replace(moment, day=last)) if moment else None


def _day(words: str) -> int:
    return ORDINALS.get(words) or int("".join(c for c in words if c.isdigit()) or "0")

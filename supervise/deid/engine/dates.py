"""Dates finer than a year, in every common form, and holidays that date an event."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from supervise.deid.engine.calendar import ORDINALS
from supervise.deid.engine.findings import Finding
from supervise.deid.engine.patterns import Pattern
from supervise.deid.engine.scan import Scan
from supervise.deid.engine.words import own_digits, whole

_MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december|"
    r"jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec)\b\.?"
)
_ORDINAL = r"(?:" + "|".join(sorted(ORDINALS, key=len, reverse=True)).replace("-", "[- ]") + ")"
_DAY = r"(?:(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?|" + _ORDINAL + r")"
_YEAR = (
    r"(?:(?:19|20)\d\d|'\d\d|(?:nineteen|twenty)[- ](?:oh[- ])?(?:ten|eleven|twelve|\w+teen|\w+ty)?"
    r"(?:[- ]?(?:one|two|three|four|five|six|seven|eight|nine))?)"
)
_SPAN = r"(?:early|mid|late|the (?:start|beginning|end|middle) of|beginning of|end of)"
_TO = r" ?(?:-|–|—|to|through|thru|and|&|until) ?"
_ON = (
    r"(?:on|since|from|by|til|till|until|before|after|of|dated|seen|sessions?|visit|intake|dos|due|for|as of|"
    r"around|about|and|to|"
    r"through|thru|note|hearing|court|appointment|appt|call|called|email|letter|next|last|week of|starting|began|"
    r"started|ended|"
    r"admitted|discharged|born|dob|effective|signed|filed|met|scheduled|it was|was|date|received|sent|between|"
    r"both|anniversary|"
    r"died|day|exported|printed|updated|revised|faxed|completed|done|scored|given|administered)"
)


@dataclass(frozen=True)
class _Form:
    source: str
    pattern: Pattern
    score: float = 0.95
    doubtful: bool = False
    holds: Callable[[Scan, int, int], bool] = lambda scan, start, end: True


def _form(source: str, pattern: str, **more: Any) -> _Form:
    return _Form(source, Pattern(pattern), **more)


def _numeric(scan: Scan, start: int, end: int) -> bool:
    return own_digits(scan.text, start, end)


def _parts(form: str) -> tuple[int, int]:
    first, _, second = form.replace("-", "/").replace(".", "/").partition("/")
    return int(first), int(second)


def _month_day(scan: Scan, start: int, end: int) -> bool:
    """Tell "11/6" the day from a score, a fraction or a rating."""
    form = scan.text[start:end]
    month, day = _parts(form)
    if not own_digits(scan.text, start, end) or not (1 <= month <= 12 and 1 <= day <= 31):
        return False
    if form in ("24/7", "9/11", "1/2", "1/3", "1/4", "2/3", "3/4", "4/4", "5/5") or scan.text[end : end + 1] == "%":
        return False
    after = scan.low(scan.words.first_at(end))
    return after not in scan.lexicon["units"] and not (day in (5, 10) and after in ("of", "on", "in", "pain", "mood"))


def _loose_month_day(scan: Scan, start: int, end: int) -> bool:
    """Without a word of time before it: not what is more often "7/10" of pain or "23/30" of a test."""
    return _parts(scan.text[start:end])[1] not in (4, 5, 6, 7, 8, 9, 10, 15, 20, 21, 24, 27, 30) and _month_day(
        scan, start, end
    )


def _day_range(scan: Scan, start: int, end: int) -> bool:
    return all(
        1 <= int(part) <= 31 for part in "".join(c if c.isdigit() else " " for c in scan.text[start:end]).split()
    )


def _dotted(scan: Scan, start: int, end: int) -> bool:
    """ "3.14" is a date only in a text that writes whole dates with dots."""
    return any(True for _ in _DOTTED.spans(scan.text)) and _month_day(scan, start, end)


_DOTTED = Pattern(r"\b\d{1,2}\.\d{1,2}\.(?:20)?\d\d\b")


def _bare_month(scan: Scan, start: int, end: int) -> bool:
    """A month alone; "may", "march", "june" only after a word of time, for they are verbs and names as well."""
    number = scan.words.first_at(start)
    low, capital = scan.low(number), scan.text[start].isupper()
    if low in scan.lexicon["doubtful_months"]:
        placed = scan.before(number) in scan.lexicon["month_cues"]
        return placed and (capital or low not in ("may", "march", "mar", "sun"))
    return capital or scan.lower_style or len(low) > 4


_CUED = r"(?i)\b" + _ON + r"[ :.,(*]{1,4}(?:(?:on|the|mon|tues?|wed|thurs?|fri|sat|sun)(?:day)?,? )?"
_FORMS: Final = (
    _form("date", r"\b(?:19|20)\d\d[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])\b", holds=_numeric),
    _form(
        "date",
        r"\b(?:0?[1-9]|[12]\d|3[01])[-/.](?:0?[1-9]|[12]\d|3[01])[-/.](?:(?:19|20)\d\d|\d\d)\b",
        holds=_numeric,
    ),
    _form("date", r"\b(?:0?[1-9]|1[0-2])[-/](?:19|20)\d\d\b", holds=_numeric),
    _form("date", r"\b(?:19|20)\d\d-(?:0[1-9]|1[0-2])\b", holds=_numeric),
    _form("date", _CUED + r"(?P<v>\d{1,2}[/-]\d{1,2})\b", holds=_month_day),
    _form("date", _CUED + r"(?P<v>\d{1,2}\.\d{1,2})\b", holds=_dotted),
    _form("date", r"\b\d{1,2}/\d{1,2}(?:-|–|—| - | – | to | through | thru )\d{1,2}/\d{1,2}\b", holds=_day_range),
    _form("date", r"(?i)\b\d{1,2}/\d{1,2} (?:and|&|,) (?P<v>\d{1,2}/\d{1,2})\b", holds=_month_day),
    _form("date", r"\b\d{1,2}/\d{1,2}\b", score=0.7, holds=_loose_month_day),
    _form(
        "date",
        r"(?i)\b(?:" + _SPAN + r"[ -])?" + _MONTH + r" (?:the )?" + _DAY + r"\b(?:,? (?:of )?" + _YEAR + r"\b)?",
    ),
    _form(
        "date",
        r"(?i)\b" + _MONTH + r" (?:the )?" + _DAY + r"\b" + _TO + _DAY + r"\b(?:,? (?:of )?" + _YEAR + r"\b)?",
        holds=_numeric,
    ),
    _form(
        "date",
        r"(?i)\b"
        + _DAY
        + r"(?:"
        + _TO
        + _DAY
        + r")?(?: of|-)? ?"
        + _MONTH
        + r"(?:-|,? (?:of )?)?(?:"
        + _YEAR
        + r"|\d\d)?\b",
    ),
    _form("date", r"(?i)\b(?:" + _SPAN + r"[ -])?" + _MONTH + r"[ ,'/-]{1,2}(?:of )?(?:(?:19|20)\d\d|'?\d\d)\b"),
    _form("date", r"(?i)\b" + _SPAN + r"[ -](?:last )?" + _MONTH),
    _form(
        "date", r"(?i)\b(?:spring|summer|fall|autumn|winter)(?: of| semester| term| quarter)?,? (?:of )?(?:19|20)\d\d\b"
    ),
    _form("date", r"(?i)\bQ[1-4],? ?(?:of )?(?:19|20)\d\d\b"),
    _form(
        "date",
        r"(?i)\b(?:on|by|until|till?|since|before|after|from|for|through|(?:mon|tues|wednes|thurs|fri|satur|"
        r"sun)day),? the "
        r"(?P<v>\d{1,2}(?:st|nd|rd|th))(?:[ .,;:)?!\n]|$)",
        score=0.7,
    ),
    _form(
        "date",
        r"(?i)\b(?:on|by|until|since|before|after|from) the (?P<v>" + _ORDINAL + r")[.,;\n]",
        score=0.6,
        doubtful=True,
    ),
    _form(
        "month",
        r"(?i)\b(?:january|february|march|april|may|june|july|august|september|october|november|december|"
        r"jan|feb|apr|sept|oct|nov|dec)\b",
        score=0.8,
        holds=_bare_month,
    ),
)


def find_dates(scan: Scan) -> Iterator[Finding]:
    """Yield every date; they may overlap."""
    for form in _FORMS:
        for start, end in form.pattern.spans(scan.text):
            while end > start and scan.text[end - 1] in " ,-.":
                end -= 1
            if start < end and whole(scan.text, start, end) and form.holds(scan, start, end):
                yield Finding(start, end, "DATE", form.score, form.source, form.doubtful)
    yield from _other_calendars(scan)
    yield from _holidays(scan)


def _other_calendars(scan: Scan) -> Iterator[Finding]:
    """ "3 Adar", "the 17th of Tammuz"."""
    for low in scan.lexicon["other_months"]:
        for number in scan.words.numbers(low):
            first = number - 2 if scan.before(number) == "of" else number - 1
            if first >= 0 and scan.words[first].text[0].isdigit() and scan.words[number].capital:
                yield Finding(*scan.words.span(first, number), "DATE", 0.9, "date")


def _holidays(scan: Scan) -> Iterator[Finding]:
    why = "A holiday can date an event"
    for first, last in scan.phrases("holidays"):
        start, end = scan.words.span(first, last)
        if scan.words[first].capital or scan.words[first].text[0].isdigit() or scan.lower_style or last > first:
            after = scan.words[last + 1] if last + 1 < len(scan.words) else None
            if after and after.text.isdigit() and len(after.text) == 4 and scan.words.gap(last) in (" ", ", "):
                end = after.end
            yield Finding(start, end, "DATE", 0.85, "holiday", False, why)
    for first, last in scan.phrases("religious_times"):
        if scan.before(first) in scan.lexicon["month_cues"] and scan.before(first) not in ("of", "in", "to", "and"):
            yield Finding(*scan.words.span(first, last), "DATE", 0.6, "holiday", True, why)

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
_YEAR = r"(?:(?:19|20)\d\d|'\d\d|twenty[- ](?:twenty|nineteen|eighteen)(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?)"
_SPAN = r"(?:early|mid|late|the (?:start|beginning|end|middle) of|beginning of|end of)"
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,? )?"
_HOLIDAYS = (
    r"new year'?s(?: eve| day)?|lunar new year|chinese new year|losar|t[eếê]t|martin luther king(?: jr\.?)? day|mlk day|groundhog day|"
    r"valentine'?s(?: day)?|presidents'? day|st\.? patrick'?s(?: day)?|saint patrick'?s day|mardi gras|ash wednesday|palm sunday|"
    r"maundy thursday|good friday|(?:orthodox |greek |coptic )?easter(?: sunday| monday| weekend)?|pentecost|passover|pesach|cinco de mayo|mother'?s day|memorial day|"
    r"juneteenth|father'?s day|canada day|(?:the )?(?:fourth|4th) of july|independence day|bastille day|pioneer day|labor day|patriot day|"
    r"rosh ha-?shanah?|yom kippur|sukko(?:t|s)|simchat torah|shavu'?ot|shavuos|purim|tisha b'?av|lag b'?omer|ch?hanukk?ah|hanukkah|"
    r"columbus day|indigenous peoples'? day|halloween|d[ií]a de (?:los )?muertos|day of the dead|all saints'? day|all souls'? day|"
    r"election day|veterans'? day|armistice day|thanksgiving|black friday|advent sunday|las posadas|nochebuena|"
    r"(?:orthodox |coptic )?christmas(?: eve| day| time|time| week| break)?|xmas(?: eve| day)?|boxing day|kwanzaa|d[ií]a de reyes|three kings(?: day)?|epiphany|"
    r"eid(?: al-?(?:fitr|adha)| ul-?(?:fitr|adha))?|bakrid|ashura|arba'?een|mawlid|laylat al-?qadr|nowruz|norouz|nawruz|mehregan|yalda(?: night)?|"
    r"diwali|deepavali|holi|navaratri|navratri|dussehra|durga puja|ganesh chaturthi|raksha bandhan|rakhi|karva chauth|pongal|onam|baisakhi|vaisakhi|"
    r"gurpurab|janmashtami|makar sankranti|ugadi|vesak|wesak|songkran|pchum ben|khmer new year|hmong new year|thingyan|loy krathong|obon|"
    r"golden week|chuseok|seollal|mid-autumn(?: festival)?|moon festival|qingming|dragon boat(?: festival)?|double ninth|flores de mayo|simbang gabi|"
    r"timkat|meskel|enkutatash|genna|orthodox new year|vidovdan|maslenitsa|martyrs'? day|flag day|kamehameha day|prince kuhio day|merrie monarch|"
    r"white sunday|constitution day|republic day|victory day|international women'?s day|nurses'? week|super bowl sunday"
)
_ON = (
    r"(?:on|since|from|by|until|till|before|after|of|dated|seen|session|visit|intake|dos|due|for|as of|around|about|and|to|through|thru|"
    r"note|hearing|court|appointment|appt|call|called|email|letter|next|last|week of|starting|began|started|ended|admitted|discharged|born|dob|"
    r"effective|signed|filed|met|scheduled|it was|was|date|received|sent|between|both|anniversary|died|day)"
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


def _month_day(scan: Scan, start: int, end: int) -> bool:
    """Tell "11/6" the day from a score, a fraction or a rating."""
    first, _, second = scan.text[start:end].replace("-", "/").partition("/")
    month, day = int(first), int(second)
    if not own_digits(scan.text, start, end) or not (1 <= month <= 12 and 1 <= day <= 31):
        return False
    if scan.text[end : end + 1] == "%" or (
        first + "/" + second in ("24/7", "9/11", "1/2", "1/3", "1/4", "2/3", "3/4", "4/4", "5/5")
    ):
        return False
    after = scan.low(scan.words.first_at(end))
    return after not in scan.lexicon["units"] and not (
        after in ("of", "on", "in", "pain", "mood", "anxiety") and day in (5, 10)
    )


def _rated(scan: Scan, start: int, end: int) -> bool:
    """A date without a word that says so: no "7/10" of pain."""
    second = scan.text[start:end].replace("-", "/").partition("/")[2]
    return int(second) not in (4, 5, 6, 7, 8, 9, 10, 15, 20, 21, 24, 27, 30) and _month_day(scan, start, end)


def _bare_month(scan: Scan, start: int, end: int) -> bool:
    """A month alone: "may" and "march" only with a capital, and not where they are a verb or somebody's name."""
    form = scan.text[start:end]
    number = scan.words.first_at(start)
    low = scan.low(number)
    if low in ("may", "march", "mar", "sun", "jan", "dec", "sep", "april", "june", "august"):
        before = scan.before(number)
        placed = before in (
            "in", "since", "until", "till", "by", "of", "from", "last", "next", "this", "through", "during", "early", "late", "mid",
            "before", "after", "around", "to", "between", "and", "every", "each", "past", "previous",
        )  # fmt: skip
        if not placed:
            return form[0].isupper() and low in ("august",) and not scan.starts[number]
        return form[0].isupper() or low not in ("may", "march", "mar", "sun")
    return form[0].isupper() or scan.lower_style or len(form) > 4


_FORMS: Final = (
    _form("date", r"\b(?:19|20)\d\d[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])\b", holds=_numeric),
    _form("date", r"\b(?:0?[1-9]|[12]\d|3[01])[-/.](?:0?[1-9]|[12]\d|3[01])[-/.](?:(?:19|20)\d\d|\d\d)\b", holds=_numeric),
    _form("date", r"\b(?:0?[1-9]|1[0-2])[-/](?:19|20)\d\d\b", holds=_numeric),
    _form("date", r"\b(?:19|20)\d\d-(?:0[1-9]|1[0-2])\b", holds=_numeric),
    _form("date", r"(?i)\b" + _ON + r"[ :.,(*]{1,4}(?:(?:on|the|mon|tues?|wed|thurs?|fri|sat|sun)(?:day)?,? )?(?P<v>\d{1,2}[/-]\d{1,2})\b", holds=_month_day),
    _form("date", r"(?i)\b\d{1,2}/\d{1,2} (?:and|&|to|through|-|–) (?P<v>\d{1,2}/\d{1,2})\b", holds=_rated),
    _form("date", r"\b\d{1,2}/\d{1,2}\b", score=0.7, holds=_rated),
    _form("date", r"(?i)\b" + _WEEKDAY + r"(?:" + _SPAN + r"[ -])?" + _MONTH + r" (?:the )?" + _DAY + r"\b(?:(?:,? (?:of )?" + _YEAR
          + r"\b)|(?: ?(?:-|–|to|through|and) ?" + _DAY + r"\b(?:,? " + _YEAR + r"\b)?))?"),
    _form("date", r"(?i)\b" + _WEEKDAY + r"(?:the )?" + _DAY + r"(?: of|-)? ?" + _MONTH + r"(?:-|,? (?:of )?)?(?:" + _YEAR + r"|\d\d)?\b"),
    _form("date", r"(?i)\b(?:" + _SPAN + r"[ -])?" + _MONTH + r"[ ,'/-]{1,2}(?:of )?" + _YEAR + r"\b"),
    _form("date", r"(?i)\b" + _SPAN + r"[ -](?:last )?" + _MONTH + r"\b"),
    _form("date", r"(?i)\b(?:spring|summer|fall|autumn|winter)(?: of| semester| term| quarter)?,? (?:of )?" + _YEAR + r"\b"),
    _form("date", r"(?i)\bQ[1-4],? ?(?:of )?(?:19|20)\d\d\b"),
    _form("date", r"(?i)\b(?:on|by|until|since|before|after|from) (?P<v>the \d{1,2}(?:st|nd|rd|th))\b(?: |[.,;]|$)", score=0.7),
    _form("date", r"(?i)\b(?:on|by|until|since|before|after|from) (?P<v>the (?:" + _ORDINAL + r"))[.,;\n]", score=0.6, doubtful=True),
    _form("month", r"(?i)\b(?:january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|apr|sept|oct|nov|dec)\b",
          score=0.8, holds=_bare_month),
    _form("holiday", r"(?i)\b(?:" + _HOLIDAYS + r")\b(?:,? (?:of )?" + _YEAR + r"\b)?", score=0.85, holds=lambda scan, a, b: _dates_something(scan, a, b)),
    _form("holiday", r"(?i)\b(?:since|during|before|after|until|last|over|by|at|on|end of|start of|week of) (?P<v>ramadan|lent|advent|shabbat shuva)\b",
          score=0.6, doubtful=True),
)  # fmt: skip


def _dates_something(scan: Scan, start: int, end: int) -> bool:
    """ "Easter" with a capital or after a word of time; "the fourth of July speech" needs no such care."""
    form = scan.text[start:end]
    return form[0].isupper() or form[0].isdigit() or scan.lower_style or " " in form


def find_dates(scan: Scan) -> Iterator[Finding]:
    """Yield every date; they may overlap."""
    for form in _FORMS:
        for start, end in form.pattern.spans(scan.text):
            while end > start and scan.text[end - 1] in " ,-":
                end -= 1
            if start < end and whole(scan.text, start, end) and form.holds(scan, start, end):
                why = "A holiday can date an event" if form.source == "holiday" else ""
                yield Finding(start, end, "DATE", form.score, form.source, form.doubtful, why)

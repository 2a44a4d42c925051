"""Numbers and addresses that lead to a person: telephone, mail, web, ids, ZIP and street, ages of 90 and over."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import re2

from supervise.deid.engine.choices import digits, is_emergency_line
from supervise.deid.engine.findings import Finding
from supervise.deid.engine.patterns import Pattern
from supervise.deid.engine.scan import Scan
from supervise.deid.engine.words import is_word, own_digits, whole

_DIGIT_WORD = r"(?:zero|oh|o|one|two|three|four|five|six|seven|eight|nine|double|triple)"
_TLD = (
    r"(?:com|org|net|edu|gov|mil|int|io|co|me|us|uk|ca|au|nz|info|biz|blog|app|dev|health|care|clinic|church|school|tv|fm|"
    r"example|test|invalid|online|site|website|page|link|live|life|xyz|club|social|news|media|studio|art|email|in|de|fr|es|"
    r"it|nl|se|no|dk|fi|pl|ru|ua|il|mx|br|jp|kr|cn|tw|hk|sg|ph|vn|za|ng|gh|ke|ie|ch|at|be|pt|gr|tr|ly|gg|to|cc|ai|sh)"
)
_STATE = (
    r"(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]|PR|"
    r"Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho|Illinois|Indiana|"
    r"Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri|Montana|Nebraska|"
    r"Nevada|New Hampshire|New Jersey|New Mexico|New York|North Carolina|North Dakota|Ohio|Oklahoma|Oregon|Pennsylvania|"
    r"Rhode Island|South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|Virginia|Washington|West Virginia|Wisconsin|Wyoming)"
)
_STREETS = (
    r"(?:street|st|avenue|ave|av|road|rd|lane|ln|drive|dr|court|ct|boulevard|blvd|place|pl|way|terrace|ter|circle|cir|parkway|"
    r"pkwy|highway|hwy|alley|square|trail|trl|turnpike|tpke|loop|row|path|pike|crescent|plaza|run|crossing|close|mews|walk)"
)
_UNIT = r"(?:,? ?(?:apt|apartment|unit|suite|ste|bldg|building|floor|fl|rm|room|lot|space|trlr|#)\.? ?#?[\dA-Za-z][\w-]{0,5})"


@dataclass(frozen=True)
class Rule:
    """One pattern; what it finds is the group ``v`` or the whole match, if ``holds`` agrees."""

    label: str
    source: str
    pattern: Pattern
    score: float = 0.95
    doubtful: bool = False
    why: str = ""
    holds: Callable[[Scan, int, int], bool] = lambda scan, start, end: True


def _rule(label: str, source: str, pattern: str, **more: Any) -> Rule:
    return Rule(label, source, Pattern(pattern), **more)


def _no_emergency(scan: Scan, start: int, end: int) -> bool:
    return not is_emergency_line(scan.text[start:end])


def _phone(scan: Scan, start: int, end: int) -> bool:
    return own_digits(scan.text, start, end) and _no_emergency(scan, start, end)


def _spoken(scan: Scan, start: int, end: int) -> bool:
    """Tell whether digits said one by one make a telephone number: seven, ten or eleven of them."""
    count, times, in_words = 0, 1, False
    for number in scan.words.inside(start, end):
        word = scan.words[number]
        if word.low in ("double", "triple"):
            times, in_words = (2 if word.low == "double" else 3), True
            continue
        in_words = in_words or not word.text.isdigit()
        count += times * len(word.text) if word.text.isdigit() else times
        times = 1
    single = all(len(scan.words[n].text) == 1 for n in scan.words.inside(start, end))
    listed = ", " in scan.text[start:end] and not in_words
    return count in (7, 10, 11) and (in_words or single) and not listed


_AGE = (
    r"(?:9\d|1[01]\d|ninety(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?|(?:a |one )hundred(?: and \w+)?)"
)
_ID_CODE = r"[A-Za-z0-9](?:[A-Za-z0-9]|[-./ ](?:[A-Za-z]{0,3}\d))*[A-Za-z0-9]|\d"
_ID_WORDS = (
    r"(?:mrn|m\.r\.n\.|chart|medical record|patient|client|student|employee|badge|case|claim|policy|plan|member(?:ship)?|subscriber|"
    r"group|account|acct|docket|licen[cs]e|lic|plate|tag|vin|passport|visa|serial|reference|ref|auth(?:orization)?|"
    r"confirmation|beneficiary|medicaid|medicare|npi|dea|insurance|invoice|permit|registration|inmate|booking|warrant|report|"
    r"incident|ticket|tracking|order|device|imei|file|record|provider|chip|meter|a-?number|alien|dl|driver'?s licen[cs]e|"
    r"enrollment|certificate|cert|case file|cause|referral|prescription|rx|unit|locker|cdcr|doc|service|tribal|roll|census|id)"
)

RULES: Final = (
    # Mail before anything that could take a part of it.
    _rule("EMAIL", "email", r"[\p{L}\p{N}._%+'-]+@(?:[\p{L}\p{N}-]+\.)+\p{L}{2,24}"),
    _rule("EMAIL", "email-in-words",
          r"(?i)[\p{L}\p{N}_+-]+(?:(?:\.| ?[\[({<]? ?dot ?[\])}>]? ?)[\p{L}\p{N}_+-]+){0,4} ?(?: at |[\[({<] ?(?:at|@) ?[\])}>]|"
          r" @ ) ?[\p{L}\p{N}-]+(?:(?: ?[\[({<] ?dot ?[\])}>] ?| dot |\.)[\p{L}\p{N}-]+){0,3}"
          r"(?: ?[\[({<] ?dot ?[\])}>] ?| dot )" + _TLD),
    _rule("EMAIL", "email-in-words",
          r"(?i)(?:e-?mail|reach|write|contact|gmail)[^.\n]{0,40}?(?P<v>[\p{L}\p{N}._+-]+ (?:at|\(at\)|\[at\]) "
          r"(?:gmail|yahoo|hotmail|outlook|icloud|aol|proton(?:mail)?)(?:\.com|\.me)?)"),
    _rule("EMAIL", "email-in-words",
          r"(?i)[\p{L}\p{N}._+-]+ ?(?:\(at\)|\[at\]| at ) ?(?:[\p{L}\p{N}-]+\.){1,3}(?:com|org|net|edu|gov|me|us|io)"),
    _rule("URL", "url", r"(?i)(?:https?|ftp)://[^\s<>\"')\]]+"),
    _rule("URL", "url", r"(?i)www\.[^\s<>\"')\]]+"),
    _rule("URL", "domain", r"(?i)(?:[\p{L}\p{N}][\p{L}\p{N}-]*\.)+" + _TLD + r"(?:/[^\s<>\"')\],]*)?",
          holds=lambda scan, a, b: _is_domain(scan, a, b)),
    _rule("URL", "domain-in-words", r"(?i)[\p{L}\p{N}-]+(?: dot | ?\(dot\) ?| ?\[dot\] ?)(?:com|org|net|edu|gov|io|blog|me)"),
    _rule("URL", "handle", r"@[\p{L}\p{N}_][\p{L}\p{N}_.-]+", holds=lambda scan, a, b: a == 0 or not is_word(scan.text[a - 1])),
    _rule("URL", "handle", r"(?i)\b(?:u|r)/(?P<v>[A-Za-z0-9_-]{3,30})"),
    _rule("URL", "handle",
          r"(?i)\b(?:username|user name|screen ?name|gamer ?tag|handle|user id|login|insta(?:gram)?|ig|snap(?:chat)?|tiktok|twitter|"
          r"discord|venmo|cash ?app|twitch|xbox|psn|steam|reddit|roblox|onlyfans|grindr|kik|telegram|youtube|channel)"
          r"(?: (?:name|account|handle|user|tag|id))?(?: is| was|:| as| called| =|,)? ?[\"']?(?P<v>[@$]?[A-Za-z0-9][A-Za-z0-9_.#-]*"
          r"(?:[\d_#][A-Za-z0-9_.#-]*)+)"),
    _rule("URL", "handle", r"\$[A-Za-z][A-Za-z0-9_-]{2,20}", doubtful=True, score=0.6),
    _rule("URL", "ip", r"(?:\d{1,3}\.){3}\d{1,3}", holds=lambda scan, a, b: all(int(x) < 256 for x in scan.text[a:b].split("."))),
    _rule("URL", "ip", r"(?i)(?:[0-9a-f]{1,4}:){3,7}:?[0-9a-f]{1,4}|(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}"),
    # Numbers with a word that says what they are.
    _rule("ID", "ssn", r"\d{3}[- .]\d{2}[- .]\d{4}", holds=lambda scan, a, b: own_digits(scan.text, a, b)),
    _rule("ID", "ssn", r"(?i)(?:x{3}|\*{3})[- ](?:x{2}|\*{2})[- ](?P<v>\d{4})"),
    _rule("ID", "last-four",
          r"(?i)(?:ssn|social(?: security)?(?: (?:number|no\.?|#))?|last (?:four|4)(?: (?:digits|of))*)[^\d\n.]{0,40}?(?P<v>\d[\d -]{2,10}\d)"),
    _rule("ID", "vin", r"(?i)\b[A-HJ-NPR-Z0-9]{17}\b", holds=lambda scan, a, b: len(digits(scan.text[a:b])) >= 5),
    _rule("PHONE", "extension", r"(?i)\b(?:ext|extension|extn|pager|beeper|fax)\b\.?(?: (?:is|no\.?|number))?[:#]? ?(?P<v>\d[\d-]{1,10}\d)"),
    _rule("PHONE", "extension", r"\bx ?(?P<v>\d{3,6})\b"),
    _rule("PHONE", "phone", r"(?:\+?1[-. ]{0,2})?\(?[2-9]\d{2}\)?[-–—./ ·]{0,3}\d{3}[-–—./ ·]{1,3}\d{4}(?:,? ?(?i:ext|x|extension)\.? ?\d{1,6})?",
          holds=_phone),
    _rule("PHONE", "phone", r"\b(?:1)?[2-9]\d{2}[2-9]\d{6}\b", holds=_phone),
    _rule("PHONE", "phone", r"\+\d{1,3}[-. ]?(?:\(?\d{1,4}\)?[-. ]?){2,5}\d{2,4}", holds=_phone),
    _rule("PHONE", "phone", r"\b0\d{2,4}[ -]\d{3,4}[ -]?\d{3,4}\b", holds=_phone),
    _rule("PHONE", "phone", r"\b[2-9]\d{2}[-–.]\d{4}\b", holds=_phone),
    _rule("PHONE", "phone", r"\b\d{3}[-. ]\d{3}[-. ]\d{4}\b", holds=_phone),
    _rule("PHONE", "phone",
          r"(?i)(?:phone|call|cell|text|tel|mobile|number|voicemail|reach)[^.\n\d]{0,24}?(?P<v>\(?\d{3}\)?[-. ]?\d{3}[-. ]?\d{4}|\d{3}[-. ]\d{4}|\d{7,11})",
          holds=_phone),
    _rule("PHONE", "phone-in-words",
          r"(?i)\b(?:\d{1,4}|" + _DIGIT_WORD + r")(?:[ ,./-]{1,3}(?:\d{1,4}|" + _DIGIT_WORD + r")){3,14}\b", holds=_spoken),
    _rule("ID", "id-in-words",
          r"(?i)\b" + _ID_WORDS + r"\b[^.\n]{0,24}? (?P<v>[A-Z](?: as in \w+)?[ -](?:\d[ -]){3,12}\d|(?:\d[ -]){4,12}\d)\b"),
    _rule("ID", "id-with-word",
          r"(?i)\b" + _ID_WORDS + r"(?: ?(?:id|no|num|number|nr|code|card|ending in|ends in|ending|file|plate|tag))?(?:\.| ?#| is| was|:|,|\*\*)*[ #:]*"
          r"(?P<v>[A-Za-z]{0,5}[-/]?\d[A-Za-z0-9]*(?:[-/.][A-Za-z0-9]+)*)",
          holds=lambda scan, a, b: _is_code(scan, a, b)),
    _rule("ID", "plate", r"(?i)\b(?:plates?|licen[cs]e|tag|truck|car|vehicle|van|sedan)[^.\n]{0,24}?(?P<v>(?:[A-Z]{2,3}[- ]?\d{3,4}|\d{1,3}[A-Z]{3}\d{2,3}|[A-Z]{3}[- ]\d{2,4}))\b",
          holds=lambda scan, a, b: not scan.text[a].islower()),
    _rule("ID", "docket", r"\b(?:\d{2,4}-)?[A-Z]{1,4}-?\d{0,4}-\d{3,8}(?:-[A-Z0-9]{1,5})*\b", score=0.85,
          holds=lambda scan, a, b: _is_loose_code(scan, a, b)),
    _rule("ID", "id-in-words", r"\b[A-Z]{1,5}-?\d(?: \d){2,11}(?: [A-Z]\b)?"),
    _rule("ID", "code", r"\b[A-Za-z0-9]+(?:[-/][A-Za-z0-9]+)*\b", score=0.8, holds=lambda scan, a, b: _is_loose_code(scan, a, b)),
    _rule("ID", "long-number", r"\b\d{6,20}\b", score=0.8, holds=lambda scan, a, b: own_digits(scan.text, a, b) and _no_emergency(scan, a, b)),
    # Where somebody lives.
    _rule("LOCATION", "address",
          r"(?i)\b\d{1,6}(?:-\d{1,4})?[A-Za-z]? (?:(?:n|s|e|w|ne|nw|se|sw|north|south|east|west)\.? )?(?:[\p{L}\d'’.-]+ ){1,4}" + _STREETS
          + r"\b\.?(?: (?:n|s|e|w|ne|nw|se|sw)\b\.?)?" + _UNIT + "?", holds=lambda scan, a, b: _is_address(scan, a, b)),
    _rule("LOCATION", "address", r"(?i)\b(?:p\.? ?o\.? ?box|post office box|rr|rural route) ?#?\d{1,6}\b"),
    _rule("LOCATION", "unit", r"(?i)\b(?P<v>(?:apt|apartment)\.? ?#?\d[\w-]{0,4})\b"),
    _rule("LOCATION", "road", r"\b(?:Route|Rte|Hwy|Highway|Interstate|County Road|CR|State Road|SR|US|Exit|Mile Marker) ?-?\d{1,4}[A-Z]?\b|\bI-\d{1,3}\b",
          doubtful=True, score=0.6, why="A road can tell the region"),
    _rule("LOCATION", "zip", r"\b" + _STATE + r",?[ \n]{1,2}(?P<v>\d{5}(?:-\d{4})?)\b"),
    _rule("LOCATION", "zip", r"(?i)\b(?:zip|zip ?code|postal code|postcode)(?: is|:| of)? ?(?P<v>\d{5}(?:-\d{4})?)\b"),
    _rule("LOCATION", "zip", r"\b(?P<v>\d{5}-\d{4})\b"),
    _rule("LOCATION", "zip", r"\b(?P<v>\d{5})\b", doubtful=True, score=0.55, why="Five digits: a ZIP code?",
          holds=lambda scan, a, b: _loose_zip(scan, a, b)),
    # Ages that count as one category.
    _rule("AGE", "age", r"(?i)\b(?P<v>" + _AGE + r")[- ]?(?:years?|yrs?|y)?[- ]?(?:old|o\b|young)\b"),
    _rule("AGE", "age", r"(?i)\b(?P<v>" + _AGE + r")[- ]?(?:y/?o|y\.o\.|years? of age)"),
    _rule("AGE", "age", r"(?i)\b(?:aged?|age:|turn(?:ed|s|ing)?|about to be|nearly|almost|he'?s|she'?s|who(?:'s| is| was))(?: just| now| only| at)? (?P<v>" + _AGE + r")\b",
          holds=lambda scan, a, b: _is_age(scan, a, b)),
    _rule("AGE", "age", r"(?i)\b(?:is|was|at)(?: just| now| only| already| about)? (?P<v>" + _AGE + r")(?:[.,;!?)]|$| and\b| but\b| when\b| or\b| with\b| who\b)",
          holds=lambda scan, a, b: _is_age(scan, a, b)),
    _rule("AGE", "age", r"(?:[\p{L}\"]|\))[,(] ?\(?(?P<v>" + _AGE + r")\)?[,;).]", holds=lambda scan, a, b: _is_age(scan, a, b)),
    _rule("AGE", "age", r"(?i)\b(?P<v>" + _AGE + r")[- ](?:m|f|male|female|man|woman|wm|wf|bm|bf|cisgender|widow|widower|grandmother|grandfather)\b"),
    _rule("AGE", "age", r"(?i)\bin (?:his|her|their) (?:early |mid-?|late )?(?P<v>nineties|90'?s)\b"),
)  # fmt: skip


def find_numbers(scan: Scan) -> Iterator[Finding]:
    """Yield everything that the rules find; they may overlap."""
    for rule in RULES:
        for span in rule.pattern.spans(scan.text):
            start, end = _without_tail(scan.text, *span)
            if start < end and whole(scan.text, start, end) and rule.holds(scan, start, end):
                yield Finding(start, end, rule.label, rule.score, rule.source, rule.doubtful, rule.why)


def _without_tail(text: str, start: int, end: int) -> tuple[int, int]:
    while end > start and text[end - 1] in " .,;:!?-":
        end -= 1
    while start < end and text[start] in " ":
        start += 1
    return start, end


_CLINICAL_CODE = re2.compile(
    r"(?i)^(?:[A-TV-Z]\d{2}(?:\.[0-9A-Z]{1,4})?|9\d{4}|[A-Z]\.\d{1,2}(?:\.[a-z0-9]{1,2})*|\d{1,2}\.\d{1,2}[a-z]?|[HGTS]\d{4}|"
    r"[A-Z]{2,8}(?:-[A-Z]{1,5})?-?\d{1,2}(?:-[A-Z]{1,4})?|\d{1,3}(?:st|nd|rd|th)|\d{1,4}(?:mg|mcg|ml|g|kg|lbs?|x|k|am|pm|hrs?|min|mins|%)|"
    r"[1-9]\d{0,2}s|\d{1,2}[ap]m|[A-Z]{1,3}\d|i-\d{3}|w-\d|19\d\d|20\d\d|(?:19|20)\d\ds|5150|5250|302|1013|201|51\.50)$"
)


def _is_code(scan: Scan, start: int, end: int) -> bool:
    """After a word such as "chart": any code with at least three digits that is no clinical code, date or time."""
    form = scan.text[start:end]
    letters = "".join(c for c in form if c.isalpha()).casefold()
    if _CLINICAL_CODE.match(form):
        return len(letters) > 1 and "-" in form and letters not in scan.lexicon["ordinary_terms"]
    if len(digits(form)) < 3:
        return False
    after = scan.low(scan.words.first_at(end))
    return after not in scan.lexicon["units"] and not (scan.text[end : end + 1] in ("%", ":") and form.isdigit())


def _is_loose_code(scan: Scan, start: int, end: int) -> bool:
    """Without such a word: letters and digits mixed, or groups of digits, that no code of the field looks like."""
    form = scan.text[start:end]
    count = len(digits(form))
    if count < 4 or _CLINICAL_CODE.match(form) or not own_digits(scan.text, start, end):
        return False
    letters = [c for c in form if c.isalpha()]
    if not letters:
        groups = form.replace("/", "-").split("-")
        return (
            "/" not in form
            and len(groups) > 1
            and count >= 7
            and not (len(groups) == 2 and len(form) == 9 and form[:2] in ("19", "20"))
        )
    if any(part.isalpha() and len(part) > 5 for part in form.replace("/", "-").split("-")):
        return False
    return any(c.isupper() for c in letters) or "-" in form


def _is_domain(scan: Scan, start: int, end: int) -> bool:
    form = scan.text[start:end].partition("/")[0]
    if start and scan.text[start - 1] in "@":
        return False
    last = form.rpartition(".")[2].lower()
    if last in (
        "me",
        "us",
        "in",
        "it",
        "no",
        "to",
        "at",
        "be",
        "so",
        "is",
        "do",
        "in",
        "co",
        "life",
        "art",
        "care",
        "school",
        "live",
        "page",
        "link",
        "news",
        "church",
        "health",
        "clinic",
        "social",
        "club",
        "test",
        "site",
        "email",
        "media",
    ):
        return form.islower() and (
            "/" in scan.text[start:end]
            or form.count(".") > 1
            or last not in ("in", "it", "no", "to", "at", "be", "us", "me")
        )
    return not form[0].isdigit() or not form.replace(".", "").isdigit()


def _is_address(scan: Scan, start: int, end: int) -> bool:
    """Tell "418 Alder Lane" from "12 of us on the way": a capital, or nothing but unknown words, before the street word."""
    numbers = [n for n in scan.words.inside(start, end)]
    middle = [scan.words[n] for n in numbers[1:]]
    if any(
        w.low in ("of", "the", "a", "in", "my", "his", "her", "their", "to", "and", "on", "at", "by", "was", "is")
        for w in middle[:-1]
    ):
        return False
    if any(w.low in scan.lexicon["units"] for w in middle[:1]):
        return False
    return any(w.capital for w in middle) or any(not scan.ordinary(w.low) for w in middle[:-1])


def _loose_zip(scan: Scan, start: int, end: int) -> bool:
    form = scan.text[start:end]
    after = scan.low(scan.words.first_at(end))
    return (
        own_digits(scan.text, start, end)
        and not _CLINICAL_CODE.match(form)
        and after not in scan.lexicon["units"]
        and not form.endswith("000")
    )


def _is_age(scan: Scan, start: int, end: int) -> bool:
    number = scan.words.first_at(end)
    after = (
        scan.low(number)
        if scan.text[end : scan.words[number].start if number < len(scan.words) else end].strip() == ""
        else ""
    )
    return after not in scan.lexicon["units"] and scan.text[end : end + 1] not in ("%", "/", ":", "-")

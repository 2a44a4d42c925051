"""Numbers and addresses that lead to a person: telephone, mail, web, ids, ZIP and street, ages of 90 and over.

The patterns are data (``numbers.toml``); what decides about a match by its surroundings is here.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from supervise.deid.engine.choices import digits, is_emergency_line
from supervise.deid.engine.findings import Finding
from supervise.deid.engine.patterns import compiled
from supervise.deid.engine.scan import Scan
from supervise.deid.engine.words import is_word, own_digits, whole

Check = Callable[[Scan, int, int], bool]
_TELEPHONE_LENGTHS: Final = (7, 10, 11)
_LONGEST_PLAIN_PART: Final = 5


def find_numbers(scan: Scan) -> Iterator[Finding]:
    """Yield everything that the rules find; they may overlap."""
    for row in scan.lexicon.rules["number"]:
        holds = CHECKS[row.get("holds", "always")]
        for span in compiled(row["pattern"]).spans(scan.text):
            start, end = _without_tail(scan.text, *span)
            if start < end and whole(scan.text, start, end) and holds(scan, start, end):
                doubtful, why = row.get("doubtful", False), row.get("why", "")
                yield Finding(start, end, row["label"], row.get("score", 0.95), row["source"], doubtful, why)


def _without_tail(text: str, start: int, end: int) -> tuple[int, int]:
    while end > start and text[end - 1] in " .,;:!?-":
        end -= 1
    while start < end and text[start] == " ":
        start += 1
    return start, end


def _number(scan: Scan, start: int, end: int) -> bool:
    return own_digits(scan.text, start, end)


def _phone(scan: Scan, start: int, end: int) -> bool:
    return own_digits(scan.text, start, end) and not is_emergency_line(scan.text[start:end])


def _spoken(scan: Scan, start: int, end: int) -> bool:
    """Tell whether digits said one by one make a telephone number: seven, ten or eleven of them."""
    words = [scan.words[n] for n in scan.words.inside(start, end)]
    count, times = 0, 1
    for word in words:
        if word.low in ("double", "triple"):
            times = 2 if word.low == "double" else 3
            continue
        count += times * len(word.text) if word.text.isdigit() else times
        times = 1
    in_words = any(not word.text.isdigit() for word in words)
    listed = ", " in scan.text[start:end] and not in_words
    single = all(len(word.text) == 1 for word in words)
    return count in _TELEPHONE_LENGTHS and (in_words or single) and not listed


def _clinical(scan: Scan, form: str) -> bool:
    """Tell whether a form looks like a diagnosis or procedure code, an instrument, a dose, an ordinal or a year."""
    return any(True for _ in compiled(scan.lexicon.parts["CODE"]).spans(form))


def _after(scan: Scan, end: int) -> str:
    """Return the word that follows with nothing but spaces or a hyphen between."""
    number = scan.words.first_at(end)
    if number >= len(scan.words) or scan.text[end : scan.words[number].start].strip(" -"):
        return ""
    return scan.words[number].low


def _code(scan: Scan, start: int, end: int) -> bool:
    """After a word such as "chart": any code that is no clinical one, no date and no time."""
    form = scan.text[start:end]
    if _clinical(scan, form):
        letters = "".join(c for c in form if c.isalpha()).casefold()
        return len(letters) > 1 and "-" in form and letters not in scan.lexicon["ordinary_terms"]
    if len(digits(form)) < 3 or _after(scan, end) in scan.lexicon["units"]:
        return False
    return not (form.isdigit() and scan.text[end : end + 1] in ("%", ":"))


def _loose_code(scan: Scan, start: int, end: int) -> bool:
    """Without such a word: letters and digits mixed, or groups of digits, that no code of the field looks like."""
    form = scan.text[start:end]
    if len(digits(form)) < 4 or _clinical(scan, form) or not own_digits(scan.text, start, end):
        return False
    parts = form.replace("/", "-").split("-")
    letters = [c for c in form if c.isalpha()]
    if not letters:
        years = len(parts) == 2 and all(len(part) == 4 and part[:2] in ("19", "20") for part in parts)
        return "/" not in form and len(parts) > 1 and len(digits(form)) >= 7 and not years
    if any(part.isalpha() and len(part) > _LONGEST_PLAIN_PART for part in parts):
        return False
    return any(c.isupper() for c in letters) or "-" in form


def _domain(scan: Scan, start: int, end: int) -> bool:
    host = scan.text[start:end].partition("/")[0]
    last = host.rpartition(".")[2].casefold()
    if (start and scan.text[start - 1] == "@") or host.replace(".", "").isdigit():
        return False
    if last not in scan.lexicon["wordy_domains"]:
        return True
    longer = "/" in scan.text[start:end] or host.count(".") > 1
    return host.islower() and (longer or last not in scan.lexicon["verbal_domains"])


def _address(scan: Scan, start: int, end: int) -> bool:
    """Tell "418 Alder Lane" from "12 of us on the way": a capital or an unknown word before the street word."""
    middle = [scan.words[n] for n in scan.words.inside(start, end)[1:]]
    lists = scan.lexicon
    if any(word.low in lists["function"] for word in middle[:-1]) or (middle and middle[0].low in lists["units"]):
        return False
    return any(word.capital for word in middle) or any(not scan.ordinary(word.low) for word in middle[:-1])


def _loose_zip(scan: Scan, start: int, end: int) -> bool:
    form = scan.text[start:end]
    plain = _after(scan, end) in scan.lexicon["units"] or form.endswith("000") or _clinical(scan, form)
    return own_digits(scan.text, start, end) and not plain


def _age(scan: Scan, start: int, end: int) -> bool:
    return _after(scan, end) not in scan.lexicon["units"] and scan.text[end : end + 1] not in ("%", "/", ":", "-")


CHECKS: Final[Mapping[str, Check]] = {
    "always": lambda scan, start, end: True,
    "own_digits": _number,
    "phone": _phone,
    "spoken": _spoken,
    "code": _code,
    "loose_code": _loose_code,
    "domain": _domain,
    "address": _address,
    "loose_zip": _loose_zip,
    "age": _age,
    "at_word_start": lambda scan, start, end: start == 0 or not is_word(scan.text[start - 1]),
    "ip_address": lambda scan, start, end: all(int(part) < 256 for part in scan.text[start:end].split(".")),
    "five_digits": lambda scan, start, end: len(digits(scan.text[start:end])) >= 5,
    "has_capital": lambda scan, start, end: not scan.text[start:end].islower(),
}

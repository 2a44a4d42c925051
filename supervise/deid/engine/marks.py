"""Names that punctuation gives away: initials, speakers of a chat, letters spelled one by one, fields of a form."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from supervise.deid.engine.findings import Finding, Span
from supervise.deid.engine.patterns import Pattern
from supervise.deid.engine.scan import Scan

_INITIALS: Final = Pattern(r"(?:^|[\s(\"'*/])(?P<v>(?:\p{Lu}\.[ -]?){2,3}\p{Lu}?\.?)(?:'s)?(?:[\s,;:)!?\"'*/]|$)")
_LETTER: Final = Pattern(
    r"(?i:client|patient|pt|student|supervisee|therapist|colleague|about|call (?:him|her|them)|named|husband|wife|"
    r"partner|"
    r"son|daughter|mother|father|mom|dad|sister|brother|boyfriend|girlfriend|friend|child) (?P<v>\p{Lu})(?:\.?'s|"
    r"\.?[ ,;:)!?]|\.?$)"
)
_QUOTED_LETTER: Final = Pattern(r"(?m)\"(?P<v>\p{Lu})\.?\"|^(?P<w>\p{Lu}\.)$")
_SPELLED: Final = Pattern(r"(?i)\b[\p{L}](?:(?:-[\p{L}]){3,20}|(?: [\p{L}]){3,20}|(?:\. ?[\p{L}]){4,20})\b")
_TIME: Final = r"\[?\(?\d{1,2}[:.]\d{2}(?::\d{2})?(?: ?[AaPp]\.?[Mm]\.?)?\)?\]?"
_NAME: Final = r"\p{L}[\p{L}'-]*(?: \p{Lu}[\p{L}'.-]*){0,2}"
_SPEAKER: Final = Pattern(
    r"(?m)^(?:" + _TIME + r" (?P<v>" + _NAME + r")|(?:[>*-] )?(?P<w>" + _NAME + r") " + _TIME + r"):"
)
_TURN: Final = Pattern(r"(?m)^(?:[>*-] )?(?P<v>\p{Lu}[\p{L}'-]*(?: \p{Lu}[\p{L}'.-]*)?): ")
_FIELD: Final = Pattern(
    r"(?im)(?:^|   ?)[ >*#-]*\**(?:client|patient|pt|name|client name|patient name|clinician|therapist|counselor|"
    r"provider|supervisor|supervisee|supervisor of record|intake clinician|student|from|to|cc|mother|father|"
    r"parent|parents|"
    r"guardian|spouse|partner|emergency contact|referred by|referral|signed|author|attendees|present|presenter|absent|"
    r"facilitator|dear|hi|hello|hey|thanks|thank you|sincerely|best|regards|cheers|re|psychiatrist|pcp|physician|"
    r"attorney|"
    r"case ?worker|interpreter|sponsor|preferred name|legal name|first name|last name|surname|nickname)"
    r"\**(?: name)?\**[:,]\**[ \t]+(?P<v>[^\n]{1,80})"
)
_FIELD_GAPS: Final = frozenset(("", "-", "'", ".", '"', "(", '("', ","))


def find_marks(scan: Scan) -> Iterator[Finding]:
    """Yield names shown by their punctuation or their place in a line."""
    for span in _INITIALS.spans(scan.text):
        letters = "".join(c for c in scan.text[span[0] : span[1]] if c.isalpha()).casefold()
        if letters not in scan.lexicon["no_initials"] and not _all_protected(scan, span):
            yield Finding(*_tight(scan, span), "NAME", 0.8, "initials", False, "Initials")
    for pattern in (_LETTER, _QUOTED_LETTER):
        for span in pattern.spans(scan.text):
            if scan.text[span[0]] not in "IA":
                yield Finding(span[0], span[0] + 1, "NAME", 0.6, "initials", True, "One letter for a person")
    yield from _speakers(scan)
    yield from _spelled(scan)
    for span in _FIELD.spans(scan.text):
        yield from _field(scan, *span)


def _tight(scan: Scan, span: Span) -> Span:
    start, end = span
    while scan.text[end - 1] in " -":
        end -= 1
    return start, end


def _all_protected(scan: Scan, span: Span) -> bool:
    return all(scan.protected(n) for n in scan.words.inside(*span))


def _speakers(scan: Scan) -> Iterator[Finding]:
    """Whoever speaks in a chat or transcript has a name, also one that is a word ("Hope 3:02 PM:")."""
    for span in _SPEAKER.spans(scan.text):
        yield from _speaker(scan, span, 0.9)
    turns = list(_TURN.spans(scan.text))
    said = Counter(scan.text[a:b].casefold() for a, b in turns)
    for span in turns:
        if said[scan.text[span[0] : span[1]].casefold()] > 1:
            yield from _speaker(scan, span, 0.7)


def _speaker(scan: Scan, span: Span, score: float) -> Iterator[Finding]:
    numbers = scan.words.inside(*span)
    while numbers and (scan.low(numbers[0]) in scan.lexicon["titles"] or scan.low(numbers[0]) in scan.lexicon["roles"]):
        numbers = numbers[1:]
    if (
        not numbers
        or all(scan.harmless(n) or len(scan.words[n].text) == 1 for n in numbers)
        or scan.low(numbers[0]) in scan.lexicon["function"]
    ):
        return
    if score < 0.9 and all(
        scan.ordinary(scan.low(n)) and scan.low(n) not in scan.lexicon["name_words"] for n in numbers
    ):
        return
    yield Finding(*scan.words.span(numbers[0], numbers[-1]), "NAME", score, "field", False, "Speaks in a conversation")


def _spelled(scan: Scan) -> Iterator[Finding]:
    for start, end in _SPELLED.spans(scan.text):
        letters = [c for c in scan.text[start:end] if c.isalpha()]
        joined = "".join(letters).casefold()
        if all(c.isupper() for c in letters) and joined in scan.lexicon["ordinary_terms"]:
            continue
        yield Finding(start, end, "NAME", 0.8, "spelled", scan.ordinary(joined), "Letters spelled out one by one")


def _field(scan: Scan, start: int, end: int) -> Iterator[Finding]:
    """Yield the words of a form's field as long as they can be a name."""
    last_end = start
    for number in scan.words.inside(start, end):
        word = scan.words[number]
        gap = scan.text[last_end : word.start]
        initial = (
            last_end == start
            or scan.words[number - 1].low in scan.lexicon["abbreviations"]
            or len(scan.words[number - 1].text) == 1
        )
        if (
            gap.strip() not in _FIELD_GAPS
            or (gap.strip() == "." and not initial)
            or "  " in gap
            or word.text[0].isdigit()
            or scan.protected(number)
        ):
            return
        known = scan.lexicon.is_name(word.low)
        if word.low == "s" or (scan.harmless(number) and not known and len(word.text) > 1):
            return
        if scan.ordinary(word.low) and (
            not word.capital or not (known or word.low in scan.lexicon["name_words"] or len(word.text) == 1)
        ):
            return
        last_end = word.end
        if len(word.text) > 1 or not word.low.isascii() or (gap.strip() == "" and word.text.isupper()):
            yield Finding(word.start, word.end, "NAME", 0.85, "field", False, "Stands where a form asks for a name")

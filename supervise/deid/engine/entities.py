"""The language model's part: persons, places and organisations by context, whatever their capitals."""

from collections.abc import Iterator
from typing import Any, Final

from supervise.deid.engine.findings import Finding
from supervise.deid.engine.patterns import Pattern
from supervise.deid.engine.scan import Scan

_LABELS: Final = {"PERSON": "NAME", "GPE": "LOCATION", "LOC": "LOCATION", "FAC": "LOCATION", "ORG": "ORG"}
_SCORES: Final = {"NAME": 0.8, "LOCATION": 0.75, "ORG": 0.65}
_SHORT_UPPER = 6
_LONGEST: Final = 48
_LONG_RUN: Final = Pattern(r"\S{48}\S+")


def find_entities(scan: Scan, pipeline: Any) -> Iterator[Finding]:
    """Yield what the model finds in the text, written as if typed with capitals."""
    for entity in pipeline(recased(scan)).ents:
        label = _LABELS.get(entity.label_)
        if label is None:
            continue
        for start, end in _lines(scan.text, entity.start_char, entity.end_char):
            finding = _finding(scan, start, end, label)
            if finding is not None:
                yield finding


def recased(scan: Scan) -> str:
    """Return the text, of the same length, with capitals where a careful writer would have put them.

    The model was trained on newspapers: it hardly sees a name in small letters, and sees one in every word of a line
    in capitals.
    """
    chars = list(scan.text)
    for number, word in enumerate(scan.words):
        if word.upper and word.low.isalpha() and word.low.upper() == word.text:
            if scan.ordinary(word.low) and len(word.text) > 2 and word.low not in scan.lexicon["name_words"]:
                chars[word.start : word.end] = word.text.lower()
            elif len(word.text) > _SHORT_UPPER or scan.lexicon.is_name(word.low):
                chars[word.start + 1 : word.end] = word.text[1:].lower()
        elif not word.text[0].islower():
            continue
        elif (scan.lower_style and (scan.starts[number] or word.low == "i")) or _named(scan, number):
            chars[word.start] = word.text[0].upper()
    for start, end in _LONG_RUN.spans(scan.text):
        for place in range(start + _LONGEST, end, _LONGEST):
            chars[place] = " "  # the model's tokeniser takes quadratic time over a run without a space
    return "".join(c if len(c) == 1 else o for c, o in zip(chars, scan.text, strict=True))


def _named(scan: Scan, number: int) -> bool:
    low = scan.low(number)
    return scan.lexicon.is_name(low) and not scan.ordinary(low) and len(low) > 2


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield an entity's part in each line or column; the model does not know that these end a name in a form."""
    at = start
    for part in text[start:end].replace("  ", "\n\n").split("\n"):
        if part.strip():
            yield at, at + len(part)
        at += len(part) + 1


def _finding(scan: Scan, start: int, end: int, label: str) -> Finding | None:
    numbers = scan.words.inside(start, end)
    while numbers and (_empty(scan, numbers[0]) or _role(scan, numbers)):
        numbers = numbers[1:]
    while numbers and (scan.low(numbers[-1]) == "s" or _empty(scan, numbers[-1])):
        numbers = numbers[:-1]
    if not numbers or all(scan.harmless(n) or _neutral(scan, n) for n in numbers):
        return None
    start, end = scan.words.span(numbers[0], numbers[-1])
    lists = scan.lexicon
    plain = [n for n in numbers if scan.ordinary(scan.low(n))]
    if len(plain) == len(numbers):
        capital = any(scan.words[n].capital and not scan.starts[n] for n in numbers)
        wordy = all(scan.low(n) in lists["name_words"] for n in numbers)
        if not capital and not (wordy and scan.words[numbers[0]].capital):
            return None
        if label == "ORG" and all(scan.low(n) in lists["generic_org"] for n in numbers):
            return None
        return Finding(start, end, label, 0.55, "model", True, "The language model takes it for a name")
    upper = all(scan.words[n].upper and len(scan.words[n].text) <= _SHORT_UPPER for n in numbers)
    if (upper and label == "ORG") or any(c.isdigit() for c in scan.text[start:end]):
        return Finding(start, end, label, 0.5, "model", True, "The language model takes it for a name")
    return Finding(start, end, label, _SCORES[label], "model", False, "The language model takes it for a name")


def _empty(scan: Scan, number: int) -> bool:
    """A word at an entity's edge that is no part of a name: "the", "law" in "California law"."""
    word = scan.words[number]
    if word.low in scan.lexicon["function"] or scan.protected(number):
        return True
    return word.text[0].islower() and (scan.ordinary(word.low) or scan.harmless(number)) and not scan.lower_style


def _neutral(scan: Scan, number: int) -> bool:
    """A number, a letter or an abbreviation: the model takes "C-SSRS" for an organisation."""
    word = scan.words[number]
    return (
        len(word.text) == 1
        or word.low in scan.lexicon["function"]
        or any(c.isdigit() for c in word.text)
        or (word.upper and len(word.text) < _SHORT_UPPER and not scan.lexicon.is_name(word.low))
    )


def _role(scan: Scan, numbers: list[int]) -> bool:
    low = scan.low(numbers[0])
    lists = scan.lexicon
    return (
        len(numbers) > 1
        and (low in lists["titles"] or low in lists["kinship"] or low in lists["roles"])
        and low not in lists["given"]
    )

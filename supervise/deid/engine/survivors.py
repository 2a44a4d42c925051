"""For the final reading: the capitals and numbers that remain, each with the reason why it stays."""

from dataclasses import dataclass
from typing import Final, Literal

import re2

from supervise.deid.engine.choices import is_emergency_line
from supervise.deid.engine.lexicon import Lexicon, lexicon
from supervise.deid.engine.words import Words, sentence_starts

_STAND_IN = re2.compile(r"\[[^\[\]\n]{1,60}\]")
_NUMBER = re2.compile(r"\p{N}[\p{N}.,:/%-]*")
_CODE = re2.compile(r"^(?:[A-Z]\.?\d[\dA-Za-z.]*|9\d{4}|\d\.\d\d[a-z]?|[A-Z]\.\d+(?:\.[a-z])?)$")
_PHRASES: Final = {
    "bodies": "a nationwide body", "instruments": "an instrument", "therapies": "a therapy", "laws": "a law or a case",
    "states": "a state or country", "culture": "a people, faith or public figure",
}  # fmt: skip
_LISTS: Final = (
    ("weekdays", "a weekday"), ("medicines", "a medicine"), ("countries", "a country"), ("states_one", "a state"),
    ("kinship", "a family word"), ("titles", "a title"), ("roles", "a role"), ("headings", "a heading"),
    ("theorists_distinct", "a theorist"), ("theorists_common", "a theorist"),
    ("ordinary_terms", "a term, people or language"), ("name_words", "an everyday word, or a name: please look"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Survivor:
    """A capitalised word or a number that stays in the final text, and why."""

    start: int
    end: int
    kind: Literal["capital", "number"]
    why: str

    def as_dict(self) -> dict[str, object]:
        return {"start": self.start, "end": self.end, "kind": self.kind, "why": self.why}


def survivors(text: str) -> list[Survivor]:
    """Return the capitals that begin no sentence and the numbers of a final text, in order."""
    lists = lexicon()
    words = Words(text)
    hidden = [m.span() for m in _STAND_IN.finditer(text)]
    covered = {place for start, end in hidden for place in range(start, end)}
    out = _numbers(text, words, covered)
    taken = {place for s in out for place in range(s.start, s.end)} | covered
    reasons = _phrase_reasons(words, lists)
    for number, (word, start) in enumerate(zip(words, sentence_starts(words, lists["abbreviations"]), strict=True)):
        if not any(c.isupper() for c in word.text) or word.start in taken or word.text == "I":
            continue
        why = reasons.get(number) or _reason(word.low, word.upper, lists)
        if start and why is None:
            continue
        if start and word.low in lists["name_words"]:
            why = "begins a sentence; also a name: please look"
        elif start:
            continue
        out.append(Survivor(word.start, word.end, "capital", why or "nothing known: please look"))
    return sorted(out, key=lambda s: s.start)


def _phrase_reasons(words: Words, lists: Lexicon) -> dict[int, str]:
    return {
        number: why
        for name, why in _PHRASES.items()
        for first, last in lists.phrases[name].find(words)
        for number in range(first, last + 1)
    }


def _reason(low: str, upper: bool, lists: Lexicon) -> str | None:
    for name, why in _LISTS:
        if low in lists[name]:
            return why
    return "an abbreviation" if upper and len(low) <= 5 else None


def _numbers(text: str, words: Words, covered: set[int]) -> list[Survivor]:
    out = []
    for match in _NUMBER.finditer(text):
        start, end = match.span()
        while end > start and text[end - 1] in ".,:/-":
            end -= 1
        if start in covered or start >= end:
            continue
        first = words.first_at(start)
        while first > 0 and words[first - 1].end > start:
            first -= 1
        out.append(Survivor(start, end, "number", _number_reason(text, start, end, words)))
    return out


def _number_reason(text: str, start: int, end: int, words: Words) -> str:
    form = text[start:end]
    after = words.first_at(end)
    follower = words[after].low if after < len(words) and text[end : words[after].start].strip("- ") == "" else ""
    before = text[max(0, start - 12) : start]
    if is_emergency_line(form):
        return "an emergency line"
    if follower in ("year", "years", "yo", "yr", "yrs"):
        return "an age under 90, or a span of years"
    if lexicon()["units"] & {follower}:
        return "a measure"
    if len(form) == 4 and form[:2] in ("19", "20") and form.isdigit():
        return "a year"
    if ":" in form:
        return "a time of day"
    if "/" in form:
        return "a score or rating: please look"
    at_line = text.rfind("\n", 0, start) + 1
    if not text[at_line:start].strip(" >") and text[end : end + 1] in (".", ")"):
        return "an item number"
    if before[-1:].isalpha() or before[-1:] in ("-", ".") or _CODE.match(form):
        return "part of a code or an instrument"
    if form.isdigit() and int(form) < 90:
        return "a score, count, dose or age under 90"
    return "nothing known: please look"

"""Words and their places: the unit that is never cut, and the index that finds a form everywhere."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import re2

from supervise.deid.engine.findings import Span

_WORD = re2.compile(r"[\p{L}\p{M}\p{N}_]+")
_JOINS = frozenset(" \n-.'’,\"()")
_MAX_JOIN = 4
_MAX_FORM = 12  # words; a longer passage is not looked for elsewhere


def is_word(char: str) -> bool:
    """Tell whether a character belongs to a word (letter, digit, mark that sits on a letter, underscore)."""
    return char.isalnum() or char == "_" or unicodedata.category(char)[0] in "MN"


def widen(text: str, start: int, end: int) -> Span:
    """Return the range stretched to whole words."""
    while 0 < start < len(text) and is_word(text[start]) and is_word(text[start - 1]):
        start -= 1
    while 0 < end < len(text) and is_word(text[end - 1]) and is_word(text[end]):
        end += 1
    return start, end


def whole(text: str, start: int, end: int) -> bool:
    """Tell that a range neither begins nor ends inside a word."""
    return not (start and is_word(text[start]) and is_word(text[start - 1])) and not (
        end < len(text) and is_word(text[end - 1]) and is_word(text[end])
    )


def own_digits(text: str, start: int, end: int) -> bool:
    """Tell that a number does not continue beyond the range: it is no part of a decimal, a price or a longer code."""
    before = text[start - 1] if start else " "
    after = text[end : end + 2]
    return not (before in ".$€£/" or (before == "-" and text[start - 2 : start - 1].isdigit())) and not (
        after[:1] in tuple("./-") and after[1:2].isdigit()
    )


def trim(text: str, start: int, end: int) -> Span:
    """Return the range without white space at its ends."""
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end


@dataclass(frozen=True, slots=True)
class Word:
    """One word; ``low`` is its case-folded form."""

    start: int
    end: int
    text: str
    low: str

    @property
    def capital(self) -> bool:
        return self.text[0].isupper()

    @property
    def upper(self) -> bool:
        return len(self.text) > 1 and self.text.isupper()


class Words(Sequence[Word]):
    """The words of a text in order, with an index by case-folded form."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._words = [Word(m.start(), m.end(), m.group(), m.group().casefold()) for m in _WORD.finditer(text)]
        self._by_low: dict[str, list[int]] = defaultdict(list)
        self._by_start: dict[int, int] = {}
        for number, word in enumerate(self._words):
            self._by_low[word.low].append(number)
            self._by_start[word.start] = number

    def __len__(self) -> int:
        return len(self._words)

    @overload
    def __getitem__(self, number: int) -> Word: ...
    @overload
    def __getitem__(self, number: slice) -> list[Word]: ...
    def __getitem__(self, number: int | slice) -> Word | list[Word]:
        return self._words[number]

    def __iter__(self) -> Iterator[Word]:
        return iter(self._words)

    def numbers(self, low: str) -> Sequence[int]:
        """Return the positions of a case-folded word."""
        return self._by_low.get(low, ())

    def inside(self, start: int, end: int) -> list[int]:
        """Return the positions of the words that begin in ``text[start:end]``."""
        at = self.first_at(start)
        out = []
        while at < len(self._words) and self._words[at].start < end:
            out.append(at)
            at += 1
        return out

    def first_at(self, start: int) -> int:
        """Return the position of the first word that begins at ``start`` or later."""
        if start in self._by_start:
            return self._by_start[start]
        low, high = 0, len(self._words)
        while low < high:
            middle = (low + high) // 2
            if self._words[middle].start < start:
                low = middle + 1
            else:
                high = middle
        return low

    def gap(self, number: int) -> str:
        """Return what stands between word ``number`` and the next one."""
        if number + 1 >= len(self._words):
            return self.text[self._words[number].end :]
        return self.text[self._words[number].end : self._words[number + 1].start]

    def joined(self, number: int) -> bool:
        """Tell whether word ``number`` and the next one can be parts of one name or number."""
        gap = self.gap(number)
        return number + 1 < len(self._words) and len(gap) <= _MAX_JOIN and set(gap) <= _JOINS and "\n\n" not in gap

    def occurrences(self, form: str) -> Iterator[tuple[int, int]]:
        """Yield the first and last word of every place where the words of ``form`` follow each other, in any case."""
        wanted = [m.group().casefold() for m in _WORD.finditer(form)]
        if not 0 < len(wanted) <= _MAX_FORM:
            return
        rarest = min(range(len(wanted)), key=lambda n: len(self.numbers(wanted[n])))
        for anchor in self.numbers(wanted[rarest]):
            first = anchor - rarest
            last = first + len(wanted) - 1
            if first < 0 or last >= len(self._words):
                continue
            if all(self._words[first + n].low == low for n, low in enumerate(wanted)) and all(
                self.joined(n) for n in range(first, last)
            ):
                yield first, last

    def span(self, first: int, last: int) -> Span:
        """Return the range from one word to another."""
        return self._words[first].start, self._words[last].end


def sentence_starts(words: Words, abbreviations: frozenset[str]) -> list[bool]:
    """Return for every word whether a sentence, line, item or quotation begins with it."""
    out = []
    for number, word in enumerate(words):
        gap = words.text[words[number - 1].end if number else 0 : word.start]
        before = words[number - 1].low if number else ""
        stop = any(c in ".!?:;•|\n" for c in gap)
        if gap.startswith(".") and "\n" not in gap and (before in abbreviations or len(before) == 1):
            stop = False
        quote = any(c in '"“(*[' for c in gap) and word.start > 0
        out.append(number == 0 or stop or (quote and '"' in gap))
    return out

"""Lists of phrases, found along the words of a text in time that does not grow with the list."""

from collections.abc import Iterable, Iterator

import re2

from supervise.deid.engine.words import Words

_JOINS = ("/", " / ", " & ")
_WORD = re2.compile(r"[\p{L}\p{M}\p{N}_]+")


class Phrases:
    """A set of phrases; a phrase written with a leading ``=`` is matched with its capitals only."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], tuple[str, ...] | None]]] = {}
        for phrase in phrases:
            exact = phrase.startswith("=")
            parts = tuple(m.group() for m in _WORD.finditer(phrase))
            if parts:
                low = tuple(part.casefold() for part in parts)
                self._by_first.setdefault(low[0], []).append((low, parts if exact else None))
        for entries in self._by_first.values():
            entries.sort(key=lambda entry: -len(entry[0]))

    def single(self) -> Iterator[str]:
        """Yield the phrases of one word, case-folded."""
        return (first for first, entries in self._by_first.items() if any(len(low) == 1 for low, _ in entries))

    def find(self, words: Words) -> Iterator[tuple[int, int]]:
        """Yield first and last word of every place, the longest phrase where several begin at one word."""
        number = 0
        while number < len(words):
            last = self.match(words, number)
            if last is None:
                number += 1
            else:
                yield number, last
                number = last + 1

    def match(self, words: Words, number: int) -> int | None:
        """Return the last word of the longest phrase that begins at word ``number``."""
        for low, exact in self._by_first.get(words[number].low, ()):
            last = number + len(low) - 1
            if last >= len(words):
                continue
            same = all(words[number + i].low == part for i, part in enumerate(low))
            together = all(words.joined(n) or words.gap(n) in _JOINS for n in range(number, last))
            if same and together and (exact is None or all(words[number + i].text == p for i, p in enumerate(exact))):
                return last
        return None

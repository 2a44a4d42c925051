"""One text under examination: its words, what is protected in it, and what counts as an ordinary word."""

from collections.abc import Iterator
from functools import cached_property

from supervise.deid.engine.findings import Span
from supervise.deid.engine.lexicon import Lexicon
from supervise.deid.engine.phrases import Phrases
from supervise.deid.engine.words import Words, sentence_starts

_ENDINGS = (
    ("'s", ""), ("ies", "y"), ("es", ""), ("es", "e"), ("s", ""), ("ied", "y"), ("d", ""), ("ed", ""), ("ed", "e"),
    ("ing", ""), ("ing", "e"), ("er", ""), ("er", "e"), ("est", ""), ("est", "e"), ("ly", ""), ("ness", ""),
    ("less", ""),
    ("ful", ""), ("y", ""), ("y", "e"), ("ish", ""), ("able", ""), ("in", "ing"),
)  # fmt: skip
_SMALL_SHARE = 0.4
_SHOUTED_SHARE = 0.6
_PREFIXES = ("un", "re", "non", "pre", "mis", "over", "under", "out", "anti", "co", "self", "post", "sub", "dis")


class Vocabulary:
    """Which case-folded words are ordinary English ones, names and places set aside."""

    def __init__(self, english: frozenset[str], lexicon: Lexicon) -> None:
        self._terms = lexicon["function"] | lexicon["ordinary_terms"] | lexicon["medicines"] | lexicon["weekdays"]
        self._terms |= (
            lexicon["kinship"] | lexicon["roles"] | lexicon["headings"] | lexicon["units"] | lexicon["titles"]
        )
        self._terms |= lexicon["months"] | lexicon["name_words"] | lexicon["countries"] | lexicon["states_one"]
        proper = lexicon["given"] | lexicon["surnames"] | lexicon["countries"] | lexicon["states_one"]
        cities = frozenset(low for low in lexicon.phrases["cities"].single() if low not in lexicon["word_cities"])
        self._english = english - ((proper | cities) - lexicon["name_words"])
        self._seen: dict[str, bool] = {}

    def __contains__(self, low: object) -> bool:
        return isinstance(low, str) and self.has(low)

    def has(self, low: str) -> bool:
        """Tell whether a case-folded word is an ordinary one in some form (also inflected, prefixed, compound)."""
        found = self._seen.get(low)
        if found is None:
            if len(self._seen) > 50_000:
                self._seen.clear()
            found = self._seen[low] = self._look_up(low)
        return found

    def _look_up(self, low: str) -> bool:
        if low in self._terms or low in self._english or low.isdigit():
            return True
        for ending, instead in _ENDINGS:
            if low.endswith(ending) and len(low) - len(ending) + len(instead) >= 3:
                base = low[: -len(ending)] + instead
                if base in self._english or base in self._terms:
                    return True
                if len(base) > 3 and base[-1] == base[-2] and base[:-1] in self._english:
                    return True
        return any(low.startswith(p) and len(low) - len(p) >= 4 and low[len(p) :] in self._english for p in _PREFIXES)


class Scan:
    """A text with its words; recognisers ask it what stands where."""

    def __init__(self, text: str, lexicon: Lexicon, vocabulary: Vocabulary) -> None:
        self.text = text
        self.lexicon = lexicon
        self.vocabulary = vocabulary
        self.words = Words(text)
        self.starts = sentence_starts(self.words, lexicon["abbreviations"])
        self._protected: set[int] = set()
        self._known = lexicon["ordinary_terms"] | lexicon["countries"] | lexicon["states_one"] | lexicon["weekdays"]
        self._known |= (
            lexicon["medicines"] | lexicon["headings"] | lexicon["titles"] | lexicon["roles"] | lexicon["kinship"]
        )

    def ordinary(self, low: str) -> bool:
        """Tell whether a case-folded word is an everyday one."""
        return self.vocabulary.has(low)

    def protect(self, first: int, last: int) -> None:
        """Keep these words from being taken for a name, a place or an organisation."""
        self._protected.update(range(first, last + 1))

    def release(self, number: int) -> None:
        """Take the protection from a word whose context shows that it is a name."""
        self._protected.discard(number)

    def protected(self, number: int) -> bool:
        return number in self._protected

    def harmless(self, number: int) -> bool:
        """Tell whether a word names nobody by itself: protected, or a term, role, people, country or weekday."""
        return number in self._protected or self.words[number].low in self._known

    def low(self, number: int) -> str:
        """Return a word's case-folded form, or an empty string beyond the text."""
        return self.words[number].low if 0 <= number < len(self.words) else ""

    def before(self, number: int) -> str:
        """Return the case-folded word before, if nothing but a space or full stop stands between."""
        if number > 0 and self.words.gap(number - 1) in (" ", ". ", "\n", "  "):
            return self.words[number - 1].low
        return ""

    def phrases(self, name: str) -> Iterator[Span]:
        """Yield first and last word of every place of a list of phrases."""
        found: Phrases = self.lexicon.phrases[name]
        yield from found.find(self.words)

    @cached_property
    def lower_style(self) -> bool:
        """Tell whether the text is typed without capitals, so that a small letter says nothing about a name."""
        begins = [w for w, start in zip(self.words, self.starts, strict=True) if start and w.text[0].isalpha()]
        small = sum(1 for w in begins if w.text[0].islower())
        return bool(begins) and small >= _SMALL_SHARE * len(begins)

    @cached_property
    def shouted(self) -> frozenset[int]:
        """Return the words of lines in capitals, where a capital says nothing about a name."""
        out: set[int] = set()
        at = 0
        for line in self.text.split("\n"):
            numbers = [n for n in self.words.inside(at, at + len(line)) if self.words[n].text[0].isalpha()]
            at += len(line) + 1
            if len(numbers) > 1 and sum(self.words[n].upper for n in numbers) > _SHOUTED_SHARE * len(numbers):
                out.update(numbers)
        return frozenset(out)

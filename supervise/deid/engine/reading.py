"""From what the reader says of tokens to findings: whole words, and runs of words that are one thing."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import numpy

from supervise.deid.engine.choices import EMERGENCY_LINES
from supervise.deid.engine.findings import Finding
from supervise.deid.engine.patterns import compiled
from supervise.deid.engine.scan import Scan

# Shares from which on a word is proposed, is proposed without asking first, and joins a sure neighbour; chosen on a
# writer who was kept out of training.
PROPOSED: Final = 0.12
SURE: Final = 0.5
JOINED: Final = 0.05
RARE: Final = 0.35
# Below these a guess by rule is not believed.
BELIEVED: Final = 0.02
KEPT_FEAST: Final = 0.15
_LONE_RARE: Final = 0.7
_TERM: Final = 0.9
_WORDY: Final = ("NAME", "LOCATION", "ORG")
_WITHIN: Final = frozenset(
    (" ", "  ", "-", ". ", ".", "'", "’", ", ", "/", "@", ":", "://", "_", " #", "#", "(", ") ", "+", " & ")
)
_WITH_ARTICLE: Final = ("ORG", "DATE")
_ASKING: Final = frozenset(("i", "we", "she", "he", "they", "my", "the", "a", "an"))
_MONTHS: Final = 12
_DAYS: Final = 31
_ABBREVIATED: Final = 3
_ANCIENT: Final = range(90, 120)
_WRITTEN: Final = frozenset(("address", "zip", "road", "unit", "spelled", "author", "listed"))
_WHY: Final = "The words around it make it look like this"
_WHY_RARE: Final = "It may point to one person through rarity"


class Reading:
    """What the reader says of each word of a text."""

    def __init__(self, scan: Scan, spans: Sequence[tuple[int, int]], shares: Any, labels: tuple[str, ...]) -> None:
        """``spans`` are the code points of pieces of words in order, ``shares`` an array of (pieces, labels)."""
        self._scan, self._labels = scan, labels
        self._code = compiled(scan.lexicon.parts["CODE"])
        lists = scan.lexicon
        self._honorifics = lists["honorifics"] - lists["given"] - lists["surnames"]
        self._kin = lists["kinship"] | self._honorifics
        self._terms = (lists["peoples"] | lists["medicines"]) - lists["given"] - lists["surnames"]
        words = scan.words
        self._shares = numpy.zeros((len(words), len(labels)), numpy.float32)
        at = 0
        for (start, end), share in zip(spans, shares, strict=True):
            while at < len(words) and words[at].end <= start:
                at += 1
            word = at
            while word < len(words) and words[word].start < end:
                numpy.maximum(self._shares[word], share, out=self._shares[word])
                word += 1
        self._removed = [n for n, label in enumerate(labels) if label not in ("O", "QUASI")]
        self._share = self._shares[:, self._removed].sum(axis=1).clip(0, 0.99).tolist()
        self._rare = self._shares[:, labels.index("QUASI")].tolist()

    def findings(self, ruled: Iterable[Finding]) -> list[Finding]:
        """Return the runs of words that would identify somebody; numbers that ``ruled`` findings hold are theirs."""
        theirs = (finding for finding in ruled if finding.label not in _WORDY or finding.source in _WRITTEN)
        held = {number for finding in theirs for number in self._scan.words.inside(finding.start, finding.end)}
        proposed = {n for n, share in enumerate(self._share) if share >= PROPOSED}
        proposed |= {beside for n in proposed for beside in (n - 1, n + 1) if self._joins(n, beside)}
        runs: list[list[int]] = []
        for number in sorted(proposed):
            if runs and self._continues(runs[-1][-1], number):
                runs[-1].append(number)
            else:
                runs.append([number])
        return [finding for run in runs for finding in self._finding(run, held)]

    def rare(self) -> Iterator[Finding]:
        """Yield the phrases that may point to one person through rarity."""
        words, run = self._scan.words, list[int]()
        for number in range(len(words) + 1):
            inside = number < len(words) and self._rare[number] >= RARE
            if run and (not inside or "\n" in words.gap(run[-1])):
                start, end = words.span(run[0], run[-1])
                score = max(self._rare[n] for n in run)
                if len(run) > 1 or score >= _LONE_RARE:
                    yield Finding(start, end, "QUASI", round(score, 3), "reader", True, _WHY_RARE)
                run = []
            if inside:
                run.append(number)

    def believed(self, finding: Finding) -> bool:
        """Tell whether a guess by rule stands: the reader, who sees the whole sentence, does not rule it out."""
        numbers = self._scan.words.inside(finding.start, finding.end)
        share = max((self._share[n] for n in numbers), default=1.0)
        if finding.source == "holiday":
            return share >= KEPT_FEAST
        return finding.label not in _WORDY or finding.source in _WRITTEN or share >= BELIEVED

    def _label(self, number: int) -> str:
        return self._labels[max(self._removed, key=lambda label: self._shares[number, label])]

    def _joins(self, sure: int, beside: int) -> bool:
        return (
            0 <= beside < len(self._share)
            and self._share[sure] >= SURE
            and self._share[beside] >= JOINED
            and self._scan.words.gap(min(sure, beside)) in (" ", "-")
            and self._label(sure) == self._label(beside)
        )

    def _continues(self, before: int, number: int) -> bool:
        gap = self._scan.words.gap(before)
        return (
            before + 1 == number
            and gap in _WITHIN
            and self._label(before) == self._label(number)
            and (gap != ". " or len(self._scan.low(before)) <= _ABBREVIATED)
        )

    def _finding(self, run: list[int], held: set[int]) -> Iterator[Finding]:
        label = self._label(run[0])
        while run and self._needless(label, run[0]):
            run = run[1:]
        if label == "NAME" and len(run) > 1 and (self._opens(run[0]) or self._scan.low(run[0]) in self._kin):
            run = run[1:]
        while run and self._needless(label, run[-1]):
            run = run[:-1]
        while run and label == "NAME" and self._is_honorific(run[-1]):
            run = run[:-1]
        if label == "LOCATION" and len(run) == 1 and self._is_term(run[0]):
            return
        if not run or not self._possible(label, run):
            return
        if label in _WITH_ARTICLE and self._scan.low(run[0] - 1) == "the" and self._scan.words.gap(run[0] - 1) == " ":
            run = [run[0] - 1, *run]
        elif label not in _WORDY and held.issuperset(run):
            return
        start, end = self._scan.words.span(run[0], run[-1])
        score = max(self._share[n] for n in run)
        yield Finding(start, end, label, round(score, 3), "reader", score < SURE, _WHY)

    def _needless(self, label: str, number: int) -> bool:
        """Tell whether a word at the edge can stay: the state behind a town, a theorist, "the", "extension"."""
        word, lists = self._scan.words[number], self._scan.lexicon
        if label == "DATE":
            return bool(word.low in lists["weekdays"]) or word.low in ("the", "on", "of", "before", "after", "by")
        if label in ("PHONE", "ID") and self._scan.words.gap(number) == " " and self._scan.low(number + 1).isdigit():
            return word.low.isalpha() and len(word.low) > 2 and self._scan.ordinary(word.low)
        if label == "NAME" and self._is_term(number):
            return True
        if label in _WORDY and self._scan.protected(number):
            return bool(self._share[number] < _TERM)
        return bool(word.low in lists["function"]) and not word.capital and bool(self._share[number] < SURE)

    def _is_term(self, number: int) -> bool:
        """Tell whether a word is a people, a medicine or a short form, however much like a name it stands there."""
        word = self._scan.words[number]
        short = word.low in self._scan.lexicon["short_forms"]
        return word.low.removesuffix("'s") in self._terms or (short and (word.text.isupper() or not word.capital))

    def _is_honorific(self, number: int) -> bool:
        """Tell whether a word in small letters, alone or behind a name, is one of respect ("Shirin bhabi")."""
        word = self._scan.words[number]
        return not word.capital and not self._scan.lower_style and word.low in self._honorifics

    def _opens(self, number: int) -> bool:
        """Tell whether a word has its capital from the sentence that it begins, before a name in small letters."""
        word, after = self._scan.words[number], self._scan.words[number + 1]
        return self._scan.starts[number] and word.capital and not after.capital and self._scan.ordinary(word.low)

    def _possible(self, label: str, run: list[int]) -> bool:
        """Tell whether words can be what the reader takes them for: an age over 90 is a number over 90."""
        texts = [self._scan.words[n].text for n in run]
        digits = "".join(filter(str.isdigit, "".join(texts)))
        if label == "NAME":
            return any(not self._everyday(n) or self._share[n] >= _TERM for n in run) and texts != ["s"]
        if label == "AGE":
            return not digits or any(int(text) in _ANCIENT for text in texts if text.isdecimal())
        if label == "DATE":
            clock = self._scan.words.gap(run[-1]) == ":" and self._scan.low(run[-1] + 1)[:1].isdigit()
            share = self._scan.low(run[-1] + 1) == "of"
            bare = all(text.isdecimal() for text in texts)
            sure = max(self._share[n] for n in run) >= SURE
            asking = texts[0] == "May" and self._scan.low(run[0] + 1) in _ASKING
            return not clock and not asking and (not bare or (sure and not share and _day_and_month(texts)))
        if label in ("PHONE", "ID"):
            return digits not in EMERGENCY_LINES and not (len(run) == 1 and any(self._code.spans(texts[0])))
        return texts != ["s"]

    def _everyday(self, number: int) -> bool:
        """Tell whether a word names nobody by itself, or is an everyday one in small letters among capitals."""
        word = self._scan.words[number]
        small = not word.capital and not self._scan.lower_style and self._scan.ordinary(word.low)
        return small or self._scan.harmless(number)


def _day_and_month(texts: list[str]) -> bool:
    """Tell whether bare numbers can be a date: a day and a month, in whatever order, perhaps with a year."""
    first, second = sorted(int(text) for text in texts[:2]) if len(texts) > 1 else (0, 0)
    return 1 <= first <= _MONTHS and (second <= _DAYS or len(texts[1]) == len("2024"))


def apart(first: Sequence[Finding], others: Iterable[Finding]) -> Iterator[Finding]:
    """Yield findings, and those others that overlap none of them."""
    yield from first
    for other in others:
        if not any(finding.start < other.end and other.start < finding.end for finding in first):
            yield other

"""Phrases that could point to a person through rarity: suggested with words for the author, never removed by themselves."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from supervise.deid.engine.findings import Finding
from supervise.deid.engine.patterns import Pattern
from supervise.deid.engine.scan import Scan
from supervise.deid.engine.words import trim, whole

_MAX_LENGTH = 110
_STOPS = (" and ", " but ", " so ", " because ", " which ", " when ", " while ")


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Pattern:
    return Pattern(pattern)


def find_quasi(scan: Scan) -> Iterator[Finding]:
    """Yield disjoint suggestions, the earliest and longest first."""
    found: list[Finding] = []
    for row in scan.lexicon.quasi:
        for start, end in _compiled(row["pattern"]).spans(scan.text):
            found.append(_cut(scan.text, start, end, row))
    at = 0
    for finding in sorted((f for f in found if whole(scan.text, f.start, f.end)), key=lambda f: (f.start, -f.end)):
        if finding.start >= at:
            yield finding
            at = finding.end


def _cut(text: str, start: int, end: int, row: Mapping[str, str]) -> Finding:
    start, end = trim(text, start, end)
    phrase = text[start:end]
    for stop in _STOPS:
        place = phrase.find(stop, 25)
        if place > 0:
            phrase = phrase[:place]
    if len(phrase) > _MAX_LENGTH:
        phrase = phrase[:_MAX_LENGTH].rpartition(" ")[0]
    return Finding(start, start + len(phrase), "QUASI", 0.6, "quasi", True, row["why"], row["suggestion"])

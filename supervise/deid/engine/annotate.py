"""Findings as plain records on the source text, for ``supervise deid annotate`` and for measuring."""

from typing import Any

from supervise.deid.engine.canonical import canonicalise
from supervise.deid.engine.engine import Engine
from supervise.deid.engine.findings import Group
from supervise.deid.engine.words import is_word


def annotate(engine: Engine, text: str) -> list[dict[str, Any]]:
    """Return disjoint records ``{start, end, label, score, source}`` in code points of ``text``; raise RefusedText.

    Where a suggestion (QUASI) and an identifier share words, the identifier has them.
    """
    canonical = canonicalise(text)
    groups = engine.propose(canonical).groups
    owner: list[Group | None] = [None] * len(text)
    for group in sorted(groups, key=lambda g: g.label == "QUASI"):
        for place in group.places:
            for at in range(*canonical.to_source.span(*place)):
                if owner[at] is None:
                    owner[at] = group
    out: list[dict[str, Any]] = []
    at = 0
    while at < len(text):
        found, end = owner[at], at + 1
        while end < len(text) and owner[end] is found:
            end += 1
        if found is not None and any(is_word(c) for c in text[at:end]):
            out.append({"start": at, "end": end, "label": found.label, "score": found.score, "source": found.source})
        at = end
    return out

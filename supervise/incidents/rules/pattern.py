"""The shape of what a reader saw: which kinds of characters, and the function words around it. Never a word of its own.

From such a pattern a test of the engine can be written with invented words.
"""

import re

FUNCTION_WORDS = frozenset((
    "a", "about", "after", "again", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be", "because", "been",
    "before", "but", "by", "did", "do", "does", "for", "from", "had", "has", "have", "he", "her", "hers", "him", "his",
    "how", "i", "if", "in", "into", "is", "it", "its", "me", "my", "no", "not", "now", "of", "off", "on", "or", "our",
    "out", "over", "she", "so", "than", "that", "the", "their", "them", "then", "there", "they", "this", "to", "under",
    "up", "us", "was", "we", "were", "what", "when", "where", "which", "who", "whose", "why", "with", "you", "your",
))  # fmt: skip
_AROUND = 3
_RUN = 4
_MOST_WORDS = 6
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")


def pattern_of(words: str, start: int, end: int, label: str) -> dict[str, str]:
    """Return label, shape and context of ``words[start:end]``; nothing for what is too long to be only a shape."""
    passage = words[start:end]
    if len(passage.split()) > _MOST_WORDS:
        return {}
    before = _context(words[max(0, start - 60) : start])[-_AROUND:]
    after = _context(words[end : end + 60])[:_AROUND]
    return {"label": label, "shape": _shape(passage), "before": " ".join(before), "after": " ".join(after)}


def _shape(passage: str) -> str:
    """Return the kinds of characters: A, a, 0 and plain signs; a run longer than four tells nothing more."""
    kinds = "".join(_kind(char) for char in " ".join(passage.split()))
    return re.sub(rf"([Aa0])\1{{{_RUN},}}", lambda run: run[1] * _RUN, kinds)


def _kind(char: str) -> str:
    if char.isdigit():
        return "0"
    if char.isalpha():
        return "A" if char.isupper() else "a"
    return char if char in " -'’./@(),:+#&" else "_"


def _context(words: str) -> list[str]:
    """Return function words as they are, every other word as ``_``, and where a sentence ends as ``.``."""
    line = words.rpartition("\n\n")[2]
    found = []
    for part in re.findall(rf"{_WORD.pattern}|[.!?]", line):
        low = part.casefold()
        found.append(low if low in FUNCTION_WORDS else "." if part in ".!?" else "_")
    return found

"""What a system's findings are worth: every figure is a part of a whole, counted text by text."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from supervise.deid.training.evaluate.worker import Spans

DRAWS: Final = 1000
SEED: Final = 2016
_MIDDLE: Final = (2.5, 97.5)
Pairs = dict[str, tuple[int, int]]
Means = Callable[[str], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Figure:
    """A share of ``whole`` (None where there is nothing to share) and its 95 % interval from resampled texts."""

    part: int
    whole: int
    low: float
    high: float

    @property
    def share(self) -> float | None:
        return self.part / self.whole if self.whole else None


def score(row: Mapping[str, Any], found: Spans, means: Means) -> Pairs:
    """Return the counts of one marked text, ``{figure: (part, whole)}``.

    ``recall``: identifiers of which every letter is in a finding; ``clean``: 1 of 1 where none of a text's identifiers
    leaked; ``precision``: letters found that are marked; ``keep``: marked words that stay without a finding;
    ``quasi``: QUASI marks with at least half of their letters found; ``label``: caught identifiers whose label is
    right for most letters; ``class NAME`` and so on: recall of one class. Raises ValueError for a finding outside the
    text.
    """
    text = row["text"]
    label_at: dict[int, str] = {}
    for span in found:
        if not 0 <= span["start"] <= span["end"] <= len(text):
            raise ValueError(f"{row['id']}: a finding lies outside the text: {span}")
        for at in _letters(text, span):
            label_at[at] = span["label"]
    hit = label_at.keys()
    marked: set[int] = set()
    tally: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    for span in row["spans"]:
        wanted = _letters(text, span)
        marked |= wanted
        if span["label"] == "QUASI":
            whole["quasi"] += 1
            tally["quasi"] += 2 * len(wanted & hit) >= len(wanted)
            continue
        caught = wanted <= hit
        for figure in ("recall", f"class {span['label']}"):
            whole[figure] += 1
            tally[figure] += caught
        if caught:
            whole["label"] += 1
            tally["label"] += span["label"] in means(Counter(label_at[at] for at in wanted).most_common(1)[0][0])
    whole["clean"] = int(whole["recall"] > 0)
    tally["clean"] = int(whole["clean"] and tally["recall"] == whole["recall"])
    whole["precision"], tally["precision"] = len(hit), len(hit & marked)
    whole["keep"] = len(row["keep"])
    tally["keep"] = sum(not _letters(text, span) & hit for span in row["keep"])
    return {figure: (tally[figure], whole[figure]) for figure in whole}


def _letters(text: str, span: Mapping[str, Any]) -> set[int]:
    return {at for at in range(span["start"], span["end"]) if text[at].isalnum()}


def figure(texts: Iterable[Pairs], name: str) -> Figure:
    """Return a figure over texts with its interval: the same texts drawn again with replacement, a fixed seed."""
    counts = np.array([pairs.get(name, (0, 0)) for pairs in texts], dtype=np.int64).reshape(-1, 2)
    part, whole = (int(total) for total in counts.sum(axis=0))
    if not whole:
        return Figure(0, 0, 0.0, 0.0)
    draws = np.random.default_rng(SEED).integers(len(counts), size=(DRAWS, len(counts)))
    drawn = np.stack([counts[draw].sum(axis=0) for draw in draws])
    drawn = drawn[drawn[:, 1] > 0]
    low, high = np.percentile(drawn[:, 0] / drawn[:, 1], _MIDDLE)
    return Figure(part, whole, float(low), float(high))


def by(rows: Sequence[Mapping[str, Any]], scores: Sequence[Pairs], what: str) -> dict[str, list[Pairs]]:
    """Return the scores of the texts by ``origin``, ``style`` or ``writer``, in alphabetical order."""
    out: dict[str, list[Pairs]] = {}
    for row, pairs in sorted(zip(rows, scores, strict=True), key=lambda both: str(both[0]["meta"][what])):
        out.setdefault(str(row["meta"][what]), []).append(pairs)
    return out

"""What a system costs: time against the peer that speed is compared with, in the same run, and memory."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Final

from supervise.deid.training.evaluate.systems import Running

ROUNDS: Final = 5
VIGNETTE_WORDS: Final = 400
VIGNETTES: Final = 40


@dataclass(frozen=True, slots=True)
class Load:
    """``speed``: words a second, and ``p95``: seconds for a vignette, both as ratios to the baseline.

    ``words`` and ``slowest`` are the same without a baseline, on this machine; memory is in megabytes.
    """

    speed: float
    p95: float
    words: float
    slowest: float
    rss: float
    pss: float
    private: float


def loads(running: Sequence[Running], texts: Sequence[str], baseline: int) -> list[Load]:
    """Measure every system on the same texts, system after system in each round, and take medians over rounds."""
    words = sum(len(text.split()) for text in texts)
    long = vignettes(texts)
    for system in running:  # the first texts fill caches
        system.seconds(long[:3], whole=True)
    speed: list[list[float]] = []
    slow: list[list[float]] = []
    for _ in range(ROUNDS):
        speed.append([words / sum(system.seconds(texts, whole=False)) for system in running])
        slow.append([p95(system.seconds(long, whole=True)) for system in running])
    out = []
    for at, system in enumerate(running):
        memory = system.memory(long[:10])
        out.append(
            Load(
                median(each[at] / each[baseline] for each in speed),
                median(each[at] / each[baseline] for each in slow),
                median(each[at] for each in speed),
                median(each[at] for each in slow),
                **memory,
            )
        )
    return out


def p95(seconds: Sequence[float]) -> float:
    return quantiles(seconds, n=20, method="inclusive")[-1]


def vignettes(texts: Sequence[str]) -> list[str]:
    """Return up to 40 texts of 400 words each, cut from the given ones put one after the other as they stand."""
    joined = "\n\n".join(texts)
    words = list(re.finditer(r"\S+", joined))
    starts = range(0, len(words) - VIGNETTE_WORDS + 1, VIGNETTE_WORDS)[:VIGNETTES]
    return [joined[words[at].start() : words[at + VIGNETTE_WORDS - 1].end()] for at in starts]

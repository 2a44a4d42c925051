"""From a text to its hits: sentences, the network's shares, explicit words."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import spacy

from supervise.risk.reader.network import BEFORE, RiskNetwork
from supervise.risk.reader.sentences import sentences
from supervise.risk.reader.terms import FILE, Terms

CATEGORIES: Final = (
    "suicide", "self_harm", "attempt", "threat", "partner_violence", "child_abuse", "elder_abuse", "psychosis",
    "provider_misconduct",
)  # fmt: skip
# risk.json, which names the bytes of the network and of its vocabulary
PINNED: Final = "759c3c35a429edebf986e3a6099a5b56dacae92a60774bd073bd96213836e901"
_BELIEVED: Final = 0.4
"""The part of a category's threshold that suffices where explicit words stand in the sentence."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A sentence, code points ``start`` to ``end``, that speaks of a current risk of ``category``."""

    start: int
    end: int
    category: str


@dataclass(frozen=True)
class RiskReader:
    """The network and the explicit words."""

    pipeline: Any
    network: RiskNetwork
    terms: Terms

    def read(self, text: str) -> list[Hit]:
        """Return the hits of a text in order, one for each category of a sentence."""
        spans = list(sentences(text))
        docs = []
        before = ""
        for start, end in spans:
            doc = self.pipeline.make_doc(text[start:end])
            doc.user_data[BEFORE] = before
            before = doc.text
            docs.append(doc)
        return [
            Hit(start, end, category)
            for (start, end), doc in zip(spans, self.pipeline.pipe(docs), strict=True)
            for category in self._current(doc)
        ]

    def _current(self, doc: Any) -> list[str]:
        plain = set(self.terms.explicit(doc.text))
        return [
            category
            for category in CATEGORIES
            if doc.cats[category] >= self.network.thresholds[category] * (_BELIEVED if category in plain else 1)
        ]


def load_reader(data: Path, sha256: str | None = PINNED) -> RiskReader:
    """Return the reader with the words under ``data``; raise EngineUnavailable if it is not the one measured."""
    pipeline = spacy.blank("en")
    network = pipeline.add_pipe("supervise_risk", config={"sha256": sha256})
    return RiskReader(pipeline, network, Terms(data / FILE))

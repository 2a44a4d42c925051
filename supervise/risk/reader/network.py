"""The network that says of a sentence which risks it speaks of and whether they are current; a component of spaCy.

It leaves in ``doc.cats`` a share from 0 to 1 for each category, current. ``doc.user_data["before"]`` may hold the
sentence that stood before it: "One by overdose." means another thing after a history than after last night. Run by
onnxruntime from verified bytes on one thread, without a network. A session does not survive a fork, so each process
makes its own.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import minibatch

from supervise.deid.engine.errors import EngineUnavailable
from supervise.deid.engine.pieces import FIRST, LAST, pieces_of, vocabulary
from supervise.deid.engine.reader import FOLDER as VOCABULARY

FOLDER: Final = Path(__file__).parents[1] / "model"
BEFORE: Final = "before"
OWN, OTHERS = 112, 40
"""How many pieces are read of a sentence and, from its end, of the one before."""
_TOGETHER: Final = 16
_DAMAGED: Final = "The model that reads for risk is missing or not the one that was measured. Nothing can be released."


def encoded(sentence: str, before: str, numbers: dict[str, int]) -> tuple[list[int], list[int]]:
    """Return the ids and segments of a sentence and the one before it; the sentence is segment 1."""
    own = pieces_of(sentence, numbers).ids[:OWN]
    other = pieces_of(before, numbers).ids[-OTHERS:] if before else []
    ids = [numbers[FIRST], *other, numbers[LAST], *own, numbers[LAST]]
    return ids, [0] * (len(other) + 2) + [1] * (len(own) + 1)


def padded(rows: Sequence[tuple[list[int], list[int]]]) -> dict[str, Any]:
    """Return ids, segments and mask of (rows, pieces)."""
    shape = len(rows), max(len(ids) for ids, _ in rows)
    inputs = {name: numpy.zeros(shape, numpy.int64) for name in ("ids", "segments", "mask")}
    for row, (ids, segments) in enumerate(rows):
        inputs["ids"][row, : len(ids)] = ids
        inputs["segments"][row, : len(ids)] = segments
        inputs["mask"][row, : len(ids)] = 1
    return inputs


class RiskNetwork:
    """A verified network as a component of a pipeline."""

    def __init__(self, folder: Path = FOLDER, sha256: str | None = None) -> None:
        """Read and verify the files, whose description must have ``sha256``; raise :class:`EngineUnavailable`."""
        try:
            description = (folder / "risk.json").read_bytes()
            described = json.loads(description)
            network, words = (folder / "risk.onnx").read_bytes(), (VOCABULARY / "vocab.txt").read_bytes()
            found = {"risk.onnx": hashlib.sha256(network).hexdigest(), "vocab.txt": hashlib.sha256(words).hexdigest()}
            self.categories: tuple[str, ...] = tuple(described["categories"])
            self.thresholds: dict[str, float] = dict(described["thresholds"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise EngineUnavailable(_DAMAGED) from error
        self.digest = hashlib.sha256(description).hexdigest()
        if found != described["sha256"] or (sha256 is not None and self.digest != sha256):
            raise EngineUnavailable(_DAMAGED)
        self._network = network
        self._numbers = vocabulary(words.decode())
        self._session: tuple[int, Any] | None = None

    def __call__(self, doc: Doc) -> Doc:
        return next(self.pipe([doc]))

    def pipe(self, stream: Any, batch_size: int = _TOGETHER) -> Iterator[Doc]:
        """Yield each document of one sentence with its categories."""
        for docs in minibatch(stream, batch_size):
            rows = [encoded(doc.text, doc.user_data.get(BEFORE, ""), self._numbers) for doc in docs]
            (shares,) = self._running().run(["current"], padded(rows))
            for doc, row in zip(docs, shares, strict=True):
                doc.cats = dict(zip(self.categories, map(float, row), strict=True))
                yield doc

    def _running(self) -> Any:
        # loaded here: it starts a thread, and a process with two must not fork
        import onnxruntime

        if self._session is None or self._session[0] != os.getpid():
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            options.log_severity_level = 3
            session = onnxruntime.InferenceSession(self._network, options, providers=["CPUExecutionProvider"])
            self._session = os.getpid(), session
        return self._session[1]


def _component(nlp: Language, name: str, sha256: str | None) -> RiskNetwork:
    return RiskNetwork(sha256=sha256)


Language.factory("supervise_risk", default_config={"sha256": None}, func=_component)

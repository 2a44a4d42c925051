"""The reader: a small network that sees each word in its context and says what it would identify.

A component of a spaCy pipeline, run by onnxruntime from verified bytes on one thread, without a network. A session does
not survive a fork, so each process makes its own when it first reads.
"""

import hashlib
import json
import os
from pathlib import Path
from typing import Any, Final

import numpy
from spacy.language import Language
from spacy.tokens import Doc

from supervise.deid.engine.errors import EngineUnavailable
from supervise.deid.engine.pieces import FIRST, LAST, pieces_of, vocabulary, windows

FOLDER: Final = Path(__file__).parents[1] / "model"
SHARES: Final = "shares"
_TOGETHER: Final = 8
_DAMAGED: Final = "The reader's model is missing or not the one that was measured. Nothing can be released."


class Reader:
    """A verified model; as a component it leaves in ``doc.user_data["shares"]`` what it says of each piece of a word.

    That is the pieces' code points and an array of (pieces, labels), shares from 0 to 1 that add up to 1.
    """

    def __init__(self, folder: Path = FOLDER, sha256: str | None = None) -> None:
        """Read and verify the files, whose description must have ``sha256``; raise :class:`EngineUnavailable`."""
        try:
            description = (folder / "reader.json").read_bytes()
            described = json.loads(description)
            content = {name: (folder / name).read_bytes() for name in described["sha256"]}
            right = {name: hashlib.sha256(data).hexdigest() for name, data in content.items()} == described["sha256"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise EngineUnavailable(_DAMAGED) from error
        self.digest = hashlib.sha256(description).hexdigest()
        if not right or (sha256 is not None and self.digest != sha256):
            raise EngineUnavailable(_DAMAGED)
        self.labels: tuple[str, ...] = tuple(described["labels"])
        self._window, self._overlap = described["window"] - 2, described["overlap"]
        self._network = content["reader.onnx"]
        self._vocabulary = vocabulary(content["vocab.txt"].decode())
        self._session: tuple[int, Any] | None = None

    def __call__(self, doc: Doc) -> Doc:
        pieces = pieces_of(doc.text, self._vocabulary)
        answers = self._read(pieces.ids, pieces.shapes)
        doc.user_data[SHARES] = pieces.spans, answers
        return doc

    def wake(self) -> None:
        """Be ready before the first text comes; for a process that has forked already."""
        self._running()

    def _read(self, ids: list[int], shapes: list[int]) -> Any:
        """Return the shares of (pieces, labels), read in windows that overlap."""
        shares = numpy.zeros((len(ids), len(self.labels)), numpy.float32)
        edges = self._vocabulary[FIRST], self._vocabulary[LAST]
        spans = list(windows(len(ids), self._window, self._overlap)) if ids else []
        for at in range(0, len(spans), _TOGETHER):
            part = spans[at : at + _TOGETHER]
            widest = max(end - start for start, end, _, _ in part) + 2
            inputs = {name: numpy.zeros((len(part), widest), numpy.int64) for name in ("ids", "shapes", "mask")}
            for row, (start, end, _, _) in enumerate(part):
                size = end - start + 2
                inputs["ids"][row, :size] = [edges[0], *ids[start:end], edges[1]]
                inputs["shapes"][row, 1 : size - 1] = shapes[start:end]
                inputs["mask"][row, :size] = 1
            (answers,) = self._running().run(None, inputs)
            for row, (start, _, first, last) in enumerate(part):
                shares[first:last] = answers[row, 1 + first - start : 1 + last - start]
        return shares

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


def _component(nlp: Language, name: str, sha256: str | None) -> Reader:
    return Reader(sha256=sha256)


Language.factory("supervise_reader", default_config={"sha256": None}, func=_component)

"""The systems under test, each in a process of its own, and what may be asked of them."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from supervise.deid.training.evaluate.worker import Spans

ROOT: Final = Path(__file__).parents[4]
_HERE: Final = "supervise.deid.training.evaluate"
_BATCH: Final = 200
_ONE_THREAD: Final = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
)
_OTHER: Final = frozenset[str]()
_NUMBERS: Final = (
    "CREDIT_CARD", "CRYPTO", "IBAN_CODE", "ID", "MEDICAL_LICENSE", "UK_NHS", "US_BANK_NUMBER", "US_DRIVER_LICENSE",
    "US_ITIN", "US_MBI", "US_NPI", "US_PASSPORT", "US_SSN", "UUID",
)  # fmt: skip
_PRESIDIO: Final[Mapping[str, frozenset[str]]] = {
    "PERSON": frozenset({"NAME"}),
    "LOCATION": frozenset({"LOCATION"}),
    "ORGANIZATION": frozenset({"ORG"}),
    "DATE_TIME": frozenset({"DATE", "AGE"}),
    "AGE": frozenset({"AGE"}),
    "PHONE_NUMBER": frozenset({"PHONE"}),
    "EMAIL": frozenset({"EMAIL"}),
    "EMAIL_ADDRESS": frozenset({"EMAIL"}),
    "URL": frozenset({"URL"}),
    "IP_ADDRESS": frozenset({"URL"}),
    "MAC_ADDRESS": frozenset({"ID", "URL"}),
    **dict.fromkeys(_NUMBERS, frozenset({"ID"})),
}
"""Labels of the scheme that a label of Presidio's stands for; one that is not here (NRP) stands for none."""


class Unavailable(Exception):
    """A system cannot be measured; the comparison would be none without it."""


@dataclass(frozen=True, slots=True)
class System:
    """A system by its column's name; ``labels`` is None where our labels are its own, empty where it gives none."""

    name: str
    command: tuple[str, ...]
    labels: Mapping[str, frozenset[str]] | None

    def means(self, label: str) -> frozenset[str]:
        """Return the labels of the scheme that one of this system's labels stands for."""
        return frozenset({label}) if self.labels is None else self.labels.get(label, _OTHER)


def systems(peers_python: str) -> tuple[System, ...]:
    """Return ours first, then the peers; the second is the one that speed is compared with."""
    peer = (peers_python, "-m", f"{_HERE}.peers")
    return (
        System("Supervise", (sys.executable, "-m", f"{_HERE}.own"), None),
        System("Presidio + sm", (*peer, "presidio-sm"), _PRESIDIO),
        System("Presidio + md", (*peer, "presidio-md"), _PRESIDIO),
        System("Philter-lite", (*peer, "philter"), {}),
    )


class Running:
    """A started system; ends with the block. Raises Unavailable with the system's last words."""

    def __init__(self, system: System) -> None:
        self.system = system
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 - closed by __exit__
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own modules
                system.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                encoding="utf-8",
                cwd=ROOT,
                env={**os.environ, **_ONE_THREAD, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"},
            )
        except OSError as error:
            self._errors.close()
            raise Unavailable(f"{system.name} cannot be started: {error}") from error
        try:
            self.version: str = self._answer()["version"]
        except Unavailable:
            self.__exit__(None, None, None)
            raise

    def find(self, texts: Iterable[str]) -> list[Spans]:
        """Return what the system finds in each text."""
        all_texts = list(texts)
        batches = [all_texts[at : at + _BATCH] for at in range(0, len(all_texts), _BATCH)]
        return [spans for batch in batches for spans in self._ask(do="find", texts=batch)["found"]]

    def seconds(self, texts: Sequence[str], *, whole: bool) -> list[float]:
        """Return processor seconds for each text, for finding alone or for the whole way to a reader."""
        seconds: list[float] = self._ask(do="time", texts=list(texts), whole=whole)["seconds"]
        return seconds

    def memory(self, texts: Sequence[str]) -> dict[str, float]:
        """Return megabytes: ``rss`` alone; ``pss`` and ``private`` of a child that was forked and did these texts."""
        return self._ask(do="memory", texts=list(texts))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pipe in (self._process.stdin, self._process.stdout, self._errors):
            if pipe is not None:
                pipe.close()
        self._process.terminate()
        self._process.wait()

    def _ask(self, **request: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self._gone() from None
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise self._gone()
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _gone(self) -> Unavailable:
        self._process.wait()
        self._errors.seek(0)
        words = self._errors.read().strip().splitlines()[-1:] or [f"it ended with {self._process.returncode}"]
        return Unavailable(f"{self.system.name} gives no answer: {words[0]}")

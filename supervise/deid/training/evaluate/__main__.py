"""python -m supervise.deid.training.evaluate PEERS_PYTHON PAGE.md    measures everything and writes the page."""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from supervise.deid.training.evaluate.load import loads
from supervise.deid.training.evaluate.names import PEOPLE, judged, placements
from supervise.deid.training.evaluate.report import MarkedSet, Measured, report
from supervise.deid.training.evaluate.scoring import Pairs, score
from supervise.deid.training.evaluate.systems import ROOT, Running, Unavailable, systems
from supervise.deid.training.measure import read
from supervise.deid.training.pools import WORD_NAMES

BENCH: Final = ROOT / "tests" / "deid" / "bench"
_BASELINE: Final = 1
_UNSEEN: Final = "Texts by writers whom nobody had read while the rules were written."
_DEV: Final = "The development set: the rules were written with it in view, so its figures prove little."


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write; without one of the peers nothing is written and the exit code is 1."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("peers_python", help="the Python of the environment that holds Presidio and Philter")
    parser.add_argument("page", type=Path)
    parser.add_argument("--people", type=int, default=PEOPLE, help="of each origin; fewer for a quick look")
    asked = parser.parse_args(arguments)
    try:
        page = report(_measured(asked.peers_python, asked.people))
    except Unavailable as problem:
        sys.stderr.write(f"make deid-eval: {problem}\nNothing was written.\n")
        return 1
    asked.page.write_text(page, encoding="utf-8")
    _say(f"written: {asked.page}")
    return 0


def _measured(peers_python: str, people: int) -> Measured:
    compared = systems(peers_python)
    unseen = list(_rows(sorted(BENCH.glob("unseen-*.txt"))))
    dev = list(_rows([BENCH / "dev.jsonl"]))
    placed = placements(BENCH, people)
    with ExitStack() as stack:
        running = []
        for system in compared:
            running.append(stack.enter_context(Running(system)))
            _say(f"{system.name}: {running[-1].version}")
        _say("time and memory")
        costs = loads(running, [row["text"] for row in dev], _BASELINE)
        _say("marked texts")
        sets = [_set("unseen writers", _UNSEEN, unseen, running), _set("dev.jsonl", _DEV, dev, running)]
        _say(f"names in {len(placed)} sentences")
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            found = list(pool.map(lambda one: one.find([name.text for name in placed]), running))
        return Measured(
            [system.name for system in compared],
            [one.version for one in running],
            [system.labels != {} for system in compared],
            sets,
            placed,
            [[judged(*both) for both in zip(placed, spans, strict=True)] for spans in found],
            frozenset(WORD_NAMES),
            costs,
        )


def _rows(paths: Sequence[Path]) -> Iterator[dict[str, Any]]:
    for path in paths:
        for row in read(path):
            yield {**row, "meta": {**row["meta"], "writer": path.stem}}


def _set(title: str, note: str, rows: Sequence[dict[str, Any]], running: Sequence[Running]) -> MarkedSet:
    scores: list[list[Pairs]] = []
    for one in running:
        found = one.find(row["text"] for row in rows)
        scores.append([score(row, spans, one.system.means) for row, spans in zip(rows, found, strict=True)])
    return MarkedSet(title, note, rows, scores)


def _say(words: str) -> None:
    sys.stderr.write(words + "\n")


if __name__ == "__main__":
    sys.exit(main())

"""What a system under test runs behind: one request a line on standard input, one answer a line on standard output.

It is imported by programs of two environments, so it needs nothing but Python on Linux.
"""

import gc
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

Spans = list[dict[str, Any]]
Find = Callable[[str], Spans]
CHILDREN: Final = 2
_MEMORY: Final = Path("/proc/self/smaps_rollup")


def serve(version: str, find: Find, whole: Callable[[str], object]) -> None:
    """Answer requests until standard input ends.

    ``find`` returns ``start``, ``end`` and ``label`` of what it found, in rising order of trust where they overlap;
    ``whole`` does all that happens to a text before a reader sees it. Requests: ``find``, ``time``, ``memory``.
    """
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints must not pass for an answer
    _say(answers, {"version": version})
    for line in sys.stdin:
        request = json.loads(line)
        texts: list[str] = request["texts"]
        match request["do"]:
            case "find":
                _say(answers, {"found": [find(text) for text in texts]})
            case "time":
                _say(answers, {"seconds": _seconds(whole if request["whole"] else find, texts)})
            case "memory":
                _say(answers, _memory(find, texts))


def _say(answers: Any, answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


def _seconds(work: Callable[[str], object], texts: Sequence[str]) -> list[float]:
    """Return processor seconds a text, of all threads together: what one thread alone would need."""
    out = []
    for text in texts:
        begun = time.process_time()
        work(text)
        out.append(time.process_time() - begun)
    return out


def _memory(find: Find, texts: Sequence[str]) -> dict[str, Any]:
    """Return megabytes: of this process, and of children that were forked from it and have worked.

    A child's proportional share counts a page that n processes hold as a nth.
    """
    gc.collect()
    alone = _megabytes("Rss")
    children = [_forked(find, texts) for _ in range(CHILDREN)]
    for ready, _, _ in children:
        os.read(ready, 1)
    for _, go, _ in children:
        os.write(go, b"\n")
    shares, own = [], []
    for ready, go, process in children:
        with os.fdopen(ready, encoding="ascii") as answer:
            share, private = map(float, answer.read().split())
        os.close(go)
        os.waitpid(process, 0)
        shares.append(share)
        own.append(private)
    return {"rss": alone, "pss": max(shares), "private": max(own)}


def _forked(find: Find, texts: Sequence[str]) -> tuple[int, int, int]:
    """Fork a child that works, says that it is ready, waits for its sibling and then tells what it holds."""
    ready, say_ready = os.pipe()
    hear_go, go = os.pipe()
    process = os.fork()
    if process:
        os.close(say_ready)
        os.close(hear_go)
        return ready, go, process
    try:
        for text in texts:
            find(text)
        os.write(say_ready, b" ")
        os.read(hear_go, 1)
        os.write(say_ready, f"{_megabytes('Pss')} {_megabytes('Private_')}".encode("ascii"))
    finally:
        os._exit(0)


def _megabytes(what: str) -> float:
    """Return the sum of the kernel's lines that begin with ``what``: ``Rss``, ``Pss`` or ``Private_``."""
    lines = [line.split() for line in _MEMORY.read_text("ascii").splitlines()[1:]]
    names = (f"{what}:",) if not what.endswith("_") else (f"{what}Clean:", f"{what}Dirty:")
    return sum(int(line[1]) for line in lines if line[0] in names) / 1024

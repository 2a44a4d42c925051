"""Trains the reader on the corpus, refilled anew each round.

python -m supervise.deid.training.train OUT --without w09,w10 --rounds 12

Writes ``OUT/reader.pt`` after each round, so that a training that was cut off goes on with ``--resume``.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any, Final

import torch
from torch import nn

from supervise.deid.engine.pieces import FIRST, LAST, pieces_of, vocabulary, windows
from supervise.deid.training.corpus import Marked, load
from supervise.deid.training.net import LABELS, Reader, pretrained, pretrained_folder
from supervise.deid.training.pools import pools
from supervise.deid.training.refill import Example, as_written, cropped, refilled

WINDOW: Final = 128
OVERLAP: Final = 16
_IGNORED: Final = -100
_AS_WRITTEN: Final = 0.15
_BATCH: Final = 16
_CROPS: Final = 4
Row = tuple[list[int], list[int], list[int]]


def rows_of(example: Example, numbers: Mapping[str, int]) -> Iterator[Row]:
    """Yield (ids, shapes, labels) of each window of an example, special pieces at both ends."""
    cls, sep = numbers[FIRST], numbers[LAST]
    pieces = pieces_of(example.text, numbers)
    labels = []
    spans = iter(example.spans)
    span = next(spans, None)
    for start, end in pieces.spans:
        while span is not None and span[1] <= start:
            span = next(spans, None)
        labels.append(LABELS.index(span[2]) if span is not None and span[0] < end else 0)
    for start, end, first, last in windows(len(pieces.ids), WINDOW - 2, OVERLAP):
        inside = [labels[at] if first <= at < last else _IGNORED for at in range(start, end)]
        yield (
            [cls, *pieces.ids[start:end], sep],
            [0, *pieces.shapes[start:end], 0],
            [_IGNORED, *inside, _IGNORED],
        )


def batches(rows: list[Row], random: Random) -> Iterator[tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]]:
    """Yield padded batches of windows of like length, in random order."""
    rows = sorted(rows, key=lambda row: len(row[0]) + random.random() * 8)
    starts = list(range(0, len(rows), _BATCH))
    random.shuffle(starts)
    for start in starts:
        part = rows[start : start + _BATCH]
        longest = max(len(row[0]) for row in part)

        def padded(which: int, fill: int, part: list[Row] = part, longest: int = longest) -> torch.Tensor:
            return torch.tensor([row[which] + [fill] * (longest - len(row[which])) for row in part])

        ids = padded(0, 0)
        yield (
            ids,
            padded(1, 0),
            torch.tensor([[1] * len(row[0]) + [0] * (longest - len(row[0])) for row in part]),
            padded(2, _IGNORED),
        )


def train(texts: Sequence[Marked], out: Path, rounds: int, seed: int, rate: float, layers: int, resume: bool) -> Reader:
    """Train for ``rounds`` passes over the corpus, refilled for each."""
    torch.manual_seed(seed)
    numbers = vocabulary((pretrained_folder() / "vocab.txt").read_text("utf-8"))
    net = pretrained(layers)
    shapes_and_head = [*net.shapes.parameters(), *net.head.parameters()]
    optimizer = torch.optim.AdamW(
        [{"params": list(net.encoder.parameters()), "lr": rate}, {"params": shapes_and_head, "lr": rate * 10}],
        weight_decay=0.01,
    )
    whole = sum(1 for text in texts for _ in rows_of(as_written(text), numbers))
    per_round = 1 + (whole + len(texts) * _CROPS) // _BATCH
    steps = per_round * rounds
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / (steps * 0.06)) * max(0.02, 1 - step / steps)
    )
    first = 0
    if resume and (out / "reader.pt").exists():
        saved = torch.load(out / "reader.pt")
        net.load_state_dict(saved["net"])
        optimizer.load_state_dict(saved["optimizer"])
        schedule.load_state_dict(saved["schedule"])
        first = saved["round"] + 1
    loss_of = nn.CrossEntropyLoss(ignore_index=_IGNORED, label_smoothing=0.02)
    for number in range(first, rounds):
        began, total, count = time.monotonic(), 0.0, 0
        random = Random(seed * 1000 + number)
        rows = [row for text in texts for example in _drawn(text, random) for row in rows_of(example, numbers)]
        net.train()
        for ids, shapes, mask, labels in batches(rows, random):
            with torch.autocast("cpu", torch.bfloat16):
                scores = net(ids, shapes, mask)
            loss = loss_of(scores.float().view(-1, len(LABELS)), labels.view(-1))
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total, count = total + float(loss), count + 1
        _save(out, net, optimizer, schedule, number, layers)
        pieces = sum(len(row[0]) for row in rows)
        took = time.monotonic() - began
        sys.stdout.write(f"round {number + 1}: loss {total / count:.4f}, {pieces / took:.0f} pieces a second\n")
        sys.stdout.flush()
    return net


def _drawn(text: Marked, random: Random) -> Iterator[Example]:
    """Yield a text, as written or refilled, and a few of its sentences alone."""
    yield as_written(text) if random.random() < _AS_WRITTEN else refilled(text, pools(), random)
    for _ in range(_CROPS):
        yield cropped(refilled(text, pools(), random), random)


def _save(out: Path, net: Reader, optimizer: Any, schedule: Any, number: int, layers: int) -> None:
    fresh = out / "reader.new"
    torch.save(
        {
            "net": net.state_dict(), "optimizer": optimizer.state_dict(), "schedule": schedule.state_dict(),
            "round": number, "layers": layers,
        },
        fresh,
    )  # fmt: skip
    fresh.replace(out / "reader.pt")


def main(arguments: Sequence[str] | None = None) -> int:
    """Train and save."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--without", default="", help="writers kept apart, with commas")
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=1.5e-4)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--resume", action="store_true")
    chosen = parser.parse_args(arguments)
    chosen.out.mkdir(parents=True, exist_ok=True)
    apart = set(chosen.without.split(","))
    texts = [text for text in load() if text.writer not in apart]
    (chosen.out / "training.json").write_text(
        json.dumps({"texts": len(texts), "without": sorted(apart), "rounds": chosen.rounds, "seed": chosen.seed})
    )
    train(texts, chosen.out, chosen.rounds, chosen.seed, chosen.rate, chosen.layers, chosen.resume)
    return 0


if __name__ == "__main__":
    sys.exit(main())

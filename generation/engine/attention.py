"""Attention of many texts to one beginning that they share.

The keys and values of a shared part are computed once, and every batch reads them in place: only a text's
own tokens are kept for each text. Works for any model that uses transformers' attention interface.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import AttentionInterface
from transformers.cache_utils import DynamicLayer
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

ATTENTION = "shared_prefix"


@dataclass(frozen=True)
class SharedPart:
    """The keys and values of one shared part, per layer: (key heads, tokens, head size)."""

    keys: list[Tensor]
    values: list[Tensor]
    tokens: int


def attend(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    shared: SharedPart | None = None,
    **options: Any,
) -> tuple[Tensor, None]:
    """Attend to a shared part, the same for all rows, and to each row's own keys and values.

    Shapes are those of transformers' attention interface. `attention_mask` is added to the scores of a
    row's own keys; every query sees the whole shared part. One softmax runs over both.
    """
    if shared is None:
        plain = ALL_ATTENTION_FUNCTIONS["sdpa"]
        answer: tuple[Tensor, None] = plain(
            module, query, key, value, attention_mask, scaling=scaling, **options
        )
        return answer
    layer: Any = module.layer_idx
    rows, heads, length, size = query.shape
    key_heads, own = key.shape[1], key.shape[2]
    grouped = query.reshape(rows, key_heads, -1, size) * (scaling or size**-0.5)
    # All rows' queries of one key head side by side: one product per head reads the shared keys once.
    across = grouped.transpose(0, 1).reshape(key_heads, -1, size)
    shared_scores = (across @ shared.keys[layer].mT).view(key_heads, rows, -1, shared.tokens).transpose(0, 1)
    own_scores = (grouped @ key.mT).view(rows, key_heads, -1, length, own)
    if attention_mask is not None:
        own_scores = own_scores + attention_mask.unsqueeze(2)
    scores = torch.cat([shared_scores, own_scores.view(rows, key_heads, -1, own)], -1)
    weights = scores.float().softmax(-1).to(query.dtype)
    of_shared = weights[..., : shared.tokens].transpose(0, 1).reshape(key_heads, -1, shared.tokens)
    mixed = (of_shared @ shared.values[layer]).view(key_heads, rows, -1, size).transpose(0, 1)
    mixed = mixed + weights[..., shared.tokens :] @ value
    return mixed.reshape(rows, heads, length, size).transpose(1, 2).contiguous(), None


AttentionInterface.register(ATTENTION, attend)


class OwnLayer(DynamicLayer):
    """One layer's keys and values of the rows' own tokens, in room that is taken once."""

    own_keys: Tensor
    own_values: Tensor

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room, self.length = room, 0

    def update(self, key_states: Tensor, value_states: Tensor, *_: Any, **__: Any) -> tuple[Tensor, Tensor]:
        """Keep new tokens and return all tokens so far."""
        if not self.is_initialized:
            rows, heads, _length, size = key_states.shape
            self.own_keys = key_states.new_empty(rows, heads, self.room, size)
            self.own_values = torch.empty_like(self.own_keys)
            self.is_initialized = True
        start, self.length = self.length, self.length + key_states.shape[2]
        self.own_keys[:, :, start : self.length] = key_states
        self.own_values[:, :, start : self.length] = value_states
        return self.own_keys[:, :, : self.length], self.own_values[:, :, : self.length]

    def get_seq_length(self) -> int:
        """Return how many own tokens each row has."""
        return self.length

    def keep(self, rows: Tensor) -> None:
        """Forget all other rows."""
        self.own_keys, self.own_values = self.own_keys[rows], self.own_values[rows]

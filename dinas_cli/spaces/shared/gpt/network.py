"""A decoder-only language model of HW-GPT-Bench: rotary positions, heads of 64, gated MLPs, untied embeddings.

Everything below the imports is also the text of exported files. Names and orders of tensors are those of the benchmark
(of LitGPT's before 2024, which keeps query, key and value of a head together), so that a network is the first rows and
columns of a larger one. Its configurations set what its table does not tell: attention and MLP of a layer read the same
input, and half of each head is rotated.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

HEAD, ROTATED, BASE = 64, 32, 10_000

Cache = list[tuple[Tensor, Tensor]]
"""Keys and values ``(B, heads, capacity, 64)`` of every layer, filled up to where a text has been read."""


class Linear(nn.Linear):
    """A linear map that starts as in GPT-2: normal with deviation 0.02, no bias."""

    def reset_parameters(self) -> None:
        nn.init.normal_(self.weight, std=0.02)
        if self.bias is not None:
            nn.init.zeros_(self.bias)


class Embedding(nn.Embedding):
    """Word vectors that start alike."""

    def reset_parameters(self) -> None:
        nn.init.normal_(self.weight, std=0.02)


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn the first 32 numbers of queries or keys ``(B, heads, T, 64)`` by the angles ``(T, 32)`` of their places."""
    turned, kept = x[..., :ROTATED], x[..., ROTATED:]
    first, second = turned.chunk(2, -1)
    return torch.cat([turned * cos + torch.cat([-second, first], -1) * sin, kept], -1)


class Attention(nn.Module):
    """Causal self-attention ``(B, T, width)`` -> the same, with as many heads as the layer has."""

    def __init__(self, width: int, heads: int, bias: bool) -> None:
        super().__init__()
        self.heads = heads
        self.attn = Linear(width, 3 * HEAD * heads, bias)
        self.proj = Linear(HEAD * heads, width, bias)

    def forward(
        self, x: Tensor, cos: Tensor, sin: Tensor, cache: tuple[Tensor, Tensor] | None = None, start: int = 0
    ) -> Tensor:
        batch, length, _ = x.shape
        q, k, v = self.attn(x).view(batch, length, self.heads, 3, HEAD).permute(3, 0, 2, 1, 4)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        if cache is None:
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            stop = start + length
            cache[0][:, :, start:stop], cache[1][:, :, start:stop] = k, v
            mask = torch.ones(length, stop, dtype=torch.bool, device=x.device).tril(start)
            y = F.scaled_dot_product_attention(q, cache[0][:, :, :stop], cache[1][:, :, :stop], mask)
        out: Tensor = self.proj(y.transpose(1, 2).reshape(batch, length, HEAD * self.heads))
        return out


class Gated(nn.Module):
    """The MLP of a layer: ``proj(silu(fc_1 x) * fc_2 x)``, ``(B, T, width)`` -> the same."""

    def __init__(self, width: int, ratio: int, bias: bool) -> None:
        super().__init__()
        self.fc_1 = Linear(width, ratio * width, bias)
        self.fc_2 = Linear(width, ratio * width, bias)
        self.proj = Linear(ratio * width, width, bias)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.proj(F.silu(self.fc_1(x)) * self.fc_2(x))
        return out


class Block(nn.Module):
    """One layer: attention and MLP side by side, each behind a normalisation of its own."""

    def __init__(self, width: int, heads: int, ratio: int, bias: bool) -> None:
        super().__init__()
        self.norm_1 = nn.LayerNorm(width)
        self.attn = Attention(width, heads, bias)
        self.norm_2 = nn.LayerNorm(width)
        self.mlp = Gated(width, ratio, bias)

    def forward(
        self, x: Tensor, cos: Tensor, sin: Tensor, cache: tuple[Tensor, Tensor] | None = None, start: int = 0
    ) -> Tensor:
        out: Tensor = x + self.attn(self.norm_1(x), cos, sin, cache, start) + self.mlp(self.norm_2(x))
        return out


class Transformer(nn.Module):
    """Word vectors, layers and the last normalisation."""

    def __init__(self, width: int, blocks: Sequence[Block], words: int) -> None:
        super().__init__()
        self.wte = Embedding(words, width)
        self.h = nn.ModuleList(blocks)
        self.ln_f = nn.LayerNorm(width)


class Network(nn.Module):
    """Token numbers ``(B, T)`` int64, ``T`` up to ``context``, -> logits of the next tokens ``(B, T, words)``."""

    cos: Tensor
    sin: Tensor

    def __init__(
        self, width: int, heads: Sequence[int], ratios: Sequence[int], bias: bool, words: int, context: int
    ) -> None:
        """One number of ``heads`` and one of ``ratios`` (MLP by embedding width) for every layer."""
        super().__init__()
        self.context, self.heads = context, tuple(heads)
        self.lm_head = Linear(width, words, bias=False)
        blocks = [Block(width, h, ratio, bias) for h, ratio in zip(heads, ratios, strict=True)]
        self.transformer = Transformer(width, blocks, words)
        angles = torch.outer(torch.arange(context), BASE ** (-torch.arange(0, ROTATED, 2) / ROTATED)).repeat(1, 2)
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)

    def forward(self, tokens: Tensor) -> Tensor:
        logits: Tensor = self.lm_head(self.read(tokens))
        return logits

    def read(self, tokens: Tensor, cache: Cache | None = None, start: int = 0) -> Tensor:
        """What is made of tokens ``(B, T)`` before the last map, ``(B, T, width)``.

        With a ``cache``, they are the tokens from ``start`` on of a text whose first ones are in it; they are
        added. Raises ValueError for a text longer than the context.
        """
        stop = start + tokens.shape[1]
        if stop > self.context:
            raise ValueError(f"a text of {stop} tokens is longer than the context of {self.context}")
        x, cos, sin = self.transformer.wte(tokens), self.cos[start:stop], self.sin[start:stop]
        for number, block in enumerate(self.transformer.h):
            x = block(x, cos, sin, None if cache is None else cache[number], start)
        out: Tensor = self.transformer.ln_f(x)
        return out

    def empty(self, batch: int, capacity: int) -> Cache:
        """A cache for ``batch`` texts of up to ``capacity`` tokens."""
        shapes = [(batch, heads, capacity, HEAD) for heads in self.heads]
        return [(self.cos.new_empty(shape), self.cos.new_empty(shape)) for shape in shapes]

    @torch.inference_mode()
    def generate(self, tokens: Tensor, count: int, temperature: float = 1.0, top: int | None = None) -> Tensor:
        """Texts ``(B, T)`` and ``count`` tokens after them, ``(B, T + count)``; what was read is not read again.

        Tokens are drawn from the ``top`` likeliest (None: all) at a ``temperature``; 0 takes the likeliest always.
        """
        cache, new = self.empty(len(tokens), tokens.shape[1] + count), tokens
        for _ in range(count):
            logits = self.lm_head(self.read(new, cache, tokens.shape[1] - new.shape[1])[:, -1])
            if top is not None:
                logits = logits.masked_fill(logits < logits.topk(top).values[:, -1:], -torch.inf)
            if temperature > 0:
                new = (logits / temperature).softmax(-1).multinomial(1)
            else:
                new = logits.argmax(-1, keepdim=True)
            tokens = torch.cat([tokens, new], 1)
        return tokens

"""The NAS-Bench-NLP language model: word embedding, three recurrent layers around one cell, tied output weights.

Everything below the imports is also the text of exported files. Sizes and dropout are the benchmark's, which follow
AWD-LSTM (Merity et al., ICLR 2018).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

EMBEDDING, HIDDEN, LAYERS = 400, 600, 3
DROP_WORDS, DROP_INPUT, DROP_BETWEEN, DROP_OUTPUT, DROP_WEIGHTS = 0.1, 0.4, 0.25, 0.4, 0.5
FIRST = 4
"""Inputs of a cell are numbered 0 (``x``) and 1 to 3 (previous hidden states); nodes follow."""

Hidden = Sequence[Tensor]
"""The hidden states ``(B, H)`` of one layer."""


class Linear(nn.Module):
    """A sum of linear maps, one for each input ``(B, ·)`` -> ``(B, H)``."""

    def __init__(self, sizes: Sequence[int], recurrent: Sequence[bool], hidden: int) -> None:
        super().__init__()
        self.recurrent = tuple(recurrent)
        self.weights = nn.ParameterList(nn.Parameter(torch.empty(hidden, size)) for size in sizes)
        self.bias = nn.Parameter(torch.empty(hidden))

    def matrix(self) -> Tensor:
        """All maps side by side ``(H, sum of sizes)``; in training those that do not read ``x`` are thinned out."""
        parts = zip(self.weights, self.recurrent, strict=True)
        return torch.cat([F.dropout(w, DROP_WEIGHTS, self.training and inner) for w, inner in parts], 1)

    def forward(self, inputs: Sequence[Tensor], matrix: Tensor) -> Tensor:
        return F.linear(torch.cat(list(inputs), 1), matrix, self.bias)


class Recurrent(nn.Module):
    """One layer of recurrent cells: sequence ``(T, B, I)`` -> ``(T, B, H)``, the first hidden state of each step."""

    def __init__(
        self, operations: Sequence[str], fan_in: Sequence[int], inputs: Sequence[int], outputs: Sequence[int],
        size: int, hidden: int,
    ) -> None:  # fmt: skip
        """Node ``i`` applies ``operations[i]`` to the next ``fan_in[i]`` of ``inputs``; ``outputs`` are new states."""
        super().__init__()
        self.operations, self.outputs, self.hidden = tuple(operations), tuple(outputs), hidden
        ends = [sum(fan_in[: node + 1]) for node in range(len(fan_in))]
        self.inputs = [tuple(inputs[end - count : end]) for end, count in zip(ends, fan_in, strict=True)]
        self.linear = nn.ModuleDict()
        for node, (operation, sources) in enumerate(zip(self.operations, self.inputs, strict=True)):
            if operation == "linear":
                sizes = [size if source == 0 else hidden for source in sources]
                self.linear[str(node)] = Linear(sizes, [source != 0 for source in sources], hidden)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -1 / math.sqrt(hidden), 1 / math.sqrt(hidden))

    def forward(self, sequence: Tensor, states: Hidden | None = None) -> tuple[Tensor, Hidden]:
        """The outputs and the last hidden states; without ``states`` they start at zero."""
        if states is None:
            states = [sequence.new_zeros(sequence.shape[1], self.hidden) for _ in self.outputs]
        matrices = {node: linear.matrix() for node, linear in self.linear.items() if isinstance(linear, Linear)}
        steps = []
        for x in sequence.unbind():
            states = self.step(x, states, matrices)
            steps.append(states[0])
        return torch.stack(steps), states

    def step(self, x: Tensor, states: Hidden, matrices: dict[str, Tensor]) -> Hidden:
        """The new hidden states after one word."""
        values = [x, *states, *[x] * (FIRST - 1 - len(states))]
        for node, (operation, sources) in enumerate(zip(self.operations, self.inputs, strict=True)):
            given = [values[source] for source in sources]
            if operation == "linear":
                values.append(self.linear[str(node)](given, matrices[str(node)]))
            elif operation == "blend":
                gate, first, second = given
                values.append(gate * first + (1 - gate) * second)
            elif operation == "prod":
                values.append(given[0] * given[1])
            elif operation == "sum":
                values.append(given[0] + given[1])
            elif operation == "tanh":
                values.append(given[0].tanh())
            elif operation == "sigm":
                values.append(given[0].sigmoid())
            else:
                values.append(F.leaky_relu(given[0]))
        return [values[output] for output in self.outputs]


class Network(nn.Module):
    """Word numbers ``(T, B)`` int64 -> logits of the next words ``(T, B, words)``."""

    def __init__(
        self,
        operations: Sequence[str],
        fan_in: Sequence[int],
        inputs: Sequence[int],
        outputs: Sequence[int],
        words: int,
    ) -> None:
        """The cell is written as :class:`Recurrent` says."""
        super().__init__()
        self.encoder = nn.Embedding(words, EMBEDDING)
        sizes = [EMBEDDING, *[HIDDEN] * (LAYERS - 1), EMBEDDING]
        self.layers = nn.ModuleList(
            Recurrent(operations, fan_in, inputs, outputs, sizes[i], sizes[i + 1]) for i in range(LAYERS)
        )
        self.decoder = nn.Linear(EMBEDDING, words)
        self.decoder.weight = self.encoder.weight
        nn.init.uniform_(self.encoder.weight, -0.1, 0.1)
        nn.init.zeros_(self.decoder.bias)

    def forward(self, tokens: Tensor, hidden: Sequence[Hidden] | None = None) -> Tensor:
        logits: Tensor = self.decoder(self.run(tokens, hidden)[0])
        return logits

    def run(self, tokens: Tensor, hidden: Sequence[Hidden] | None = None) -> tuple[Tensor, list[Hidden]]:
        """Outputs of the last layer ``(T, B, 400)`` and every layer's hidden states, with which to read on."""
        kept = F.dropout(self.encoder.weight.new_ones(len(self.encoder.weight), 1), DROP_WORDS, self.training)
        x = F.embedding(tokens, self.encoder.weight * kept if self.training else self.encoder.weight)
        x = self.drop(x, DROP_INPUT)
        new: list[Hidden] = []
        for number, layer in enumerate(self.layers):
            x, states = layer(x, None if hidden is None else hidden[number])
            new.append(states)
            x = self.drop(x, DROP_OUTPUT if number == LAYERS - 1 else DROP_BETWEEN)
        return x, new

    def drop(self, x: Tensor, share: float) -> Tensor:
        """Dropout with one mask for all steps of the sequence ``(T, B, ·)``."""
        return x * F.dropout(torch.ones_like(x[:1]), share) if self.training else x

"""The language model of NAS-Bench-NLP (Klyuchnikov et al., 2020), written anew, with names like the benchmark's.

Nothing here knows this package. Modules are called as in the benchmark's ``model.py`` and ``custom_rnn.py``. What its
linear maps call their bias, and the undropped copies of maps that are dropped in training, is assumed (``bias``,
``weights_raw``, as in AWD-LSTM): the files that say it were not at hand.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

Recipe = dict[str, dict[str, Any]]


class Linear(nn.Module):
    def __init__(self, sizes: list[int], hidden: int) -> None:
        super().__init__()
        self.weights = nn.ParameterList(nn.Parameter(torch.zeros(hidden, size)) for size in sizes)
        self.bias = nn.Parameter(torch.zeros(hidden))

    def forward(self, *inputs: Tensor) -> Tensor:
        total = self.bias
        for weight, each in zip(self.weights, inputs, strict=True):
            total = total + each @ weight.T
        return total


class Cell(nn.Module):
    def __init__(self, recipe: Recipe, size: int, hidden: int) -> None:
        super().__init__()
        self.recipe, self.states = recipe, sum(name.startswith("h_new_") for name in recipe)
        self.components = nn.ModuleDict(
            {
                name: Linear([size if source == "x" else hidden for source in node["input"]], hidden)
                for name, node in recipe.items()
                if node["op"] == "linear"
            }
        )

    def value(self, name: str, known: dict[str, Tensor]) -> Tensor:
        if name not in known:
            node = self.recipe[name]
            inputs = [self.value(source, known) for source in node["input"]]
            computed = {
                "linear": lambda: self.components[name](*inputs),
                "blend": lambda: inputs[0] * inputs[1] + (1 - inputs[0]) * inputs[2],
                "elementwise_prod": lambda: inputs[0] * inputs[1],
                "elementwise_sum": lambda: inputs[0] + inputs[1],
                "activation_tanh": lambda: torch.tanh(inputs[0]),
                "activation_sigm": lambda: torch.sigmoid(inputs[0]),
                "activation_leaky_relu": lambda: torch.where(inputs[0] > 0, inputs[0], 0.01 * inputs[0]),
            }
            operation: Any = computed[node["op"]]
            known[name] = operation()
        return known[name]


class OriginalModel(nn.Module):
    def __init__(self, recipe: Recipe, words: int, embedding: int, hidden: int) -> None:
        super().__init__()
        self.encoder = nn.Embedding(words, embedding)
        sizes = [embedding, hidden, hidden, embedding]
        self.rnns = nn.ModuleList()
        for size, width in pairwise(sizes):
            layer, module = nn.Module(), nn.Module()
            module.cell = Cell(recipe, size, width)
            layer.module = module
            self.rnns.append(layer)
        self.decoder = nn.Linear(embedding, words)
        self.decoder.weight = self.encoder.weight
        self.widths = sizes[1:]

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.encoder(tokens)
        for layer, width in zip(self.rnns, self.widths, strict=True):
            cell: Any = layer.module.cell  # type: ignore[union-attr]
            states = [x.new_zeros(x.shape[1], width)] * cell.states
            outputs = []
            for step in x:
                known = {"x": step} | {f"h_prev_{i}": state for i, state in enumerate(states)}
                states = [cell.value(f"h_new_{i}", known) for i in range(cell.states)]
                outputs.append(states[0])
            x = torch.stack(outputs)
        return self.decoder(x)

    def official_state(self) -> dict[str, Tensor]:
        """As it is assumed to be saved: of maps that are dropped in training also what the last step left of them."""
        found: dict[str, Tensor] = {}
        for name, tensor in self.state_dict().items():
            component = name.split(".")
            if "weights" in component:
                node = component[component.index("weights") - 1]
                cell: Any = self.rnns[0].module.cell  # type: ignore[union-attr]
                if cell.recipe[node]["input"][int(component[-1])] != "x":
                    found[name.replace(".weights.", ".weights_raw.")] = tensor
                    tensor = tensor * 0
            found[name] = tensor
        return found

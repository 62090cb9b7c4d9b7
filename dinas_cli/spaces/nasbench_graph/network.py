"""The NAS-Bench-Graph network: four operations on node features in a tree, concatenated where they reach the output.

Everything below the imports is also the text of exported files.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch_geometric.nn import ARMAConv, ChebConv, GATConv, GCNConv, GINConv, GraphConv, SAGEConv


class FullyConnected(nn.Module):
    """A linear layer that does not look at neighbours."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, outputs)

    def forward(self, x: Tensor, edge_index: Tensor) -> Tensor:
        output: Tensor = self.linear(x)
        return output


class Skip(nn.Module):
    """Node features as they are."""

    def forward(self, x: Tensor, edge_index: Tensor) -> Tensor:
        return x


OPERATIONS: dict[str, Callable[[int, int], nn.Module]] = {
    "gat": lambda inputs, outputs: GATConv(inputs, outputs // 4, heads=4),
    "gcn": lambda inputs, outputs: GCNConv(inputs, outputs),
    "gin": lambda inputs, outputs: GINConv(nn.Linear(inputs, outputs)),
    "cheb": lambda inputs, outputs: ChebConv(inputs, outputs, K=2),
    "sage": lambda inputs, outputs: SAGEConv(inputs, outputs),
    "arma": lambda inputs, outputs: ARMAConv(inputs, outputs),
    "graph": lambda inputs, outputs: GraphConv(inputs, outputs),
    "fc": lambda inputs, outputs: FullyConnected(inputs, outputs),
    "skip": lambda inputs, outputs: Skip(),
}


class Network(nn.Module):
    """Node features ``(N, features)`` and edges ``(2, E)``, source and target nodes -> logits ``(N, classes)``."""

    def __init__(
        self,
        operations: Sequence[str],
        links: Sequence[int],
        features: int,
        width: int,
        classes: int,
        before: bool,
        after: bool,
    ) -> None:
        """``links[i]`` is the operation, counted from 1, whose output operation ``i + 1`` takes; 0 is the input.

        ``before`` and ``after`` say whether a linear layer stands before all operations and one more behind them.
        """
        super().__init__()
        self.links = tuple(links)
        self.ends = tuple(node for node in range(1, len(links) + 1) if node not in self.links)
        self.before = nn.Linear(features, width) if before else None
        self.operations, self.norms = nn.ModuleList(), nn.ModuleList()
        self.raw = [not before]
        for name, link in zip(operations, links, strict=True):
            self.operations.append(OPERATIONS[name](features if self.raw[link] else width, width))
            # Raw features are not normalised, but the benchmark keeps, and counts, the norm of such operations too.
            self.norms.append(nn.BatchNorm1d(width))
            self.raw.append(self.raw[link] and name == "skip")
        self.join = nn.Linear(len(self.ends) * width, width if after else classes)
        self.after = nn.Linear(width, classes) if after else None

    def forward(self, x: Tensor, edge_index: Tensor) -> Tensor:
        states: list[Tensor] = [x if self.before is None else self.before(x)]
        for link, operation, norm in zip(self.links, self.operations, self.norms, strict=True):
            state = states[link] if self.raw[link] else torch.relu(norm(states[link]))
            states.append(operation(state, edge_index))
        logits: Tensor = self.join(torch.relu(torch.cat([states[end] for end in self.ends], 1)))
        return logits if self.after is None else self.after(logits)

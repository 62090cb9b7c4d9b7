"""Exact parameter counts of NAS-Bench-Graph's networks, for whole batches and without building them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dinas_cli.spaces.nasbench_graph.features import leaves_of, links_of
from dinas_cli.spaces.nasbench_graph.trees import NODES, OPERATIONS, SKIP

if TYPE_CHECKING:
    import numpy as np

    from dinas_cli.spaces.nasbench_graph.settings import Setting

_WEIGHTS = {
    "gat": (1, 0, 3), "gcn": (1, 0, 1), "gin": (1, 0, 1), "cheb": (2, 0, 1), "sage": (2, 0, 1), "arma": (2, 1, 1),
    "graph": (2, 0, 1), "fc": (1, 0, 1), "skip": (0, 0, 0),
}  # fmt: skip
"""By operation with ``i`` features in and ``w`` out: how many times ``i w``, ``w w`` and ``w`` parameters.

Matrices first (ARMA keeps one for further layers that it does not have), then biases and attention.
"""


def parameters(values: np.ndarray, setting: Setting) -> np.ndarray:
    """Parameters of the network of ``setting`` around architectures ``(B, 10)``: ``(B,)`` int64."""
    import numpy as np

    links, rows = links_of(values), np.arange(len(values))
    operations, width = values[:, :NODES].astype(np.int64), setting.width
    raw = np.full((len(values), NODES + 1), not setting.before)
    total = np.full(len(values), setting.features * width + width if setting.before else 0)
    weights = np.array([_WEIGHTS[name] for name in OPERATIONS])
    for node in range(NODES):
        inputs = np.where(raw[rows, links[:, node]], setting.features, width)
        of_inputs, of_width, single = weights[operations[:, node]].T
        total += of_inputs * inputs * width + of_width * width * width + single * width + 2 * width  # and its norm
        raw[:, node + 1] = raw[rows, links[:, node]] & (operations[:, node] == SKIP)
    outputs = width if setting.after else setting.classes
    total += (leaves_of(links).sum(1) * width + 1) * outputs
    return total + ((width + 1) * setting.classes if setting.after else 0)

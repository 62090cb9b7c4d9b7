"""What a surrogate is told about NAS-Bench-Graph architectures: operations by place, paths from input to output.

All of it is numpy over whole batches; operations and links are as in :mod:`dinas_cli.spaces.nasbench_graph.trees`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dinas_cli.spaces.nasbench_graph.trees import EDGES, NODES, OPERATIONS, SKIP

if TYPE_CHECKING:
    import numpy as np


def links_of(values: np.ndarray) -> np.ndarray:
    """Values ``(B, 10)`` -> the operation (from 1; 0 is the input) whose output each one takes, ``(B, 4)``."""
    import numpy as np

    links = np.zeros((len(values), NODES), np.int64)
    for column, (i, j) in enumerate(EDGES, NODES):
        links[:, j] += (i + 1) * values[:, column].astype(np.int64)
    return links


def leaves_of(links: np.ndarray) -> np.ndarray:
    """Which operations reach the output directly ``(B, 4)`` bool: those whose output no other one takes."""
    import numpy as np

    return ~(links[:, None, :] == np.arange(1, NODES + 1)[:, None]).any(2)


def features(values: np.ndarray) -> np.ndarray:
    """Values ``(B, 10)`` -> ``(B, 206)`` float32.

    Operations one-hot in their canonical places, links one-hot; how often each operation occurs in all, at each depth
    and at the output, and takes the output of each other one; how many outputs are joined, and by how many operations
    that look at neighbours each path to them leads.
    """
    import numpy as np

    links, rows = links_of(values), np.arange(len(values))
    leaves = leaves_of(links)
    # Places count from 1 here; 0 is the input, at depth 0, which is no operation.
    operations = np.zeros((len(values), NODES + 1, len(OPERATIONS)), np.float32)
    operations[:, 1:] = np.eye(len(OPERATIONS))[values[:, :NODES].astype(np.int64)]
    looks = ~np.isin(values[:, :NODES], (OPERATIONS.index("fc"), SKIP))
    depth, hops = np.zeros((2, len(values), NODES + 1), np.int64)
    for node in range(NODES):
        depth[:, node + 1] = depth[rows, links[:, node]] + 1
        hops[:, node + 1] = hops[rows, links[:, node]] + looks[:, node]
    depths, hops, up_to = np.eye(NODES, dtype=np.float32)[depth[:, 1:] - 1], hops[:, 1:], np.eye(NODES + 1)
    before, operations = operations[rows[:, None], links], operations[:, 1:]
    blocks = [
        operations,
        np.eye(NODES)[links],
        operations.sum(1),
        np.einsum("bnd,bno->bdo", depths, operations),
        (operations * leaves[:, :, None]).sum(1),
        np.einsum("bnp,bno->bpo", before, operations),
        np.eye(NODES)[leaves.sum(1) - 1],
        (up_to[hops] * leaves[:, :, None]).sum(1),
        up_to[np.where(leaves, hops, 0).max(1)],
        up_to[np.where(leaves, hops, NODES).min(1)],
    ]
    return np.concatenate([block.reshape(len(values), -1) for block in blocks], 1, dtype=np.float32)

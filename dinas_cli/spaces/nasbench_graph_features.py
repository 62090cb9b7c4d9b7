"""What a surrogate is told about NAS-Bench-Graph architectures: operations by place, paths from input to output.

All of it is numpy over whole batches; operations and links are as in :mod:`dinas_cli.spaces.nasbench_graph_trees`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dinas_cli.spaces.nasbench_graph_trees import EDGES, NODES, OPERATIONS, SKIP

if TYPE_CHECKING:
    import numpy as np

_FC = OPERATIONS.index("fc")
_OPS = len(OPERATIONS)


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
    """Values ``(B, 10)`` -> ``(B, 341)`` float32.

    Operations one-hot in their canonical places, links one-hot; how often each operation occurs, and does at each
    depth, at the input, at the output; how often one takes the output of another, directly or over one in between;
    which share the output; and how many operations of the paths to the output look at neighbours.
    """
    import numpy as np

    links, rows = links_of(values), np.arange(len(values))
    leaves = leaves_of(links)
    operations = np.eye(_OPS, dtype=np.float32)[values[:, :NODES].astype(np.int64)]
    # Index 0 is the input, which is no operation, at depth 0 and sees no neighbours.
    all_operations = np.concatenate([np.zeros_like(operations[:, :1]), operations], 1)
    sources = np.concatenate([np.zeros_like(links[:, :1]), links], 1)
    depth, hops = np.zeros_like(sources), np.zeros_like(sources)
    looks = ~np.isin(values[:, :NODES], (_FC, SKIP))
    for node in range(1, NODES + 1):
        depth[:, node] = depth[rows, sources[:, node]] + 1
        hops[:, node] = hops[rows, sources[:, node]] + looks[:, node - 1]
    depth, hops = depth[:, 1:], hops[:, 1:]
    before = all_operations[rows[:, None], links]
    before_that = all_operations[rows[:, None], sources[rows[:, None], links]]
    last = operations * leaves[:, :, None]
    counts = operations.sum(1)
    blocks = [
        operations,
        np.eye(NODES, dtype=np.float32)[links],
        counts,
        np.einsum("bnd,bno->bdo", np.eye(NODES, dtype=np.float32)[depth - 1], operations),
        last.sum(1),
        np.einsum("bnp,bno->bpo", before, operations),
        np.einsum("bnp,bno->bpo", before_that, operations),
        np.eye(NODES, dtype=np.float32)[leaves.sum(1) - 1],
        np.einsum("bnh,bn->bh", np.eye(NODES + 1, dtype=np.float32)[hops], leaves.astype(np.float32)),
        np.eye(NODES + 1, dtype=np.float32)[np.where(leaves, hops, 0).max(1)],
        np.eye(NODES + 1, dtype=np.float32)[np.where(leaves, hops, NODES).min(1)],
    ]
    pairs = np.triu_indices(_OPS)
    total = last.sum(1)
    blocks.append((total[:, :, None] * total[:, None, :])[:, pairs[0], pairs[1]])
    return np.concatenate([block.reshape(len(values), -1) for block in blocks], 1).astype(np.float32)

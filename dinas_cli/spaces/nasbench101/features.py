"""What a surrogate sees of NAS-Bench-101 cells: the cell itself and what does not depend on the order of vertices."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dinas_cli.spaces.nasbench101.cells import EDGES, INNER, OPERATIONS, OUTPUT
from dinas_cli.spaces.nasbench101.counts import params_and_macs, vertex_channels

Rows = npt.NDArray[np.float32]

_LONGEST = 4  # operations of the paths that are counted one by one
_KINDS = len(OPERATIONS)


def features(cells: npt.NDArray[np.integer]) -> Rows:
    """Surrogate inputs of canonical cells ``(B, 26)``: ``(B, F)``."""
    nodes = cells[:, :INNER]
    edges = np.zeros((len(cells), OUTPUT + 1, OUTPUT + 1), np.float32)
    starts, ends = zip(*EDGES, strict=True)
    edges[:, starts, ends] = cells[:, INNER:]
    kinds = np.zeros((len(cells), OUTPUT + 1, _KINDS), np.float32)  # which operation a vertex has
    kinds[:, 1:OUTPUT] = nodes[:, :, None] == np.arange(1, _KINDS + 1)
    parts = [
        np.eye(_KINDS + 1, dtype=np.float32)[nodes].reshape(len(cells), -1),
        cells[:, INNER:],
        *_counts(nodes, edges, kinds),
        *_paths(edges, kinds),
        *_extremes(edges, kinds),
        *_sizes(cells, kinds),
    ]
    return np.concatenate([part.astype(np.float32) for part in parts], 1)


def _counts(nodes: npt.NDArray[np.integer], edges: Rows, kinds: Rows) -> list[Rows]:
    """Vertices and edges by kind: how many there are, what feeds what, with how many inputs and outputs."""
    ends = np.zeros((len(nodes), OUTPUT + 1, 2), np.float32)
    ends[:, 0, 0] = ends[:, OUTPUT, 1] = 1
    roles = np.concatenate([kinds, ends], 2)
    feeds = roles.transpose(0, 2, 1) @ edges @ roles
    total = edges.sum((1, 2))
    parts = [
        feeds.reshape(len(nodes), -1),
        kinds.sum(1),
        np.eye(INNER + 1)[(nodes > 0).sum(1)],
        np.eye(10)[total.astype(int)],
    ]
    for axis in (1, 2):
        degree = np.eye(6, dtype=np.float32)[np.minimum(edges.sum(axis), 5).astype(int)]
        parts.append((roles.transpose(0, 2, 1) @ degree).reshape(len(nodes), -1))
    return parts


def _paths(edges: Rows, kinds: Rows) -> list[Rows]:
    """Paths from input to output: how many have which operations in which order, and how many there are per length."""
    ways = np.zeros((len(edges), OUTPUT + 1, 1), np.float32)
    ways[:, 0] = 1
    parts = []
    for length in range(INNER + 1):
        arriving = edges.transpose(0, 2, 1) @ ways
        ended = arriving[:, OUTPUT]
        if length <= _LONGEST:
            parts.append(ended)
        parts.append(ended.sum(1, keepdims=True))
        ways = (arriving[:, :, :, None] * kinds[:, :, None, :]).reshape(len(edges), OUTPUT + 1, -1)
        if length == _LONGEST:
            ways = ways.sum(2, keepdims=True)
    return parts


def _extremes(edges: Rows, kinds: Rows) -> list[Rows]:
    """The largest and smallest number of operations, and of each kind, on a path from input to output."""
    parts = []
    for weights in [kinds.sum(2), *kinds.transpose(2, 0, 1), kinds[..., 0] + kinds[..., 1]]:
        for sign in (1, -1):
            best = np.full(weights.shape, -np.inf, np.float32)
            best[:, 0] = 0
            for vertex in range(1, OUTPUT + 1):
                arriving = np.where(edges[:, :vertex, vertex] > 0, best[:, :vertex], -np.inf)
                best[:, vertex] = arriving.max(1) + sign * weights[:, vertex]
            parts.append(sign * best[:, OUTPUT:])
    return parts


def _sizes(cells: npt.NDArray[np.integer], kinds: Rows) -> list[Rows]:
    """Parameters and multiply-accumulates as logarithms, and the channels of all vertices of a kind."""
    counts = np.log(np.stack(params_and_macs(cells), 1)) - 15
    channels = vertex_channels(cells, 128)[:, :, None] / 128
    return [counts, (kinds * channels).sum(1), (kinds * channels).max(1)]

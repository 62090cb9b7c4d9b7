"""The order in which the official libraries (NAS-Bench-201, NATS-Bench) number the cells.

Their authors listed all cells, edge by edge with operations in the order of ``OPERATIONS``, and shuffled the list with
Python's generator seeded by 88 (Dong & Yang, ICLR 2020, ``generate_meta_info`` of their code). Every Python since 3.2
shuffles alike; tests hold some cells whose numbers the authors' code asserts.
"""

from __future__ import annotations

import random
from functools import lru_cache
from itertools import product

from dinas_cli.spaces.nasbench201.cells import OPERATIONS
from dinas_cli.spaces.shared.protocol import Values
from dinas_cli.spaces.shared.summing_cells import EDGES

_SEED = 88


def cell_of(index: int) -> Values:
    """The operations ``(6,)`` of the cell with an official index, 0 to 15,624."""
    return _cells()[index]


@lru_cache(maxsize=1)
def _cells() -> list[Values]:
    cells = list(product(range(len(OPERATIONS)), repeat=len(EDGES)))
    random.Random(_SEED).shuffle(cells)
    return cells

"""Counts NAS-Bench-101 by brute force: every matrix with every labelling, told apart by order and by module hash.

With ``--data`` (a CSV of measured architectures) every hash and parameter count of it is looked for as well.
"""

from __future__ import annotations

import time
from itertools import product
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks import common
from dinas_cli.files.csv_files import read_columns
from dinas_cli.spaces.nasbench101 import graphs
from dinas_cli.spaces.nasbench101.cells import EDGES, INNER, MOST_EDGES, OUTPUT, module_hash
from dinas_cli.spaces.nasbench101.space import SPACE

Cells = npt.NDArray[np.int8]

_AT_ONCE = 20_000


def labelled(vertices: int) -> Cells:
    """All cells of so many vertices, in every order of them: ``(L, 26)``."""
    present = [*range(vertices - 1), OUTPUT]
    places = [e for e, (i, j) in enumerate(EDGES) if i in present and j in present]
    bits = np.arange(1 << len(places))
    matrices = np.zeros((len(bits), len(EDGES)), np.int8)
    matrices[:, places] = bits[:, None] >> np.arange(len(places)) & 1
    whole = matrices.sum(1) <= MOST_EDGES
    for vertex in present:
        whole &= (vertex == OUTPUT) | matrices[:, [e for e, (i, _) in enumerate(EDGES) if i == vertex]].any(1)
        whole &= (vertex == 0) | matrices[:, [e for e, (_, j) in enumerate(EDGES) if j == vertex]].any(1)
    kept = matrices[whole]
    labels = np.array(list(product((1, 2, 3), repeat=vertices - 2)), np.int8)
    nodes = np.pad(labels, ((0, 0), (0, INNER - labels.shape[1])))
    return np.concatenate([np.tile(nodes, (len(kept), 1)), np.repeat(kept, len(nodes), 0)], 1)


def enumerate_space() -> tuple[dict[str, object], set[str]]:
    """Counts per number of vertices, and all module hashes."""
    counts: dict[str, list[int]] = {"labelled": [], "canonical": [], "hashes": []}
    hashes: set[str] = set()
    for vertices in range(2, INNER + 3):
        cells = labelled(vertices)
        parts = [graphs.canonical_numbers(cells[at : at + _AT_ONCE]) for at in range(0, len(cells), _AT_ONCE)]
        numbers = np.unique(np.concatenate(parts))
        found = {module_hash(cell) for cell in graphs.unfold(numbers).tolist()}
        counts["labelled"].append(len(cells))
        counts["canonical"].append(len(numbers))
        counts["hashes"].append(len(found - hashes))
        hashes |= found
    keys = {name[:15] for name in hashes}
    return {**counts, "all_hashes": len(hashes), "all_keys": len(keys), "catalogue": len(graphs.catalogue())}, hashes


def compare(path: Path, hashes: set[str]) -> dict[str, object]:
    """How many rows of a CSV have a hash of the space, that of their cell, and its parameters."""
    columns = read_columns(SPACE, path)
    texts = map(":".join, zip(columns["n_vertices"], columns["adj_upper"], columns["ops"], strict=True))
    cells = [SPACE.encode(text) for text in texts]
    parameters = SPACE.closed_form("params", np.array(cells))
    wanted = np.array(columns["params"], np.int64)
    own = [SPACE.canonical_id(cell).removeprefix("nb101-") for cell in cells]
    return {
        "rows": len(cells),
        "found": sum(name in hashes for name in columns["hash"]),
        "own_hash": sum(a == b for a, b in zip(own, columns["hash"], strict=True)),
        "params_exact": int((parameters == wanted).sum()),
        "params_exact_of_first_20001": int((parameters == wanted)[:20_001].sum()),
        "params_largest_error": round(float(np.abs(parameters / wanted - 1).max()), 6),
    }


def main() -> None:
    """Enumerate, compare, write ``benchmarks/results/nasbench101_enumeration.json``."""
    parser = common.plain_parser(__doc__)
    parser.add_argument("--data", type=Path, action="append", default=[], help="CSV files to compare with")
    options = parser.parse_args()
    started = time.perf_counter()
    results, hashes = enumerate_space()
    about = common.facts(seconds=round(time.perf_counter() - started, 1))
    for path in options.data:
        results[path.name] = compare(path, hashes)
    common.write(options, about, {"vertices": list(range(2, INNER + 3)), **results})


if __name__ == "__main__":
    main()

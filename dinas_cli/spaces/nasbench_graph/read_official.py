"""Reads the ``.bench`` files of the package ``nas-bench-graph``: per dataset, what became of each architecture.

They are pickled dictionaries by the benchmark's number of an architecture; only plain data are accepted. Which dataset
a file is about follows from its parameter counts, which differ between all nine, not from its name.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dinas_cli.errors import NotFoundError
from dinas_cli.files.columns import Columns, foreign, measured
from dinas_cli.files.unpickle import load_plain
from dinas_cli.spaces.nasbench_graph import trees
from dinas_cli.spaces.nasbench_graph.settings import DEVICE

if TYPE_CHECKING:
    import numpy as np

    from dinas_cli.spaces.shared.protocol import Space

PROTEINS = ("gcn", "sage", "arma", "fc", "skip")
"""On proteins the benchmark ran only architectures of these operations."""
_ENTRIES = ("valid_perf", "perf", "latency", "para")
_AGREE = 0.5  # of all rows: in the official files at least 94 %, and none with the counts of another dataset


def find_installed() -> list[Path]:
    """The data files of the installed package ``nas-bench-graph``; raise :class:`NotFoundError` where there is none."""
    found = find_spec("nas_bench_graph")
    folders = list(found.submodule_search_locations or ()) if found is not None else []
    files = sorted(path for folder in folders for path in Path(folder).glob("light/*.bench"))
    if not files:
        raise NotFoundError(
            "the data of nasbench-graph come with the package nas-bench-graph, which is not installed",
            "pip install 'dinas[graph]', or name the .bench files",
        )
    return files


def read(space: Space, path: Path, dataset: str | None) -> Columns:
    """Read accuracies in %, latency in ms and parameters of one dataset, means over three runs.

    Raises :class:`CorruptFileError` for a truncated or foreign file, and for one of a dataset other than ``dataset``.
    """
    import numpy as np

    data = load_plain(path, "a .bench file of nas-bench-graph")
    numbers, (valid, test, latency, para) = _columns(space, path, data)
    known, reference = trees.numbers(), space.reference()
    if not np.isin(numbers, known).all():
        odd = int(numbers[~np.isin(numbers, known)][0])
        raise foreign(space, path, f"{odd} is not the number of an architecture that the benchmark measured")
    at = np.searchsorted(known, numbers)
    counts = np.rint(para * 1e6)
    own = {name: space.closed_form("params", reference[at], name) for name in space.datasets}
    agreeing = {name: float((counts == count).mean()) for name, count in own.items()}
    name = max(agreeing, key=lambda name: agreeing[name])
    if agreeing[name] < _AGREE:
        raise foreign(space, path, "its parameter counts are those of no dataset")
    if dataset not in (None, name):
        raise foreign(space, path, f"its parameter counts are those of {name}, not of {dataset}")
    wrong = counts != own[name]
    notes = []
    if wrong.any():
        notes.append(
            f"left out {wrong.sum()} parameter counts of {name} that are means over different networks; their "
            "accuracies and latencies are kept"
        )
    columns = {
        f"acc@{name}": 100 * valid,
        f"test_acc@{name}": 100 * test,
        f"latency/{DEVICE}@{name}": measured(1000 * latency),
        f"params@{name}": np.where(wrong, np.nan, counts),
    }
    if name == "proteins" and np.array_equal(np.sort(at), _on_proteins(reference)):
        # The table has a row per architecture; those that the benchmark left out have none of these values.
        notes.append(f"the benchmark ran {len(at)} of the {len(reference)} architectures on proteins")
        numbers = known
        columns = {key: _spread(values, at, len(reference)) for key, values in columns.items()}
    return Columns(f"NAS-Bench-Graph on {name}", [f"{number:05d}" for number in numbers], columns, tuple(notes))


def _columns(space: Space, path: Path, data: Any) -> tuple[np.ndarray, np.ndarray]:
    """The benchmark's numbers ``(R,)`` and, in the order of :data:`_ENTRIES`, their values ``(4, R)``."""
    import numpy as np

    if not isinstance(data, dict) or not data or not all(type(number) is int for number in data):
        raise foreign(space, path, "it is no dictionary by number of architecture")
    for number, entry in data.items():
        if isinstance(entry, dict) and "dur" in entry:
            raise foreign(space, path, "it holds every epoch of one run; the means over runs are wanted")
        if not isinstance(entry, dict) or set(entry) != set(_ENTRIES):
            raise foreign(space, path, f"architecture {number} lacks or has more than {', '.join(_ENTRIES)}")
        if not all(isinstance(value, int | float) for value in entry.values()):
            raise foreign(space, path, f"architecture {number} has values that are no numbers")
    values = np.array([[entry[name] for name in _ENTRIES] for entry in data.values()], np.float64)
    return np.array(list(data)), values.T


def _on_proteins(reference: np.ndarray) -> np.ndarray:
    """Rows of the architectures that the benchmark ran on proteins."""
    import numpy as np

    ran = [trees.OPERATIONS.index(name) for name in PROTEINS]
    return np.flatnonzero(np.isin(reference[:, : trees.NODES], ran).all(1))


def _spread(values: np.ndarray, rows: np.ndarray, count: int) -> np.ndarray:
    """Values ``(R,)`` at their rows of ``count``, NaN elsewhere."""
    import numpy as np

    spread = np.full(count, np.nan)
    spread[rows] = values
    return spread

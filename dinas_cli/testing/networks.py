"""Checks of networks: what is built has the sizes that are computed, and its source alone computes the same."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from dinas_cli.architectures.schema import Record
from dinas_cli.exporting.plan import Network, plan
from dinas_cli.spaces.shared.skeletons import count_built
from dinas_cli.testing.alone import gaps
from dinas_cli.testing.broken import cells, require

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Space

BUILT = 3
LARGE = 30_000_000
"""Parameters from which it takes long to build a network and write its weights."""
IMPORTABLE = frozenset({"torch", "torch_geometric"}) | sys.stdlib_module_names
_GAP = 1e-5


def different(space: Space, count: int) -> list[Network]:
    """Networks of ``count`` different random architectures (fewer in a tiny space), for every dataset in turn.

    Of those beyond :data:`LARGE` the smallest are taken.
    """
    datasets = space.datasets or (None,)
    found: dict[str, Network] = {}
    drawn = cells(space, 4 * count, 0)
    if "params" in space.closed_forms:
        drawn.sort(key=lambda row: max(LARGE, int(space.closed_form("params", np.array([row]), datasets[0])[0])))
    for row in drawn:
        network = plan(Record("", space.name, space.decode(row)), datasets[len(found) % len(datasets)])
        found.setdefault(network.record.id, network)
    return list(found.values())[:count]


def check_counts(space: Space, count: int) -> None:
    """Parameters and multiply-accumulates in closed form are those of the network that is built, for every dataset."""
    import torch

    for place, dataset in enumerate(space.datasets or (None,)):
        for row in cells(space, 1 if place else min(count, BUILT), seed=4):
            params, macs = count_built(space, row, dataset, None)
            (first, *_) = space.example(dataset, 1)
            # A language model's multiply-accumulates are those of a word, or of some texts; its example is another one.
            words = first.numel() if first.dtype == torch.int64 else 1
            told = getattr(space, "counted_words", 1)
            for metric, found, each, per in (("params", params, 1, 1), ("macs", macs, words, told)):
                if metric in space.closed_forms:
                    computed = int(space.closed_form(metric, np.array([row]), dataset)[0])
                    where = space.decode(row) + (f" on {dataset}" if dataset else "")
                    require(
                        computed * each == found * per,
                        f"closed_form gives {computed} {metric} of {where}, built are {found}",
                    )


def check_source(space: Space, count: int) -> None:
    """Source imports torch alone, runs by itself and, with the weights of what is built, computes the same."""
    made = different(space, min(count, BUILT))
    with TemporaryDirectory(prefix="dinas-") as folder:
        for gap, network in zip(gaps(made, Path(folder)), made, strict=True):
            require(gap <= _GAP, f"source of {network.record.genotype} computes other outputs, by up to {gap:.1e}")
        source = made[0].source()
        foreign = sorted({name.partition(".")[0] for name in _imports(source)} - IMPORTABLE)
        require(not foreign, f"source imports {', '.join(foreign)}")
        path = Path(folder) / "net.py"
        path.write_text(source, "utf-8")
        run = [sys.executable, "-I", "-W", "ignore", path.name]
        done = subprocess.run(run, cwd=folder, capture_output=True, text=True, check=False)
        problem = (done.stderr.strip().splitlines() or [f"it ends with {done.returncode}"])[-1]
        require(done.returncode == 0 and not done.stderr, f"source does not run by itself: {problem}")
        params = sum(parameter.numel() for parameter in made[0].build().parameters())
        expected = f"{params:,} parameters, output ("
        require(done.stdout.startswith(expected), f"source prints {done.stdout[:60]!r}, not {expected!r} and a shape")


def _imports(source: str) -> list[str]:
    """Names of the modules that a file imports."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append(f"{'.' * node.level}{node.module or ''}")
    return found

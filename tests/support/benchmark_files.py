"""Small benchmark files of the official layouts, and the full table made of the benchmark data, for several tests."""

from __future__ import annotations

import pickle
import tempfile
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from shutil import copyfile
from typing import Any

import numpy as np

from dinas_cli.oracles.importers import ImportResult, import_files
from dinas_cli.oracles.tables import Table, table_path
from dinas_cli.spaces.nasbench201.networks import CLASSES
from dinas_cli.spaces.nasbench201.space import SPACE

CELLS = ((3, 3, 3, 1, 3, 2), (3, 0, 1, 0, 0, 4), (0, 0, 0, 0, 0, 0), (1, 2, 4, 3, 2, 1))
"""Four cells whose order is not that of their keys; their places are their official indexes in the small files."""
GENOTYPES = tuple(SPACE.decode(cell) for cell in CELLS)
OFFICIAL = {"cifar10": "cifar10", "cifar100": "cifar100", "imagenet16-120": "ImageNet16-120"}
HEADER = "index,arch_str,c10_val_200,c10_test_200,c10_val_12,params_c10,mflops_c10"
DEVICES = ("edgegpu", "raspi4", "edgetpu", "pixel3", "eyeriss", "fpga")


def benchmark_csvs(bench_data: Path) -> list[Path]:
    """The files of the data folder that make up the table of nasbench201."""
    return [
        bench_data / "nasbench201.csv.gz",
        *sorted(bench_data.glob("hw_nas_bench_*.csv.gz")),
        bench_data / "help_latency_nasbench201.csv.gz",
    ]


def install_table(bench_data: Path) -> Table:
    """The complete table in this test's data folder; imported once per session and copied then."""
    where = table_path(SPACE.name)
    where.parent.mkdir(parents=True, exist_ok=True)
    cached = _cache()
    if not cached.exists():
        import_files(SPACE, benchmark_csvs(bench_data))
        copyfile(where, cached)
    copyfile(cached, where)
    return Table.open(SPACE.name)


@lru_cache
def _cache() -> Path:
    folder = tempfile.TemporaryDirectory(prefix="dinas-test-table-")
    _KEEP.append(folder)  # removed when the interpreter exits
    return Path(folder.name) / "nasbench201.safetensors"


_KEEP: list[tempfile.TemporaryDirectory[str]] = []


def write_csv(path: Path, header: str, rows: Sequence[str]) -> Path:
    """A CSV with these lines."""
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return path


def accuracy(index: int, seed: int, part: str) -> float:
    """Any accuracy that differs by architecture, seed and part."""
    return 50 + 5 * index + seed % 10 + {"train": 30, "x-valid": 0, "x-test": 1, "ori-test": 2}[part] / 10


def official_content() -> dict[str, Any]:
    """What ``torch.load`` gives for the official file, with four architectures; made by the package's own classes."""
    from nas_201_api import ArchResults, ResultsCount

    infos = {}
    for index, (cell, genotype) in enumerate(zip(CELLS, GENOTYPES, strict=True)):
        infos[index] = {
            name: _results(ArchResults, ResultsCount, index, cell, genotype, epochs)
            for name, epochs in (("less", 12), ("full", 200))
        }
    return {"meta_archs": list(GENOTYPES), "arch2infos": infos, "evaluated_indexes": set(range(len(CELLS)))}


def _results(
    results_class: Any, count_class: Any, index: int, cell: tuple[int, ...], genotype: str, epochs: int
) -> dict[str, Any]:
    results = results_class(index, genotype)
    for name in ("cifar10-valid", "cifar10", "cifar100", "ImageNet16-120"):
        ours = name.lower().removesuffix("-valid")
        # The last two architectures were not trained on the union of cifar10's halves, as in real partial files.
        if name == "cifar10" and index > 1:
            continue
        for seed in (777, 888):
            count = count_class(
                name,
                None,
                {epochs - 1: accuracy(index, seed, "train")},
                {epochs - 1: 0.5},
                np.float64(SPACE.closed_form("params", np.array(cell), ours) / 1e6),
                np.float64(SPACE.closed_form("macs", np.array(cell), ours) / 1e6),
                {"channel": 16, "num_cells": 5, "arch_str": genotype, "class_num": CLASSES[ours]},
                seed,
                epochs,
                [0.01, 0.02],
            )
            parts = ("ori-test",) if name == "cifar10" else ("x-valid", "x-test", "ori-test")
            for part in parts:
                value = accuracy(index, seed, part) - (0 if epochs == 200 else 40)
                count.update_OLD_eval(part, OrderedDict({epochs - 1: np.float64(value)}), {epochs - 1: 1.0})
            results.update(name, seed, count)
    state: dict[str, Any] = results.state_dict()
    return state


def hardware_content() -> dict[str, Any]:
    """The content of an HW-NAS-Bench pickle with four architectures; numbers plain and numpy's, one missing."""
    spaces: dict[str, Any] = {}
    for place, name in enumerate(OFFICIAL.values()):
        config = [{"name": "infer.tiny", "C": 16, "N": 5, "arch_str": text, "num_classes": 10} for text in GENOTYPES]
        members: dict[str, Any] = {"config": config}
        for device, number in zip(DEVICES, range(1, 7), strict=True):
            members[f"{device}_latency"] = [np.float64(number + place + row / 10) for row in range(len(CELLS))]
            if device in ("edgegpu", "eyeriss", "fpga"):
                members[f"{device}_energy"] = np.array([number * 10.0 + place + row for row in range(len(CELLS))])
        members["edgetpu_latency"][2] = None
        members["eyeriss_arithmetic_intensity"] = [1.0] * len(CELLS)
        spaces[name] = members
    return {"nasbench201": spaces, "fbnet": {"edgegpu_latency": {"ConvNorm_H224": 0.25}}}


def write_pickle(path: Path, content: object, protocol: int = 4) -> Path:
    """A pickle of ``content``."""
    path.write_bytes(pickle.dumps(content, protocol))
    return path


def rows(**changes: str) -> list[str]:
    """Lines under ``HEADER`` for the four cells; ``arch2="…"`` replaces a cell of the third one."""
    lines = []
    for index, genotype in enumerate(GENOTYPES):
        cells = {"index": str(index), "arch": genotype, "val": f"{80 + index}.5", "test": f"{81 + index}.25"}
        cells |= {"early": "50.0", "params": "73306", "flops": "7.943872"}
        cells |= {name[:-1]: value for name, value in changes.items() if name[-1] == str(index)}
        lines.append(",".join(cells.values()))
    return lines


def partial(*paths: Path, **options: Any) -> ImportResult:
    """Import files that do not cover the space."""
    return import_files(SPACE, paths, partial=True, **options)


def values(column: str) -> list[float]:
    """A column of the imported table, in the order of ``CELLS``."""
    keys = np.array([SPACE.key(cell) for cell in CELLS])
    return [float(value) for value in Table.open(SPACE.name).lookup(keys, column)]

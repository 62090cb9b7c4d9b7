"""Reads NAS-Bench-201 tables kept as CSV: accuracies, HW-NAS-Bench and HELP costs, told by their header row."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from dinas_cli.errors import UsageProblem
from dinas_cli.files.columns import Columns, foreign, measured
from dinas_cli.files.csv_files import numbers, read_rows
from dinas_cli.spaces.nasbench201 import robustness

if TYPE_CHECKING:
    import numpy as np

    from dinas_cli.spaces.shared.protocol import Space

DATASETS = {"c10": "cifar10", "c100": "cifar100", "im16": "imagenet16-120"}
"""Short names in the header row."""

HELP_DEVICES = frozenset(
    f"{device}_{batch}"
    for device in ("1080ti", "2080ti", "titanx", "titanxp", "titan_rtx")
    for batch in (1, 32, 256)
) | {
    "gold_6226", "gold_6240", "silver_4114", "silver_4210r",
    "pixel2", "essential_ph_1", "samsung_a50", "samsung_s7",
}  # fmt: skip
"""Devices measured by HELP alone; ``_1``, ``_32``, ``_256`` is the batch size."""

HELP_COPIES = frozenset({"raspi4", "pixel3", "eyeriss", "fpga"})
"""Devices whose HELP column repeats HW-NAS-Bench's for cifar10."""

_ACCURACY = re.compile(r"(c10|c100|im16)_(val|test)_(200|12)")
_PARAMS = re.compile(r"params_(c10|c100|im16)")
_FLOPS = re.compile(r"mflops_(c10|c100|im16)")
_COST = re.compile(r"([a-z][a-z0-9_]*)_(latency_ms|energy_mj)")
_NAMED = re.compile(r"(?<![a-z0-9])(cifar100|cifar10|imagenet16-120)(?![a-z0-9])", re.I)


def read(space: Space, path: Path, dataset: str | None) -> Columns:
    """Read one CSV, plain or gzipped, with a column ``arch_str``.

    ``dataset`` is what device costs were measured for; without it the file's name must say so, because the header of
    HW-NAS-Bench tables does not. Raises :class:`CorruptFileError` (truncated, foreign) or :class:`UsageProblem`.
    """
    header, rows = read_rows(space, path)
    if "arch_str" not in header:
        raise foreign(space, path, f"its header row is {','.join(header)[:80]!r}")
    at = {name: column for column, name in enumerate(header)}
    kind, meaning, notes = _meaning(space, path, header, dataset)
    genotypes: list[str] = []
    cells: dict[str, list[str]] = {name: [] for name in meaning}
    for row in rows:
        genotypes.append(row[at["arch_str"]])
        for name, column in cells.items():
            column.append(row[at[name]])
    columns: dict[str, np.ndarray] = {}
    for name, key in meaning.items():
        values = numbers(space, path, name, cells[name])
        columns[key] = measured(values) if key.startswith(("latency", "energy")) else values
    return Columns(kind, genotypes, columns, notes)


def _meaning(
    space: Space, path: Path, header: list[str], dataset: str | None
) -> tuple[str, dict[str, str], tuple[str, ...]]:
    """What the file is, the column key of each column that is imported, and notes on those that are not."""
    meaning: dict[str, str] = {}
    kinds: list[str] = []
    early, copies, flops, other = [], [], [], []
    for name in header:
        if name == "arch_str":
            continue
        if name == "index":
            meaning[name] = "index"
        elif match := _ACCURACY.fullmatch(name):
            kinds.append("accuracies")
            if match[3] == "200":
                meaning[name] = f"{'acc' if match[2] == 'val' else 'test_acc'}@{DATASETS[match[1]]}"
            else:
                early.append(name)
        elif match := robustness.COLUMN.fullmatch(name):
            kinds.append("accuracies under attack")
            meaning[name] = robustness.metric(match)
        elif name == "clean":
            other.append(name)
        elif match := _PARAMS.fullmatch(name):
            meaning[name] = f"params@{DATASETS[match[1]]}"
        elif _FLOPS.fullmatch(name):
            flops.append(name)
        elif match := _COST.fullmatch(name):
            kinds.append("HW-NAS-Bench costs")
            dataset = dataset or _named(path)
            meaning[name] = f"{match[2].partition('_')[0]}/{match[1]}@{dataset}"
        elif name in HELP_DEVICES:
            kinds.append("HELP latencies")
            meaning[name] = f"latency/{name}"
        elif name in HELP_COPIES:
            copies.append(name)
        elif name == "eyeriss_arithmetic_intensity":
            other.append(name)
        else:
            raise foreign(space, path, f"column {name!r} is unknown")
    if not set(meaning) - {"index"}:
        raise foreign(space, path, f"no column to import in its header row {','.join(header)[:80]!r}")
    notes = []
    if early:
        notes.append(f"left out {', '.join(early)}: accuracies after 12 epochs")
    if copies:
        notes.append(f"left out {', '.join(copies)}: copies of HW-NAS-Bench's (cifar10), import those")
    if flops:
        # Published counts of this kind differ from the benchmark's own: 17.96 against 15.65 million for index 0.
        notes.append(f"left out {', '.join(flops)}: counts batch norm, ReLU and pooling too; macs are computed")
    if other:
        notes.append(f"left out {', '.join(other)}: no metric of {space.name}")
    return kinds[0] if kinds else "counts", meaning, tuple(notes)


def _named(path: Path) -> str:
    """The dataset in a file's name."""
    found = {str(name).lower() for name in _NAMED.findall(path.name.replace("_", " "))}
    if len(found) != 1:
        raise UsageProblem(
            f"{path} does not say which dataset its device costs are for", "say it with --dataset cifar10, for example"
        )
    return found.pop()

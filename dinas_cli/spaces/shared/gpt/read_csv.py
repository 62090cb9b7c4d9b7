"""Reads tables of HW-GPT-Bench kept as CSV: a row per model, latencies in ms, recognised by their header row."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dinas_cli.errors import CorruptFileError, GenotypeError
from dinas_cli.files.columns import Columns, column_key, foreign, measured
from dinas_cli.files.csv_files import numbers, read_columns
from dinas_cli.spaces.shared.gpt.devices import HARDWARE
from dinas_cli.spaces.shared.named_columns import counts_check

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Space

MODEL = ("embed_dim", "n_layer", "n_head", "mlp_ratio", "bias")
COUNTS = ("params", "macs")
_COST = re.compile(r"([a-z][a-z0-9_]*)_(latency_ms|energy|memory)", re.ASCII)
_BIAS = {"0": "plain", "1": "bias", "False": "plain", "True": "bias"}
_MEGABYTE = 1e6
"""The benchmark divided what torch had allocated by it."""


def read(space: Space, path: Path, dataset: str | None) -> Columns:
    """Read one CSV, plain or gzipped; heads and ratios are lists with spaces between their numbers.

    Counts in the file are compared with the closed forms. Raises :class:`CorruptFileError` (truncated, foreign, of
    another size).
    """
    cells = read_columns(space, path)
    if not cells.keys() >= {*MODEL, "perplexity"}:
        raise foreign(space, path, f"its header row is {','.join(cells)[:80]!r}")
    columns = {"ppl": numbers(space, path, "perplexity", cells["perplexity"])}
    for name in cells.keys() - {*MODEL, "perplexity", *COUNTS}:
        match = _COST.fullmatch(name)
        if match is None or match[1] not in HARDWARE:
            raise foreign(space, path, f"column {name!r} is unknown")
        columns[column_key(match[2].partition("_")[0], match[1])] = measured(numbers(space, path, name, cells[name]))
    for column, values in columns.items():
        if column.startswith("memory"):
            columns[column] = values * _MEGABYTE
        elif column.startswith("energy") and not np.isnan(values).all():
            columns[column] = values / np.nanmedian(values)
    energies = sum(column.startswith("energy") for column in columns)
    notes = (f"{energies} columns of energy are kept as shares of their medians: their unit does not fit",)

    counts = {name: (name, cells[name]) for name in COUNTS if name in cells}
    check, order = counts_check(space, path, counts), dict(sorted(columns.items()))
    return Columns("language models", _genotypes(space, path, cells), order, notes if energies else (), check)


def _genotypes(space: Space, path: Path, cells: dict[str, list[str]]) -> list[str]:
    """Every row in the dialect ``compact``."""
    genotypes = []
    for line, (width, depth, heads, ratios, bias) in enumerate(zip(*(cells[name] for name in MODEL), strict=True), 2):
        each = heads.split(), ratios.split()
        if bias not in _BIAS or any(str(len(part)) != depth for part in each):
            raise foreign(space, path, f"line {line} has no list of {depth[:10]} heads and ratios, or no bias")
        layers = ",".join(f"{h}x{m}" for h, m in zip(*each, strict=True))
        genotypes.append(f"{width}:{layers}:{_BIAS[bias]}")
    try:
        for genotype in genotypes[:1]:  # a file of another size says so at once, with the size that it is of
            space.encode(genotype)
    except GenotypeError as error:
        raise CorruptFileError(f"{path} is no usable file of {space.name}: {error.message}", error.hint) from error
    return genotypes

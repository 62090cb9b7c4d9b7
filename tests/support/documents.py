"""The documentation as tests see it: its files, and the folder in which its examples run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dinas_cli.spaces.registry import get_space
from tests.conftest import ROOT
from tests.support.image_folders import write as write_images

DOCUMENTS = sorted(
    path.relative_to(ROOT)
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / ".github").rglob("*.md"))
    if "commands" not in path.parts  # written anew by every build of the site
)
"""Every Markdown file of the project, from its root."""

CELL = "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|skip_connect~2|"
COSTS = (0.0, 0.1, 0.7, 1.9, 0.4)
"""Milliseconds that the operations of nasbench201 cost on a board."""
GENOTYPES = """
DARTS_V1 = Genotype(
    normal=[('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('skip_connect', 0), ('sep_conv_3x3', 1),
            ('skip_connect', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('skip_connect', 2)],
    normal_concat=[2, 3, 4, 5],
    reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 0),
            ('max_pool_3x3', 0), ('skip_connect', 2), ('skip_connect', 2), ('avg_pool_3x3', 0)],
    reduce_concat=[2, 3, 4, 5])
"""


def furnish(folder: Path) -> None:
    """What the examples take for granted: records, genotypes, images, measurements of a board."""
    space = get_space("nasbench201")
    lines = [_record(space.decode(space.encode(genotype))) for genotype in (CELL, "301004", "333132")]
    for name in ("best.jsonl", "cells.jsonl", "found.jsonl"):
        (folder / name).write_text("".join(lines[: 1 if name == "best.jsonl" else None]))
    (folder / "genotypes.py").write_text(GENOTYPES)
    (folder / "log.txt").write_text(f"epoch 1\ngenotype = {GENOTYPES.partition('= ')[2].replace(chr(10), ' ')}\n")
    write_images(folder / "flowers", each=8)
    write_images(folder / "new", classes=1, each=2)
    cells = [space.encode(_digits(number)) for number in range(97, 15625, 323)]
    rows = [f"{space.decode(cell)}\t{2 + sum(COSTS[kind] for kind in cell):.3f}\n" for cell in cells]
    (folder / "measured.tsv").write_text("".join(rows))


def accuracy(network: Any) -> float:
    """A training of the reader's, as quick as can be."""
    return 50 + sum(parameter.numel() for parameter in network.parameters()) / 1e5


def training(network: Any, rate: float) -> Iterator[float]:
    """The same, epoch by epoch."""
    yield accuracy(network) - abs(rate - 0.1)


def _digits(number: int) -> str:
    return "".join(str(number // 5**place % 5) for place in range(6))


def _record(genotype: str) -> str:
    head = {"schema": "dinas/architecture@1", "space": "nasbench201", "genotype": genotype}
    return json.dumps(head) + "\n"

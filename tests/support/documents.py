"""The documentation as tests see it: its files, and the folder in which its examples run."""

from __future__ import annotations

import json
from pathlib import Path

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
    operations = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
    cost = dict(zip(operations, (0.0, 0.1, 0.7, 1.9, 0.4), strict=True))
    rows = []
    for number in range(48):
        chosen = [operations[(number * 7 + place * (number % 5 + 1)) % 5] for place in range(6)]
        a, b, c, d, e, f = chosen
        rows.append(f"|{a}~0|+|{b}~0|{c}~1|+|{d}~0|{e}~1|{f}~2|\t{3 + sum(cost[name] for name in chosen):.3f}")
    (folder / "measured.tsv").write_text("\n".join(dict.fromkeys(rows)) + "\n")


def _record(genotype: str) -> str:
    head = {"schema": "dinas/architecture@1", "space": "nasbench201", "genotype": genotype}
    return json.dumps(head) + "\n"

"""Accuracies of the CIFAR-10 networks under attack (Jung et al., Neural Architecture Design and Robustness, ICLR 2023).

One training each. They say little about clean accuracy: for PGD at 1/255 Spearman's correlation is .02.
"""

from __future__ import annotations

import re

from dinas_cli.spaces.shared.protocol import MetricSpec

ATTACKS = {"pgd": "PGD", "fgsm": "FGSM", "apgd": "APGD", "square": "Square"}
STRENGTHS = "0.5", "1", "2"
"""The largest change of a pixel, in 1/255."""

METRICS = tuple(
    MetricSpec(f"{attack}{strength}", "%", "max", f"CIFAR-10 accuracy under {title}, {strength}/255", ranked=True)
    for attack, title in ATTACKS.items()
    for strength in STRENGTHS
)
COLUMN = re.compile(r"(pgd|fgsm|apgd|square)_eps(0\.5|1|2)(?:\.0)?")
"""Names in the header row of the table."""


def metric(match: re.Match[str]) -> str:
    """The metric that a column of the table is."""
    return f"{match[1]}{match[2]}"

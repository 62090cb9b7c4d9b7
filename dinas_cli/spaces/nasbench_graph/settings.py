"""What the benchmark put around an architecture: the network of every dataset, and the device it was timed on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dinas_cli.spaces.shared import settings
from dinas_cli.spaces.shared.hardware import Hardware


@dataclass(frozen=True)
class Setting:
    """The network around an architecture on one dataset: what the benchmark chose, found again from its counts."""

    features: int
    classes: int
    width: int
    before: bool = False
    """Whether a linear layer stands before the operations."""
    after: bool = False
    """Whether one more stands behind them."""


SETTINGS = {
    "cora": Setting(1433, 7, 256, after=True),
    "citeseer": Setting(3703, 6, 256, after=True),
    "pubmed": Setting(500, 3, 128),
    "cs": Setting(6805, 15, 128, before=True),
    "physics": Setting(8415, 5, 256, before=True),
    "photo": Setting(745, 8, 128),
    "computers": Setting(767, 10, 64, before=True, after=True),
    "arxiv": Setting(128, 40, 128, after=True),
    "proteins": Setting(8, 112, 256, before=True, after=True),
}
DEVICE = "gpu"
"""The benchmark's GPU, of which its files do not say more."""
HARDWARE: Mapping[str, Hardware] = {DEVICE: Hardware("the benchmark's GPU")}


def published(device: str, dataset: str | None) -> settings.Setting | None:
    """What latencies on the benchmark's GPU are about; None for other devices."""
    known = device == DEVICE and dataset in SETTINGS
    return settings.Setting(dataset=dataset, run="the whole graph at once, on the benchmark's GPU") if known else None

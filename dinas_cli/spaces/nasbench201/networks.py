"""The networks that NAS-Bench-201 cells are put into, and what the published costs on devices are about."""

from __future__ import annotations

from collections.abc import Mapping

from dinas_cli.spaces.nasbench201.read_csv import HELP_DEVICES
from dinas_cli.spaces.shared.settings import Setting
from dinas_cli.spaces.shared.skeletons import OWN, Options, Skeleton

CLASSES = {"cifar10": 10, "cifar100": 100, "imagenet16-120": 120}
IMAGE_SIZE = {"cifar10": 32, "cifar100": 32, "imagenet16-120": 16}
CHANNELS, CELLS = 16, 5
"""Of the first stage, and of each of the three."""
SKELETONS: Mapping[str, Options] = {
    "cifar": {
        "channels": CHANNELS,
        "cells": CELLS,
        "classes": None,
        "image_size": None,
        "in_channels": None,
        "features": None,
    }
}
"""``cifar``: the same network with other channels, cells per stage, classes or images."""
HW_NAS_BENCH = frozenset({"edgegpu", "raspi4", "edgetpu", "pixel3", "eyeriss", "fpga"})


def own(dataset: str) -> Skeleton:
    """The benchmark's network on a dataset."""
    return Skeleton(OWN, CHANNELS, CELLS, CLASSES[dataset], IMAGE_SIZE[dataset])


def setting(device: str, dataset: str | None) -> Setting | None:
    """What published costs are about: one image at once with HW-NAS-Bench, with HELP as many as a name ends with.

    HELP measured its devices once, and does not say on the images of which dataset.
    """
    if device in HW_NAS_BENCH and dataset in CLASSES:
        return Setting(own(dataset), dataset, 1)
    if device in HELP_DEVICES and dataset is None:
        batch = device.rpartition("_")[2] if device.endswith(("_1", "_32", "_256")) else "1"
        return Setting(Skeleton(OWN, CHANNELS, CELLS), None, int(batch))
    return None

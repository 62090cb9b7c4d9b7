"""The networks that DARTS cells are put into: the benchmark's own, the DARTS paper's and the default device's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dinas_cli.errors import UsageProblem
from dinas_cli.spaces.darts.cells import NODES, OPERATIONS, Cell
from dinas_cli.spaces.shared.hardware import Hardware
from dinas_cli.spaces.shared.settings import Setting
from dinas_cli.spaces.shared.skeletons import Options, Skeleton, image_channels

OWN = Skeleton("own", cells=8, channels=32, classes=10, image_size=32)
"""NAS-Bench-301's network on CIFAR-10, without the drop path (0.2) and the auxiliary head of its training."""
IMAGENET = "imagenet"
_TRAINING: Options = {"drop_path": 0.0, "auxiliary": False, "features": None}
SKELETONS: Mapping[str, Options] = {
    "cifar": {"channels": 36, "cells": 20, "classes": 10, "image_size": 32, "in_channels": None, **_TRAINING},
    IMAGENET: {"channels": 48, "cells": 14, "classes": 1000, "image_size": 224, "in_channels": None, **_TRAINING},
}
"""Those of the DARTS paper's evaluation."""
DEVICE = "cpu-1t"
HARDWARE: Mapping[str, Hardware] = {DEVICE: Hardware("AMD EPYC, one thread", ("epyc",))}
CPU_1T = Setting(
    Skeleton("cifar", cells=4, channels=12, classes=10, image_size=32),
    batch=4,
    per_input=True,
    run="float32, channels last, one thread of an AMD EPYC",
)
"""What the latencies of the default device are about. ``benchmarks/darts_latency.py`` measures this network and batch:
what is changed here has to be measured again."""


def arguments(cells: tuple[Cell, Cell], skeleton: Skeleton) -> dict[str, Any]:
    """The arguments of the network by name, operations with comments on where they stand."""
    image_size(skeleton)
    found: dict[str, Any] = {}
    for name, cell in zip(("NORMAL", "REDUCTION"), cells, strict=True):
        inputs = [(node, source, op) for node, pair in zip(NODES, cell, strict=True) for source, op in pair]
        found[name] = [(OPERATIONS[op], f"{source} -> {node}") for node, source, op in inputs]
        found[f"{name}_SOURCES"] = [source for _, source, _ in inputs]
    return found | {
        "CELLS": skeleton.cells,
        "CHANNELS": skeleton.channels,
        "CLASSES": skeleton.classes,
        "DROP_PATH": skeleton.drop_path or 0.0,
        "AUXILIARY": bool(skeleton.auxiliary),
        "IMAGENET": skeleton.name == IMAGENET,
        "IN_CHANNELS": image_channels(skeleton),
    }


def sizes(skeleton: Skeleton) -> dict[str, Any]:
    """What its parameters and multiply-accumulates depend on besides the cells, by name."""
    return {
        "cells": skeleton.cells,
        "channels": skeleton.channels,
        "classes": skeleton.classes,
        "size": image_size(skeleton),
        "imagenet": skeleton.name == IMAGENET,
        "auxiliary": bool(skeleton.auxiliary),
        "in_channels": image_channels(skeleton),
    }


def image_size(skeleton: Skeleton) -> int:
    """The edge of its images.

    Raises :class:`UsageProblem` unless it can be halved as often as needed and leaves an auxiliary head its window.
    """
    size, factor = skeleton.image_size or 0, 32 if skeleton.name == IMAGENET else 4
    if size % factor:
        raise UsageProblem(
            f"--image-size {size} cannot be halved as often as the {skeleton.name} skeleton does",
            f"a multiple of {factor}",
        )
    if skeleton.auxiliary:
        seen, needed = _seen_by_auxiliary_head(skeleton, size), 7 if skeleton.name == IMAGENET else 8
        if seen < needed:
            smallest = -(-size * needed // (seen * factor)) * factor
            raise UsageProblem(
                f"--auxiliary needs larger images than --image-size {size}: its head would see {seen} x {seen} pixels",
                f"--image-size {smallest} or more, or no auxiliary head",
            )
    return size


def _seen_by_auxiliary_head(skeleton: Skeleton, size: int) -> int:
    """The edge of what an auxiliary head sees of images of ``size``: behind the stem and the cells that reduce."""
    cells = skeleton.cells or 1
    halvings = len({cells // 3, 2 * cells // 3}) + (3 if skeleton.name == IMAGENET else 0)
    return size >> halvings

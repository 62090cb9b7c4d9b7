"""The networks that NAS-Bench-101 cells are put into: the benchmark's own, and the same in other sizes."""

from __future__ import annotations

from collections.abc import Mapping

from dinas_cli.errors import UsageProblem
from dinas_cli.spaces.nasbench101.cells import CELLS_PER_STACK, CHANNELS, CLASSES, IMAGE_SIZE, INNER
from dinas_cli.spaces.shared.skeletons import Options, Skeleton, image_channels

OWN = Skeleton("own", CHANNELS, CELLS_PER_STACK, CLASSES, IMAGE_SIZE)
SKELETONS: Mapping[str, Options] = {
    "cifar": {
        "channels": CHANNELS,
        "cells": CELLS_PER_STACK,
        "classes": CLASSES,
        "image_size": IMAGE_SIZE,
        "in_channels": None,
        "features": None,
    }
}
"""``cifar``: the benchmark's network with other channels, cells per stack, classes or images."""


def edge_bits(size: int, edges: list[tuple[int, int]]) -> list[int]:
    """Whether each pair of ``size + 2`` vertices is joined, row by row."""
    return [int((i, j) in edges) for i in range(size + 2) for j in range(i + 1, size + 2)]


def shape(skeleton: Skeleton | None) -> tuple[int, int, int]:
    """Classes, channels of the first stack, cells per stack."""
    if skeleton is None:
        return CLASSES, CHANNELS, CELLS_PER_STACK
    channels = skeleton.channels or CHANNELS
    if channels < INNER:
        raise UsageProblem(f"--channels {channels} is too few: a nasbench101 cell splits them among its vertices")
    return skeleton.classes or CLASSES, channels, skeleton.cells or CELLS_PER_STACK


def image(skeleton: Skeleton | None) -> tuple[int, int, int]:
    """Channels, height and width of its images."""
    size = IMAGE_SIZE if skeleton is None or skeleton.image_size is None else skeleton.image_size
    return image_channels(skeleton), size, size

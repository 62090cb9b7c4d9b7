"""What both spaces of TransNAS-Bench-101 answer alike: metrics, dialects and networks (Duan et al., CVPR 2021)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from dinas_cli.errors import UsageProblem, find_name
from dinas_cli.spaces.shared import memory
from dinas_cli.spaces.shared.protocol import MetricSpec
from dinas_cli.spaces.shared.skeletons import image_channels
from dinas_cli.spaces.shared.transnas.tasks import TASKS, Task, find_task

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor, nn

    from dinas_cli.spaces.shared.skeletons import Options, Skeleton

METRICS = (
    MetricSpec(
        "acc", "", "max", "validation metric of the task: top-1 % / −loss / pixel accuracy % / SSIM", per_dataset=True
    ),
    MetricSpec("params", "count", "min", "parameters of encoder and decoder", per_dataset=True),
    MetricSpec("macs", "count", "min", "multiply-accumulates for one example", per_dataset=True),
    *memory.specs(per_dataset=True),
)
CLOSED_FORMS = ("params", "macs", *memory.MEMORY)
DIALECTS = ("arch", "compact")
READERS: Mapping[str, str] = {
    "csv": "dinas_cli.spaces.shared.transnas.read_csv",
    "torch": "dinas_cli.spaces.shared.transnas.read_official",
}
FILES = "the official transnas-bench .pth, or a CSV (plain or .gz) with columns space, arch and one per task"

SKELETONS: Mapping[str, Options] = {
    "taskonomy": {"classes": None, "image_size": None, "in_channels": None, "features": None}
}
"""``taskonomy``: the networks of the benchmark for images of other channels, and, of scenes and objects, of any size
and with other classes."""

LONGEST = 1000  # characters; the longest genotype has 17


def official(genotype: str, given: Iterable[str]) -> dict[str, str | None]:
    """Names of tensors in state dicts of the benchmark's networks: those here, but for the discriminator's."""
    return {name: None if name.startswith("discriminator.") else name for name in given}


def find_dialect(name: str | None) -> str:
    """The dialect called ``name``, or the default one; raise :class:`UsageProblem` with a suggestion otherwise."""
    return find_name(name, DIALECTS, "dialect")


def build(modules: Sequence[int], cell: Sequence[str], task: str | None, skeleton: Skeleton | None = None) -> nn.Module:
    """The network of ``modules`` (types 1-4) around ``cell`` (names, empty for residual blocks), with its decoder."""
    from dinas_cli.spaces.shared.transnas import network
    from dinas_cli.spaces.shared.transnas.backbone import Features

    chosen = fitted(task, skeleton)
    kind = Features if skeleton is not None and skeleton.features else getattr(network, chosen.network)
    built: nn.Module = kind(modules, cell, chosen.outputs, image_channels(skeleton))
    return built


def fitted(task: str | None, skeleton: Skeleton | None) -> Task:
    """A task with the classes and the image size of a skeleton.

    Raises :class:`UsageProblem` where the task has no classes of its own, and for features of tiles.
    """
    chosen = TASKS[name := find_task(task)]
    if skeleton is None:
        return chosen
    if skeleton.features and chosen.network == "Jigsaw":
        raise UsageProblem(f"{name} sees tiles, not images", "--features goes with any other dataset of the space")
    if (skeleton.classes or skeleton.image_size) and chosen.network != "Classifier":
        raise UsageProblem(f"networks for {name} have fixed sizes", f"--dataset {next(iter(TASKS))} takes others")
    size = skeleton.image_size or chosen.shape[-1]
    return replace(chosen, outputs=skeleton.classes or chosen.outputs, shape=(*chosen.shape[:-2], size, size))


def source(
    modules: Sequence[int],
    cell: Sequence[tuple[str, str]],
    task: str | None,
    skeleton: Skeleton | None = None,
    *,
    title: str,
    header: str,
) -> str:
    """The network of :func:`build` as a file that imports only torch; ``cell`` has a comment beside every name."""
    from dinas_cli.spaces.shared.source import standalone

    name, chosen = find_task(task), fitted(task, skeleton)
    size = skeleton and skeleton.image_size
    return standalone(
        "dinas_cli.spaces.shared.transnas.network",
        title=f"TransNAS-Bench-101 network for {f'images of {size} x {size}' if size else name}, {title}.",
        header=header,
        arguments={
            "MODULES": tuple(modules),
            "CELL": tuple(cell),
            "OUTPUTS": chosen.outputs,
            "IN_CHANNELS": image_channels(skeleton),
        },
        input_shape=chosen.images(image_channels(skeleton)),
        network=chosen.network,
        features=bool(skeleton and skeleton.features),
    )


def example(task: str | None, batch: int, skeleton: Skeleton | None = None) -> tuple[Tensor, ...]:
    """Random images ``(batch, 3, 256, 256)`` of a task, for jigsaw tiles ``(batch, 9, 3, 64, 64)``."""
    import torch

    return (torch.randn(batch, *fitted(task, skeleton).images(image_channels(skeleton))),)


def closed_form(
    metric: str, modules: np.ndarray, cells: np.ndarray | None, task: str | None, skeleton: Skeleton | None = None
) -> np.ndarray:
    """``params`` or ``macs`` (:func:`.counts.params_and_macs`), or memory (:func:`.memory.memory`): ``(B,)`` int64."""
    from dinas_cli.spaces.shared.transnas.counts import params_and_macs
    from dinas_cli.spaces.shared.transnas.memory import memory as needed

    if metric in memory.MEMORY:
        return needed(metric, modules, cells, fitted(task, skeleton), image_channels(skeleton))
    counts = params_and_macs(modules, cells, fitted(task, skeleton), image_channels(skeleton))
    return counts[CLOSED_FORMS.index(metric)]

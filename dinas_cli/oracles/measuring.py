"""The measured oracle: latency of a network on this machine's CPU, with ``torch.utils.benchmark``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dinas_cli.files.torch_state import as_imported
from dinas_cli.spaces.shared import settings, skeletons

if TYPE_CHECKING:
    from torch import Tensor

    from dinas_cli.spaces.shared.protocol import Space
    from dinas_cli.spaces.shared.settings import Setting
    from dinas_cli.spaces.shared.skeletons import Skeleton

_THREADS = re.compile(r"\b([0-9]{1,4}) CPU threads?\b")


@dataclass(frozen=True)
class Latency:
    """Milliseconds per call of the network."""

    median: float
    spread: float
    """Interquartile range."""
    runs: int


def setting_here(
    space: Space, dataset: str | None, skeleton: Skeleton | None = None, batch: int = 1, threads: int = 1
) -> Setting:
    """What :func:`latency` measures: the network of ``skeleton`` (None: the benchmark's own) with ``batch`` inputs.

    Raises :class:`UsageProblem` for images that the network cannot take.
    """
    import torch

    memory = ", channels last" if _image(skeletons.example(space, dataset, 1, skeleton)) else ""
    run = f"float32{memory}, {threads} CPU thread{'s' if threads > 1 else ''}, torch {torch.__version__}"
    return settings.setting_of(space, skeleton, dataset, batch, run)


def threads_of(setting: Setting) -> int | None:
    """On how many CPU threads a network ran as its setting tells; None for what :func:`setting_here` did not write."""
    found = _THREADS.search(setting.run)
    return None if found is None else int(found[1])


def latency(
    space: Space, values: Iterable[int], setting: Setting, threads: int = 1, *, seconds: float = 0.15
) -> Latency:
    """Time the network of ``setting`` around a cell, in evaluation mode, for about ``seconds``.

    Inputs are the space's random example; warm-up calls are not counted; the median of blocks is reported. Networks of
    images are run with channels last, which is quicker, as the shipped CPU device was.
    """
    import torch
    from torch.utils.benchmark import Timer

    with as_imported(0):
        network = skeletons.build(space, values, setting.dataset, setting.chosen).eval()
        inputs = skeletons.example(space, setting.dataset, setting.batch or 1, setting.chosen)
    if _image(inputs):
        network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        inputs = tuple(each.to(memory_format=torch.channels_last) for each in inputs)
    with torch.inference_mode():
        timer = Timer("network(*inputs)", globals={"network": network, "inputs": inputs}, num_threads=threads)
        timer.timeit(2)
        found = timer.blocked_autorange(min_run_time=seconds)
    return Latency(1e3 * found.median, 1e3 * found.iqr, len(found.raw_times))


def _image(inputs: tuple[Tensor, ...]) -> bool:
    """Whether a network takes images ``(B, C, H, W)`` and nothing else."""
    return all(each.dim() == 4 for each in inputs)

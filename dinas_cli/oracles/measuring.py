"""The measured oracle: latency of a network on this machine's CPU, with ``torch.utils.benchmark``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Space


@dataclass(frozen=True)
class Setting:
    """What a latency is a latency of."""

    dataset: str | None
    """Whose images or graphs are the inputs; None where the space has only one kind of them."""
    batch: int = 1
    """Images per call."""
    threads: int = 1

    def __str__(self) -> str:
        import torch

        inputs = "" if self.dataset is None else f"{self.dataset} images, "
        return f"CPU, {self.threads} thread(s), batch {self.batch}, {inputs}torch {torch.__version__}"


@dataclass(frozen=True)
class Latency:
    """Milliseconds per call of the network."""

    median: float
    spread: float
    """Interquartile range."""
    runs: int


def latency(space: Space, values: Iterable[int], setting: Setting, *, seconds: float = 0.15) -> Latency:
    """Time the benchmark's own network around a cell, in evaluation mode, for about ``seconds``.

    Inputs are the space's random example; warm-up calls are not counted; the median of blocks is reported.
    """
    import torch
    from torch.utils.benchmark import Timer

    network = space.build(values, setting.dataset).eval()
    inputs = space.example(setting.dataset, setting.batch)
    with torch.inference_mode():
        timer = Timer("network(*inputs)", globals={"network": network, "inputs": inputs}, num_threads=setting.threads)
        timer.timeit(2)
        found = timer.blocked_autorange(min_run_time=seconds)
    return Latency(1e3 * found.median, 1e3 * found.iqr, len(found.raw_times))

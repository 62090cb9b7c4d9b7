"""The measured oracle: latency and energy of a network on this machine's CPU or GPU, as torch runs it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from dinas_cli.errors import DinasError
from dinas_cli.files.torch_state import as_imported
from dinas_cli.oracles.energy import ELSEWHERE
from dinas_cli.oracles.torch_devices import CPU, check_here, wait_for, words
from dinas_cli.spaces.shared import settings, skeletons
from dinas_cli.spaces.shared.phases import Phased, phase_of, phases_of

if TYPE_CHECKING:
    from torch import Tensor

    from dinas_cli.oracles.energy import Counter
    from dinas_cli.spaces.shared.protocol import Space
    from dinas_cli.spaces.shared.settings import Setting
    from dinas_cli.spaces.shared.skeletons import Skeleton

WARM_UP = {"cpu": 2, "cuda": 20, "mps": 20}
"""Calls that are not counted; GPUs choose kernels and raise their clocks first."""
_THREADS = re.compile(r"\b([0-9]{1,4}) CPU threads?\b")


@dataclass(frozen=True)
class Latency:
    """Milliseconds per call of the network."""

    median: float
    spread: float
    """Interquartile range."""
    runs: int


def setting_here(
    space: Space,
    dataset: str | None,
    skeleton: Skeleton | None = None,
    batch: int = 1,
    threads: int = 1,
    device: str = CPU,
    phase: str | None = None,
) -> Setting:
    """What :func:`latency` measures: the network of ``skeleton`` (None: the benchmark's own) with ``batch`` inputs.

    ``phase`` is one of :func:`.phases_of` the space; None: the network is called as a whole.

    Raises :class:`UsageProblem` for images that the network cannot take and :class:`NotFoundError` where torch has no
    such ``device`` (one of :data:`.TORCH_DEVICES`).
    """
    import torch

    check_here(device)
    image = _image(skeletons.example(space, dataset, 1, skeleton))
    on = [*(["channels last"] if image else []), *([] if device == CPU else [words(device)])]
    told = [] if phase is None else [phases_of(space)[phase]]
    parts = [*told, "float32", *on, f"{threads} CPU thread{'s' if threads > 1 else ''}", f"torch {torch.__version__}"]
    return settings.setting_of(space, skeleton, dataset, batch, ", ".join(parts))


def threads_of(setting: Setting) -> int | None:
    """On how many CPU threads a network ran as its setting tells; None for what :func:`setting_here` did not write."""
    found = _THREADS.search(setting.run)
    return None if found is None else int(found[1])


def latency(
    space: Space,
    values: Iterable[int],
    setting: Setting,
    threads: int = 1,
    device: str = CPU,
    *,
    seconds: float = 0.15,
) -> Latency:
    """Time the network of ``setting`` around a cell, in evaluation mode, for about ``seconds``.

    Inputs are the space's random example; warm-up calls are not counted; the median of blocks is reported. Networks of
    images are run with channels last, which is quicker, as the shipped CPU device was. Every call is waited for, as
    whoever needs its result does; inputs lie on the device already.

    Raises :class:`DinasError` where torch cannot run the network on the device.
    """
    import torch
    from torch.utils.benchmark import Timer

    call = _call(space, values, setting, device)
    with torch.inference_mode(), _told(device):
        timer = Timer("call()", globals={"call": call}, num_threads=threads)
        timer.timeit(WARM_UP[device])
        found = timer.blocked_autorange(min_run_time=seconds)
    return Latency(1e3 * found.median, 1e3 * found.iqr, len(found.raw_times))


def energy(
    space: Space,
    values: Iterable[int],
    setting: Setting,
    counter: Counter,
    threads: int = 1,
    device: str = CPU,
    *,
    seconds: float = 2.0,
) -> float:
    """Millijoules per call of the same network: what ``counter`` counts in a block of calls, idle power included.

    The block takes ``seconds`` or more: some GPUs count a few times a second only. Raises :class:`DinasError` for a
    counter that stands still, and as :func:`latency`.
    """
    import torch
    from torch.utils.benchmark.utils.common import set_torch_threads

    call, calls = _call(space, values, setting, device), 0
    with torch.inference_mode(), _told(device), set_torch_threads(threads):
        for _ in range(WARM_UP[device]):
            call()
        before, end = counter.read(), time.perf_counter() + seconds
        while calls == 0 or time.perf_counter() < end:
            call()
            calls += 1
        used = counter.since(before)
    if not used > 0:
        raise DinasError(f"{counter.name} counted no energy in {seconds:g} s", ELSEWHERE)
    return used / calls


def _call(space: Space, values: Iterable[int], setting: Setting, device: str) -> Callable[[], None]:
    """A call of the network of ``setting``, or of its phase, on a device, which returns when its result is there."""
    import torch

    with as_imported(0):
        network = skeletons.build(space, values, setting.dataset, setting.chosen).eval()
        inputs = skeletons.example(space, setting.dataset, setting.batch or 1, setting.chosen)
    memory = {"memory_format": torch.channels_last} if _image(inputs) else {}
    wait = wait_for(device)
    with _told(device):
        network = network.to(device, **memory)  # type: ignore[call-overload]
        inputs = tuple(each.to(device, **memory) for each in inputs)  # type: ignore[call-overload]
        run: Callable[[], Any] = partial(network, *inputs)
        if (phase := phase_of(space, setting)) is not None:
            with as_imported(0):
                run = cast(Phased, space).phase(phase, network, setting.batch or 1)

    def call() -> None:
        run()
        wait()

    return call


@contextmanager
def _told(device: str) -> Iterator[None]:
    """Turn what torch cannot do on a device, or has no memory for, into a :class:`DinasError`."""
    try:
        yield
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:200]
        raise DinasError(f"torch cannot run the network on {device}: {reason}", "a smaller --batch may help") from error


def _image(inputs: tuple[Tensor, ...]) -> bool:
    """Whether a network takes images ``(B, C, H, W)`` and nothing else."""
    return all(each.dim() == 4 for each in inputs)

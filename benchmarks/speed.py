"""Milliseconds per architecture with guidance on, peak memory, and the ratio to the paper's configuration.

Both are timed in the same process, in turn. The paper's network (5 layers, 256/64/64, 8 heads, 500 steps of the
marginal kernel) is built with random weights: its time does not depend on them.
"""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable
from typing import Any

from benchmarks import common
from dinas_cli.bench.suites.speed import paper_sized
from dinas_cli.conditions import Budget, Rank, Request
from dinas_cli.diffusion.generator import Conditioning
from dinas_cli.generation import generate

BATCHES = (1, 16, 256, 1000)
RUNS = 5
PAPER_BATCH = 64


def seconds(work: Callable[[], Any], runs: int = RUNS) -> list[float]:
    """Wall-clock times after one warm-up."""
    work()
    found = []
    for _ in range(runs):
        started = time.perf_counter()
        work()
        found.append(time.perf_counter() - started)
    return found


def per_architecture(times: list[float], count: int) -> dict[str, float]:
    """Milliseconds per architecture: median and range."""
    return {
        "median_ms": round(1e3 * statistics.median(times) / count, 4),
        "min_ms": round(1e3 * min(times) / count, 4),
        "max_ms": round(1e3 * max(times) / count, 4),
    }


def main() -> None:
    """Time the tool's default, then the paper's configuration."""
    options = common.parser(__doc__).parse_args()
    setup = common.load(options)
    profile = setup.surrogate.profile("latency/fpga@cifar10")
    limit = float(profile.edges[35])
    conditioning = Conditioning("cifar10", 5.0, {"latency": (profile, limit)})
    ours: dict[str, Any] = {}
    for batch in BATCHES:
        times = seconds(lambda batch=batch: setup.generator.sample(conditioning, batch))  # type: ignore[misc]
        ours[str(batch)] = per_architecture(times, batch)
    request = Request(setup.space.name, "cifar10", Rank("acc", 5.0), None, (Budget("latency", limit, "fpga"),))
    checked = seconds(lambda: generate(request, 16, oracles=setup.guess))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    reference = paper_sized(setup.generator)
    theirs = seconds(lambda: reference.sample(conditioning, PAPER_BATCH), runs=1)
    again = seconds(lambda: setup.generator.sample(conditioning, 1000))
    ratio = (theirs[0] / PAPER_BATCH) / (statistics.median(again) / 1000)
    sizes = [model.denoiser.parameters for model in (setup.generator, reference)]
    common.write(
        options,
        {**setup.about, "threads": 1, "runs": RUNS},
        {
            "batches": ours,
            "network_calls": setup.space.layout.size,
            "parameters": dict(zip(("ours", "paper"), sizes, strict=True)),
            "generate_16_checked_ms": round(1e3 * statistics.median(checked), 1),
            "peak_memory_mib": round(memory),
            "paper": {"batch": PAPER_BATCH, "steps": 500, **per_architecture(theirs, PAPER_BATCH)},
            "ratio_paper_to_ours": round(ratio),
        },
    )


if __name__ == "__main__":
    main()

"""Limits on two or three devices at once: are all of them kept, and what is it worth that the generator sees them all?

Random pairs and triples of the devices of NAS-Bench-201, data sets in turn, every limit at a quantile of its device.
Each request asks for the top 5 % of validation accuracy among the architectures that keep all limits. *all*: the
generator is told every limit (the tool's way: their embeddings are added; nested views of one weight are the same);
*one view each*: guidance adds what each limit alone changes; *strictest* and *last*: it is told one. *ranking*: no
generator: all of the space that the same surrogate lets pass. *dinas generate*: what the command returns, which asks
for less certainty where nothing is that certain. The judge is the table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from benchmarks import common
from benchmarks.constraints import TOP, find_column
from benchmarks.returned import generated
from dinas_cli.architectures.conditions import Budget, Rank, Request
from dinas_cli.diffusion.generator import Conditioning, Generator, Limit
from dinas_cli.diffusion.guidance import WEIGHT, Guidance
from dinas_cli.diffusion.samplers import any_order, uniforms
from dinas_cli.diffusion.threads import one_thread
from dinas_cli.generation.generate import CONFIDENCE
from dinas_cli.generation.judge import Judge

GROUPS = {"pairs": (2, 20), "triples": (3, 10)}
QUANTILES = (0.2, 0.35, 0.5, 0.8)
SAMPLES, WANTED, DRAWN_BY = 256, 16, 2026
FEWEST = 20
"""Architectures that have to keep all limits of a request."""


def requests(setup: common.Setup, size: int, count: int) -> list[Request]:
    """``count`` random requests about ``size`` devices each."""
    rng = np.random.default_rng([DRAWN_BY, size])
    found: list[Request] = []
    devices = sorted(setup.truth.devices("latency"))
    while len(found) < count:
        dataset = setup.space.datasets[len(found) % len(setup.space.datasets)]
        budgets = []
        for device in rng.choice(devices, size, replace=False).tolist():
            known = setup.truth.reference(find_column(setup, "latency", device, dataset))
            budgets.append(Budget("latency", float(np.nanquantile(known, rng.choice(QUANTILES))), device))
        request = Request(setup.space.name, dataset, Rank("acc", TOP), None, tuple(budgets))
        if Judge(setup.truth, request).feasible(None).sum() >= FEWEST:
            found.append(request)
    return found


def limits_of(setup: common.Setup, request: Request) -> list[Limit]:
    """The request's limits in the generator's terms."""
    columns = [find_column(setup, "latency", str(each.device), str(request.dataset)) for each in request.budgets]
    profiles = map(setup.surrogate.profile, columns)
    return [Limit(profile, each.limit) for profile, each in zip(profiles, request.budgets, strict=True)]


Told = Callable[[list[Limit]], list[Limit]]
TOLD: Mapping[str, Told] = {
    "all": lambda limits: limits,
    "strictest": lambda limits: [min(limits, key=lambda each: each.kept)],
    "last": lambda limits: limits[-1:],
}


def one_view_each(generator: Generator, dataset: str | None, limits: list[Limit], seed: int) -> np.ndarray:
    """Samples ``(SAMPLES, V)`` whose guidance adds, for every limit, what that limit alone changes."""
    told: list[dict[str, list[Limit]]] = [{}, *({"latency": [each]} for each in limits)]
    asked = [generator.conditions(Conditioning(dataset, TOP, each)) for each in told]
    without, *views = [Guidance(generator.denoiser, each, WEIGHT, generator.order) for each in asked]

    def together(states: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        known = without(states, None, wanted)
        changes = [view(states, None, wanted) - np.where(np.isfinite(known), known, 0) for view in views]
        return np.asarray(np.where(np.isfinite(known), known, 0) + np.sum(changes, 0))

    variables = generator.denoiser.variables
    noise = uniforms(seed, 0, SAMPLES, 2 * variables.size)
    return any_order(variables, together, noise, steps=generator.calls, legal=generator.space.legal)


def judged(rows: np.ndarray, passed: np.ndarray, met: np.ndarray, best: np.ndarray) -> dict[str, float]:
    """Shares of samples (rows of the reference), and of those of them that ``passed`` the check; NaN of none."""

    def share(of: np.ndarray, which: np.ndarray) -> float:
        return float(of[which].mean()) if len(which) else float("nan")

    return {
        "within": share(met, rows),
        "top": share(best, rows),
        "returned": float(len(passed)),
        "returned_within": share(met, passed),
        "returned_top": share(best, passed),
    }


def run(setup: common.Setup, size: int, count: int, seeds: int) -> dict[str, Any]:
    """Figures of every method over ``count`` requests, mean and deviation over ``seeds``."""
    found: dict[str, list[list[dict[str, float]]]] = {}
    for request in requests(setup, size, count):
        truth, guess = Judge(setup.truth, request), Judge(setup.guess, request, CONFIDENCE)
        met, best, passes = truth.feasible(None), truth.satisfied(setup.space.reference()), guess.reference_satisfied
        limits = limits_of(setup, request)
        for seed in range(seeds):
            here: dict[str, np.ndarray] = {}
            for name, told in TOLD.items():
                asked = Conditioning(request.dataset, TOP, {"latency": told(limits)})
                here[name] = setup.truth.keys(setup.generator.sample(asked, SAMPLES, seed=seed))
            with one_thread():
                samples = one_view_each(setup.generator, request.dataset, limits, seed)
            here["one view each"] = setup.truth.keys(samples)
            here["ranking"] = np.flatnonzero(passes)
            shares = {name: judged(rows, rows[passes[rows]], met, best) for name, rows in here.items()}
            rows = setup.truth.keys(generated(setup, request, seed))
            shares["dinas generate"] = judged(rows, rows, met, best)
            for name, each in shares.items():
                found.setdefault(name, [[] for _ in range(seeds)])[seed].append(each)
    figures = {}
    for name, by_seed in found.items():
        means = {key: [float(np.nanmean([cell[key] for cell in cells])) for cells in by_seed] for key in by_seed[0][0]}
        empty = float(np.mean([sum(cell["returned"] == 0 for cell in cells) for cells in by_seed]))
        figures[name] = {"empty": empty, **{key: common.mean_sd(values) for key, values in means.items()}}
    return {"requests": count, "methods": figures}


def main() -> None:
    """Pairs and triples."""
    options = common.parser(__doc__).parse_args()
    setup = common.load(options)
    setup.about |= {"samples": SAMPLES, "quantiles": list(QUANTILES), "requests_drawn_by": DRAWN_BY}
    common.write(options, setup.about, {name: run(setup, *sizes, options.seeds) for name, sizes in GROUPS.items()})


if __name__ == "__main__":
    main()

"""Language models asked for under limits, judged by rows of HW-GPT-Bench that no part of the tool has seen.

    python -m benchmarks.halves hwgptbench_s.csv.gz halves
    dinas train --space gpt-s --data halves/train-hwgptbench_s.csv.gz … --out weights    (docs/training.md)
    python -m benchmarks.gpt --space gpt-s --data halves/judge-hwgptbench_s.csv.gz

The judge is :mod:`benchmarks.additive` on the other half: samples are practically never rows of the table. Its own
error is stated. Limits are at quantiles of the judge's latency, and what is returned is held against the optimum of
integer programs under the same limit, beside evolution on the same surrogate with two seconds of CPU time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from scipy.stats import kendalltau

from benchmarks import common
from benchmarks.additive import Additive, optimum
from benchmarks.judges import diversity
from benchmarks.returned import generated, over_seeds, searched
from benchmarks.rival_methods import evolved
from dinas_cli.architectures.conditions import Best, Budget, Rank, Request
from dinas_cli.bench.sampling import one_core
from dinas_cli.diffusion.generator import Conditioning
from dinas_cli.files.columns import column_key
from dinas_cli.generation.generate import CONFIDENCE
from dinas_cli.generation.judge import Judge
from dinas_cli.oracles.noise import deviations
from dinas_cli.spaces.shared.gpt.space import Gpt
from dinas_cli.spaces.shared.protocol import is_valid

QUANTILES = (0.1, 0.2, 0.5, 0.8)
SAMPLES, TOP, SECONDS = 1000, 5.0, 2.0
FIELD = 20_000
"""Random models that a quantile or a rank is taken among."""


class Judged:
    """The models with the judge of their perplexities and of the latencies of every device."""

    def __init__(self, setup: common.Setup) -> None:
        assert isinstance(setup.space, Gpt)
        self.setup, self.size = setup, setup.space.size
        self.values = np.asarray(setup.table.architectures)
        self.devices = [name.split("/")[1] for name in setup.table.columns if name.startswith("latency/")]
        self.perplexity = self._fit("ppl")
        self.latency = {device: self._fit(column_key("latency", device)) for device in self.devices}
        self.field = setup.space.draw(FIELD, 10**6)

    @property
    def known(self) -> list[str]:
        """The devices that the surrogate knows."""
        return [device for device in self.devices if self.setup.guess.find("latency", device=device)]

    def _fit(self, column: str) -> Additive:
        return Additive(self.size, self.values, self.setup.truth.metric(self.values, column)[0])

    def limits(self, device: str) -> list[float]:
        """Latencies in ms at :data:`QUANTILES` of random models."""
        return [float(limit) for limit in np.quantile(self.latency[device](self.field), QUANTILES)]

    def returned(self, values: np.ndarray, device: str, limit: float, best: float) -> dict[str, float]:
        """What a search returned ``(n, V)``: share within, regret of the best that is, and how different they are."""
        within = self.latency[device](values) <= limit
        told = self.perplexity(values)
        return {
            "within": float(within.mean()),
            "regret": float(told[within].min() - best) if within.any() else float("nan"),
            "diversity": diversity(values),
        }

    def sure(self, device: str, limit: float) -> float:
        """The latency in ms that has to be predicted for a limit to be kept with the tool's usual certainty."""
        profile = self.setup.surrogate.profile(column_key("latency", device))
        return limit - deviations(CONFIDENCE) * float(profile.sigma(np.array([limit]))[0])

    def checked(self, device: str, request: Request) -> dict[str, float]:
        """Of the judge's rows that the check takes to keep the limit: how many, and the share that do, as measured."""
        (budget,) = request.budgets
        passed = Judge(self.setup.guess, request, CONFIDENCE).feasible(self.values)
        told = self.setup.truth.metric(self.values[passed], column_key("latency", device))[0]
        return {"rows": len(told), "kept": float((told <= budget.limit).mean()) if len(told) else float("nan")}


def agreement(judged: Judged) -> dict[str, Any]:
    """How the surrogate ranks rows that it never saw: perplexities, overall and by width, and latencies by device."""
    guess, values = judged.setup.guess, judged.values

    def tau(column: str, rows: np.ndarray) -> float:
        told, known = guess.metric(values[rows], column)[0], judged.setup.truth.metric(values[rows], column)[0]
        return round(float(kendalltau(told, known).statistic), 4)

    widths = {str(size): tau("ppl", values[:, 0] == place) for place, size in enumerate(judged.size.widths)}
    every = np.ones(len(values), bool)
    return {
        "rows": len(values),
        "perplexity": tau("ppl", every),
        "within a width": widths,
        "latency": {device: tau(column_key("latency", device), every) for device in judged.known},
    }


def sampled(judged: Judged, seeds: int) -> dict[str, Any]:
    """Of samples asked for the top share, those that are models at all, and that are in it by the judge; CPU time."""
    setup, border = judged.setup, float(np.quantile(judged.perplexity(judged.field), TOP / 100))
    shares, top, unique, times = [], [], [], []
    for seed in range(seeds):
        began = time.process_time()
        samples = setup.generator.sample(Conditioning(None, TOP), 256, seed=seed, first=SAMPLES)
        times.append((time.process_time() - began) / len(samples) * 1000)
        samples = setup.generator.sample(Conditioning(None, TOP), SAMPLES, seed=seed)
        there = np.array([is_valid(setup.space, row) for row in samples.tolist()])
        shares.append(float(there.mean()))
        unique.append(len({setup.space.canonical_id(row) for row in samples[there].tolist()}) / len(samples))
        top.append(float((judged.perplexity(samples[there]) <= border).mean()))
    figures = {"valid": shares, "unique": unique, f"top {TOP:g} %": top, "ms_per_sample": times}
    return {name: common.mean_sd(found) for name, found in figures.items()}


def limited(
    judged: Judged, devices: list[str], seeds: int, found: dict[str, Any], keep: Callable[[], None]
) -> dict[str, Any]:
    """By device and quantile, what is returned under the limit by the tool and by evolution on its surrogate.

    ``found`` has what an earlier run left, and gets the rest; ``keep`` is called after each.
    """
    for device in devices:
        for quantile, limit in zip(QUANTILES, judged.limits(device), strict=True):
            if f"{device} {quantile:g}" in found:
                continue
            best = optimum(judged.size, judged.perplexity, judged.latency[device], limit)
            request = Request(judged.setup.space.name, budgets=(Budget("latency", limit, device),))
            top, best_one = replace(request, rank=Rank("ppl", TOP)), replace(request, best=Best("ppl"))
            methods: dict[str, Callable[[int], np.ndarray]] = {
                "generate --ppl top5": partial(generated, judged.setup, top),
                "generate --ppl best": partial(generated, judged.setup, best_one),
                "evolution": partial(searched, evolved, SECONDS, judged.setup, request),
            }
            judge = partial(judged.returned, device=device, limit=limit, best=best)
            sure = judged.sure(device, limit)
            sure_best = optimum(judged.size, judged.perplexity, judged.latency[device], sure)
            here: dict[str, Any] = {"limit_ms": limit, "optimum": best, "sure_ms": sure, "sure_optimum": sure_best}
            here["check"] = judged.checked(device, request)
            for name, method in methods.items():
                here[name] = over_seeds([method(seed) for seed in range(seeds)], judge)
            found[f"{device} {quantile:g}"] = here
            keep()
            shown = {name: {key: here[name].get(key) for key in ("within", "regret")} for name in methods}
            print(device, quantile, here["check"], shown, flush=True)
    return found


def measured(judged: Judged) -> list[str]:
    """Make devices that the weights were not trained with known, by 48 measurements of each; returns their names."""
    from benchmarks.unseen import MEASURED

    setup = judged.setup
    new = [device for device in judged.devices if device not in judged.known]
    rng = np.random.default_rng(0)
    for device in new:
        column = column_key("latency", device)
        rows = rng.choice(len(judged.values), MEASURED, replace=False)
        known = setup.truth.metric(judged.values[rows], column)[0]
        setup.surrogate.add_profile(setup.surrogate.fit(column, "ms", judged.values[rows], known))
    return new


def main() -> None:
    """One size; devices that the checkpoint was trained without are measured, and the limits are on those alone."""
    options = common.parser(__doc__)
    options.set_defaults(space="gpt-s")
    given = options.parse_args()
    setup = common.load(given)
    with one_core():
        judged = Judged(setup)
        new = measured(judged)
        name = f"{given.space}, devices left out" if new else given.space
        result = common.begun(given, setup.about, name) | {"about": setup.about}
        limits = result.setdefault("limits", {})

        def keep() -> None:
            common.renew(given, setup.about, name, result)

        if not new and "samples" not in result:
            result["judge"] = {
                "rows": len(judged.values),
                "perplexity": judged.perplexity.error(),
                "latency": {device: fit.error() for device, fit in judged.latency.items()},
            }
            result |= {"surrogate": agreement(judged), "samples": sampled(judged, given.seeds)}
        elif new:
            from benchmarks.unseen import MEASURED

            result |= {"measured": MEASURED, "devices": new}
        # Limits on CPUs, whose measurements scatter, take the longest: last.
        devices = sorted(new or judged.devices, key=lambda device: "cpu" in device)
        limited(judged, devices, given.seeds, limits, keep)


if __name__ == "__main__":
    main()

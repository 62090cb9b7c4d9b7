"""Networks for ImageNet asked for under limits on six accelerators, judged by rows that training has not seen.

    python -m benchmarks.mnasnet --space mnasnet --data accel_nasbench.tar.gz

Samples are practically never rows of the table. The judges are Gaussian processes, one for each column, on the rows
that training held out; their own errors are stated, and are what limits the figures. What needs no judge is how the
tool's check does on those rows themselves: of the ones that it takes to keep a limit, how many do as measured.
Beside it, with the same surrogate and the same certainty: evolution, and the best of random networks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from scipy.stats import kendalltau

from benchmarks import common
from benchmarks.gaussian_process import Process
from benchmarks.judges import diversity
from benchmarks.returned import generated, over_seeds, searched
from benchmarks.rival_methods import RETURNED, drawn, evolved
from dinas_cli.architectures.conditions import Budget, Rank, Request, find_metric
from dinas_cli.bench.sampling import one_core
from dinas_cli.files.columns import split_column
from dinas_cli.generation.generate import CONFIDENCE
from dinas_cli.generation.judge import Judge

KEPT = (0.2, 0.5, 0.8)
"""Shares of the space that keep a limit."""
TOP, SECONDS, FIELD = 5.0, 2.0, 20_000
"""The percent that networks are to be among; CPU time of rivals; random networks that ranks are among."""

Method = Callable[[common.Setup, Request, int], np.ndarray]


class Judged:
    """What the judges say of random networks, and of what is found."""

    def __init__(self, setup: common.Setup) -> None:
        self.setup = setup
        labels = setup.labels
        self.rows = np.asarray(labels.values)[labels.held_out]
        space = setup.space
        self.costs = [c for c in setup.table.columns if find_metric(space, split_column(c)[0]).per_device]
        choices = int(space.reference().max()) + 1
        self.told = {c: setup.truth.metric(self.rows, c)[0] for c in (space.rank_metric, *self.costs)}
        self.judges = {c: Process(choices, self.rows, t, logarithms=c in self.costs) for c, t in self.told.items()}
        self.field = {c: judge(space.draw(FIELD, 10**6)) for c, judge in self.judges.items()}

    def request(self, column: str, share: float) -> Request:
        """The top 5 % of what keeps a limit on a column that ``share`` of the space keep."""
        metric, device, _ = split_column(column)
        upwards = find_metric(self.setup.space, metric).better == "max"
        limit = float(np.quantile(self.field[column], 1 - share if upwards else share))
        return Request(self.setup.space.name, None, Rank("acc", TOP), None, (Budget(metric, limit, device),))

    def keeps(self, values: np.ndarray, request: Request) -> np.ndarray:
        """Which values ``(B,)`` of the limited column keep the limit: ``(B,)`` bool."""
        (budget,) = request.budgets
        upwards = find_metric(self.setup.space, budget.metric).better == "max"
        return np.asarray(values >= budget.limit if upwards else values <= budget.limit)

    def shares(self, values: np.ndarray, column: str, request: Request) -> dict[str, float]:
        """Of found networks ``(n, V)``: within the limit, in the top of the feasible, and how different they are."""
        quality = self.judges["acc"](values)
        within = self.keeps(self.judges[column](values), request)
        border = np.quantile(self.field["acc"][self.keeps(self.field[column], request)], 1 - TOP / 100)
        return {
            "within": float(within.mean()),
            "top": float((within & (quality >= border)).mean()),
            "diversity": diversity(values),
        }

    def checked(self, column: str, request: Request) -> dict[str, float]:
        """Of rows never seen that the check takes to keep the limit: how many, and the share that do, as measured."""
        known = ~np.isnan(self.told[column])
        passed = Judge(self.setup.guess, request, CONFIDENCE).feasible(self.rows) & known
        kept = self.keeps(self.told[column], request)
        return {"rows": int(passed.sum()), "kept": float(kept[passed].mean()) if passed.any() else float("nan")}


METHODS: Mapping[str, Method] = {
    "dinas generate": generated,
    "evolution": partial(searched, evolved, SECONDS),
    "random": partial(searched, drawn, SECONDS),
}


def limited(judged: Judged, seeds: int, found: dict[str, Any], keep: Callable[[], None]) -> None:
    """By column and share, every method's figures, mean and deviation over the seeds.

    ``found`` has what an earlier run left, and gets the rest; ``keep`` is called after each.
    """
    for column in judged.costs:
        for share in KEPT:
            if f"{column} {share:g}" in found:
                continue
            request = judged.request(column, share)
            here: dict[str, Any] = {"limit": request.budgets[0].limit, "check": judged.checked(column, request)}
            for name, method in METHODS.items():
                runs = [method(judged.setup, request, seed) for seed in range(seeds)]
                here[name] = over_seeds(runs, partial(judged.shares, column=column, request=request))
            found[f"{column} {share:g}"] = here
            keep()
            print(column, share, {name: here[name].get("top") for name in METHODS}, flush=True)


def main() -> None:
    """All columns."""
    options = common.parser(__doc__)
    options.set_defaults(space="mnasnet")
    given = options.parse_args()
    setup = common.load(given)
    setup.about |= {"wanted": RETURNED, "rivals_cpu_seconds": SECONDS, "field": FIELD}
    with one_core():
        judged = Judged(setup)
        result = common.begun(given, setup.about, given.space) | {"about": setup.about}
        if "judges" not in result:
            guess = {c: setup.guess.metric(judged.rows, c)[0] for c in judged.told}
            known = {c: ~np.isnan(told) for c, told in judged.told.items()}
            taus = {c: float(kendalltau(guess[c][known[c]], judged.told[c][known[c]]).statistic) for c in judged.told}
            result["judges"] = {column: judge.error for column, judge in judged.judges.items()}
            result["surrogate"] = {column: round(tau, 4) for column, tau in taus.items()}
        limits = result.setdefault("limits", {})
        limited(judged, given.seeds, limits, lambda: common.renew(given, setup.about, given.space, result))


if __name__ == "__main__":
    main()

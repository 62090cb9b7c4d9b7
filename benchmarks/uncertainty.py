"""How true a surrogate's stated uncertainty is, near the labels and far from them, and what it keeps out of a rank.

    python -m benchmarks.uncertainty --space nasbench101
    python -m benchmarks.uncertainty --space darts --files ../shared/data/nasbench301
    python -m benchmarks.uncertainty --space darts --trend

Of every ranked metric: the standardised error of held-out labels, (truth - prediction) / stated deviation in normal
scores, in three bins by distance; its root mean square is 1 where what is stated is so. Noise is stated by one half of
the held-out labels for the other half, and the other way round. For darts besides: the share of cells with many skips
in the normal cell among those labelled best, among random ones called best, and among those returned; and with
``--trend`` a training that never saw such cells. ``--when before`` keeps the figures of other weights beside these.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import kendalltau

from benchmarks import common
from benchmarks.judges import judges
from dinas_cli.architectures.conditions import Budget, Rank, Request
from dinas_cli.bench.sampling import one_core
from dinas_cli.generation.generate import generate
from dinas_cli.generation.judge import Judge
from dinas_cli.oracles.perceptrons import perceptron
from dinas_cli.oracles.surrogate import Surrogate
from dinas_cli.oracles.uncertainty import amounts
from dinas_cli.training.calibration import noise_by_level
from dinas_cli.training.data import TrainingSet, load_training_set

BINS = 3
MANY = 5
"""Skips in the normal cell from which on a darts cell has many."""
RANDOM, LIMIT = 100_000, 2.0
"""Random cells, and the usual limit in ms."""
UNSEEN = 3
"""Skips from which on the training of ``--trend`` sees no cell."""
STEPS = 1500
KAPPAS = 0.0, 1.0, 1.5, 2.0, 3.0
SHARES = 1.0, 0.5, 0.25, 0.1
"""Of the space, under a limit of latency."""


def distances(data: TrainingSet, rows: np.ndarray) -> np.ndarray:
    """How far ``rows (B,)`` are from the known labels, by deviations of their numbers of operations: ``(B,)``."""
    known, cells = (amounts(data.space, data.values[of]) for of in (data.known, rows))
    return np.sqrt(np.square((cells - known.mean(0)) / np.maximum(known.std(0), 1e-6)).sum(1))


def true_scores(data: TrainingSet, tensors: dict[str, np.ndarray]) -> np.ndarray:
    """The normal scores of all labels: ``(R, C)``."""
    knots, grid = tensors["quality.knots"], tensors["quality.grid"]
    return np.stack([np.interp(labels, grid[i], knots) for i, labels in enumerate(data.quality.values())], 1)


def standardised(setup: common.Setup) -> dict[str, Any]:
    """By column: number of held-out labels, root mean square of their standardised errors in all and by distance."""
    data, tensors = setup.labels, setup.surrogate._tensors
    scores = true_scores(data, tensors)
    rows = np.random.default_rng(0).permutation(np.flatnonzero(data.held_out))
    halves = rows[::2], rows[1::2]
    found = {}
    for i, column in enumerate(data.quality):
        errors, far = [], []
        for half, other in (halves, halves[::-1]):
            stated = Surrogate(tensors | noise_by_level(setup.surrogate, data, scores, half), setup.surrogate.config)
            if "labels.edges" not in tensors:
                stated = setup.surrogate  # of before: as it was stated, on the labels that it was measured on
            there = other[~np.isnan(scores[other, i])]
            _, predicted, doubts = stated.scored(data.values[there], column)
            errors.append((scores[there, i] - predicted) / stated.quality.sigma(i, predicted, doubts))
            far.append(distances(data, there))
        squares, order = np.concatenate(errors) ** 2, np.argsort(np.concatenate(far))
        found[column] = {
            "labels": len(squares),
            "all": round(float(np.sqrt(squares.mean())), 3),
            "bins": [round(float(np.sqrt(squares[part].mean())), 3) for part in np.array_split(order, BINS)],
        }
    return found


def skips(values: np.ndarray) -> np.ndarray:
    """Skips in the normal cell of darts architectures ``(B, 28)``: ``(B,)``."""
    from dinas_cli.spaces.darts.counts import counts

    found: np.ndarray = counts(values)[:, 0, 3]
    return found


def many_skips(setup: common.Setup, seeds: int) -> dict[str, Any]:
    """Shares of darts cells with many skips under a limit: of labelled, random and returned ones of the top 5 %."""
    space, data = setup.space, setup.labels
    labels = np.where(np.isnan(data.quality["acc"]), data.quality["acc_v09"], data.quality["acc"])
    rows = np.flatnonzero(~np.isnan(labels))
    latency = setup.guess.reference(f"latency/{space.default_device}")
    limits = {f"{LIMIT:g} ms": LIMIT} | {
        f"{share:.0%} of the space": float(np.quantile(latency, share)) for share in (0.05, 0.25)
    }
    found: dict[str, Any] = {}
    for name, limit in limits.items():
        budget = Budget("latency", limit, space.default_device)
        request = Request(space.name, None, Rank("acc", 5.0), None, (budget,))
        judge = Judge(setup.guess, replace(request, rank=None))
        fitting = rows[judge.satisfied(data.values[rows])]
        best = fitting[labels[fitting] >= np.quantile(labels[fitting], 0.95)]
        drawn = space.draw(RANDOM, 1)
        called = drawn[Judge(setup.guess, request).satisfied(drawn)]
        shares = []
        for seed in range(seeds):
            records = generate(request, 16, seed=seed, checkpoint=str(setup.file), oracles=setup.guess).records
            shares.append(float((skips(np.array([record.values for record in records])) >= MANY).mean()))
        found[name] = {
            "limit": round(limit, 3),
            "labelled": {"share": round(float((skips(data.values[best]) >= MANY).mean()), 4), "cells": len(best)},
            "random": {"share": round(float((skips(called) >= MANY).mean()), 4), "cells": len(called)},
            "returned": {"share": common.mean_sd(shares), "cells": 16 * seeds},
        }
    return found


def agreement(setup: common.Setup, files: Path | None) -> dict[str, Any]:
    """Kendall's tau of predicted ``acc`` with held-out labels, and with YAHPO's model on the space's reference."""
    data = setup.labels
    there = np.flatnonzero(data.held_out & ~np.isnan(data.quality["acc"]))
    found = {"labels": _tau(setup.surrogate.scored(data.values[there], "acc")[1], data.quality["acc"][there])}
    found["number"] = len(there)
    judged, about = judges(setup, None, files)
    if "YAHPO" in judged:
        found["YAHPO"] = _tau(setup.surrogate.scored(None, "acc")[1], judged["YAHPO"](setup.space.reference()))
        found["learnt from YAHPO"] = about["YAHPO"]["learnt from"]
    return found


def trend(data: TrainingSet) -> dict[str, Any]:
    """What a darts surrogate that saw no cell with :data:`UNSEEN` skips or more says of these, in normal scores.

    And, for :data:`KAPPAS`, which of the cells that it did not see it would call the best 5 %.
    """
    from dinas_cli.training.surrogate import train_surrogate

    counted = skips(data.values)
    seen = replace(data, known=data.known & (counted < UNSEEN))
    tensors, config = train_surrogate(seen, steps=STEPS)
    surrogate, truth = Surrogate(tensors, config), true_scores(data, tensors)
    features = data.space.features(data.values)
    index = config["quality"].index("acc_v09")
    members = [perceptron(features.copy(), tensors, f"quality.{i}")[:, index] for i in range(config["members"])]
    _, scores, doubts = surrogate.scored(data.values, "acc_v09")
    by_skips = {}
    for count in range(UNSEEN - 1, 7):
        rows = np.flatnonzero((counted == count) & ~np.isnan(truth[:, index]) & ~seen.known)
        if len(rows):
            error = scores[rows] - truth[rows, index]
            by_skips[str(count)] = {
                "cells": len(rows),
                "too high by": round(float(error.mean()), 3),
                "error": round(float(np.sqrt((error**2).mean())), 3),
                "doubt": round(float(np.sqrt((doubts[rows] ** 2).mean())), 3),
                "members apart": round(float(np.sqrt(np.var(members, 0, ddof=1)[rows].mean())), 3),
            }
    there = np.flatnonzero(~np.isnan(truth[:, index]) & ~seen.known)
    latency = f"latency/{data.space.default_device}"
    costs, usual = surrogate.predict(data.values[there], latency), surrogate.reference(latency)
    by_limit = {}
    for share in SHARES:
        rows = there[costs <= np.quantile(usual, share)]
        ranked = {"truth": truth[rows, index]} | {f"{kappa:g}": (scores - kappa * doubts)[rows] for kappa in KAPPAS}
        best = {name: rows[np.argsort(-by)[: max(round(0.05 * len(rows)), 1)]] for name, by in ranked.items()}
        by_limit[f"{share:.0%}"] = {"cells": len(rows), "best": len(best["truth"])} | {
            name: {
                "share": round(float((counted[those] > UNSEEN).mean()), 3),
                "score": round(float(truth[those, index].mean()), 3),
            }
            for name, those in best.items()
        }
    return {"skips": by_skips, "ranked": by_limit}


def _tau(one: np.ndarray, other: np.ndarray) -> float:
    return round(float(kendalltau(one, other).statistic), 3)


def main() -> None:
    """Measure one space, or the trend."""
    parser = common.parser(__doc__)
    parser.add_argument("--trend", action="store_true", help="train darts without cells that have many skips")
    parser.add_argument(
        "--when", default="after", choices=("before", "after"), help="of which weights: name of the part"
    )
    options = parser.parse_args()
    setup = common.load(options)
    if options.trend:
        labels = load_training_set(setup.space, setup.table)
        about = common.facts(seeds=options.seeds, label_budget=labels.label_budget)
        common.renew(options, about, "trend", trend(labels) | {"about": about})
        return
    with one_core():
        result: dict[str, Any] = {"errors": standardised(setup), "about": setup.about}
        if setup.space.name == "darts":
            result |= {"skips": many_skips(setup, options.seeds), "tau": agreement(setup, options.files)}
    common.renew(options, setup.about, f"{setup.space.name}, {options.when}", result)


if __name__ == "__main__":
    main()

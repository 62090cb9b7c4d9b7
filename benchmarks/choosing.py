"""How a search from few labels should choose among candidates, on datasets that protocol H does not report.

The predictor ranks a random part of a space, three ways of choosing take turns, and what counts is how many
architectures of the part are better than the best one found.
"""

from __future__ import annotations

import dataclasses
import sys
from argparse import ArgumentParser
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.common import facts, mean_sd, write
from dinas_cli.bench.few_labels import Choice, by_upper, whole_space
from dinas_cli.bench.problems import Problem, open_problem
from dinas_cli.bench.searchers import search

PROBLEMS = (
    ("nasbench-graph", "photo"),
    ("nasbench-graph", "computers"),
    ("nasbench-graph", "arxiv"),
    ("transnas-micro", "jigsaw"),
    ("transnas-micro", "normal"),
    ("transnas-micro", "autoencoder"),
    ("transnas-macro", "jigsaw"),
)
PART = 3000
"""Architectures of a part."""
LOOK_UPS, SHOWN = 200, (48, 100, 200)

CHOICES: dict[str, Choice] = {
    "one sample of the belief": lambda predictor, values, rng: predictor.sample(values, rng)[1],
    "mean": lambda predictor, values, _: predictor.mean(values),
    "mean and one deviation": by_upper,
}


def better_left(problem: Problem, choice: Choice, seed: int) -> list[int]:
    """How many of a random part are better than the best found, after each number of :data:`SHOWN` look-ups."""
    part = dataclasses.replace(problem, pool=problem.draw(PART, 1000 + seed))
    answers = part.sign * part.look_up(part.listed)
    best = np.maximum.accumulate(search(part, partial(whole_space, choice=choice), LOOK_UPS, seed).answers)
    return [int((answers > best[k - 1]).sum()) for k in SHOWN]


def main() -> None:
    """Compare on every problem."""
    options = ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, action="append", default=[], help="benchmark files (default: imported)")
    options.add_argument("--seeds", type=int, default=8)
    options.add_argument("--out", type=Path, help="JSON file (default: benchmarks/results/choosing.json)")
    chosen = options.parse_args()
    results: dict[str, Any] = {}
    for name, dataset in PROBLEMS:
        problem = open_problem(name, dataset, chosen.data)
        results[problem.name] = {}
        for title, choice in CHOICES.items():
            left = np.array([better_left(problem, choice, seed) for seed in range(chosen.seeds)])
            results[problem.name][title] = {str(k): mean_sd(left[:, i]) for i, k in enumerate(SHOWN)}
            print(problem.name, title, left.mean(0), file=sys.stderr)
    write(chosen, facts(seeds=chosen.seeds), results)


if __name__ == "__main__":
    main()

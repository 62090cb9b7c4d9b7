"""The same search on a cluster: as many networks are trained at a time as Ray has room for, asked for as others end.

    python with_ray.py --trials 12 --epochs 5 --workers 2

Needs Ray and scikit-learn: pip install 'dinas[ray]' scikit-learn. RAY_ADDRESS names an existing cluster.
"""

from __future__ import annotations

import os
from argparse import ArgumentParser
from typing import Any

import ray
from plain_pytorch import accuracies

import dinas_cli


def accuracy(record: dinas_cli.Record, epochs: int) -> float:
    """Trains one network to the end."""
    *_, last = accuracies(record, epochs)
    return last


def main() -> None:
    """Ask while there is room, tell whatever has ended."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=12)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2, help="trainings at a time")
    given = parser.parse_args()

    study = dinas_cli.Study("nasbench201", params="1M", trials=given.trials)
    ray.init(num_cpus=None if "RAY_ADDRESS" in os.environ else given.workers)
    train = ray.remote(num_cpus=1)(accuracy)
    running: dict[Any, dinas_cli.Record] = {}
    started = 0
    while running or started < given.trials:
        if started < given.trials and len(running) < given.workers:
            (record,) = study.ask()  # differs from all that are running
            running[train.remote(record, given.epochs)] = record
            started += 1
            continue
        (ended,), _ = ray.wait(list(running))
        record = running.pop(ended)
        try:
            study.tell(record, value := ray.get(ended))
            print(f"{value:6.2f} %  {record.genotype}")
        except ray.exceptions.RayError as error:
            study.tell(record, None)
            print(f"failed  {record.genotype}: {error}")
    if study.best is not None:
        best, value = study.best
        print(f"best: {value:.2f} %, {best.genotype}")


if __name__ == "__main__":
    main()

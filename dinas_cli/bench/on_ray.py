"""Experiments as tasks of Ray, each of which finds its own by suite and key, for what runs them cannot travel."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from dinas_cli.bench.experiments import Experiment, Options, Suite
from dinas_cli.bench.runner import Place, Placed, load_suite, timed
from dinas_cli.search.engines.cluster import Cluster, Tasks


def on_cluster(cluster: Cluster) -> Place:
    """Who runs experiments on a cluster, as many at a time as there is room for."""

    def place(
        suite: Suite, options: Options, missing: Sequence[Experiment], announce: Callable[[str], None]
    ) -> Iterator[Placed]:
        there = replace(options, work=options.work.absolute(), files=tuple(file.absolute() for file in options.files))
        if not missing:
            return
        with cluster.connected():
            tasks: Tasks[dict[str, Any]] = Tasks(cluster, _experiment)
            for experiment in missing:
                tasks.begin(experiment.key, suite.name, there, experiment.key)
            announce("")
            while len(tasks):
                for key, result in tasks.ended():
                    announce(str(key))
                    yield str(key), result

    return place


def _experiment(suite: str, options: Options, key: str) -> dict[str, Any]:
    return next(timed(item) for item in load_suite(suite).experiments(options) if item.key == key)

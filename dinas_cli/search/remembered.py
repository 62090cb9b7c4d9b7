"""A data set that was searched is kept like a device: what its trials reached is what later requests go by."""

from __future__ import annotations

from dinas_cli.architectures.conditions import find_metric
from dinas_cli.errors import DinasError, UsageProblem
from dinas_cli.oracles import datasets
from dinas_cli.oracles.own_datasets import OwnDataset
from dinas_cli.search.data.images import Facts
from dinas_cli.search.runs.folder import Run
from dinas_cli.search.runs.summary import ranked
from dinas_cli.spaces.registry import get_space


def remember(run: Run, facts: Facts) -> str:
    """Keep the values of a run's trials as a data set of the images' name; returns it.

    What is kept of the same images, by an earlier run, is replaced. Raises :class:`DinasError` where the space knows no
    further data sets, where there are too few trials, and where other images have that name.
    """
    space = get_space(str(run.about["space"]))
    trials = [trial for trial in ranked(run.trials()) if trial.finished is not None]
    labels = tuple(
        (trial.trial.record.genotype, trial.finished.result.value)
        for trial in trials
        if trial.finished is not None and trial.finished.result.value is not None
    )
    datasets.check_name(space, facts.name)
    units = {trial.finished.result.unit for trial in trials if trial.finished is not None}
    if units - {find_metric(space, space.rank_metric).unit}:
        raise UsageProblem(f"{space.rank_metric} of {space.name} is in another unit than the trials")
    same = f"images {facts.sha256[:16]}"
    for known in datasets.load_all(space.name):
        if known.name == facts.name and same not in known.note:
            raise DinasError(
                f"{facts.name!r} is the name of other images already", f"dinas datasets rm {facts.name}, or rename one"
            )
    like = datasets.nearest(space, len(facts.classes), facts.image_size)
    note = f"{len(labels)} trials of dinas search, {same}"
    datasets.save(OwnDataset(facts.name, space.name, like, labels, note), force=True)
    return facts.name

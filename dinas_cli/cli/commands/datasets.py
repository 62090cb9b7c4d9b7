"""``dinas datasets``: data sets of the user's own, each described by a few trained networks."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from dinas_cli.cli.completion import complete_own_dataset
from dinas_cli.cli.options import (
    Architectures,
    ForceOption,
    JsonOption,
    OfflineOption,
    QuietOption,
    RegistryOption,
    SpaceOption,
    dataset_option,
)
from dinas_cli.spaces.registry import DEFAULT_SPACE

app = typer.Typer(help="List data sets of yours, which searches leave behind.", no_args_is_help=True)

NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="Name of a data set of yours.", autocompletion=complete_own_dataset)
]
KEYS = ("name", "space", "like", "labels", "best", "unit", "kendall_tau")


@app.command("list")
def list_(
    registry: RegistryOption = None,
    offline: OfflineOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """List data sets of yours in all spaces.

    labels are networks trained on it, best the best of them; kendall_tau says how well a fit to some of them orders the
    others; like is the known data set whose costs stand for its own.
    """
    from dinas_cli.cli.output import Column, Sink
    from dinas_cli.spaces.registry import space_names

    sink = Sink.open(json=json, quiet=quiet)
    found = [_row(order) for space in space_names() for order in _known(space).values()]
    sink.table([Column(key) for key in KEYS], found)
    if not found:
        sink.warn("no data set of yours is known: dinas search makes one")


@app.command()
def info(
    name: NameArgument,
    space: SpaceOption = DEFAULT_SPACE,
    registry: RegistryOption = None,
    offline: OfflineOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Show what is known of a data set of yours.

    loading.NAME says how far it orders architectures as a known data set does, residual how much of it is its own: the
    deviation of that part, where the whole has one of 1.
    """
    import numpy as np

    from dinas_cli.cli.output import Sink
    from dinas_cli.errors import NotFoundError, suggest
    from dinas_cli.files.columns import column_key, split_column
    from dinas_cli.spaces.registry import get_space

    sink = Sink.open(json=json, quiet=quiet)
    target = get_space(space)
    known = _known(target.name)
    order = known.get(column_key(target.rank_metric, None, name))
    if order is None:
        names = [each.dataset.name for each in known.values()]
        raise NotFoundError(f"no data set {name!r} of yours in {target.name}", suggest(name, names, "yours"))
    ordered = order.surrogate.ordered
    loadings = dict(zip((split_column(column)[2] for column in ordered), order.order.descriptor.tolist(), strict=False))
    rows = {f"loading.{each}": round(loading, 4) for each, loading in loadings.items()}
    rows["residual"] = round(float(np.linalg.norm(order.order.descriptor[len(ordered) :])), 4)
    sink.details(_row(order) | rows | {"note": order.dataset.note})


@app.command()
def add(
    name: NameArgument,
    architectures: Architectures,
    space: SpaceOption = DEFAULT_SPACE,
    like: Annotated[str | None, dataset_option("The known data set whose costs stand for its own.")] = None,
    force: ForceOption = False,
    registry: RegistryOption = None,
    offline: OfflineOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Describe a data set by records of networks trained on it.

    Every record needs a measured value of the ranked metric, in a member acc@NAME or acc; five of them at least, two
    dozen are advised.
    """
    from dinas_cli.architectures.schema import Record
    from dinas_cli.cli.inputs import Inputs
    from dinas_cli.cli.output import Sink
    from dinas_cli.errors import UsageProblem
    from dinas_cli.files.columns import column_key
    from dinas_cli.oracles import datasets
    from dinas_cli.oracles.own_datasets import OwnDataset
    from dinas_cli.spaces.registry import get_space

    sink = Sink.open(json=json, quiet=quiet)
    target = get_space(space)
    datasets.check_name(target, name)
    columns = (column_key(target.rank_metric, None, name), target.rank_metric)

    def label(record: Record) -> tuple[str, float]:
        metric = next((record.metrics[column] for column in columns if column in record.metrics), None)
        if metric is None or metric.value is None:
            raise UsageProblem(
                f"{record.id} has no {columns[0]}", f"it has {', '.join(record.metrics) or 'no metrics'}"
            )
        return record.genotype, float(metric.value)

    inputs = Inputs(sink, architectures, target.name)
    labels = tuple(inputs.each(label))
    failed = inputs.failed()
    path = datasets.save(OwnDataset(name, target.name, like or target.datasets[0], labels), force=force)
    sink.say(f"kept {path}; now: dinas generate --space {target.name} --dataset {name} --acc top5")
    if failed:
        raise typer.Exit(1)


@app.command()
def rm(name: NameArgument, space: SpaceOption = DEFAULT_SPACE, quiet: QuietOption = False) -> None:
    """Forget a data set of yours; its run folder stays."""
    from dinas_cli.cli.output import Sink
    from dinas_cli.oracles import datasets
    from dinas_cli.spaces.registry import get_space

    datasets.remove(name, get_space(space).name)
    Sink.open(quiet=quiet).say(f"removed {name}")


def _known(space: str) -> dict[str, Any]:
    """The user's data sets of a space, fitted when asked, by column."""
    from dinas_cli.checkpoints.at_hand import oracles_at_hand
    from dinas_cli.oracles.datasets import likenesses
    from dinas_cli.spaces.registry import get_space

    if not likenesses(space):
        return {}
    surrogate = oracles_at_hand(get_space(space), table=False).surrogate
    return {} if surrogate is None else surrogate.orders


def _row(order: Any) -> dict[str, Any]:
    """What is known of a fitted data set."""
    dataset = order.dataset
    best = max if order.sign > 0 else min
    return {
        "name": dataset.name,
        "space": dataset.space,
        "like": dataset.like,
        "labels": len(dataset.labels),
        "best": best(label for _, label in dataset.labels),
        "unit": order.unit,
        "kendall_tau": order.tau,
    }

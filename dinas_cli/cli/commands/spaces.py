"""``dinas spaces``: which search spaces there are, and what one of them has."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from dinas_cli.cli.options import JsonOption, QuietOption, complete_space
from dinas_cli.cli.output import Column, Sink
from dinas_cli.spaces.registry import get_space, space_names
from dinas_cli.spaces.shared.protocol import MetricSpec, Space

COLUMNS = [
    Column("name", "space"),
    Column("aliases", "aliases"),
    Column("variables", "variables", align="right"),
    Column("genotypes", "genotypes", align="right"),
    Column("datasets", "datasets"),
    Column("title", "title"),
]


def command(
    name: Annotated[
        str | None, typer.Argument(metavar="SPACE", help="Show this one in full.", autocompletion=complete_space)
    ] = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """List search spaces, or show what one has.

    Datasets, metrics with their units, dialects, variables, counts.
    """
    sink = Sink.open(json=json, quiet=quiet)
    if name is not None:
        space = get_space(name)
        metrics = {} if sink.mode == "json" else {"metrics": {spec.name: _sentence(spec) for spec in space.metrics}}
        sink.details(details(space) | metrics)
        return
    sink.table(COLUMNS, [_row(get_space(name)) for name in space_names()])
    sink.say("one in full: dinas spaces NAME")


def details(space: Space) -> dict[str, Any]:
    """Everything a space says about itself."""
    layout = space.layout
    variables = {}
    if layout.free_nodes:
        variables["nodes"] = f"{len(layout.free_nodes)} of {len(layout.nodes)}: {', '.join(layout.node_types)}"
    if layout.free_edges:
        edges = " ".join(f"{start}-{end}" for start, end in layout.free_edges)
        variables["edges"] = f"{len(layout.free_edges)} ({edges}): {', '.join(layout.edge_types)}"
    return {
        "name": space.name,
        "aliases": [*space.aliases, *space.device_aliases],
        "title": space.title,
        "variables": variables,
        "dialects": space.dialects,
        "files": space.files,
        "datasets": space.datasets,
        "ranked": space.rank_metric,
        "metrics": {spec.name: _metric(spec) for spec in space.metrics},
        "counts": counts(space),
    }


def counts(space: Space) -> dict[str, int]:
    """How many architectures a space has, by every measure it can count; empty where it cannot."""
    count = getattr(space, "counts", None)
    return dict(count()) if count is not None else {}


def _row(space: Space) -> dict[str, Any]:
    return {
        "name": space.name,
        "aliases": ", ".join([*space.aliases, *space.device_aliases]),
        "variables": space.layout.size,
        "genotypes": space.table_rows,
        "datasets": ", ".join(space.datasets),
        "title": space.title,
    }


def _metric(spec: MetricSpec) -> dict[str, Any]:
    return {"unit": spec.unit, "better": spec.better, "per": _per(spec), "title": spec.title}


def _sentence(spec: MetricSpec) -> str:
    """A metric in one line, for people."""
    better = {"max": "higher is better", "min": "lower is better"}.get(spec.better)
    facts = [spec.unit or "no unit", *filter(None, [better]), *(f"per {word}" for word in _per(spec))]
    return f"{spec.title} ({', '.join(facts)})"


def _per(spec: MetricSpec) -> list[str]:
    """What values of a metric depend on, besides the architecture."""
    return [word for word, yes in (("dataset", spec.per_dataset), ("device", spec.per_device)) if yes]

"""``dinas spaces``: which search spaces there are, what one of them has, and whether it keeps its contract."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any

import typer

from dinas_cli.cli.completion import complete_space
from dinas_cli.cli.options import JsonOption, QuietOption, WideOption
from dinas_cli.cli.output import Column, Sink
from dinas_cli.errors import UsageProblem
from dinas_cli.spaces.registry import get_space, origin, refusals, space_names
from dinas_cli.spaces.shared.protocol import Layout, MetricSpec, Space

FINDINGS = [Column("check"), Column("status"), Column("reason")]
COLUMNS = [
    Column("name", "space"),
    Column("aliases", minor=True),
    Column("variables", "variables", right=True),
    Column("genotypes", "genotypes", right=True),
    Column("datasets", "datasets"),
    Column("from", minor=True),
    Column("title", "title"),
]


def _words(incomplete: str) -> list[str]:
    """Names of spaces, and the word that asks for a check."""
    return [*complete_space(incomplete), *(["check"] if "check".startswith(incomplete) else [])]


def command(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[check] [SPACE]", help="Show this one in full, or check it.", autocompletion=_words),
    ] = None,
    count: Annotated[
        int | None, typer.Option("--count", min=20, metavar="INT", help="Random cells to check (default 1000).")
    ] = None,
    wide: WideOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """List search spaces, show what one has, or check that it keeps its contract.

    Datasets, metrics with their units, dialects, variables, counts, and the package a space comes from. dinas spaces
    check NAME tries everything on random cells, for up to a minute, and exits with 1 if anything is wrong.
    """
    sink = Sink.open(json=json, quiet=quiet, wide=wide)
    match words or []:
        case ["check", name]:
            _check(sink, get_space(name), count)
        case _ if count is not None:
            raise UsageProblem("--count says how much to check", "dinas spaces check NAME --count 200")
        case []:
            _list(sink)
        case ["check"]:
            raise UsageProblem("which space is to be checked?", "dinas spaces check NAME")
        case [name]:
            _show(sink, get_space(name))
        case several:
            raise UsageProblem(f"one space at a time, not {' '.join(several)!r}", "dinas spaces NAME")


def _list(sink: Sink) -> None:
    sink.table(COLUMNS, [_row(get_space(name)) for name in space_names()])
    for _, error in refusals():
        sink.warn(error.message)
    sink.say("one in full: dinas spaces NAME")


def _show(sink: Sink, space: Space) -> None:
    metrics = {} if sink.mode == "json" else {"metrics": {spec.name: _sentence(spec) for spec in space.metrics}}
    sink.details(details(space) | metrics)


def _check(sink: Sink, space: Space, count: int | None) -> None:
    from dinas_cli.testing import CELLS, CHECKS, run_checks

    rows, failed = [], 0
    with sink.progress("checks", total=len(CHECKS)) as bar:
        for check, error in run_checks(space, count or CELLS):
            failed += error is not None
            rows.append({"check": check.name, "status": "failed" if error else "ok", "reason": error and error.message})
            bar.advance(note=check.name)
    sink.table(FINDINGS, rows)
    if failed:
        sink.error(f"{failed} of {len(rows)} checks of {space.name} failed", "see docs/new-space.md")
        raise typer.Exit(1)
    sink.say(f"{space.name} keeps its contract")


def details(space: Space) -> dict[str, Any]:
    """Everything a space says about itself."""
    layout = space.layout
    variables = {}
    if layout.free_nodes:
        variables["nodes"] = f"{len(layout.free_nodes)} of {len(layout.nodes)}: {_vocabularies(layout)}"
    if layout.free_edges:
        edges = " ".join(f"{start}-{end}" for start, end in layout.free_edges)
        variables["edges"] = f"{len(layout.free_edges)} ({edges}): {', '.join(layout.edge_types)}"
    return {
        "name": space.name,
        "aliases": [*space.aliases, *space.device_aliases],
        "title": space.title,
        "from": str(origin(space.name)),
        "variables": variables,
        "dialects": space.dialects,
        "files": space.files,
        "datasets": space.datasets,
        "ranked": space.rank_metric,
        "metrics": {spec.name: _metric(spec) for spec in space.metrics},
        "counts": counts(space),
    }


def _vocabularies(layout: Layout) -> str:
    """What nodes may be, in words; nodes that may be the same are counted."""
    if not layout.vocabularies:
        return ", ".join(layout.node_types)
    sorts = Counter(tuple(layout.node_types[kind] for kind in types) for types in layout.vocabularies)
    return "; ".join(f"{number} x {', '.join(names)}" for names, number in sorts.items())


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
        "from": str(origin(space.name)),
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

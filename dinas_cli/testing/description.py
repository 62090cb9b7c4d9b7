"""Checks of what a space says about itself: members, layout, metrics, readers."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from dinas_cli.spaces.shared.members import problem_of
from dinas_cli.testing.broken import require
from dinas_cli.units import parse_quantity

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Space

KINDS_OF_FILES = ("torch", "pickle", "csv", "binary")
COSTS = ("", "log", "-log", "inverse")
_MOST_TYPES = 127
"""Types are kept as int8."""


def check_members(space: Space, count: int = 0) -> None:
    """Every member of the protocol is there and of its type."""
    problem = problem_of(space)
    require(problem is None, str(problem))


def check_layout(space: Space, count: int = 0) -> None:
    """Graphs are what they say: types that exist, edges from lower to higher nodes, nothing free that is fixed."""
    layout = space.layout
    nodes, node_types, edge_types = len(layout.nodes), len(layout.node_types), len(layout.edge_types)
    require(layout.size > 0, "layout: nothing is free")
    for node, type_ in enumerate(layout.nodes):
        require(node in layout.free_nodes or 0 <= type_ < node_types, f"layout: node {node} has the type {type_}")
    for node in layout.free_nodes:
        require(0 <= node < nodes, f"layout: free node {node} is none of the {nodes} nodes")
    edges = [*layout.free_edges, *((start, end) for start, end, _ in layout.fixed_edges)]
    for start, end in edges:
        require(0 <= start < end < nodes, f"layout: edge ({start}, {end}) does not run from a lower to a higher node")
    for start, end, type_ in layout.fixed_edges:
        require(0 < type_ < edge_types, f"layout: fixed edge ({start}, {end}) has the type {type_}")
    require(len(set(edges)) == len(edges), "layout: an edge is there twice")
    require(len(set(layout.free_nodes)) == len(layout.free_nodes), "layout: a free node is there twice")
    shared, own = layout.node_choices, layout.vocabularies
    require(shared is None or shared <= node_types, "layout: node_choices exceeds node_types")
    require(not own or len(own) == len(layout.free_nodes), f"layout: {len(own)} vocabularies, not one per free node")
    for node, types in zip(layout.free_nodes, own, strict=False):
        fits = len(set(types)) == len(types) and all(0 <= type_ < layout.free_types for type_ in types)
        require(fits, f"layout: the vocabulary of node {node} is not of different free types: {types}")
    choices = layout.choices
    require(min(choices) >= 1 and max(choices) <= _MOST_TYPES, f"layout: choices {set(choices)} are not 1 to 127")


def check_metrics(space: Space, count: int = 0) -> None:
    """Metrics have known units and directions, names and datasets occur once."""
    names = [spec.name for spec in space.metrics]
    for what, found in (("metric", names), ("dataset", space.datasets), ("dialect", space.dialects)):
        require(len(set(found)) == len(found), f"a {what} is there twice: {', '.join(found)}")
    for spec in space.metrics:
        where = f"metric {spec.name!r}"
        try:
            parse_quantity(f"1{spec.unit if spec.unit != 'count' else ''}", spec.unit)
        except KeyError:
            require(False, f"{where}: unit {spec.unit!r} is not one of ms, s, mJ, B, count, % or none")
        require(spec.better in ("max", "min", ""), f"{where}: better is {spec.better!r}, not max, min or empty")
        require(spec.absent in ("unknown", "worst"), f"{where}: absent is {spec.absent!r}, not unknown or worst")
        require(spec.cost in COSTS, f"{where}: cost is {spec.cost!r}, not {', '.join(COSTS[1:])} or empty")
        require(space.datasets or not spec.per_dataset, f"{where} is per dataset, and there are no datasets")
        ranked = spec.name == space.rank_metric
        require(not (ranked and spec.per_device), f"{where} is ranked and must not be per device")
    on_devices = any(spec.per_device for spec in space.metrics)
    require(on_devices or space.default_device is None, "there is a default_device, and no metric is per device")


def check_readers(space: Space, count: int = 0) -> None:
    """Readers can be imported and have the function ``read``."""
    for kind, module in space.readers.items():
        require(kind in KINDS_OF_FILES, f"readers: {kind!r} is no kind of file ({', '.join(KINDS_OF_FILES)})")
        require(callable(getattr(import_module(module), "read", None)), f"reader {module} has no function read")

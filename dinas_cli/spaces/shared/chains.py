"""Chains: spaces whose nodes follow one another, each with choices of its own."""

from __future__ import annotations

from collections.abc import Sequence

from dinas_cli.spaces.shared.protocol import Layout, Sketch


def chain(types: Sequence[str], length: int) -> Layout:
    """``length`` free nodes in a row that choose from the same ``types``."""
    nodes = tuple(range(length))
    links = tuple((node, node + 1, 1) for node in nodes[:-1])
    return Layout((0,) * length, tuple(types), ("none", "next"), nodes, (), fixed_edges=links)


def chain_sketch(title: str, nodes: Sequence[tuple[str, str]]) -> tuple[Sketch, ...]:
    """One drawing of ``nodes`` (label, kind), each joined to the next one."""
    return (Sketch(title, tuple(nodes), tuple((node, node + 1, "", "") for node in range(len(nodes) - 1))),)

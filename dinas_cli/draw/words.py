"""Cells in words, and text for what can show ASCII only."""

from __future__ import annotations

from collections.abc import Sequence

from dinas_cli.files.text import SPELLED
from dinas_cli.spaces.shared.protocol import Sketch


def ascii_only(text: str, but: str = "") -> str:
    """``text`` with what is neither ASCII nor among the characters of ``but`` spelled out, or a question mark."""
    return "".join(c if c.isascii() or c in but else SPELLED.get(c, "?") for c in text)


def in_words(sketches: Sequence[Sketch]) -> str:
    """Every edge of the cells: ``cell: in – conv 3×3 → 1, 1 → out``; nodes of one name get a number behind it."""
    return ". ".join(f"{sketch.title}: {_edges(sketch)}" for sketch in sketches)


def _edges(sketch: Sketch) -> str:
    labels = [label for label, _ in sketch.nodes]
    names = [f"{label} #{node}" if labels.count(label) > 1 else label for node, label in enumerate(labels)]
    edges = (
        f"{names[start]} – {label} → {names[end]}" if label else f"{names[start]} → {names[end]}"
        for start, end, label, _ in sketch.edges
    )
    return ", ".join(edges) or "no edges"

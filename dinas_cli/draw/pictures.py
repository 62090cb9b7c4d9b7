"""Records as drawings: what is said about each, and the pictures of one or several of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, get_args

from dinas_cli.architectures.schema import Record
from dinas_cli.draw.canvas import Canvas
from dinas_cli.draw.figure import Panel, draw
from dinas_cli.draw.png import PngCanvas
from dinas_cli.draw.svg import SvgCanvas
from dinas_cli.draw.theme import THEMES
from dinas_cli.draw.words import in_words
from dinas_cli.files.columns import split_column
from dinas_cli.files.text import visible
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared.protocol import Sketch
from dinas_cli.units import format_quantity

Format = Literal["svg", "png"]
FORMATS: tuple[Format, ...] = get_args(Format)

_HEADLINES = 6
"""Metrics that a drawing names."""


def sketches_of(record: Record) -> tuple[Sketch, ...]:
    """The cells of a record whose genotype has been read."""
    return get_space(record.space).sketch(record.values or ())


def facts(record: Record) -> tuple[str, ...]:
    """Space, dataset and headline metrics of a record, printable whatever it holds.

    A dataset that all share is named once, and a source that all share last.
    """
    known = [(key, metric) for key, metric in record.metrics.items() if not math.isnan(metric.value)][:_HEADLINES]
    sources = dict.fromkeys(metric.source for _, metric in known)
    datasets = {dataset for key, _ in known if (dataset := split_column(key)[2]) is not None}
    shared = datasets.pop() if len(datasets) == 1 else None
    told = [record.space] if shared is None else [record.space, shared]
    for key, metric in known:
        name = key if shared is None else key.removesuffix(f"@{shared}")
        source = f" ({metric.source})" if len(sources) > 1 else ""
        told.append(f"{name} {metric.relation}{format_quantity(metric.value, metric.unit)}{source}")
    if len(sources) == 1:
        told.append(f"source: {next(iter(sources))}")
    return tuple(map(visible, told))


def file_name(record: Record, form: Format) -> str:
    """The name of a record's picture, different for every cell; equal cells of one id differ in their key."""
    return f"{record.id}-{get_space(record.space).key(record.values or ())}.{form}"


def picture(records: Sequence[Record], form: Format, theme: str = "light") -> bytes:
    """One picture of all records, in a grid; ``theme`` is one of :data:`~dinas_cli.draw.theme.THEMES`.

    Raises :class:`NotFoundError` when PNG is wanted and Pillow is missing, and :class:`DinasError` when the picture
    would be too large.
    """
    colours = THEMES[theme]
    panels = [Panel(visible(record.id), facts(record), sketches_of(record)) for record in records]
    title = panels[0].title if len(panels) == 1 else f"{len(panels)} architectures"

    def canvas(width: float, height: float) -> Canvas:
        if form == "png":
            return PngCanvas(width, height, colours.background)
        words = "\n".join(
            f"{panel.title}: {', '.join(panel.facts)}. Genotype {record.genotype}. {in_words(panel.cells)}."
            for panel, record in zip(panels, records, strict=True)
        )
        return SvgCanvas(width, height, colours.background, title, words)

    return draw(panels, colours, canvas)


def as_data(record: Record) -> dict[str, Any]:
    """What is drawn of a record, for other programs that draw."""
    cells = [
        {
            "title": sketch.title,
            "nodes": [{"label": label, "kind": kind} for label, kind in sketch.nodes],
            "edges": [
                {"from": start, "to": end, "label": label, "kind": kind} for start, end, label, kind in sketch.edges
            ],
        }
        for sketch in sketches_of(record)
    ]
    return {"id": record.id, "space": record.space, "genotype": record.genotype, "cells": cells}

"""Plots as small SVG files, light and dark, the same bytes every time: panels of curves with bands, steps or points."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

from benchmarks.methods import look

mpl.use("Agg")

PLOTS = Path(__file__).parent.parent / "docs" / "plots"
STYLE = {
    "svg.hashsalt": "dinas",
    "svg.fonttype": "none",
    "path.simplify": True,
    "path.simplify_threshold": 0.5,
    "font.size": 9,
    "axes.titlesize": 9,
    "legend.fontsize": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.12,
    "lines.markersize": 3.5,
    "figure.dpi": 72,
}
GROUNDS = {"light": ("white", "#1f2328"), "dark": ("#0d1117", "#e6edf3")}
"""Background and ink by theme."""
WIDTH, HEIGHT, COLUMNS = 3.2, 2.6, 3
"""Of a panel in inches, and panels in a row."""
POINTS = 60
"""Of a curve at most, dense where a logarithmic axis is."""


@dataclass(frozen=True)
class Series:
    """One curve: ``y`` at ``x``, with a band of ``sd`` to both sides where it is given."""

    label: str
    x: Sequence[float]
    y: Sequence[float]
    sd: Sequence[float] | None = None
    kind: str = "line"
    """``line`` (with markers), ``curve`` (without), ``step`` (what holds until the next point) or ``points``."""


@dataclass(frozen=True)
class Panel:
    """One pair of axes."""

    title: str
    xlabel: str
    ylabel: str
    series: tuple[Series, ...]
    log: bool = False
    """Whether ``x`` is logarithmic."""
    level: tuple[str, float] | None = None
    """A line across, with its name: the best there is."""


def mean_band(label: str, x: Sequence[float], runs: Sequence[Sequence[float]], kind: str = "curve") -> Series:
    """Mean and standard deviation over ``runs``, each with a value at every ``x``."""
    values = np.asarray(runs, float)
    return Series(label, x, values.mean(0).tolist(), values.std(0).tolist(), kind)


def save(panels: Sequence[Panel], path: Path, theme: str = "light") -> Path:
    """Draw panels side by side with one legend below and write them: SVG or PNG by the file's ending."""
    from matplotlib.figure import Figure

    columns = min(len(panels), COLUMNS)
    rows = -(-len(panels) // columns)
    labels = list(dict.fromkeys(series.label for panel in panels for series in panel.series))
    labels.sort(key=lambda label: not look(label).ours)
    with mpl.rc_context(STYLE | _colours(theme)):
        figure = Figure((WIDTH * columns, HEIGHT * rows + 0.5), layout="constrained")
        grid = figure.subplots(rows, columns, squeeze=False).flatten()
        handles: dict[str, Any] = {}
        for axes, panel in zip(grid, panels, strict=False):
            for series in sorted(panel.series, key=lambda series: look(series.label).ours):
                handles.setdefault(series.label, _plot(axes, series, theme))
            _dress(axes, panel)
        for axes in grid[len(panels) :]:
            axes.set_visible(False)
        known = [handles[name] for name in labels]
        figure.legend(known, labels, loc="outside lower center", ncols=min(len(labels), 4), frameon=False)
        buffer = BytesIO()
        ending = path.suffix.removeprefix(".")
        figure.savefig(buffer, format=ending, metadata={"Date": None, "Creator": None} if ending == "svg" else None)
    content = buffer.getvalue()
    if ending == "svg":
        # Tenths of a point are finer than any screen; thousandths of them would be most of the file.
        content = re.sub(rb"-?\d+\.\d{3,}", lambda found: b"%.1f" % float(found[0]), content)
        content = b"\n".join(line.rstrip() for line in content.splitlines()) + b"\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def save_both(panels: Sequence[Panel], name: str, folder: Path = PLOTS) -> None:
    """``NAME-light.svg`` and ``NAME-dark.svg`` in a folder."""
    for theme in GROUNDS:
        save(panels, folder / f"{name}-{theme}.svg", theme)


def _colours(theme: str) -> dict[str, str]:
    ground, ink = GROUNDS[theme]
    inked = ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color")
    return {"figure.facecolor": ground, "axes.facecolor": ground, "grid.color": ink} | dict.fromkeys(inked, ink)


def _plot(axes: Any, series: Series, theme: str) -> Any:
    how = look(series.label)
    colour = how.dark if theme == "dark" else how.light
    kept = np.arange(len(series.x))
    if series.kind == "curve" and len(kept) > POINTS:
        kept = np.unique(np.geomspace(1, len(kept), POINTS).round().astype(int)) - 1
    x, y = np.asarray(series.x, float)[kept], np.asarray(series.y, float)[kept]
    drawn = {"color": colour, "linewidth": how.width, "marker": how.marker}
    if series.kind == "step":
        handle = axes.step(x, y, where="post", **(drawn | {"markersize": 2.5}))[0]
    else:
        handle = axes.plot(x, y, **(drawn if series.kind == "line" else drawn | {"marker": None}))[0]
    if series.sd is not None:
        sd = np.asarray(series.sd, float)[kept]
        axes.fill_between(x, y - sd, y + sd, color=colour, alpha=0.18, linewidth=0)
    return handle


def _dress(axes: Any, panel: Panel) -> None:
    axes.set_title(panel.title)
    axes.set_xlabel(panel.xlabel)
    axes.set_ylabel(panel.ylabel)
    if panel.log:
        axes.set_xscale("log")
        xs = [x for series in panel.series for x in series.x]
        ticks = [digit * 10**power for power in range(6) for digit in (1, 2, 5)]
        axes.set_xticks([tick for tick in ticks if min(xs) <= tick <= max(xs)])
        axes.xaxis.set_major_formatter(mpl.ticker.StrMethodFormatter("{x:g}"))
        axes.xaxis.set_minor_locator(mpl.ticker.NullLocator())
    if panel.level is not None:
        name, value = panel.level
        axes.axhline(value, color=mpl.rcParams["text.color"], linewidth=0.8, linestyle=":")
        axes.text(0.02, value, name, transform=axes.get_yaxis_transform(), va="top", fontsize=7)

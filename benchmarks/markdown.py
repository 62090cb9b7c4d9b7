"""Figures as Markdown: tables, means with standard deviations, and how a result was made."""

from __future__ import annotations

from typing import Any


def pm(value: dict[str, float], factor: float = 100, digits: int = 1) -> str:
    """Mean and standard deviation, by default of a share, in percent."""
    unit = " %" if factor == 100 else ""
    return f"{factor * value['mean']:.{digits}f} ± {factor * value['sd']:.{digits}f}{unit}"


def table(heads: list[str], rows: list[list[str]]) -> list[str]:
    """Lines of a table."""
    return ["| " + " | ".join(cells) + " |" for cells in (heads, ["---"] * len(heads), *rows)]


def about(facts: dict[str, Any]) -> list[str]:
    """The line under a section: command, seeds, labels, checkpoints, machine."""
    sums = f"generator `{facts['checkpoint_sha256'][:12]}`, surrogate `{facts['surrogate_sha256'][:12]}`"
    return [
        f"`{facts['command']}` · {facts['seeds']} seeds · trained on {facts['label_budget']:,} labels · {sums} · "
        f"{facts['machine']} · {facts['date']}"
    ]

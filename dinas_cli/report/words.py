"""What a page says in plain sentences: what is predicted, what computed, what measured, and how far to trust it."""

from __future__ import annotations

from collections.abc import Sequence

from dinas_cli.architectures.schema import SOURCES, Record

_SAID = {
    "table": "Measured by the makers of the benchmark, and looked up in its table",
    "surrogate": "Predicted by a small model that learned from the benchmark; nobody measured these values",
    "computed": "Computed exactly from the architecture",
    "measured": "Measured or trained here",
}


def sources(records: Sequence[Record]) -> list[str]:
    """A sentence for every source of the records' values, the strongest first."""
    found: dict[str, dict[str, float | None]] = {name: {} for name in SOURCES}
    outside = 0
    for record in records:
        for key, metric in record.metrics.items():
            tau = metric.extra.get("kendall_tau")
            found[metric.source].setdefault(key, tau if isinstance(tau, float) else None)
        outside += any(metric.extra.get("outside_labels") for metric in record.metrics.values())
    sentences = [
        f"{_SAID[source]}{_trust(columns)}: {_list(list(columns))}." for source, columns in found.items() if columns
    ]
    if outside:
        sentences.append(
            f"{outside} of {len(records)} architectures are unlike all that the model has seen: trust it less there."
        )
    return sentences


def _trust(columns: dict[str, float | None]) -> str:
    taus = [tau for tau in columns.values() if tau is not None]
    if not taus:
        return ""
    return (
        f" (on architectures that it had not seen, it ordered pairs as they are in {_share(min(taus))} of cases"
        + (f" to {_share(max(taus))}" if _share(max(taus)) != _share(min(taus)) else "")
        + ")"
    )


def _share(tau: float) -> str:
    """Kendall's tau as the share of pairs in the right order."""
    return f"{50 * (1 + tau):.0f} %"


def _list(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"

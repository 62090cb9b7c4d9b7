"""What there is to say about evaluated records: where values come from, what networks they are of, what is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any

from dinas_cli.architectures.schema import Record
from dinas_cli.files.columns import split_column
from dinas_cli.files.text import visible
from dinas_cli.spaces.shared.settings import Setting
from dinas_cli.spaces.shared.skeletons import counted

if TYPE_CHECKING:
    from dinas_cli.generation.evaluate import Evaluation
    from dinas_cli.spaces.shared.protocol import Space

_PLAIN = {
    "table": "from the benchmark's table",
    "surrogate": "predicted (± holds two of three measurements)",
    "computed": "exact",
    "measured": "measured",
}
"""Sources in plain words."""


@dataclass
class Summary:
    """Counts over the records of one space, which come in as many batches as there are."""

    space: Space
    records: int = 0
    sources: dict[str, dict[str, int]] = field(default_factory=dict)
    """By source and column, how many values."""
    taus: dict[tuple[str, str], float] = field(default_factory=dict)
    """By source and column, the rank correlation that the first value states."""
    labels: dict[str, str] = field(default_factory=dict)
    """By column, whose word its values are where they are not the benchmark's own measurements."""
    outside: int = 0
    """Records with a value that is outside of what was labelled."""
    outside_columns: set[str] = field(default_factory=set)
    networks: dict[str, Any] = field(default_factory=dict)
    satisfied: int = 0
    judged: int = 0
    missing: list[str] = field(default_factory=list)
    unjudged: list[str] = field(default_factory=list)
    limited: int = 0
    """Networks that were measured here and have a limit to keep."""
    kept: int = 0
    ratios: list[float] = field(default_factory=list)
    """Measured by predicted costs."""
    elsewhere: set[str] = field(default_factory=set)
    """Devices that are not this machine, whose limits measurements made here were held against."""

    def add(self, records: Sequence[Record]) -> Summary:
        """Count ``records`` too; the summary itself."""
        self.records += len(records)
        for record in records:
            outside = [column for column, metric in record.metrics.items() if metric.extra.get("outside_labels")]
            self.outside += bool(outside)
            self.outside_columns.update(outside)
            self.networks |= record.networks
            if "satisfies" in record.provenance:
                self.judged += 1
                self.satisfied += bool(record.provenance["satisfies"])
            for column, metric in record.metrics.items():
                if isinstance(labels := metric.extra.get("labels"), str):
                    self.labels[column] = visible(labels)[:200]
                known = self.sources.setdefault(metric.source, {})
                if column not in known and isinstance(tau := metric.extra.get("kendall_tau"), float):
                    self.taus[metric.source, column] = tau
                known[column] = known.get(column, 0) + 1
        return self

    def note(self, evaluation: Evaluation) -> None:
        """Count the records of an evaluation, and remember what it could not tell."""
        self.add(evaluation.records)
        for each in evaluation.measured:
            if each.limits:
                self.limited += 1
                self.kept += each.kept
                self.elsewhere |= {each.elsewhere} if each.elsewhere else set()
            if each.predicted:
                self.ratios.append(each.metric.value / each.predicted)
        self.missing += [column for column in evaluation.missing if column not in self.missing]
        self.unjudged += [reason for reason in evaluation.unjudged if reason not in self.unjudged]

    def source_lines(self) -> list[str]:
        """One line per source with its columns, for a surrogate with what it agrees with; one on what is outside.

        A column whose values are of several sources is named with each, and of how many records that source's are.
        """
        total: Counter[str] = Counter()
        for known in self.sources.values():
            total.update(known)
        lines = []
        for source, known in self.sources.items():
            shares = {name: f"{count} of {total[name]}" for name, count in known.items() if count < total[name]}
            taus = {name: self.taus[source, name] for name in known if (source, name) in self.taus}
            others = [f"{name} ({shares[name]})" if name in shares else name for name in known if name not in taus]
            said = f", agrees on held-out architectures {agreement(taus, self.space, shares)}" if taus else ""
            parts = [f"from {source}{said}", *([", ".join(others)] if others else [])]
            lines.append(("; " if taus else ": ").join(parts))
        told = {column for _, column in self.taus}
        lines += [f"{column}: {labels}" for column, labels in self.labels.items() if column not in told]
        return lines + self._outside_lines()

    def _outside_lines(self) -> list[str]:
        if not self.outside:
            return []
        names = ", ".join(sorted(self.outside_columns))
        return [
            f"outside of what was labelled: {self.outside} of {self.records}; nothing like them was seen by what "
            f"predicts {names}"
        ]

    def plain_lines(self, asked: str = "") -> list[str]:
        """Where the values come from in one line, after what was ``asked`` for; one more on what is outside.

        :meth:`source_lines` and :meth:`network_lines` have it all.
        """
        columns = [column for known in self.sources.values() for column in known]
        datasets = {dataset for column in columns if (dataset := split_column(column)[2]) is not None}
        shared = f"@{next(iter(datasets))}" if len(datasets) == 1 else ""
        parts = []
        for source, known in self.sources.items():
            names = ", ".join(column.removesuffix(shared) for column in known)
            parts.append(f"{names} {_PLAIN[source]}")
        line = "; ".join(parts)
        told = [asked.replace(shared, "") if shared else asked, line]
        lines = [". ".join(filter(None, told)) + (f" (on {shared[1:]})" if shared else "")]
        return [line for line in lines if line] + self._outside_lines()

    def measured_line(self) -> str | None:
        """How many networks keep their limits as measured, and how measurements compare with predictions."""
        parts = [f"{self.kept} of {self.limited} keep their limit"] if self.limited else []
        if self.ratios:
            least, most = min(self.ratios), max(self.ratios)
            parts.append(f"measured / predicted: median {median(self.ratios):.3g} ({least:.3g} to {most:.3g})")
        return f"as measured here: {'; '.join(parts)}" if parts else None

    def network_lines(self) -> list[str]:
        """One line per network that costs are about, with their columns."""
        columns: dict[str, list[str]] = {}
        for column, setting in self.networks.items():
            network = Setting.from_dict(self.space, setting).describe(counted(self.space))
            columns.setdefault(network, []).append(column)
        return [f"{', '.join(names)}: {network}" for network, names in columns.items()]


def agreement(taus: Mapping[str, float], space: Space, shares: Mapping[str, str] | None = None) -> str:
    """Held-out Kendall tau by column, after whose word it is about: ``with the benchmark: acc (τ 0.921)``.

    ``shares`` says of how many records a column's values are.
    """
    authorities = {spec.name: spec.authority for spec in space.metrics}
    groups: dict[str, list[str]] = {}
    for column, tau in taus.items():
        authority = authorities.get(split_column(column)[0], "the benchmark")
        share = f", {shares[column]}" if shares and column in shares else ""
        groups.setdefault(authority, []).append(f"{column} (τ {tau:.3f}{share})")
    return "; ".join(f"with {authority}: {', '.join(names)}" for authority, names in groups.items())

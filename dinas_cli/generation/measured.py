"""Measures evaluated networks on this machine: which network and how, what came out, and what it says of limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dinas_cli.architectures.arguments import check_counts, check_ranges, check_texts
from dinas_cli.architectures.schema import Metric
from dinas_cli.errors import NotFoundError, UsageProblem, suggest
from dinas_cli.exporting.limits import choose
from dinas_cli.files.columns import column_key
from dinas_cli.oracles.device import THIS_MACHINE
from dinas_cli.oracles.measuring import latency, setting_here, threads_of
from dinas_cli.oracles.torch_devices import CPU, device_of
from dinas_cli.spaces.shared.phases import phase_of, phases_of
from dinas_cli.spaces.shared.settings import SIZES, Setting

if TYPE_CHECKING:
    from dinas_cli.architectures.conditions import Budget, Request
    from dinas_cli.architectures.schema import Record
    from dinas_cli.oracles.answers import Oracles
    from dinas_cli.oracles.lookup import Selection
    from dinas_cli.spaces.shared.protocol import Space, Values

METRIC = "latency"
COLUMN = column_key(METRIC, THIS_MACHINE)


@dataclass(frozen=True)
class Measuring:
    """Which network to measure and how; what is None, or not there, is as the device has it that was asked for."""

    skeleton: str | None = None
    sizes: Mapping[str, int | float | bool | None] = field(default_factory=dict)
    batch: int | None = None
    threads: int | None = None
    torch_device: str | None = None

    @classmethod
    def of(cls, options: Mapping[str, object]) -> Measuring:
        """What options from Python ask for; raises :class:`UsageProblem` for unknown names and wrong types."""
        for name, value in options.items():
            if name in ("skeleton", "torch_device"):
                check_texts(**{name: value})
            elif name in (*SIZES, "batch", "threads"):
                check_counts(**{name: value})
            else:
                known = ("skeleton", *SIZES, "batch", "threads", "torch_device")
                raise UsageProblem(f"measure: {name!r} is not understood", suggest(str(name), known, "what it takes"))
        check_ranges(**{name: options[name] for name in ("batch", "threads") if name in options})  # type: ignore[arg-type]
        sizes = {name: size for name, size in options.items() if name in SIZES}
        return cls(sizes=sizes, **{name: value for name, value in options.items() if name not in SIZES})  # type: ignore[arg-type]

    def setting(self, space: Space, known: Setting | None, dataset: str | None) -> tuple[Setting, int, str]:
        """What is measured, on how many threads and on which of torch's devices.

        Where the costs of the device are about the network ``known``, it is that; without a device, or where nobody
        said, the benchmark's own, with one input on one thread of the CPU. Raises as :func:`.skeletons.choose`, and
        :class:`NotFoundError` where torch has no such device.
        """
        chosen = choose(space, known, self.skeleton, self.sizes)
        batch, threads, device = self.batch, self.threads, self.torch_device
        if known is not None:
            batch, threads, device = batch or known.batch, threads or threads_of(known), device or device_of(known)
            dataset = dataset or known.dataset
        phase = next(iter(phases_of(space)), None) if known is None else phase_of(space, known)
        made = setting_here(space, dataset, chosen, batch or 1, threads or 1, device or CPU, phase)
        return replace(made, per_input=known is not None and known.per_input), threads or 1, device or CPU


@dataclass(frozen=True)
class Measured:
    """What was measured of one network, and what it can be held against."""

    metric: Metric
    setting: Setting
    column: str | None
    """The device's own column; None without a device."""
    predicted: float | None
    """What stands in that column."""
    limits: Mapping[int, Budget]
    """The request's limits on the device, by their numbers among its budgets."""
    elsewhere: str | None
    """The device, where it was not measured on this machine or one like it."""

    @property
    def kept(self) -> bool:
        """Whether all limits are kept."""
        value = self.metric.value
        return all(value >= each.limit if each.reverse else value <= each.limit for each in self.limits.values())


def beside(found: Mapping[str, list[Metric]], measured: Sequence[Measured]) -> dict[str, list[Metric]]:
    """The metrics of architectures by column, with what was measured behind the column of the device."""
    columns = list(found)
    place = columns.index(column) + 1 if (column := measured[0].column) in columns else len(columns)
    columns.insert(place, COLUMN)
    return {key: [each.metric for each in measured] if key == COLUMN else found[key] for key in columns}


class Measurer:
    """Measures networks one after the other, each once."""

    def __init__(self, oracles: Oracles, selection: Selection, measuring: Measuring) -> None:
        self.oracles, self.selection, self.measuring = oracles, selection, measuring
        self._found: dict[tuple[Values, str], Metric] = {}

    def measure(self, record: Record, request: Request, values: Values) -> Measured:
        """Measure the network that the request's limit on a device is about, else that of the device asked about.

        Raises :class:`UsageProblem` for a network that the space does not have.
        """
        space = self.oracles.space
        named = [budget.device for budget in request.budgets if budget.metric == METRIC and budget.device]
        device = next(iter(named), next(iter(self.selection.devices), space.default_device))
        dataset = self.selection.dataset or request.dataset or next(iter(space.datasets), None)
        column = None if device is None else self._column(record, device, dataset)
        known = None if column is None else self._known(record, column)
        setting, threads, on = self.measuring.setting(space, known, dataset)
        predicted = None if column is None else self._predicted(record, values, column)
        return Measured(
            self._metric(values, setting, threads, on),
            setting,
            column,
            predicted,
            {
                number: budget
                for number, budget in enumerate(request.budgets)
                if budget.metric == METRIC and budget.device == device
            },
            None if known is not None and threads_of(known) is not None and device_of(known) == on else device,
        )

    def _column(self, record: Record, device: str, dataset: str | None) -> str | None:
        """The device's column, here or in a record that was made elsewhere."""
        keys = (column_key(METRIC, device, dataset), column_key(METRIC, device))
        found = self.oracles.find(METRIC, dataset=dataset, device=device)
        return found or next((key for key in keys if key in record.networks or key in record.metrics), None)

    def _known(self, record: Record, column: str) -> Setting | None:
        if column in record.networks:
            return Setting.from_dict(self.oracles.space, record.networks[column])
        return self.oracles.setting(column)

    def _predicted(self, record: Record, values: Values, column: str) -> float | None:
        import numpy as np

        if self.oracles.answer(column) is not None:
            found = float(self.oracles.metric(np.array([values]), column)[0][0])
        elif column in record.metrics:
            found = record.metrics[column].value
        else:
            return None
        return found if found > 0 else None  # not NaN, and no fit below zero

    def _metric(self, values: Values, setting: Setting, threads: int, device: str) -> Metric:
        key = values, repr(setting)
        if key not in self._found:
            space = self.oracles.space
            try:
                found = latency(space, values, setting, threads, device)
            except ImportError as error:
                name = str(error.name).replace("_", "-")
                raise NotFoundError(f"networks of {space.name} need {name}", f"pip install {name}") from error
            inputs = setting.batch or 1 if setting.per_input else 1
            about = {"device": THIS_MACHINE} | ({} if setting.dataset is None else {"dataset": setting.dataset})
            facts = {"spread": found.spread / inputs, "runs": found.runs}
            self._found[key] = Metric(found.median / inputs, "ms", "measured", about | facts)
        return self._found[key]

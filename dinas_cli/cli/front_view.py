"""What ``dinas front`` is asked, and how its answer is shown: data and plot, and files where they are named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dinas_cli.cli.output import Column, Sink
from dinas_cli.cli.record_file import write
from dinas_cli.cli.style import style_of
from dinas_cli.errors import UsageProblem
from dinas_cli.files.atomic import atomic_write

if TYPE_CHECKING:
    from dinas_cli.architectures.conditions import Request
    from dinas_cli.draw.scatter import Axis
    from dinas_cli.generation.front import Front
    from dinas_cli.generation.objectives import Objective


@dataclass(frozen=True)
class Asked:
    """The words of the options."""

    of: str | None
    limits: Mapping[str, Any]
    """By option of its own."""
    further: Mapping[str, list[str]]
    """By metric."""
    devices: tuple[str, ...]
    dataset: str | None
    command: str = ""
    """As it was typed, without places."""

    def request(self, space: str) -> Request:
        """The request in a space; raises as :func:`.request_from`."""
        from dinas_cli.generation.arguments import request_from

        return request_from(space, **self.limits, limits=self.further, device=self.devices, dataset=self.dataset)

    @property
    def names(self) -> tuple[str, ...]:
        """The metrics of ``--of``; raises :class:`UsageProblem` for an empty list."""
        if self.of is None:
            return ()
        names = tuple(part.strip() for part in self.of.split(",") if part.strip())
        if not names:
            raise UsageProblem(f"--of {self.of[:80]!r} names no metric", "for example: --of acc,latency/fpga")
        return names


def of_records(sink: Sink, architectures: Sequence[str], space: str | None, asked: Asked) -> tuple[Front, bool]:
    """The front of records from files or standard input, and whether some lines could not be used."""
    from dinas_cli.cli.inputs import Inputs
    from dinas_cli.exporting.plan import renew
    from dinas_cli.generation.front_of_records import default_of, front_of_records, space_of

    inputs = Inputs(sink, architectures, space)
    records = list(inputs.each(renew))
    failed = inputs.failed()
    found = space_of(records)
    names = asked.names or default_of(found, records, asked.devices)
    return front_of_records(records, names, asked.request(found.name), asked.devices), failed


def show(
    sink: Sink,
    front: Front,
    asked: Asked | None,
    output: Path | None,
    svg: Path | None,
    *,
    force: bool,
    verbose: bool = False,
) -> None:
    """Plot and records to standard output, or files; then what there is to say."""
    from dinas_cli.draw.chart import chart
    from dinas_cli.generation.front import describe

    across, up = front_axes(front)
    if svg is not None:
        points = named_points(front)
        words = describe(front)
        axes = axis_of(front.objectives[across]), axis_of(front.objectives[up])
        title = f"{axes[1].title} and {axes[0].title}"
        atomic_write(svg, chart(points, *axes, title, words), force=force)
        sink.say(f"drew {svg}")
    if output is not None and output.suffix == ".html":
        from dinas_cli.cli.front_page import page_of

        atomic_write(output, page_of(front, asked), force=force)
        sink.say(f"wrote {output}")
    elif output is not None:
        write(sink, front.records, output, force)
    else:
        deep = any(record.provenance["layer"] > 1 for record in front.records)
        extra = [*([Column("layer", "layer")] if deep else []), Column("knee", "knee")]
        sink.records(front.records, extra, named=[each.column for each in front.objectives])
        plot(sink, front)  # last, so that it is what a small screen shows
    sink.say(describe(front))
    for note in front.notes:
        sink.warn(note)
    explain(sink, front, verbose=verbose)


def explain(sink: Sink, front: Front, *, verbose: bool = False) -> None:
    """Where the values come from, and how sure limits are."""
    from dinas_cli.generation.summary import Summary
    from dinas_cli.spaces.registry import get_space

    if front.confidence is not None:
        sink.say(f"limits are kept with probability {front.confidence:g}, as predicted")
    summary = Summary(get_space(front.records[0].space)).add(front.records)
    for line in (*summary.source_lines(), *summary.network_lines()) if verbose else summary.plain_lines():
        sink.say(line)


def front_axes(front: Front) -> tuple[int, int]:
    """Which two objectives are drawn: across the first of which less is better, up the first of the others."""
    across = next((place for place, each in enumerate(front.objectives) if not each.upwards), 1)
    return across, next(place for place in range(len(front.objectives)) if place != across)


def axis_of(objective: Objective) -> Axis:
    """How an objective heads an axis."""
    from dinas_cli.draw.scatter import Axis

    unit = f" ({objective.unit})" if objective.unit not in ("", "count") else ""
    return Axis(f"{objective.column}{unit}", objective.unit)


def named_points(front: Front) -> dict[str, list[tuple[float, float, str]]]:
    """Points ``(x, y, id)`` by kind."""
    across, up = front_axes(front)
    columns = front.objectives[across].column, front.objectives[up].column
    found: dict[str, list[tuple[float, float, str]]] = {"other": [], "front": [], "knee": []}
    if front.cloud.size:
        found["other"] += [(x, y, "") for x, y in front.cloud[:, [across, up]].tolist()]
    for record in (*front.dominated, *front.records):
        x, y = (float(record.metrics[column].value) for column in columns)
        ahead = record.provenance.get("layer") == 1
        kind = "knee" if record.provenance.get("knee") is True and ahead else "front" if ahead else "other"
        found[kind].append((x, y, record.id))
    return found


def plot(sink: Sink, front: Front) -> None:
    """The plot, where people read."""
    from dinas_cli.draw.scatter import legend, scatter

    if sink.mode != "human":
        return
    style, (across, up) = style_of(sink), front_axes(front)
    points = {kind: [(x, y) for x, y, _ in some] for kind, some in named_points(front).items()}
    lines = scatter(points, axis_of(front.objectives[across]), axis_of(front.objectives[up]), style)
    kinds = {"front": "on the front", "knee": "knee", "other": "dominated"}
    if lines:
        lines = ["", *lines, legend({kind: words for kind, words in kinds.items() if points[kind]}, style)]
    for line in lines:
        sink.line(line)

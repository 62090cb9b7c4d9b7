"""``dinas generate``: draw architectures that meet constraints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from dinas_cli.architectures.arguments import RANGES, check_ranges
from dinas_cli.cli.options import (
    SAMPLING,
    AccOption,
    CheckpointOption,
    ColumnsOption,
    ConfidenceOption,
    DatasetOption,
    DeviceOption,
    EnergyOption,
    ForceOption,
    JsonOption,
    LatencyOption,
    LimitOption,
    LinearRegionsOption,
    MacsOption,
    NtkOption,
    OfflineOption,
    OutputOption,
    ParamsOption,
    PplOption,
    QuietOption,
    RegistryOption,
    SeedOption,
    SpaceOption,
    VerboseOption,
    WideOption,
    all_devices,
    parse_limits,
)
from dinas_cli.errors import UsageProblem
from dinas_cli.spaces.registry import DEFAULT_SPACE

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Space, Values

CountOption = Annotated[
    int,
    typer.Option(
        "--count", "-n", min=1, max=int(RANGES["n"][1]), metavar="INT", help="How many.", rich_help_panel=SAMPLING
    ),
]
GuidanceOption = Annotated[
    str,
    typer.Option(
        "--guidance",
        metavar="W",
        help="Strength of the constraints while sampling: one number, or by metric (others 2): acc=3,latency=2.",
        rich_help_panel=SAMPLING,
    ),
]
StepsOption = Annotated[
    int | None,
    typer.Option(
        "--steps",
        min=1,
        max=int(RANGES["steps"][1]),
        metavar="INT",
        help="Network calls (default: as the space has it; fewer is quicker).",
        rich_help_panel=SAMPLING,
    ),
]
SamplerOption = Annotated[
    Literal["any-order", "ancestral", "iterative"] | None,
    typer.Option(
        "--sampler", help="Has to fit the checkpoint's kernel (default: the first that does).", rich_help_panel=SAMPLING
    ),
]
ExcludeOption = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude",
        metavar="ARCH",
        help="Architectures not to return: a file of them, or one; may be repeated.",
        rich_help_panel=SAMPLING,
    ),
]
DiverseOption = Annotated[
    bool,
    typer.Option(
        "--diverse", help="Among the best of what is found, return those that differ most.", rich_help_panel=SAMPLING
    ),
]


def command(
    space: SpaceOption = DEFAULT_SPACE,
    acc: AccOption = None,
    ppl: PplOption = None,
    latency: LatencyOption = None,
    energy: EnergyOption = None,
    params: ParamsOption = None,
    macs: MacsOption = None,
    ntk: NtkOption = None,
    linear_regions: LinearRegionsOption = None,
    limit: LimitOption = None,
    device: DeviceOption = None,
    dataset: DatasetOption = None,
    count: CountOption = 16,
    seed: SeedOption = 0,
    guidance: GuidanceOption = "2",
    steps: StepsOption = None,
    sampler: SamplerOption = None,
    checkpoint: CheckpointOption = None,
    exclude: ExcludeOption = None,
    diverse: DiverseOption = False,
    confidence: ConfidenceOption = None,
    registry: RegistryOption = None,
    offline: OfflineOption = False,
    output: OutputOption = None,
    force: ForceOption = False,
    columns: ColumnsOption = None,
    wide: WideOption = False,
    json: JsonOption = False,
    verbose: VerboseOption = False,
    quiet: QuietOption = False,
) -> None:
    """Draw different architectures that meet all constraints at once, best first.

    A rank like top5 is taken among the architectures that meet the limits. Every architecture is checked by the
    benchmark's table if it was imported (dinas tables import), otherwise by the bundled surrogate, and only those that
    satisfy are returned. Nothing satisfies: exit code 5.

    Examples: dinas generate --acc top5 --latency 3ms --device fpga -n 8

    dinas generate --acc best --latency pixel3=20ms --latency fpga=3ms
    """
    from dinas_cli.cli.output import Sink
    from dinas_cli.cli.record_file import write
    from dinas_cli.files.atomic import check_target
    from dinas_cli.generation.arguments import request_from
    from dinas_cli.generation.summary import Summary
    from dinas_cli.spaces.registry import get_space

    sink = Sink.open(json=json, quiet=quiet, wide=wide, columns=columns)
    check_ranges(confidence=confidence)  # Typer takes what is not a number to be in every range
    named = all_devices(device)
    request = request_from(
        space,
        acc=acc,
        ppl=ppl,
        latency=latency,
        energy=energy,
        params=params,
        macs=macs,
        ntk=ntk,
        linear_regions=linear_regions,
        limits=parse_limits(limit),
        device=named,
        dataset=dataset,
    )
    target = get_space(space)
    weights = parse_guidance(guidance)
    known = read_known(exclude or [], target)
    if output is not None:
        check_target(output, force=force)

    from dinas_cli.generation.generate import generate

    with sink.progress("architectures", total=count) as bar:
        result = generate(
            request,
            count,
            seed=seed,
            checkpoint=checkpoint,
            guidance=weights,
            steps=steps,
            sampler=sampler,
            confidence=confidence,
            diverse=diverse,
            devices=named,
            exclude=known,
            progress=lambda found, drawn: bar.update(min(found, count), f"{drawn} drawn"),
        )
    write(sink, result.records, output, force)
    for note in result.notes:
        sink.warn(note)
    summary = Summary(target).add(result.records)
    if verbose:
        counts = f"{result.drawn} drawn, {result.valid} valid, {result.unique} unique, {result.satisfying} satisfying"
        sink.say(
            f"{request.describe(target)}: {counts if result.drawn else 'by looking at the whole space'}"
            + (f" (checked by {result.source})" if result.source else "")
            + (f", {result.changed} of {len(result.records)} returned are improved ones" if result.changed else "")
        )
        for line in (*summary.source_lines(), *summary.network_lines()):
            sink.say(line)
    else:
        by_default = any(budget.device == target.default_device for budget in request.budgets if budget.device)
        # Nobody has said which device is meant, so that its limits need explaining.
        explained = summary.network_lines() if by_default and not named else []
        for line in (*summary.plain_lines(request.describe(target)), *explained):
            sink.say(line)
    if result.interrupted:
        sink.warn(f"interrupted: {len(result.records)} of {count} found")
        raise typer.Exit(130)


def read_known(sources: Sequence[str], space: Space) -> list[Values]:
    """Architectures of ``--exclude``; raise :class:`UsageProblem` for the first line that is none of the space."""
    from dinas_cli.architectures.records import LineProblem, read_architectures
    from dinas_cli.oracles.names import in_table

    found: list[Values] = []
    for item in read_architectures(sources, space.name, in_table) if sources else ():
        if isinstance(item, LineProblem):
            raise UsageProblem(f"--exclude: {item}", item.hint)
        if item.space != space.name or item.values is None:
            raise UsageProblem(f"--exclude: {item.origin} is an architecture of {item.space}, not of {space.name}")
        found.append(item.values)
    return found


def parse_guidance(text: str) -> float | dict[str, float]:
    """``2`` or ``acc=3,latency=2``; raise :class:`UsageProblem` for anything else."""
    hint = "for example: --guidance 2, or --guidance acc=3,latency=2"
    if "=" not in text:
        return _weight(text, hint)
    weights: dict[str, float] = {}
    for part in text.split(","):
        name, sign, number = part.partition("=")
        if not sign or not name.strip() or name.strip() in weights:
            raise UsageProblem(f"--guidance {text[:80]!r} is not understood", hint)
        weights[name.strip()] = _weight(number, hint)
    return weights


def _weight(text: str, hint: str) -> float:
    from dinas_cli.files.text import as_number

    try:
        value = as_number(text)
    except ValueError:
        raise UsageProblem(f"guidance weight {text.strip()[:40]!r} is not a number", hint) from None
    least, most = RANGES["guidance"]
    if not least <= value <= most:
        raise UsageProblem(f"guidance weight {text.strip()[:40]!r} is outside {least} to {most}", hint)
    return value

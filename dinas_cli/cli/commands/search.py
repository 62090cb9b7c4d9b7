"""``dinas search``: find the network that does best on data of one's own, by training some."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dinas_cli.cli.options import (
    CellsOption,
    ChannelsOption,
    ClassesOption,
    DatasetOption,
    DeviceOption,
    EnergyOption,
    ImageSizeOption,
    InChannelsOption,
    JsonOption,
    LatencyOption,
    LimitOption,
    LinearRegionsOption,
    MacsOption,
    NtkOption,
    OfflineOption,
    ParamsOption,
    QuietOption,
    RegistryOption,
    SeedOption,
    SkeletonOption,
    SpaceOption,
    network_sizes,
    one_device,
    parse_limits,
)
from dinas_cli.cli.search_options import (
    AddressOption,
    CpusOption,
    EngineOption,
    EpochsOption,
    GpusOption,
    MetricOption,
    MinimiseOption,
    ProgramOption,
    RandomOption,
    RunOption,
    TimeoutOption,
    TrialsOption,
    WorkersOption,
    cluster_of,
)
from dinas_cli.errors import UsageProblem
from dinas_cli.spaces.registry import DEFAULT_SPACE

if TYPE_CHECKING:
    from dinas_cli.architectures.conditions import Request
    from dinas_cli.cli.output import Sink
    from dinas_cli.search.command.back_end import CommandTrials
    from dinas_cli.search.engines.cluster import Cluster
    from dinas_cli.search.runs.worker import Work


def command(
    output: RunOption,
    program: ProgramOption = None,
    space: SpaceOption = DEFAULT_SPACE,
    latency: LatencyOption = None,
    energy: EnergyOption = None,
    params: ParamsOption = None,
    macs: MacsOption = None,
    ntk: NtkOption = None,
    linear_regions: LinearRegionsOption = None,
    limit: LimitOption = None,
    device: DeviceOption = None,
    dataset: DatasetOption = None,
    trials: TrialsOption = 24,
    seed: SeedOption = 0,
    metric: MetricOption = "accuracy",
    minimise: MinimiseOption = False,
    epochs: EpochsOption = None,
    timeout: TimeoutOption = None,
    skeleton: SkeletonOption = None,
    channels: ChannelsOption = None,
    cells: CellsOption = None,
    classes: ClassesOption = None,
    image_size: ImageSizeOption = None,
    in_channels: InChannelsOption = None,
    random: RandomOption = False,
    engine: EngineOption = "local",
    workers: WorkersOption = None,
    address: AddressOption = None,
    cpus: CpusOption = None,
    gpus: GpusOption = None,
    registry: RegistryOption = None,
    offline: OfflineOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Find the network within limits that does best on your own data, by training some of them.

    With --command any program trains them: it gets a network's source file, and prints a line of JSON with its metric.
    The run is a folder: the same command again goes on with it, and run elsewhere on a shared folder it works along.
    Without --command the results of a run so far are shown.

    Example: dinas search --command 'python train.py {source}' --space darts --params 3M --trials 40 -o runs/mine
    """
    from dinas_cli.cli.output import Sink
    from dinas_cli.cli.search_view import say_next, show_run
    from dinas_cli.search.runs.folder import Run
    from dinas_cli.spaces.registry import get_space
    from dinas_cli.spaces.shared.skeletons import choose

    sink = Sink.open(json=json, quiet=quiet)
    if program is None:
        if not output.is_dir():
            raise UsageProblem("nothing to train with", "name a program: --command 'python train.py {source}'")
        show_run(sink, Run(output))
        return
    limits = {
        "latency": latency,
        "energy": energy,
        "params": params,
        "macs": macs,
        "ntk": ntk,
        "linear_regions": linear_regions,
        "limits": parse_limits(limit),
    }
    named = one_device(device)
    request = request_of(space, dataset, named, limits)
    sizes = network_sizes(channels, cells, classes, image_size, in_channels)
    choose(get_space(space), skeleton, **sizes)
    back_end = program_of(program, metric, minimise, epochs, timeout, skeleton, sizes)
    cluster = cluster_of(engine, workers, address, cpus, gpus)
    job = job_of(output, request, named, seed, trials, back_end, random)
    try:
        reason = run(sink, job, cluster, workers or 1)
    except KeyboardInterrupt:
        sink.warn(f"interrupted: what is done is kept in {output}; the same command goes on")
        raise
    best = show_run(sink, Run(output))
    if reason:
        sink.say(f"no further trials: {reason}")
    if best is not None:
        say_next(sink, output, best, f"dinas export {output / 'best.json'} -o best.py")


def request_of(space: str, dataset: str | None, device: str | None, limits: dict[str, Any]) -> Request:
    """The limits; raises :class:`UsageProblem` for what the space does not have."""
    from dinas_cli.architectures.conditions import parse_request
    from dinas_cli.checkpoints.at_hand import names_by_metric
    from dinas_cli.spaces.registry import check_device_alias, get_space

    target = get_space(space)
    check_device_alias(space, device)
    return parse_request(target, dataset=dataset, device=device, devices=names_by_metric(target.name), **limits)


def program_of(
    program: str,
    metric: str,
    minimise: bool,
    epochs: int | None,
    timeout: str | None,
    skeleton: str | None,
    sizes: dict[str, int | float | bool | None],
) -> CommandTrials:
    """The program as the trainer; raises :class:`UsageProblem` for one that cannot be run on a network."""
    from dinas_cli.search.command import template
    from dinas_cli.search.command.back_end import CommandTrials
    from dinas_cli.units import parse_quantity

    if "epochs" in template.check(program) and epochs is None:
        raise UsageProblem("--command has {epochs}, but nothing says how many", "for example: --epochs 10")
    seconds = None if timeout is None else parse_quantity(timeout, "s", name="--timeout")
    return CommandTrials(program, metric, "min" if minimise else "max", epochs, seconds, skeleton, sizes)


def job_of(
    folder: Path,
    request: Request,
    device: str | None,
    seed: int,
    trials: int,
    back_end: CommandTrials,
    random: bool,
) -> Work:
    """What workers are to do, once it is sure that something meets the limits and that the run in ``folder`` is it."""
    from dinas_cli.search.random_proposals import RandomProposals, judge_of
    from dinas_cli.search.runs.folder import Run
    from dinas_cli.search.runs.identity import Identity
    from dinas_cli.search.runs.worker import Work

    judge_of(request)
    proposals = {"kind": "random", "seed": seed, **({"device": device} if device else {})}
    Run.join(folder, Identity(request, back_end.identity, proposals))
    return Work(folder.absolute(), trials, partial(_itself, back_end), partial(RandomProposals, request, seed, device))


def run(sink: Sink, job: Work, cluster: Cluster | None, workers: int) -> str:
    """Do the trials, and show them as they end; returns why there are no more than there are."""
    from dinas_cli.cli.search_view import watcher
    from dinas_cli.search.engines import local, on_ray
    from dinas_cli.search.engines.watching import watched
    from dinas_cli.search.runs.folder import Run

    seen = Run(job.folder)
    with sink.progress("trials", job.trials) as bar, watched(seen, watcher(sink, bar, job.trials)):
        return (local.run(job, workers) if cluster is None else on_ray.run(job, cluster)).reason


def _itself(back_end: CommandTrials) -> CommandTrials:
    return back_end

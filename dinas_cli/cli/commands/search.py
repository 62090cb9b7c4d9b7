"""``dinas search``: find the network that does best on data of one's own, by training some."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from dinas_cli.cli.image_options import LimitImagesOption
from dinas_cli.cli.network_options import (
    CellsOption,
    ChannelsOption,
    ClassesOption,
    ImageSizeOption,
    InChannelsOption,
    SkeletonOption,
    network_sizes,
)
from dinas_cli.cli.options import (
    DatasetOption,
    DeviceOption,
    EnergyOption,
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
    SpaceOption,
    WideOption,
    one_device,
    parse_limits,
)
from dinas_cli.cli.search_options import (
    AddressOption,
    CpusOption,
    DataArgument,
    EngineOption,
    EpochsOption,
    FitOption,
    GpusOption,
    MetricOption,
    MinimiseOption,
    OnnxOption,
    ProgramOption,
    RandomOption,
    RunOption,
    TimeoutOption,
    TrialsOption,
    WorkersOption,
    cluster_of,
)
from dinas_cli.errors import DinasError, UsageProblem
from dinas_cli.spaces.registry import DEFAULT_SPACE

if TYPE_CHECKING:
    from dinas_cli.cli.output import Sink
    from dinas_cli.search.engines.cluster import Cluster
    from dinas_cli.search.runs.worker import Work


def command(
    context: typer.Context,
    output: RunOption,
    data: DataArgument = None,
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
    limit_images: LimitImagesOption = None,
    fit: FitOption = True,
    onnx: OnnxOption = False,
    random: RandomOption = False,
    engine: EngineOption = "local",
    workers: WorkersOption = None,
    address: AddressOption = None,
    cpus: CpusOption = None,
    gpus: GpusOption = None,
    registry: RegistryOption = None,
    offline: OfflineOption = False,
    wide: WideOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Find the network within limits that does best on your own data, by training some of them.

    DATA is an image folder or a set of the Hub: every trial trains a small network on some of the images, and the best
    one is then trained to the end, as dinas fit does it. Or any program trains (--command): it gets a network's source
    file and prints a line of JSON with its metric. The run is a folder: the same command again goes on with it, and
    elsewhere, on a shared folder, it works along. Without DATA and --command the results of a run so far are shown.

    Examples: dinas search ./flowers --latency 5ms --device my-laptop -o runs/flowers

    dinas search --command 'python train.py {source}' --space darts --params 3M --trials 40 -o runs/mine
    """
    from dinas_cli.cli import search_images
    from dinas_cli.cli.output import Sink
    from dinas_cli.cli.recorded import recorded
    from dinas_cli.cli.search_view import say_next, show_run
    from dinas_cli.generation.arguments import request_from
    from dinas_cli.search.plans import Plan
    from dinas_cli.search.runs.folder import Run

    sink = Sink.open(json=json, quiet=quiet, wide=wide)
    if data is None and program is None:
        if not output.is_dir():
            raise UsageProblem("nothing to train with", "name an image folder, or --command 'python train.py {source}'")
        show_run(sink, Run(output))
        return
    named = one_device(device)
    request = request_from(
        space,
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
    plan = Plan(request, trials, seed, named, random)
    cluster = cluster_of(engine, workers, address, cpus, gpus)
    sizes = network_sizes(channels, cells, classes, image_size, in_channels)
    if data is None:
        back_end = program_of(str(program), request.space, metric, minimise, epochs, timeout, skeleton, sizes)
    elif program is not None:
        raise UsageProblem("DATA and --command together", "a program finds its data itself: leave DATA out")
    else:
        back_end = search_images.trials(sink, data, limit_images, epochs, seed, skeleton, sizes)
    job = plan.begin(output, back_end)
    try:
        reason = run(sink, job, cluster, workers or 1)
        best = show_run(sink, Run(output))
        if reason:
            sink.say(f"no further trials: {reason}")
        if best is None:
            raise DinasError("no trial has a value", f"see {output}/trials")
        if data is None:
            say_next(sink, output, best, f"dinas export {output / 'best.json'} -o best.py")
        else:
            search_images.end(sink, output, best, back_end, fit=fit, onnx=onnx, command=recorded(context))
    except KeyboardInterrupt:
        sink.warn(f"interrupted: what is done is kept in {output}; the same command goes on")
        raise


def program_of(
    program: str,
    space: str,
    metric: str,
    minimise: bool,
    epochs: int | None,
    timeout: str | None,
    skeleton: str | None,
    sizes: dict[str, int | float | bool | None],
) -> partial[Any]:
    """The program as the trainer; raises :class:`UsageProblem` for one that cannot be run on networks of ``space``."""
    from dinas_cli.search.command import template
    from dinas_cli.search.plans import command_trials
    from dinas_cli.spaces.registry import get_space
    from dinas_cli.spaces.shared.skeletons import choose
    from dinas_cli.units import parse_quantity

    if "epochs" in template.check(program) and epochs is None:
        raise UsageProblem("--command has {epochs}, but nothing says how many", "for example: --epochs 10")
    choose(get_space(space), skeleton, **sizes)
    seconds = None if timeout is None else parse_quantity(timeout, "s", name="--timeout")
    better = "min" if minimise else "max"
    return partial(command_trials, program, metric, better, epochs, seconds, skeleton, tuple(sizes.items()), Path.cwd())


def run(sink: Sink, job: Work, cluster: Cluster | None, workers: int) -> str:
    """Do the trials, and show them as they end; returns why there are no more than there are."""
    from dinas_cli.cli.search_view import watcher
    from dinas_cli.search.engines import local, on_ray
    from dinas_cli.search.engines.watching import watched
    from dinas_cli.search.runs.folder import Run

    seen = Run(job.folder)
    with sink.progress("trials", job.trials) as bar, watched(seen, watcher(sink, bar, job.trials)):
        return (local.run(job, workers) if cluster is None else on_ray.run(job, cluster)).reason

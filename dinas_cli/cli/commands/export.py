"""``dinas export``: architectures as PyTorch source, weights, graph files, genotypes or records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from dinas_cli.architectures.conditions import check_dataset, check_dialect
from dinas_cli.architectures.records import Record, to_json_line
from dinas_cli.cli.inputs import Inputs
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
    Architectures,
    DialectOption,
    ForceOption,
    GenotypeSpaceOption,
    OutputOption,
    QuietOption,
    RecordDatasetOption,
)
from dinas_cli.cli.output import Sink
from dinas_cli.cli.values import counted
from dinas_cli.errors import UsageProblem
from dinas_cli.exporting.limits import choose, described, grouped, limits_of, on_device
from dinas_cli.exporting.plan import FORMATS, Network, plan, renew, request_of
from dinas_cli.exporting.weights import read as read_weights
from dinas_cli.files.atomic import atomic_write
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared import skeletons
from dinas_cli.spaces.shared.protocol import Space
from dinas_cli.spaces.shared.skeletons import Skeleton
from dinas_cli.units import format_quantity

if TYPE_CHECKING:
    from dinas_cli.exporting.quantized import Facts

ToOption = Annotated[
    Literal["pytorch", "module", "torch-export", "onnx", "openvino", "genotype", "json"],
    typer.Option("--to", help="What to write."),
]
SeedOption = Annotated[
    int | None,
    typer.Option("--seed", min=0, max=2**63 - 1, metavar="INT", help="Seed of the initial weights (default: 0)."),
]
WeightsOption = Annotated[
    Path | None,
    typer.Option("--weights", metavar="FILE", help="Published weights of the network (.pt, .pth, .safetensors)."),
]
DropPathOption = Annotated[
    float | None, typer.Option("--drop-path", metavar="P", help="Drop path probability while training.")
]
AuxiliaryOption = Annotated[
    bool | None, typer.Option("--auxiliary/--no-auxiliary", help="A second classifier while training.")
]
FeaturesOption = Annotated[bool, typer.Option("--features", help="Networks that give the maps after each stage.")]
QuantizeOption = Annotated[bool, typer.Option("--quantize", help="With --to onnx: write the model in int8.")]
MeasureOption = Annotated[bool, typer.Option("--measure", help="With --to onnx: state its latency on this machine.")]


def command(
    architectures: Architectures,
    to: ToOption = "pytorch",
    space: GenotypeSpaceOption = None,
    dialect: DialectOption = None,
    dataset: RecordDatasetOption = None,
    skeleton: SkeletonOption = None,
    channels: ChannelsOption = None,
    cells: CellsOption = None,
    classes: ClassesOption = None,
    image_size: ImageSizeOption = None,
    in_channels: InChannelsOption = None,
    drop_path: DropPathOption = None,
    auxiliary: AuxiliaryOption = None,
    features: FeaturesOption = False,
    seed: SeedOption = None,
    weights: WeightsOption = None,
    quantize: QuantizeOption = False,
    measure: MeasureOption = False,
    output: OutputOption = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write architectures as code, weights, graphs or genotypes.

    pytorch: one readable .py per network that needs torch alone. module: that .py with initial weights beside it, as
    .safetensors; with --weights published ones. torch-export: a .pt2 program. onnx: a model, checked in onnxruntime
    (needs the extra onnx), in int8 with --quantize. openvino: .xml and .bin (needs the extra openvino).

    A single source goes to standard output, or to -o NAME.py; several networks need a folder: -o FOLDER. The dataset,
    which sets classes and image size, is that of --dataset, else that of a record's request, else the space's first.
    Without --skeleton the network is the one that a record's limit on a device is about, else the benchmark's own.
    """
    sizes = network_sizes(channels, cells, classes, image_size, in_channels)
    sizes |= {"drop_path": drop_path, "auxiliary": auxiliary, "features": features or None}
    given = {"dialect": dialect, "dataset": dataset, "seed": seed, "weights": weights, "skeleton": skeleton, **sizes}
    given |= {"quantize": quantize or None, "measure": measure or None}
    check_meaning(to, output, given)
    sink = Sink.open(quiet=quiet, summary=output is not None)
    usable = Inputs(sink, architectures, space)

    def check(record: Record) -> None:
        target = get_space(record.space)
        check_options(target, dialect, dataset)
        try:
            first = on_device(limits_of(record, request_of(record), target))
        except UsageProblem:
            return  # of the record, not of the options: its line is named when it is planned
        choose(target, first.setting if first else None, skeleton, sizes)

    if to in FORMATS:
        published = None if weights is None else read_weights(weights)
        networks = list(usable.each(lambda record: plan(record, dataset, skeleton, sizes, published), check))
        if published is not None and len(networks) > 1:
            raise UsageProblem(f"weights are of one network, not of {len(networks)}", "export it by itself")
        if networks:
            write_networks(sink, networks, to, output, seed or 0, force, quantize, measure)
    else:
        lines = list(usable.each(lambda record: line(record, to, dialect), check))
        if lines:
            write_lines(sink, lines, output, force)
    if usable.failed():
        raise typer.Exit(1)


def check_meaning(to: str, output: Path | None, given: Mapping[str, object]) -> None:
    """Raise :class:`UsageProblem` for an option that says nothing about what is written, and for a missing -o."""
    weighty = [form for form in FORMATS if form != "pytorch"]
    allowed = {"dialect": ["genotype", "json"], "seed": weighty, "weights": weighty}
    allowed |= {"quantize": ["onnx"], "measure": ["onnx"]}
    for name, value in given.items():
        forms = allowed.get(name, list(FORMATS))
        if value is not None and to not in forms:
            flag = f"--{name.replace('_', '-')}"
            raise UsageProblem(f"{flag} has no meaning with --to {to}", f"use --to {' or '.join(forms)}")
    if given.get("weights") is not None and given.get("seed") is not None:
        raise UsageProblem("--seed has no meaning with --weights", "leave one of them out")
    if output is None and to in weighty:
        raise UsageProblem(f"--to {to} cannot go to standard output", f"-o NAME{FORMATS[to][0]} or -o FOLDER")


def check_options(space: Space, dialect: str | None, dataset: str | None) -> None:
    """Raise :class:`UsageProblem` with a suggestion for a dialect or dataset that the space does not have."""
    if dataset is not None:
        check_dataset(space, dataset)
    check_dialect(space, dialect)


def line(record: Record, to: str, dialect: str | None) -> str:
    """The genotype of an architecture, or its whole record."""
    renewed = renew(record, dialect)
    return renewed.genotype if to == "genotype" else to_json_line(renewed)


def write_lines(sink: Sink, lines: Sequence[str], output: Path | None, force: bool) -> None:
    """Genotypes or records, one per line, to standard output or a file."""
    if output is None:
        for text in lines:
            sink.line(text)
        return
    atomic_write(output, "".join(f"{text}\n" for text in lines), force=force)
    sink.say(f"wrote {counted(len(lines), 'architecture')} to {output}")


def write_networks(
    sink: Sink,
    networks: Sequence[Network],
    to: str,
    output: Path | None,
    seed: int,
    force: bool,
    quantize: bool = False,
    measure: bool = False,
) -> None:
    """One source to standard output, or networks of any form to a file or folder; then what there is to know."""
    from dinas_cli.exporting.files import write

    if output is None:
        if len(networks) > 1:
            raise UsageProblem(f"{len(networks)} networks do not fit into one file", "name a folder with -o FOLDER")
        sink.line(networks[0].source().rstrip("\n"))
    else:
        with sink.progress("networks", total=len(networks)) as bar:
            more = {"force": force, "quantize": quantize, "measure": measure}
            written = write(networks, to, output, seed=seed, progress=bar.update, **more)
        repeated = f" ({written.repeated} repeated)" if written.repeated else ""
        sink.say(f"wrote {counted(len(written.files), 'network')} to {output}{repeated}")
        for facts in written.facts:
            sink.say(facts_line(facts))
        if to == "module":
            sink.say(f"in {written.files[0][0].parent}:")
            sink.say(f"  from {written.files[0][0].stem} import load")
            sink.say("  network = load()")
    different = {network.name: network for network in networks}.values()
    for network in different:
        if network.skeleton is not None and network.meant is None:
            sink.say(size_line(network))
            other = network.better_suited()
            if other is not None:
                sink.say(suited_line(network, *other))
    meant = [network.meant for network in different if network.meant is not None and network.skeleton is not None]
    for text in dict.fromkeys(f"{limit.setting.network_words()}, for {limit.text} is about it" for limit in meant):
        sink.say(f"written is {text} (another: --skeleton)")
    for text in grouped((described(limit, network.space), n) for network in different for limit, n in network.others):
        sink.warn(text)


def facts_line(facts: Facts) -> str:
    """How far a quantised model is from the float one, and latencies, as far as they are known."""
    words = []
    if facts.gap is not None:
        words.append(f"in int8 outputs differ by at most {facts.gap:.2%} of the float model's range (random inputs)")
    times = {"float": facts.float_ms, "int8": facts.int8_ms}
    known = [f"{ms:.3g} ms in {kind}" for kind, ms in times.items() if ms is not None]
    if known:
        words.append(f"{' and '.join(known)} (onnxruntime on this machine, 1 thread, 1 input)")
    return f"{facts.name}: {'; '.join(words)}"


def size_line(network: Network) -> str:
    """What a network with a skeleton of its own costs, and whether a phone may."""
    params, macs = (format_quantity(number, "count") for number in network.counts)
    text = f"{network.name}: {params} parameters, {macs} multiply-accumulates"
    if network.skeleton is not None and network.skeleton.name == "imagenet":
        within = "within" if network.counts[1] <= skeletons.MOBILE_MACS else "above"
        text += f", {within} the mobile setting of {format_quantity(skeletons.MOBILE_MACS, 'count')}"
    return text


def suited_line(network: Network, skeleton: Skeleton, macs: int) -> str:
    """That another skeleton is made for images of this size, and what its network costs beside this one's."""
    here, there = (format_quantity(number, "count") for number in (network.counts[1], macs))
    size = f"{skeleton.image_size} x {skeleton.image_size}"
    return (
        f"{network.name}: --skeleton {skeleton.name} is for images of {size}, with {there} multiply-accumulates "
        f"instead of {here}"
    )

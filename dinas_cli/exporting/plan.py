"""What is to be written of an architecture: its network, the names of its files and what their headers say.

Nothing here imports torch unless a network is built, so sources are written without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from math import log
from typing import TYPE_CHECKING

from dinas_cli.architectures.conditions import Request, check_dataset
from dinas_cli.architectures.schema import Record
from dinas_cli.errors import UsageProblem
from dinas_cli.exporting.limits import NetworkLimit, choose, described, limits_of, on_device, ratio, times
from dinas_cli.exporting.weights import Weights, fit, renamed
from dinas_cli.files.torch_state import as_imported
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared import skeletons
from dinas_cli.spaces.shared.protocol import Space, Values
from dinas_cli.spaces.shared.settings import Setting
from dinas_cli.spaces.shared.skeletons import Skeleton
from dinas_cli.spaces.shared.written import encode_written, form_of

if TYPE_CHECKING:
    from torch import Tensor, nn

FORMATS: dict[str, tuple[str, ...]] = {
    "pytorch": (".py",),
    "module": (".py", ".safetensors"),
    "torch-export": (".pt2",),
    "onnx": (".onnx",),
    "openvino": (".xml", ".bin"),
}
"""What a network can be written as, with the endings of its files; the first one is what users name."""


@dataclass(frozen=True)
class Network:
    """One network to be written: :func:`plan` makes it."""

    space: Space
    values: Values
    record: Record
    """With its id computed anew and its genotype rewritten."""
    request: Request
    dataset: str | None
    skeleton: Skeleton | None = None
    meant: NetworkLimit | None = None
    """The limit on a device whose network this is because no other was chosen."""
    others: tuple[tuple[NetworkLimit, float], ...] = ()
    """Limits that were for other networks, with this one's multiply-accumulates by theirs (NaN: not known)."""
    weights: Weights | None = field(default=None, compare=False)
    """Under the names of this network; None: they are drawn."""

    @property
    def name(self) -> str:
        """A word that Python can import, different for every cell, dataset and skeleton; equal cells differ in it."""
        skeleton = None if self.skeleton is None else self.skeleton.name
        key = str(self.space.key(self.values))
        features = "features" if self.skeleton is not None and self.skeleton.features else None
        words = (self.record.id, None if key in self.record.id.split("-") else key, self.dataset, skeleton, features)
        return "_".join(filter(None, words)).replace("-", "_")

    @cached_property
    def counts(self) -> tuple[int, int]:
        """Parameters and multiply-accumulates, see :func:`.skeletons.count`."""
        if (
            self.weights is not None and form_of(self.values) is not None
        ):  # the network follows the order of the text, closed forms do not
            return skeletons.count_built(self.space, self.values, self.dataset, self.skeleton)
        return skeletons.count(self.space, self.values, self.dataset, self.skeleton)

    def better_suited(self) -> tuple[Skeleton, int] | None:
        """The space's skeleton for images of this size and the multiply-accumulates of its network; None: this one.

        None, too, where that skeleton does not take such images or its network costs more.
        """
        chosen, known = self.skeleton, skeletons.skeletons_of(self.space)
        usual = {name: size for name, options in known.items() if (size := options.get("image_size"))}
        if chosen is None or not chosen.image_size or chosen.name not in usual:
            return None
        size = chosen.image_size
        nearest = min(usual, key=lambda name: (abs(log(size / usual[name])), name != chosen.name))
        if nearest == chosen.name:
            return None
        options = {"classes": chosen.classes, "image_size": size, "in_channels": chosen.in_channels}
        other = skeletons.choose(self.space, nearest, **options)
        try:
            macs = skeletons.count(self.space, self.values, self.dataset, other)[1]
        except UsageProblem:
            return None
        return (other, macs) if other is not None and macs < self.counts[1] else None

    def header(self) -> Iterator[str]:
        """What is known about the architecture, as lines of text that may hold anything a record can hold."""
        yield f"architecture: {self.record.id}"
        yield f"genotype: {self.record.genotype}"
        if self.skeleton is not None:
            sizes = {name: size for name, size in asdict(self.skeleton).items() if size is not None and name != "name"}
            words = ", ".join(f"{name} {size}" for name, size in sizes.items())
            yield f"skeleton: {self.skeleton.name} ({words}), {self.counts[0]} parameters, {self.counts[1]} macs"
        yield from self._metrics()
        if not self.request.empty:
            yield f"constraints: {self.request.describe(self.space)}"
        for limit, number in self.others:
            yield described(limit, self.space) + times([number], "this one has")
        for key, value in self.record.provenance.items():
            yield f"{key}: {value}"

    def _metrics(self) -> Iterator[str]:
        """A line per metric; first come those that say which network they are of."""
        known = sorted(self.record.metrics, key=lambda key: key not in self.record.networks)
        own = self.skeleton is None
        for key in known:
            metric = self.record.metrics[key]
            notes = ", ".join([metric.source, *(f"{name} {value}" for name, value in metric.extra.items())])
            if key in self.record.networks:
                setting = Setting.from_dict(self.space, self.record.networks[key])
                one = ratio(self.space, self.values, self.dataset, self.skeleton, setting) is None
                network = "this network" if one else setting.network_words(skeletons.counted(self.space))
                notes += f"; of {', '.join([network, *setting.run_words()])}"
            elif not own:
                own = True
                yield "metrics of the benchmark's own network around this cell:"
            yield f"{key}: {metric.value:.10g} {metric.unit} ({notes})"

    def source(self, *more: str) -> str:
        """The network as one Python file; ``more`` are further lines of its header."""
        text = "\n".join([*self.header(), *more])
        return skeletons.source(self.space, self.values, self.dataset, text, self.skeleton)

    def build(self, seed: int = 0) -> nn.Module:
        """The network with its weights, or initialised by ``seed`` whatever was drawn before.

        Raises :class:`DinasError` for weights that do not fit.
        """
        with as_imported(seed):
            built = skeletons.build(self.space, self.values, self.dataset, self.skeleton)
        if self.weights is not None:
            nested = getattr(self.space, "nested", False)
            built.load_state_dict(fit(self.weights, built, self._classifying(), nested=nested))
        return built

    def _classifying(self) -> Set[str]:
        """Tensors of the whole network where this one only gives its features."""
        if self.skeleton is None or not self.skeleton.features:
            return frozenset()
        with as_imported(0, "meta"):
            whole = replace(self.skeleton, features=None)
            return skeletons.build(self.space, self.values, self.dataset, whole).state_dict().keys()

    def origin(self, seed: int) -> dict[str, str | int]:
        """Where the weights come from: a file with its hash, or a seed."""
        if self.weights is None:
            return {"seed": seed}
        return {"weights": self.weights.name, "weights_sha256": self.weights.sha256}

    def example(self, batch: int, seed: int = 0) -> tuple[Tensor, ...]:
        """Inputs of the network, drawn by ``seed``."""
        with as_imported(seed):
            return skeletons.example(self.space, self.dataset, batch, self.skeleton)


def renew(record: Record, dialect: str | None = None) -> Record:
    """The record with its id computed anew, so that it cannot choose the name of a file, and a tidy genotype."""
    space = get_space(record.space)
    values = record.values or space.encode(record.genotype)
    return replace(
        record, space=space.name, id=space.canonical_id(values), genotype=space.decode(values, dialect), values=values
    )


def plan(
    record: Record,
    dataset: str | None = None,
    skeleton: str | None = None,
    options: Mapping[str, int | float | bool | None] | None = None,
    weights: Weights | None = None,
) -> Network:
    """The network of a record, for ``dataset``, else that of the record's request, else the space's first.

    ``skeleton`` and ``options`` are those of :func:`.skeletons.choose`; where they are left out, the network is the one
    that the record's limit on a device is about, else the benchmark's own. ``weights`` are the network's, which is then
    the one that the genotype says as it is written. Raises :class:`UsageProblem` for a dataset,
    skeleton or option that the space does not have, and for a request that cannot be read.
    """
    space = get_space(record.space)
    if weights is not None:
        record = replace(record, values=encode_written(space, record.genotype))
        weights = renamed(weights, space, record.genotype)
    renewed = renew(record)
    values, given = renewed.values or (), options or {}
    request = request_of(record)
    limits = limits_of(record, request, space)
    first = on_device(limits)
    chosen = choose(space, first.setting if first else None, skeleton, given)
    about = check_dataset(space, dataset if dataset is not None else request.dataset)
    ratios = [(limit, ratio(space, values, about, chosen, limit.setting)) for limit in limits]
    own_choice = skeleton is not None or any(value is not None for value in given.values())
    meant = None if own_choice else first
    if meant is not None and chosen is not None:
        skeletons.count(space, values, about, chosen)  # it came from outside, and not every size can be built
    return Network(
        space=space,
        values=values,
        record=renewed,
        request=request,
        dataset=about,
        skeleton=chosen,
        meant=meant,
        weights=weights,
        others=tuple((limit, number) for limit, number in ratios if number is not None),
    )


def request_of(record: Record) -> Request:
    """What a record was asked for; raises :class:`UsageProblem` where that cannot be read."""
    return Request.from_dict(record.request) if record.request else Request(record.space)

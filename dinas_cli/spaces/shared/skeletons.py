"""Skeletons: the network around a cell where it is not the benchmark's own, and the options each space has for it.

A space that can build its cells into other networks has the members ``skeletons``, ``counted`` and ``own``, and takes
``skeleton=`` in ``closed_form``, ``build``, ``source`` and ``example`` (:class:`Adjustable`). All others have their
benchmark's own network only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from dinas_cli.errors import UsageProblem, suggest
from dinas_cli.files.torch_state import as_imported
from dinas_cli.spaces.shared.protocol import Space

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor, nn

OWN = "own"
"""The name of the benchmark's own network."""
MOBILE_MACS = 600_000_000
"""What papers on mobile networks allow an image of 224 x 224 to cost (DARTS, section 3.2)."""

COUNTS = "params", "macs"
"""What networks of every size can be asked for."""

_PRODUCTS = re.compile("bmm|attention")
"""Operations of torch that multiply activations with each other."""
_RANGES: dict[str, tuple[float, float]] = {
    "channels": (1, 4096),
    "cells": (1, 200),
    "classes": (1, 100_000),
    "image_size": (8, 1024),
    "in_channels": (1, 1024),
    "drop_path": (0, 0.99),
}


@dataclass(frozen=True)
class Skeleton:
    """A network to put a cell into; None: what the skeleton says where it has the option, else it does not apply."""

    name: str
    channels: int | None = None
    """Of the first cells."""
    cells: int | None = None
    """Per stage or in all, as the space's paper counts them."""
    classes: int | None = None
    image_size: int | None = None
    in_channels: int | None = None
    """Of the images; None: the usual three."""
    drop_path: float | None = None
    """Probability that an operation is left out while training, in ``[0, 1)``."""
    auxiliary: bool | None = None
    """Whether a second classifier helps while training."""


def image_channels(skeleton: Skeleton | None) -> int:
    """Channels of the images that a network sees."""
    return 3 if skeleton is None or skeleton.in_channels is None else skeleton.in_channels


Options = Mapping[str, int | float | bool | None]
"""The options of a skeleton (fields of :class:`Skeleton`) with their defaults; None: as the dataset has it."""


class Adjustable(Space, Protocol):
    """A space with more than one skeleton."""

    skeletons: Mapping[str, Options]
    """By name, without the benchmark's own."""

    counted: str
    """What the option ``cells`` counts: ``"cells"`` in all, or ``"cells per stage"``."""

    def own(self, dataset: str | None = None) -> Skeleton:
        """The sizes of the benchmark's own network on a dataset, under the name :data:`OWN`."""
        ...

    def closed_form(
        self, metric: str, values: np.ndarray, dataset: str | None = None, *, skeleton: Skeleton | None = None
    ) -> np.ndarray:
        """Exact ``metric`` (one of :attr:`closed_forms`) of networks of ``skeleton`` around ``(B, V)``: ``(B,)``."""
        ...

    def build(
        self, values: Iterable[int], dataset: str | None = None, *, skeleton: Skeleton | None = None
    ) -> nn.Module:
        """The network of ``skeleton``; None: the benchmark's own."""
        ...

    def example(
        self, dataset: str | None = None, batch: int = 1, *, skeleton: Skeleton | None = None
    ) -> tuple[Tensor, ...]:
        """Random inputs of that network."""
        ...

    def source(
        self, values: Iterable[int], dataset: str | None = None, header: str = "", *, skeleton: Skeleton | None = None
    ) -> str:
        """That network as one Python file."""
        ...


def skeletons_of(space: Space) -> Mapping[str, Options]:
    """The skeletons of a space besides its benchmark's own, by name."""
    found: Mapping[str, Options] = getattr(space, "skeletons", {})
    return found


def own(space: Space, dataset: str | None = None) -> Skeleton:
    """The sizes of the benchmark's own network on a dataset, as far as the space tells them."""
    sizes = getattr(space, "own", None)
    found: Skeleton = Skeleton(OWN) if sizes is None else sizes(dataset)
    return found


def counted(space: Space) -> str:
    """What the number of cells of its networks counts, in words."""
    words: str = getattr(space, "counted", "cells")
    return words


def choose(space: Space, name: str | None = None, **options: int | float | bool | None) -> Skeleton | None:
    """The skeleton of that name with its defaults and ``options`` (None: not given); None: the benchmark's own.

    Raises :class:`UsageProblem` for a skeleton or option that the space does not have, and for impossible sizes.
    """
    known = skeletons_of(space)
    if name is not None and name != OWN and name not in known:
        raise UsageProblem(f"space {space.name!r} has no skeleton {name!r}", suggest(name, [OWN, *known], "skeletons"))
    given = {option: value for option, value in options.items() if value is not None}
    defaults = known.get(name or OWN, {})
    for option in given:
        if option not in defaults:
            raise UsageProblem(f"skeleton {name or OWN!r} of {space.name} takes no {_flag(option)}", _describe(known))
    check_ranges(given)
    if name is None or name == OWN:
        return None
    return Skeleton(name, **{**defaults, **given})  # type: ignore[arg-type]  # the names are those of its fields


def check_ranges(options: Mapping[str, int | float | bool]) -> None:
    """Raise :class:`UsageProblem` for options that no network can have."""
    for option, (least, most) in _RANGES.items():
        if option in options and not least <= options[option] <= most:
            raise UsageProblem(f"{_flag(option)} {options[option]} is out of range", f"from {least:g} to {most:g}")


def build(space: Space, values: Iterable[int], dataset: str | None, skeleton: Skeleton | None) -> nn.Module:
    """The network of a cell in a skeleton that :func:`choose` gave, randomly initialised."""
    if skeleton is None:
        return space.build(values, dataset)
    return cast(Adjustable, space).build(values, dataset, skeleton=skeleton)


def example(space: Space, dataset: str | None, batch: int, skeleton: Skeleton | None) -> tuple[Tensor, ...]:
    """Random inputs of that network, ``batch`` of them."""
    if skeleton is None:
        return space.example(dataset, batch)
    return cast(Adjustable, space).example(dataset, batch, skeleton=skeleton)


def source(space: Space, values: Iterable[int], dataset: str | None, header: str, skeleton: Skeleton | None) -> str:
    """That network as one Python file; ``header`` becomes comments."""
    if skeleton is None:
        return space.source(values, dataset, header)
    return cast(Adjustable, space).source(values, dataset, header, skeleton=skeleton)


def counted_exactly(space: Space) -> bool:
    """Whether :data:`COUNTS` of its networks are known in closed form."""
    return set(COUNTS) <= set(space.closed_forms)


def count(space: Space, values: Iterable[int], dataset: str | None, skeleton: Skeleton | None) -> tuple[int, int]:
    """Parameters and multiply-accumulates of that network: in closed form, or, where there is none, as built."""
    if not counted_exactly(space):
        return count_built(space, values, dataset, skeleton)
    import numpy as np

    rows = np.array([tuple(values)])
    if skeleton is None:
        params, macs = (space.closed_form(metric, rows, dataset) for metric in COUNTS)
    else:
        target = cast(Adjustable, space)
        params, macs = (target.closed_form(metric, rows, dataset, skeleton=skeleton) for metric in COUNTS)
    return int(params[0]), int(macs[0])


def count_built(space: Space, values: Iterable[int], dataset: str | None, skeleton: Skeleton | None) -> tuple[int, int]:
    """Parameters, and multiply-accumulates of one input in convolutions and linear maps, of the network itself.

    Products of two activations, those of attention, are not counted, nor do benchmarks. No arithmetic is done, except
    in networks whose sizes depend on what is in their input (graphs).
    """
    try:
        return _count_built(space, values, dataset, skeleton, "meta")
    except NotImplementedError:
        return _count_built(space, values, dataset, skeleton, "cpu")


def _count_built(
    space: Space, values: Iterable[int], dataset: str | None, skeleton: Skeleton | None, device: str
) -> tuple[int, int]:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with as_imported(0, device), torch.no_grad(), FlopCounterMode(display=False) as counter:
        network = build(space, values, dataset, skeleton).eval()
        network(*example(space, dataset, 1, skeleton))
    counted = counter.get_flop_counts().get("Global", {}).items()
    flops = sum(number for operation, number in counted if not _PRODUCTS.search(str(operation)))
    return sum(p.numel() for p in network.parameters()), flops // 2


def _flag(option: str) -> str:
    return "--" + option.replace("_", "-")


def _describe(known: Mapping[str, Options]) -> str:
    words = [f"{name} ({', '.join(map(_flag, options))})" for name, options in known.items()]
    return f"skeletons: {', '.join([OWN, *words])}"

"""Settings: which network a device's costs are about, what it is given, and how it is run.

A space that knows this of the devices whose costs were published has a member ``setting``; of a user's own devices
their files say it. A cost or a limit is a number of a setting: two milliseconds of one network are twenty of another.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from dinas_cli.errors import UsageProblem
from dinas_cli.files.text import visible
from dinas_cli.spaces.shared import skeletons
from dinas_cli.spaces.shared.protocol import Space
from dinas_cli.spaces.shared.skeletons import OWN, Skeleton

SIZES = ("cells", "channels", "classes", "image_size", "in_channels")
"""Options of a skeleton that change what it costs to run."""


@dataclass(frozen=True)
class Setting:
    """What costs on a device are the costs of."""

    network: Skeleton = field(default_factory=lambda: Skeleton(OWN))
    """Of the benchmark's own network, sizes are there to be read; it has no others."""
    dataset: str | None = None
    """Whose images or graphs are the inputs; None: of any, or there is only one kind of them."""
    batch: int | None = None
    """Inputs at once; None: nobody said."""
    per_input: bool = False
    """Whether costs are those of one input, the batch's divided by its size, and not of the batch."""
    run: str = ""
    """On what and how it ran, in words."""

    @property
    def sizes(self) -> dict[str, int]:
        """The sizes of the network, by option, as far as they are known."""
        found = {name: getattr(self.network, name) for name in SIZES}
        return {name: size for name, size in found.items() if size is not None}

    @property
    def chosen(self) -> Skeleton | None:
        """The network as spaces take it: None for the benchmark's own."""
        return None if self.network.name == OWN else self.network

    def to_dict(self) -> dict[str, Any]:
        """The JSON object kept in records and device files; what is not known is left out."""
        data: dict[str, Any] = {"skeleton": self.network.name, **self.sizes}
        if self.dataset is not None:
            data["dataset"] = self.dataset
        if self.batch is not None:
            data["batch"] = self.batch
        if self.per_input:
            data["per_input"] = True
        return data | ({"run": self.run} if self.run else {})

    @classmethod
    def from_dict(cls, space: Space, data: Any) -> Setting:
        """The inverse of :meth:`to_dict`; raises :class:`UsageProblem` for what is no setting in this space."""
        try:
            if not isinstance(data, dict):
                raise TypeError(f"{str(data)[:60]!r} is not an object")
            name, batch, dataset = _of(str, data["skeleton"]), data.get("batch"), data.get("dataset")
            sizes = {size: _of(int, data[size]) for size in SIZES if data.get(size) is not None}
            if dataset is not None and dataset not in space.datasets:
                raise ValueError(f"unknown dataset {str(dataset)[:60]!r}")
            if batch is not None and _of(int, batch) < 1:
                raise ValueError(f"{batch} inputs at once")
            skeletons.check_ranges(sizes)
            chosen = skeletons.choose(space, name, **({} if name == OWN else sizes))
            network = Skeleton(OWN, **sizes) if chosen is None else _sized(chosen)
            run = visible(" ".join(_of(str, data.get("run", ""))[:200].split()))[:200]
            return cls(network, dataset, batch, _of(bool, data.get("per_input", False)), run)
        except (KeyError, TypeError, AttributeError, ValueError, UsageProblem) as error:
            what = f"no member {error}" if isinstance(error, KeyError) else str(error)
            raise UsageProblem(f"a network cannot be read: {what}", "take 'networks' or 'network' out of it") from error

    def describe(self, cells: str = "cells") -> str:
        """One line for people: ``the cifar network (5 cells, …), 16 images at once, per image, …``.

        ``cells`` says what the number of cells counts, see :func:`.skeletons.counted`.
        """
        return ", ".join([self.network_words(cells), *self.run_words()])

    def network_words(self, cells: str = "cells") -> str:
        """The first part of :meth:`describe`."""
        name = "the benchmark's own network" if self.network.name == OWN else f"the {self.network.name} network"
        words = {"cells": cells, "in_channels": "channels of images"}
        sizes = [f"{size} {words.get(option, option)}" for option, size in self.sizes.items() if option != "image_size"]
        if self.network.image_size is not None:
            sizes.append(f"{self.network.image_size} × {self.network.image_size} pixels")
        return name + (f" for {self.dataset}" if self.dataset else "") + (f" ({', '.join(sizes)})" if sizes else "")

    def run_words(self) -> list[str]:
        """The other parts of it."""
        noun, words = "input" if self.network.channels is None else "image", []
        if self.batch is not None:
            words.append(f"{self.batch} {noun}{'s' if self.batch > 1 else ''} at once")
        if self.per_input:
            words.append(f"per {noun}")
        elif self.batch is not None and self.batch > 1:
            words.append("per call")
        return [*words, self.run] if self.run else words


def setting_of(
    space: Space, skeleton: Skeleton | None, dataset: str | None, batch: int | None = None, run: str = ""
) -> Setting:
    """The setting of the network of ``skeleton`` (None: the benchmark's own) on a dataset, with all sizes it has."""
    own = skeletons.own(space, dataset)
    if space.datasets and dataset is None:  # what differs between them is not known
        own = replace(own, classes=None, image_size=None)
    if skeleton is not None:
        missing = {name: getattr(own, name) for name in SIZES if getattr(skeleton, name) is None}
        own = _sized(replace(skeleton, **missing))
    return Setting(own, dataset, batch, run=run)


def published(space: Space, device: str, dataset: str | None) -> Setting | None:
    """What the costs of a device that is known with the space are about; None for other devices and spaces."""
    known = getattr(space, "setting", None)
    found: Setting | None = None if known is None else known(device, dataset)
    return found


def _sized(skeleton: Skeleton) -> Skeleton:
    """The skeleton without what works while training only."""
    return Skeleton(skeleton.name, **{size: getattr(skeleton, size) for size in SIZES})


def _of(kind: type, value: Any) -> Any:
    """``value`` if it is of that type; truth values are no numbers."""
    if type(value) is not kind:
        raise TypeError(f"{str(value)[:60]!r} is not of the type {kind.__name__}")
    return value

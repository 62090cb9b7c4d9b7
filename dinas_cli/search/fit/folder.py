"""The folder of a trained network: what is in it, and how the network is read from it again, without running code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dinas_cli.errors import CorruptFileError, DinasError, NotFoundError
from dinas_cli.exporting import weights
from dinas_cli.files.text import visible
from dinas_cli.files.torch_state import as_imported
from dinas_cli.files.typed import Fields, is_number
from dinas_cli.search.data.reading import Shape
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared import skeletons
from dinas_cli.spaces.shared.skeletons import Skeleton

if TYPE_CHECKING:
    from torch import nn

    from dinas_cli.exporting.plan import Network

SCHEMA = "dinas/network@1"
CONFIG = "config.json"
WEIGHTS = "model.safetensors"
"""Named as :class:`huggingface_hub.PyTorchModelHubMixin` wants it."""
SOURCE = "network.py"
LABELS = "labels.json"
FIGURES = "figures.json"
CARD = "README.md"
MODEL = "model.onnx"
_LONGEST_CONFIG = 1 << 22
_HINT = "name a folder that dinas fit has written"


@dataclass(frozen=True)
class About:
    """What rebuilds a trained network, and what its inputs and outputs mean."""

    space: str
    genotype: str
    skeleton: Mapping[str, Any]
    """Name and options."""
    labels: tuple[str, ...]
    mean: tuple[float, ...]
    """By channel, of pixels between 0 and 1; images are normalised by it and ``deviation``."""
    deviation: tuple[float, ...]

    @property
    def shape(self) -> Shape:
        """Of its images."""
        return Shape(len(self.mean), int(self.skeleton["image_size"]))

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of the file :data:`CONFIG`."""
        members = {member.name: getattr(self, member.name) for member in fields(self)}
        return {"schema": SCHEMA, **members}

    @classmethod
    def of(
        cls, network: Network, labels: tuple[str, ...], mean: tuple[float, ...], deviation: tuple[float, ...]
    ) -> About:
        """What is kept of a network that was planned and trained."""
        sizes = {} if network.skeleton is None else vars(network.skeleton)
        known = {name: value for name, value in sizes.items() if value is not None}
        return cls(network.space.name, network.record.genotype, known, labels, mean, deviation)

    @classmethod
    def from_dict(cls, data: Any) -> About:
        """The inverse of :meth:`to_dict`; raises :class:`ValueError` for anything else."""
        found = Fields(data, "description")
        if data.get("schema") != SCHEMA:
            raise ValueError(f"its schema is not {SCHEMA}")
        mean, deviation = (_numbers(found, name) for name in ("mean", "deviation"))
        Fields(data.get("skeleton"), "skeleton").whole("image_size", 8, 1024)
        about = cls(
            found.text("space"),
            found.text("genotype"),
            data["skeleton"],
            found.texts("labels"),
            mean,
            deviation,
        )
        channels = about.skeleton.get("in_channels", 3)
        if not len(mean) == len(deviation) == channels or not min(deviation, default=0) > 0:
            raise ValueError("its mean and deviation are not those of its channels")
        if about.skeleton.get("classes") != len(about.labels):
            raise ValueError("its labels are not as many as its classes")
        return about

    def build(self) -> nn.Module:
        """The network, without weights; raises :class:`DinasError` for what its space does not know."""
        space = get_space(self.space)
        options = {name: value for name, value in self.skeleton.items() if name != "name"}
        unknown = options.keys() - Skeleton.__dataclass_fields__.keys()
        if unknown:
            raise DinasError(f"a skeleton has no option {visible(sorted(unknown)[0])[:40]!r}")
        chosen = skeletons.choose(space, str(self.skeleton.get("name")), **options)
        dataset = space.datasets[0] if space.datasets else None
        return skeletons.build(space, space.encode(self.genotype), dataset, chosen)


@dataclass(frozen=True)
class Loaded:
    """A trained network that was read from its folder."""

    network: nn.Module
    """In evaluation mode, on the CPU."""
    about: About


def load(folder: Path) -> Loaded:
    """The network in a folder: built from its description, with the tensors of its weights; no code there is run.

    Raises :class:`NotFoundError` for no such folder and :class:`CorruptFileError` for one that is not as it should.
    """
    about = read_about(folder)
    try:
        with as_imported(0, "meta"):  # nothing is allocated for sizes that the weights do not have
            network = about.build()
        found = weights.fit(weights.read(folder / WEIGHTS), network)
    except (ValueError, TypeError, DinasError) as error:
        reason = error.message if isinstance(error, DinasError) else str(error)
        raise CorruptFileError(f"{folder} holds no network that can be used: {reason}", _HINT) from error
    network.load_state_dict(found, assign=True)
    return Loaded(network.eval(), about)


def read_about(folder: Path) -> About:
    """The description of the network in a folder; raises as :func:`load`."""
    path = folder / CONFIG
    if not path.is_file():
        raise NotFoundError(f"{folder} holds no trained network", _HINT)
    try:
        if path.stat().st_size > _LONGEST_CONFIG:
            raise ValueError("it is too long")
        return About.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise CorruptFileError(f"{path} cannot be read: {str(error)[:200]}", _HINT) from error


def _numbers(found: Fields, name: str) -> tuple[float, ...]:
    items = found.items(name)
    if not all(map(is_number, items)):
        raise ValueError(f"its {name!r} are not all numbers")
    return tuple(map(float, items))

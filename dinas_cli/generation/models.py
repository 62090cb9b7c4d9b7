"""Which models answer a request: a generator's file, and the oracles whose descriptors that generator reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dinas_cli.checkpoints.at_hand import oracles_at_hand
from dinas_cli.checkpoints.metadata import read_config
from dinas_cli.checkpoints.registry import default_checkpoint, load_registry, obtain, resolve
from dinas_cli.errors import DinasError, NotFoundError
from dinas_cli.files.atomic import expanded
from dinas_cli.oracles.answers import Oracles
from dinas_cli.oracles.devices import load_surrogate

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Space


@dataclass(frozen=True)
class Models:
    """A generator, not yet read, and what answers metrics beside it."""

    path: Path
    """The generator's file."""
    config: Mapping[str, Any]
    """What that file says of itself."""
    oracles: Oracles

    def check_pair(self) -> None:
        """Raise :class:`DinasError` when the generator was trained with another surrogate: their descriptors differ.

        A surrogate that was read from no file passes.
        """
        surrogate, trained_with = self.oracles.surrogate, self.config.get("surrogate_sha256")
        if surrogate is None or trained_with is None or surrogate.sha256 in (None, trained_with):
            return
        raise DinasError(
            f"{self.path} was trained with another surrogate than the one in use ({str(trained_with)[:12]}…, not "
            f"{str(surrogate.sha256)[:12]}…), whose devices it cannot read",
            f"put the surrogate of the same training beside it, as {self.path.stem}-surrogate.safetensors",
        )


def resolve_models(space: Space, checkpoint: str | None = None, oracles: Oracles | None = None) -> Models:
    """The generator that ``checkpoint`` names (a file or a name; None: the space's first) with its oracles.

    Raises :class:`NotFoundError` when it is not here or one of another space, and what
    :func:`dinas_cli.checkpoints.registry.resolve` raises besides.
    """
    path = resolve(checkpoint, space.name, "generator")
    config = read_config(path)
    if config.get("space") != space.name:
        raise NotFoundError(
            f"{path} is a checkpoint of {config.get('space')}, not of {space.name}", "dinas checkpoints list"
        )
    if oracles is None:
        named = checkpoint is not None and expanded(checkpoint) == path
        oracles = oracles_for(space, path, config, named=named)
    return Models(path, config, oracles)


def oracles_for(space: Space, path: Path, config: Mapping[str, Any], *, named: bool) -> Oracles:
    """What is at hand, with the surrogate of the training that made the generator in ``path``, if it is here.

    That is the one beside a file the user ``named``, as ``dinas train`` writes the two, or the one the registry knows
    by the hash that the generator's ``config`` has kept; else the default of the space.
    """
    oracles = oracles_at_hand(space)
    beside = path.with_name(f"{path.stem}-surrogate.safetensors")
    if named and beside.is_file():
        return Oracles(space, oracles.table, load_surrogate(beside, space.name))
    trained_with = config.get("surrogate_sha256")
    for entry in load_registry().values():
        if (entry.space, entry.kind, entry.sha256) == (space.name, "surrogate", trained_with):
            if entry != default_checkpoint(space.name, "surrogate"):
                return Oracles(space, oracles.table, load_surrogate(obtain(entry), space.name))
            break
    return oracles

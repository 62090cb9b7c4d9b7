"""The data sets of the user's own, kept as the labels that they were made of, one JSON file each."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from dinas_cli.errors import CorruptFileError, DinasError, NotFoundError, UsageProblem, suggest
from dinas_cli.files.atomic import atomic_write, data_dir, make_dir
from dinas_cli.oracles.device import NAME
from dinas_cli.oracles.own_datasets import FEWEST, SCHEMA, OwnDataset
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared import skeletons

if TYPE_CHECKING:
    from dinas_cli.oracles.surrogate import Surrogate
    from dinas_cli.spaces.shared.protocol import Space


def folder() -> Path:
    """Where the user's data sets are kept."""
    return data_dir() / "datasets"


def check(dataset: OwnDataset) -> OwnDataset:
    """Raise :class:`UsageProblem` for a name, a likeness or labels that cannot make a data set."""
    space = get_space(dataset.space)
    check_name(space, dataset.name)
    if dataset.like not in space.datasets:
        raise UsageProblem(f"unknown dataset {dataset.like!r}", suggest(dataset.like, space.datasets, "datasets"))
    labels = {space.encode(genotype): label for genotype, label in dataset.labels}
    if any(not abs(label) < float("inf") for label in labels.values()):
        raise UsageProblem("a label is not a finite number", "dinas datasets add --help")
    if len(labels) < FEWEST or len(set(labels.values())) < 2:
        raise UsageProblem(
            f"{len(labels)} architectures have labels; at least {FEWEST} different ones are needed, 24 are advised",
            "train more of them: dinas search --help",
        )
    return dataset


def check_name(space: Space, name: str) -> None:
    """Raise :class:`UsageProblem` for what cannot name a data set of one's own in a space."""
    if len(space.datasets) < 2:
        raise UsageProblem(f"{space.name} has one data set, and its weights know no others", "dinas spaces")
    if not NAME.fullmatch(name):
        raise UsageProblem(f"{name!r} cannot name a data set", "letters, digits, '_', '-' and '.', at most 40")
    if name in space.datasets:
        raise UsageProblem(
            f"{name!r} is a data set that dinas knows already", f"choose another name, such as my-{name}"
        )


def save(dataset: OwnDataset, *, force: bool = False) -> Path:
    """Keep a data set; returns its file. An existing one stays unless ``force``."""
    check(dataset)
    path = _path(dataset.name, dataset.space)
    if path.exists() and not force:
        raise DinasError(
            f"data set {dataset.name!r} is known already", "replace it with --force, or choose another name"
        )
    make_dir(folder())
    atomic_write(path, json.dumps(dataset.to_dict(), indent=1), force=force)
    return path


def load(path: Path) -> OwnDataset:
    """Read one file; raise :class:`CorruptFileError` when it is no data set."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["schema"] != SCHEMA:
            raise ValueError(f"unknown schema {data['schema']!r}")
        labels = tuple((str(genotype), float(label)) for genotype, label in data["labels"])
        return check(OwnDataset(data["name"], data["space"], data["like"], labels, str(data.get("note", ""))))
    except (OSError, ValueError, LookupError, TypeError, ArithmeticError, RecursionError, UsageProblem) as error:
        reason = " ".join(str(error).split())[:300]
        raise CorruptFileError(f"{path} is not a data set: {reason}", f"remove it: rm {path}") from error


def load_all(space: str) -> list[OwnDataset]:
    """The user's data sets of a space."""
    datasets = (load(path) for path in sorted(folder().glob(f"{space}-*.json")))
    return [dataset for dataset in datasets if dataset.space == space] if folder().is_dir() else []


def likenesses(space: str) -> dict[str, str]:
    """The user's data sets of a space that can be read, each with the known one that it is like."""
    found: dict[str, str] = {}
    for path in sorted(folder().glob(f"{space}-*.json")) if folder().is_dir() else ():
        with suppress(CorruptFileError):
            dataset = load(path)
            if dataset.space == space:
                found[dataset.name] = dataset.like
    return found


def remove(name: str, space: str) -> None:
    """Forget a data set, unread; raise :class:`NotFoundError` when there is none."""
    path = _path(name, space)
    if not NAME.fullmatch(name) or not path.is_file():
        if name in get_space(space).datasets:
            raise UsageProblem(f"{name!r} comes with dinas and stays", "dinas datasets list")
        raise NotFoundError(f"no data set {name!r} of yours in {space}", suggest(name, likenesses(space), "yours"))
    path.unlink()


def nearest(space: Space, classes: int, image_size: int | None) -> str:
    """The known data set whose networks are the most like those for so many classes and so large images."""

    def apart(name: str) -> float:
        own = skeletons.own(space, name)
        far = abs(math.log(classes / own.classes)) if own.classes else math.inf
        return far + (2 * abs(math.log(image_size / own.image_size)) if image_size and own.image_size else 0.0)

    return min(space.datasets, key=apart)


def attach(surrogate: Surrogate) -> None:
    """Make the user's data sets known to a surrogate; each is fitted when it is first asked about."""
    for dataset in load_all(surrogate.space.name):
        dataset.attach(surrogate)


def _path(name: str, space: str) -> Path:
    return folder() / f"{space}-{name}.json"

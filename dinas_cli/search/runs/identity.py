"""What a run is about, in ``run.json``: workers that mean something else are refused before they do anything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dinas_cli.architectures.conditions import Request
from dinas_cli.errors import CorruptFileError, DinasError, NotFoundError, UsageProblem
from dinas_cli.files.atomic import make_dir
from dinas_cli.files.text import brief, flat
from dinas_cli.files.typed import Fields
from dinas_cli.files.version import __version__
from dinas_cli.search.runs.trial_files import finite, read_json, write_json

NAME, SCHEMA = "run.json", "dinas/run@1"
_OTHER = "choose another folder with -o"


@dataclass(frozen=True)
class Identity:
    """What has to be the same for all workers of a run, so that its results can be compared."""

    request: Request
    """Space, data set and limits."""
    back_end: Mapping[str, Any]
    """What the :class:`~dinas_cli.search.trials.BackEnd` says about itself."""
    proposals: Mapping[str, Any] = field(default_factory=dict)
    """How networks are proposed: the seed and what else decides about them."""

    def to_dict(self) -> dict[str, Any]:
        """The content of ``run.json``."""
        return {
            "schema": SCHEMA,
            "dinas": __version__,
            "space": self.request.space,
            "request": self.request.to_dict(),
            "back_end": finite(self.back_end),
            "proposals": finite(self.proposals),
        }


def begin(folder: Path, identity: Identity) -> Path:
    """Make ``folder`` a run, or check that it is the one that is meant, if it has trials; returns it.

    To be called under the lock of the run. Raises :class:`DinasError` for a folder of other things, and for a run of
    something else.
    """
    path = make_dir(folder) / NAME
    if path.exists() and any((folder / "trials").glob("*/trial.json")):
        compare(folder, read(folder), identity.to_dict())
    elif path.exists():  # nothing came of it: what was asked for could not be met, for example
        read(folder)
        write_json(path, identity.to_dict())
    elif any(item.name[0] != "." for item in folder.iterdir()):
        raise DinasError(f"{folder} holds other things than a run", _OTHER)
    else:
        write_json(path, identity.to_dict())
    return folder


def read(folder: Path) -> dict[str, Any]:
    """The content of ``run.json``; raises :class:`NotFoundError` where ``folder`` is no run, or one cannot read it."""
    data = read_json(folder / NAME, missing=None)
    if data is None:
        raise NotFoundError(f"{folder} is no run of dinas search", f"a run has a file {NAME}")
    try:
        fields = Fields(data, "run")
        if fields.text("schema") != SCHEMA:
            raise DinasError(
                f"{folder} is a run of {brief(data['schema'])}, which this version ({SCHEMA}) cannot continue", _OTHER
            )
        fields.text("space"), Request.from_dict(data["request"])
        if not isinstance(data["back_end"], dict) or not isinstance(data["proposals"], dict):
            raise ValueError("its back_end or proposals is no object")
    except (ValueError, LookupError, UsageProblem) as error:
        raise CorruptFileError(f"{folder / NAME} describes no run: {error}", _OTHER) from error
    found: dict[str, Any] = data
    return found


def compare(folder: Path, there: Mapping[str, Any], here: Mapping[str, Any]) -> None:
    """Raise :class:`DinasError` with the first thing in which the run that is there differs from the one meant.

    ``there`` was read from the folder; ``here`` is what would be written.
    """
    before, now = dict(flat(there)), dict(flat(json.loads(json.dumps(finite(here)))))
    for key in sorted(before.keys() | now.keys(), key=_importance):
        if before.get(key) != now.get(key):
            what = key.rpartition(".")[2].replace("_", " ")
            raise DinasError(
                f"{folder} is a run with {what} {brief(before.get(key))}, not {brief(now.get(key))}",
                f"{_OTHER}, or repeat its command",
            )


def _importance(key: str) -> tuple[int, str]:
    """The space first, for all else follows from it; what is written for programs last."""
    first = ("space", "request", "back_end", "proposals", "dinas")
    return (first.index(key.partition(".")[0]) if key.partition(".")[0] in first else len(first), key)

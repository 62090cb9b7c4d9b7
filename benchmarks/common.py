"""What all benchmark scripts share: the data, the models, and results written with everything needed to repeat them."""

from __future__ import annotations

import json
import os
import platform
import shlex
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from dinas_cli import __version__
from dinas_cli.checkpoints.registry import resolve
from dinas_cli.diffusion.generator import Generator
from dinas_cli.files.atomic import sha256_file
from dinas_cli.oracles.answers import Oracles
from dinas_cli.oracles.surrogate import Surrogate
from dinas_cli.oracles.tables import Table
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared.protocol import Space
from dinas_cli.training.data import TrainingSet, load_training_set
from dinas_cli.training.tables import open_table

RESULTS = Path(__file__).parent / "results"


@dataclass
class Models:
    """A space's surrogate and generator."""

    space: Space
    surrogate: Surrogate
    generator: Generator
    file: Path
    """The generator's."""
    about: dict[str, Any]


@dataclass
class Setup(Models):
    """The models with the benchmark's table."""

    table: Table
    folder: Any = None
    """Keeps the temporary folder of a table made of ``--data``."""

    @cached_property
    def truth(self) -> Oracles:
        """What the benchmark's table says."""
        return Oracles(self.space, self.table)

    @cached_property
    def guess(self) -> Oracles:
        """What the tool knows without a table."""
        return Oracles(self.space, None, self.surrogate)

    @cached_property
    def labels(self) -> TrainingSet:
        """The table's architectures, divided as the training of these models divided them."""
        config = self.generator.config
        share, seed = config.get("holdout", 0.1), config["training"]["seed"]
        found = load_training_set(self.space, self.table, holdout=share, seed=seed)
        if found.label_budget != config["label_budget"]:
            raise SystemExit(f"trained on {config['label_budget']:,} labels, not {found.label_budget:,}: another table")
        return found

    @cached_property
    def _held_out(self) -> np.ndarray:
        return self.truth.keys(self.labels.values[self.labels.held_out])

    def held_out(self, values: np.ndarray) -> np.ndarray:
        """Which architectures ``(B, V)`` have labels that training never saw: ``(B,)`` bool."""
        return np.isin(self.truth.keys(values), self._held_out)


def facts(**more: Any) -> dict[str, Any]:
    """What is needed to repeat this run, with ``more`` that only some have: seeds, labels, hashes of weights."""
    return {
        "command": "python -m " + shlex.join([_module(), *_arguments(sys.argv[1:])]),
        "dinas": __version__,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "date": time.strftime("%Y-%m-%d"),
        **more,
    }


def parser(description: str | None) -> ArgumentParser:
    """Options of scripts that measure trained models."""
    options = plain_parser(description)
    options.add_argument("--data", type=Path, action="append", default=[], help="benchmark files or folder")
    options.add_argument("--space", default="nasbench201")
    options.add_argument("--checkpoint", help="generator: name or file (default: the bundled one)")
    options.add_argument("--surrogate", help="surrogate: name or file (default: the bundled one)")
    options.add_argument(
        "--files", type=Path, help="folder with YAHPO Gym's model of NAS-Bench-301, as a judge of darts"
    )
    options.add_argument("--seeds", type=int, default=5)
    return options


def plain_parser(description: str | None) -> ArgumentParser:
    """The option of every script."""
    options = ArgumentParser(description=description)
    options.add_argument("--out", type=Path, help="JSON file (default: benchmarks/results/<script>.json)")
    return options


def models(options: Namespace) -> Models:
    """The models that the options name."""
    space = get_space(options.space)
    generator = resolve(options.checkpoint, space.name, "generator")
    surrogate = resolve(options.surrogate, space.name, "surrogate")
    model = Generator.load(generator)
    about = facts(
        checkpoint_sha256=sha256_file(generator),
        surrogate_sha256=sha256_file(surrogate),
        label_budget=model.config["label_budget"],
        seeds=options.seeds,
    )
    return Models(space, Surrogate.load(surrogate), model, generator, about)


def load(options: Namespace) -> Setup:
    """Everything the options name."""
    found = models(options)
    table, folder = open_table(found.space, options.data)
    return Setup(**vars(found), table=table, folder=folder)


def write(options: Namespace, setup_about: dict[str, Any], results: dict[str, Any]) -> Path:
    """Write results as JSON and return the file."""
    path = _file(options)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"about": setup_about, **results}, indent=1) + "\n")
    print(f"wrote {path}", file=sys.stderr)
    return Path(path)


def renew(options: Namespace, about: dict[str, Any], name: str, result: dict[str, Any]) -> None:
    """Put one space's result into the file at once: a sweep that is cut short, or of one space, keeps the others."""
    path = _file(options)
    kept = json.loads(path.read_text()) if path.is_file() else {}
    kept.pop("about", None)
    write(options, about, {key: value for key, value in kept.items() if key != name} | {name: result})


def begun(options: Namespace, about: dict[str, Any], name: str) -> dict[str, Any]:
    """What a run that was cut short left of one space's result: nothing, where it was of other weights or seeds."""
    path = _file(options)
    kept = (json.loads(path.read_text()) if path.is_file() else {}).get(name, {})
    alike = "command", "checkpoint_sha256", "surrogate_sha256"
    return dict(kept) if all(kept.get("about", {}).get(key) == about[key] for key in alike) else {}


def _file(options: Namespace) -> Path:
    return options.out or RESULTS / f"{_module().rpartition('.')[2]}.json"


class Counted:
    """Shares over seeds of a part of the samples, with how many these are."""

    def __init__(self) -> None:
        self.shares: list[float] = []
        self.samples = 0
        self.different: set[int] = set()

    def add(self, met: np.ndarray, keys: np.ndarray) -> None:
        """One seed: whether each sample of the part meets what is asked ``(B,)``, and its key in the table ``(B,)``."""
        self.shares.append(float(met.mean()) if len(met) else float("nan"))
        self.samples += len(met)
        self.different |= set(keys.tolist())

    def summary(self) -> dict[str, Any]:
        """Mean and deviation of the share, the number of samples, and of different architectures among them."""
        share = mean_sd(self.shares) if self.samples else None
        return {"share": share, "samples": self.samples, "different": len(self.different)}


def mean_sd(values: list[float] | np.ndarray) -> dict[str, float]:
    """Mean and standard deviation over seeds."""
    found = np.asarray(values, dtype=float)
    return {"mean": round(float(np.nanmean(found)), 5), "sd": round(float(np.nanstd(found)), 5)}


def _arguments(given: list[str]) -> Iterator[str]:
    """A command's arguments without folders, which are other ones elsewhere, and without where its results go."""
    words = iter(given)
    for word in words:
        if word == "--out":
            next(words, None)
        elif not word.startswith("--out="):
            name, equals, path = word.rpartition("=")
            yield f"{name}{equals}{Path(path).name}" if "/" in path else word


def _module() -> str:
    return f"benchmarks.{Path(sys.argv[0]).stem}"

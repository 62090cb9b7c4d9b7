"""``dinas doctor``: one row per thing that must be right, with a hint where it is not; never uses the network."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from typing import Annotated, Literal

import typer

from dinas_cli.checkpoints import cleaning
from dinas_cli.checkpoints.at_hand import shipped_devices
from dinas_cli.checkpoints.copies import reinstall, status
from dinas_cli.checkpoints.registry import broken_registries, load_registry
from dinas_cli.cli.commands.version import installed
from dinas_cli.cli.options import JsonOption, QuietOption
from dinas_cli.cli.output import Column, Sink
from dinas_cli.errors import DinasError, reason_of
from dinas_cli.files.atomic import data_dir
from dinas_cli.oracles.devices import own_names
from dinas_cli.spaces.registry import offers, refusals, space_names

COLUMNS = [Column("check"), Column("status"), Column("detail", "found"), Column("hint")]
IMPORTS = ("torch", "numpy", "safetensors")
"""Imported for real: a broken wheel has a version too."""
_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)>=([0-9.]+)(?:.*extra == ['\"]([\w-]+)['\"])?")
_FOR_US = "dev"
"""The extra that only this package's own development needs."""


@dataclass(frozen=True)
class Finding:
    """One row: what was looked at, how it is, what was found, what to do."""

    check: str
    status: Literal["ok", "warn", "fail"]
    detail: str
    hint: str = ""


def command(
    clean: Annotated[bool, typer.Option("--clean", help="Remove what runs that were killed have left first.")] = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Check this installation: versions, weights, tables, folders, devices. Exits with 1 if anything fails."""
    sink = Sink.open(json=json, quiet=quiet)
    if clean:
        for path in cleaning.clean():
            sink.say(f"removed {path}")
    findings = [finding for check in CHECKS for finding in check()]
    sink.table(COLUMNS, [asdict(finding) for finding in findings])
    failed = sum(finding.status == "fail" for finding in findings)
    if failed:
        sink.error(f"{failed} of {len(findings)} checks failed")
        raise typer.Exit(1)
    sink.say("nothing is broken")


def check_python() -> Iterator[Finding]:
    """The interpreter; one that is too old cannot come this far."""
    yield Finding("python", "ok", f"{platform.python_version()} at {sys.executable}")


def check_packages() -> Iterator[Finding]:
    """Required packages against the least versions this package declares; optional ones when they are there."""
    try:
        requirements = metadata.requires("dinas") or []
    except metadata.PackageNotFoundError:
        yield Finding("dinas", "fail", "runs from a folder but is not installed", "in that folder: pip install .")
        return
    needs = [match.groups() for text in requirements if (match := _REQUIREMENT.match(text)) is not None]
    for name, least, extra in needs:
        if extra is not None:
            continue
        version = installed(name)
        if version is None:
            yield Finding(name, "fail", "not installed", f"pip install '{name}>={least}'")
        elif _release(version) < _release(least):
            yield Finding(name, "fail", f"{version}, older than {least}", f"pip install '{name}>={least}'")
        else:
            yield _import(name, version) if name in IMPORTS else Finding(name, "ok", version)
    optional: dict[str, str] = {}
    for name, _, extra in needs:
        if extra not in (None, _FOR_US):
            optional.setdefault(name, extra)
    for name, extra in optional.items():
        version = installed(name)
        hint = "" if version else f"only if you need it: pip install 'dinas[{extra}]'"
        yield Finding(name, "ok", version or "not installed (optional)", hint)


def check_weights() -> Iterator[Finding]:
    """Bundled weights against the hashes of the registry."""
    try:
        entries = [entry for entry in load_registry().values() if entry.bundled]
    except DinasError as error:
        yield Finding("checkpoints.toml", "fail", error.message, error.hint or "install dinas again")
        return
    if not entries:
        yield Finding("weights", "warn", "no bundled checkpoints", "train one: dinas train --help")
    for entry in entries:
        found = status(entry)
        if found == "ok":
            yield Finding(f"weights {entry.name}", "ok", f"{entry.bytes} bytes, SHA-256 verified")
        else:
            yield Finding(f"weights {entry.name}", "fail", found, reinstall(entry))
    for broken in broken_registries():
        yield Finding("checkpoints.toml", "fail", broken.message, broken.hint or "")


def check_spaces() -> Iterator[Finding]:
    """Search spaces of other packages: those that can be used, and those that are refused."""
    for offer in offers():
        if not offer.built_in and offer.name in space_names():
            yield Finding(f"space {offer.name}", "ok", str(offer))
    for offer, error in refusals():
        yield Finding(f"space {offer.name}", "fail", error.message, error.hint or "")


def check_tables() -> Iterator[Finding]:
    """Imported benchmark tables."""
    from dinas_cli.oracles.tables import find_table

    without = []
    for name in space_names():
        try:
            table = find_table(name)
        except DinasError as error:
            yield Finding(f"table {name}", "fail", error.message, error.hint or f"dinas tables import {name} FILE...")
            continue
        if table is None:
            without.append(name)
        else:
            yield Finding(
                f"table {name}", "ok", f"{len(table.keys)} rows, {len(table.columns)} columns at {table.path}"
            )
    if without:
        hint = "for exact metrics of a space: dinas tables import SPACE FILE..."
        yield Finding("other tables", "ok", f"none imported (optional) of {', '.join(without)}", hint)


def check_folder() -> Iterator[Finding]:
    """Whether tables can be imported: the data folder, or the nearest folder it would be created in."""
    folder = data_dir()
    nearest = folder
    while not nearest.exists() and nearest != nearest.parent:
        nearest = nearest.parent
    try:
        with tempfile.TemporaryFile(dir=nearest):
            free = shutil.disk_usage(nearest).free / 1e9
    except OSError as error:
        detail = f"{folder} is not writable: {reason_of(error)}"
        yield Finding("data folder", "fail", detail, "choose another with the environment variable DINAS_HOME")
        return
    made = "" if nearest == folder else ", made when first needed"
    yield Finding("data folder", "ok", f"{folder}{made}, {free:.1f} GB free")


def check_leftovers() -> Iterator[Finding]:
    """What runs that were killed have left."""
    found = cleaning.abandoned()
    if found:
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        yield Finding("left-overs", "warn", f"{found[0]}{more}, of runs that were killed", "dinas doctor --clean")
    else:
        yield Finding("left-overs", "ok", "none")


def check_offline() -> Iterator[Finding]:
    """Whether the network is ruled out."""
    names = ("DINAS_OFFLINE", "HF_HUB_OFFLINE")
    active = [name for name in names if os.environ.get(name, "").lower() not in ("", "0", "false", "no", "off")]
    yield Finding("offline", "ok", f"on, by {' and '.join(active)}" if active else "off")


def check_devices() -> Iterator[Finding]:
    """Devices whose costs the bundled surrogates know."""
    without = []
    for name in space_names():
        devices = shipped_devices(name)
        if devices:
            yield Finding(f"devices {name}", "ok", f"{len(devices)}: {', '.join(devices)}")
        else:
            without.append(name)
        for taken in sorted(set(devices) & set(own_names(name))):
            detail = f"{taken!r} is a device of dinas, and a file of yours has other costs for it"
            yield Finding(f"devices {name}", "fail", detail, f"dinas devices rm {taken} --space {name}")
    if without:
        hint = "to add weights of a space: dinas train --space SPACE"
        yield Finding("other devices", "ok", f"none shipped (optional) of {', '.join(without)}", hint)


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    check_python,
    check_packages,
    check_spaces,
    check_weights,
    check_tables,
    check_folder,
    check_leftovers,
    check_offline,
    check_devices,
)


def _import(name: str, version: str) -> Finding:
    """Import a package in a process of its own: a broken wheel can raise anything, or end the interpreter."""
    done = subprocess.run([sys.executable, "-P", "-c", f"import {name}"], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return Finding(name, "ok", version)
    reason = (done.stderr.strip().splitlines() or [f"it ends Python with {done.returncode}"])[-1]
    return Finding(name, "fail", f"{version} does not import: {reason}", f"pip install --force-reinstall {name}")


def _release(version: str) -> tuple[int, ...]:
    """``2.13.0+cpu`` -> ``(2, 13, 0)``."""
    match = re.match(r"[0-9]+(?:\.[0-9]+)*", version)
    return tuple(int(part) for part in match[0].split(".")) if match else ()

"""``dinas version``: what is installed, without importing any of it."""

from __future__ import annotations

import platform
from importlib import metadata

from dinas_cli.cli.options import JsonOption, QuietOption
from dinas_cli.cli.output import Column, Sink
from dinas_cli.files.version import __version__

PACKAGES = ("torch", "numpy", "safetensors", "huggingface-hub", "typer", "rich", "torch-geometric", "nas-bench-201")


def installed(package: str) -> str | None:
    """The installed version of a package, ``None`` where it is absent."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def command(json: JsonOption = False, quiet: QuietOption = False) -> None:
    """Show the versions of dinas and of what it uses."""
    sink = Sink.open(json=json, quiet=quiet)
    rows = [{"name": "dinas", "version": __version__}, {"name": "python", "version": platform.python_version()}]
    rows += [{"name": package, "version": installed(package) or "not installed"} for package in PACKAGES]
    sink.table([Column("name", "package"), Column("version", "version")], rows)

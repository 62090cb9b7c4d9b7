"""Packages that bring spaces of their own, made on the fly and found as installed ones are: in a folder of the path."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def make_package(
    folder: Path,
    spaces: Mapping[str, str],
    files: Mapping[str, str] | None = None,
    *,
    name: str = "dinas-made-up",
    version: str = "1.2",
) -> Path:
    """A distribution in ``folder``: its metadata, with an entry point (``module:attribute``) per space, and ``files``.

    The folder is to be put on ``sys.path`` or ``PYTHONPATH``.
    """
    about = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    lines = [f"{space} = {target}" for space, target in spaces.items()]
    (about / "entry_points.txt").write_text("\n".join(["[dinas.spaces]", *lines, ""]))
    for path, text in (files or {}).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder

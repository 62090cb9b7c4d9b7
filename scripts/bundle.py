"""Puts trained weights into the package: copies them, and writes their entries into checkpoints.toml.

    python scripts/bundle.py OUT nasbench201     # OUT: the folder of `dinas train --out OUT`
    python scripts/bundle.py dinas_cli/checkpoints/weights nasbench201   # again, after measuring: takes up the figures

Figures come from benchmarks/results/*.json that were measured with these very files.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from dinas_cli.checkpoints.checkpoint import Checkpoint, to_toml
from dinas_cli.checkpoints.publish import describe
from dinas_cli.checkpoints.registry import read_registry, registry_path, weights_dir
from dinas_cli.files.atomic import atomic_write, sha256_file

RESULTS = Path(__file__).parent.parent / "benchmarks" / "results"
LICENCE = "MIT"


def figures(checksum: str) -> dict[str, Any]:
    """Headline figures measured with the generator that has this SHA-256, by benchmark."""
    found: dict[str, Any] = {}
    for path in sorted(RESULTS.glob("*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        if data.get("about", {}).get("checkpoint_sha256") != checksum:
            continue
        summary = data.get("summary", {})
        means = {key: value["mean"] for key, value in summary.items() if isinstance(value, dict) and "sd" in value}
        if means:
            found[path.stem] = {**means, "seeds": data["about"]["seeds"], "command": data["about"]["command"]}
    return found


def bundle(folder: Path, space: str) -> list[Checkpoint]:
    """Copy generator and surrogate of ``space`` from ``folder`` and return their entries."""
    entries = []
    for name in (space, f"{space}-surrogate"):
        source = folder / f"{name}.safetensors"
        target = weights_dir() / source.name
        if source.resolve() != target.resolve():
            atomic_write(target, source.read_bytes(), force=True)
        measured = figures(sha256_file(target)) if name == space else {}
        entry = describe(target, name=name, licence=LICENCE, command=None, figures=measured).entry
        entries.append(replace(entry, bundled=True))
    return entries


def main(arguments: Sequence[str]) -> int:
    """Bundle one space; the other entries of the registry stay as they are."""
    if len(arguments) != 2:
        sys.stderr.write("usage: python scripts/bundle.py FOLDER SPACE\n")
        return 2
    path = registry_path()
    header = path.read_text(encoding="utf-8").partition("\n[")[0].rstrip() + "\n"
    entries = read_registry(path)
    for entry in bundle(Path(arguments[0]), arguments[1]):
        old = entries.get(entry.name)
        if old is not None and old.sha256 == entry.sha256:  # the same file: it is still where it was published
            entry = replace(entry, repo_id=old.repo_id, revision=old.revision, mirrors=old.mirrors)
        entries[entry.name] = entry
    atomic_write(path, "\n".join([header, *map(to_toml, entries.values())]), force=True)
    for entry in entries.values():
        sys.stderr.write(f"{entry.name}: {entry.bytes} bytes, {entry.sha256}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Whether a result is of the weights in the package: which weights it names, and which of them are others by now."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from dinas_cli.checkpoints.registry import load_registry

LENGTH = 12
"""Digits of a hash that suites of ``dinas bench`` keep."""
ON_PURPOSE = "--checkpoint", "--when before"
"""Options of scripts that measure other weights than those in the package: left-out devices, earlier ones."""


@cache
def bundled() -> frozenset[str]:
    """The first digits of the hashes of all weights that the registry names."""
    return frozenset(entry.sha256[:LENGTH] for entry in load_registry().values())


def stale(facts: Mapping[str, Any]) -> list[str]:
    """Which weights that facts about a result name are others by now; none where it is about others on purpose."""
    if any(option in facts.get("command", "") for option in ON_PURPOSE):
        return []
    named = {key: facts[key] for key in ("checkpoint_sha256", "surrogate_sha256") if key in facts}
    for space, found in facts.get("checkpoints", {}).items():
        named |= {f"{space} {kind}": found[kind] for kind in ("generator", "surrogate")}
    return [name.removesuffix("_sha256") for name, sha in named.items() if sha[:LENGTH] not in bundled()]


def stale_files(folder: Path) -> dict[str, list[str]]:
    """By result file, which of its parts are of earlier weights."""
    found = {path.stem: list(_parts(json.loads(path.read_text()))) for path in sorted(folder.glob("*.json"))}
    return {name: parts for name, parts in found.items() if parts}


def _parts(data: Mapping[str, Any], name: str = "") -> Iterator[str]:
    facts = data.get("about")
    if isinstance(facts, dict) and stale(facts):
        yield name or "all"
    for key, part in data.items():
        if isinstance(part, dict) and key not in ("about", "experiments"):
            yield from _parts(part, key)

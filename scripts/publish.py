"""Publishes the project's own checkpoints: one Hub repository per space, all files of the package in one commit each.

    python scripts/publish.py OWNER --dry-run     # shows repositories, cards and entries; writes nothing anywhere
    HF_TOKEN=… python scripts/publish.py OWNER > published.toml

Standard output is the new text of the entries, commits pinned: put it into checkpoints.toml.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from dinas_cli.checkpoints.registry import load_registry
from dinas_cli.cli.app import run


def main(arguments: Sequence[str]) -> int:
    """Push what is bundled, space by space; the first failure ends it with its exit code."""
    dry = "--dry-run" in arguments
    owners = [argument for argument in arguments if argument != "--dry-run"]
    if len(owners) != 1 or owners[0].startswith("-"):
        sys.stderr.write("usage: python scripts/publish.py OWNER [--dry-run]\n")
        return 2
    spaces: dict[str, list[str]] = {}
    for entry in load_registry().values():
        if entry.bundled:
            spaces.setdefault(entry.space, []).append(entry.name)
    for space, names in spaces.items():
        code = run(["push", *names, "--repo", f"{owners[0]}/dinas-{space}", *(["--dry-run"] if dry else [])])
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

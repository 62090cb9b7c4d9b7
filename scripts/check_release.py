"""Whether a tag may be released: ``python scripts/check_release.py v0.1.0`` names all that is missing."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
RESERVED = ".example"
"""The ending of addresses that exist nowhere (RFC 2606): the project has none until it is published."""


def problems(tag: str, root: Path = ROOT) -> list[str]:
    """One line for each reason not to release ``tag`` from the checkout ``root``."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    version = re.search(r'__version__ = "(.*)"', (root / "dinas_cli/files/version.py").read_text("utf-8"))
    changes, citation = ((root / name).read_text("utf-8") for name in ("CHANGELOG.md", "CITATION.cff"))
    number = tag.removeprefix("v")
    found = {
        f"pyproject.toml: {name} is still a placeholder": RESERVED in address
        for name, address in project["urls"].items()
    } | {
        f"dinas_cli/files/version.py says {version[1] if version else 'nothing'}": not version or version[1] != number,
        f"CHANGELOG.md has no section [{number}]": f"\n## [{number}]" not in changes,
        f"CITATION.cff has another version than {number}": f"\nversion: {number}\n" not in citation,
    }
    return [problem for problem, is_one in found.items() if is_one]


def main(tag: str) -> int:
    """Print all problems to standard error; the exit code says whether there are any."""
    found = problems(tag)
    sys.stderr.writelines(f"{problem}\n" for problem in found)
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

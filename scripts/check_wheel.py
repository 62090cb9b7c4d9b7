"""Whether a built wheel has all that users need: ``python scripts/check_wheel.py dinas-….whl`` names what is wrong."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from zipfile import ZipFile

PACKAGE = Path(__file__).parent.parent / "dinas_cli"
NEEDED = ("checkpoints/checkpoints.toml", "py.typed")
LINK = re.compile(r'\]\(([^)]+)\)|(?:src|srcset)="([^"]+)"')


def problems(wheel: Path) -> list[str]:
    """Files that it lacks, and links of its page on the package index that lead nowhere without a repository."""
    with ZipFile(wheel) as files:
        names = set(files.namelist())
        (metadata,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        text = files.read(metadata).decode()
    weights = (path.relative_to(PACKAGE).as_posix() for path in PACKAGE.glob("checkpoints/weights/*.safetensors"))
    found = [f"it lacks {name}" for name in (*NEEDED, *weights) if f"dinas_cli/{name}" not in names]
    targets = [match[1] or match[2] for match in LINK.finditer(re.sub(r"(?s)```.*?```", "", text))]
    found += [f"a link on its page is not whole: {to}" for to in targets if not re.match("https://|mailto:|#", to)]
    return found if len(targets) > 5 else [*found, "its page has hardly any link: is the README in it?"]


if __name__ == "__main__":
    found = problems(Path(sys.argv[1]))
    sys.stderr.writelines(f"{sys.argv[1]}: {problem}\n" for problem in found)
    sys.exit(bool(found))

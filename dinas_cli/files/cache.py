"""Arrays that take long to work out and are the same every time, kept on disk from one call to the next."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from dinas_cli.errors import DinasError, UsageProblem
from dinas_cli.files.atomic import atomic_write, data_dir, make_dir, platform_dir

if TYPE_CHECKING:
    import numpy as np

MOST = 32
"""Arrays that are kept at most; the oldest make room."""


def cache_dir() -> Path:
    """The folder of kept arrays, which may be deleted at any time; with ``DINAS_HOME`` its ``cache``."""
    if os.environ.get("DINAS_HOME"):
        return data_dir() / "cache"
    return platform_dir("cache")


def kept(
    name: str, depends_on: Iterable[str], modules: Iterable[str], work_out: Callable[[], np.ndarray]
) -> np.ndarray:
    """The array ``name``, read from the cache folder where it is there and whole, otherwise worked out and kept.

    It is found again only as long as everything is the same that it depends on: ``depends_on`` (hashes, numbers), the
    code beside the ``modules``, and the versions of dinas and numpy. Whatever is wrong with the folder (read-only,
    full, a broken file), nothing is kept, and that is no error.
    """
    try:
        path = cache_dir() / f"{name}-{_key(depends_on, modules)}.npy"
    except UsageProblem:  # no home folder
        return work_out()
    found = _read(path)
    if found is None:
        found = work_out()
        with contextlib.suppress(DinasError, OSError):
            _write(path, found)
    return found


def _key(depends_on: Iterable[str], modules: Iterable[str]) -> str:
    import numpy as np

    from dinas_cli.files.version import __version__

    parts = [__version__, np.__version__, *depends_on]
    for module in modules:
        parts += _code(Path(str(sys.modules[module].__file__)).parent)
    return sha256("\n".join(parts).encode()).hexdigest()[:16]


def _code(folder: Path) -> Iterator[str]:
    """Name, size and time of every module in a folder, which change when another version is installed."""
    with contextlib.suppress(OSError):  # inside an archive: the version must do
        for file in sorted(folder.glob("*.py")):
            about = file.stat()
            yield f"{file.name} {about.st_size} {about.st_mtime_ns}"


def _read(path: Path) -> np.ndarray | None:
    """What :func:`_write` wrote; None where it is missing or not what was written."""
    import numpy as np

    try:
        content = path.read_bytes()
        if zlib.crc32(content[:-4]) != int.from_bytes(content[-4:], "little"):
            return None
        array: np.ndarray = np.load(io.BytesIO(content), allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return array


def _write(path: Path, array: np.ndarray) -> None:
    """A file for ``numpy.load``, which ends in the CRC-32 of all that is before."""
    import numpy as np

    make_dir(path.parent)
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=False)
    content = stream.getvalue()
    atomic_write(path, content + zlib.crc32(content).to_bytes(4, "little"), force=True)
    # Left-overs of writers that were killed go with the oldest arrays.
    files = [file for file in path.parent.iterdir() if file.suffix in (".npy", ".tmp")]
    for file in sorted(files, key=lambda file: file.stat().st_mtime, reverse=True)[MOST:]:
        file.unlink(missing_ok=True)

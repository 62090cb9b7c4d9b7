"""Image folders: one subfolder per class, or ``train/``, ``validation/`` and ``test/`` above them.

The convention is that of ``imagefolder`` in the library ``datasets``. The folders are walked here because that library
takes classes called ``train`` or ``test`` for splits, reads brackets in names as patterns and keeps a copy of the
listing for every change.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path

from dinas_cli.errors import DinasError, NotFoundError, reason_of
from dinas_cli.files.text import visible
from dinas_cli.search.data.examples import ALIASES, Example, Source, Split

ENDINGS = frozenset(
    {".png", ".jpg", ".jpeg", ".jpe", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".pbm", ".pnm"}
)
"""Of files that are taken for images; others are passed over."""
_LAYOUT = "one subfolder per class, or train/ validation/ test/ above them"


def read_folder(folder: Path) -> Source:
    """The examples of a folder.

    Raises :class:`NotFoundError` for no such folder and :class:`DinasError` for one without classes.
    """
    if not folder.is_dir():
        raise NotFoundError(
            f"no such folder: {folder}", f"an image set is a folder ({_LAYOUT}) or OWNER/NAME on the Hub"
        )
    root = folder.resolve()
    try:
        parts = _splits(root)
        found = [
            (split, label, path)
            for split, above in parts
            for label in sorted(_folders(above))
            for path in sorted(_images(above / label))
        ]
    except OSError as error:
        raise DinasError(f"cannot read {error.filename or folder}: {reason_of(error)}") from error
    classes = sorted({label for split, label, _ in found if split in (None, "training")})
    strange = sorted({label for _, label, _ in found} - set(classes))
    if not found:
        raise DinasError(f"{folder} has no images in subfolders", f"{_LAYOUT}; endings: {' '.join(sorted(ENDINGS))}")
    if strange:
        raise DinasError(f"class {visible(strange[0])!r} has no training images in {folder}", "add some, or remove it")
    if len(classes) < 2:
        raise DinasError(f"{folder} has one class only, {visible(classes[0])!r}", _LAYOUT)
    numbers = {label: number for number, label in enumerate(classes)}
    examples, state = [], sha256()
    for split, label, path in found:
        about, name = path.stat(), path.relative_to(root).as_posix()
        state.update(f"{name}\0{about.st_size}\0{about.st_mtime_ns}\n".encode(errors="surrogateescape"))
        examples.append(Example(name, numbers[label], split, partial(_content, path)))
    return Source(root.name, str(root), state.hexdigest(), tuple(classes), examples)


def _content(path: Path) -> bytes:
    return path.read_bytes()


def _splits(root: Path) -> list[tuple[Split | None, Path]]:
    """The folders that hold classes: those of splits where there is one for training with classes in it."""
    named = [(ALIASES.get(name.lower()), root / name) for name in sorted(_folders(root))]
    splits = [(split, path) for split, path in named if split is not None]
    divided = any(split == "training" and _folders(path) and not _has_images(path) for split, path in splits)
    return [*splits] if divided else [(None, root)]


def _folders(path: Path) -> list[str]:
    with os.scandir(path) as entries:
        return [entry.name for entry in entries if entry.is_dir() and not entry.name.startswith((".", "__"))]


def _has_images(path: Path) -> bool:
    with os.scandir(path) as entries:
        return any(_is_image(entry.name) for entry in entries)


def _images(path: Path) -> Iterator[Path]:
    """All images of a class, those in folders further down included."""
    for folder, inner, files in os.walk(path, onerror=_refuse):
        inner[:] = [name for name in inner if not name.startswith((".", "__"))]
        yield from (Path(folder) / name for name in files if _is_image(name))


def _is_image(name: str) -> bool:
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in ENDINGS


def _refuse(error: OSError) -> None:
    raise error

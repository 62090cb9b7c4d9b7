"""A set of images ready for training: one array of bytes, memory-mapped from our cache, with classes and splits."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from dinas_cli.checkpoints.network import offline
from dinas_cli.errors import DinasError, OfflineError, UsageProblem, need_packages
from dinas_cli.files.atomic import atomic_paths, expanded, make_dir
from dinas_cli.files.cache import cache_dir
from dinas_cli.search.data.examples import SPLITS, Source, Split
from dinas_cli.search.data.folders import read_folder
from dinas_cli.search.data.reading import Shape, read_all, shape_of
from dinas_cli.search.data.splits import divide

SCHEMA = "dinas/images@1"
MOST_UNREADABLE = 0.05
"""Share of images that may be unreadable before the set is refused."""
KEPT = 8
"""Sets in the cache at most; the oldest make room."""


@dataclass(frozen=True)
class Facts:
    """What there is to know about a set, as JSON."""

    name: str
    classes: tuple[str, ...]
    channels: int
    image_size: int
    counts: Mapping[str, int]
    """Images by split."""
    drawn: tuple[str, ...]
    """Splits that the set did not have, drawn from what is for training."""
    imbalance: float
    """Training images of the largest class by those of the smallest."""
    unreadable: tuple[tuple[str, str], ...]
    """Images that were passed over, and why."""
    sha256: str
    """Of everything that trainings see: files, classes, splits, shape."""


@dataclass(frozen=True)
class Images:
    """Images with their classes; :meth:`part` gives those of a split."""

    pixels: np.ndarray
    """``(N, C, S, S)`` uint8, read from disk as they are used."""
    labels: np.ndarray
    """``(N,)`` int64."""
    rows: Mapping[Split, np.ndarray]
    """Rows of every split, each beginning of them with the classes in proportion."""
    facts: Facts

    def part(self, split: Split, most: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Images ``(n, C, S, S)`` uint8 and classes ``(n,)`` of a split, the first ``most`` of them."""
        rows = self.rows[split][:most]
        return self.pixels[rows], self.labels[rows]


def load_images(
    place: str,
    *,
    image_size: int | None = None,
    limit: int | None = None,
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Images:
    """The images of a folder, or of a set of the Hub (``OWNER/NAME``), of which ``limit`` are used at most.

    What was read before is taken from the cache as long as no file has changed. ``seed`` draws missing splits and what
    a limit leaves; ``image_size`` is their edge in pixels (None: see :func:`.reading.shape_of`). ``progress`` is called
    with the number of images read, and of all. Raises :class:`NotFoundError`, :class:`OfflineError`,
    :class:`UsageProblem` for impossible numbers, and :class:`DinasError` for a set that nothing can be learnt from.
    """
    need_packages("reading images", "search", {"pillow": "PIL"})
    if image_size is not None and not 8 <= image_size <= 1024:
        raise UsageProblem(f"--image-size {image_size} is out of range", "from 8 to 1024")
    if limit is not None and limit < 1:
        raise UsageProblem(f"--limit-images {limit} is out of range", "1 or more")
    asked = {"size": image_size, "limit": limit, "seed": seed}
    source = _source(place)
    if isinstance(source, str):  # its place: it cannot be asked, but may have been read before
        found = next((kept for path in _kept(source, asked, "*") if (kept := _read(path)) is not None), None)
        if found is None:
            raise OfflineError(f"{place} was not read before, and the network is switched off")
        return found
    path = next(iter(_kept(source.place, asked, source.state)), None)
    found = None if path is None else _read(path)
    return found or _made(source, asked, progress)


def _source(place: str) -> Source | str:
    folder = expanded(place)
    if folder.exists() or not is_hub_name(place):
        return read_folder(folder)
    if offline():
        return place
    from dinas_cli.search.data.hub import read_hub

    return read_hub(place)


def is_hub_name(place: str) -> bool:
    """Whether a text can be the name of a set on the Hub, ``OWNER/NAME`` or ``OWNER/NAME:CONFIGURATION``."""
    owner, slash, name = place.partition("/")
    return bool(slash and owner.strip(".~") and name and "/" not in name and "\\" not in place)


def _made(source: Source, asked: Mapping[str, Any], progress: Callable[[int, int], None]) -> Images:
    """Read a set and keep it."""
    labels = np.array([example.label for example in source.examples], np.int64)
    given = [example.split for example in source.examples]
    parts = divide(labels, given, len(source.classes), asked["seed"], asked["limit"])
    used = np.sort(np.concatenate([*parts.values()]))
    examples = [source.examples[row] for row in used]
    shape = shape_of(examples, asked["size"])
    folder = make_dir(cache_dir() / "images")
    stem = f"{_key(source.place, asked)}-{source.state[:16]}"
    paths = [folder / f"{stem}.npy", folder / f"{stem}.json"]
    with atomic_paths(paths, force=True) as (array, about):
        size = (len(examples), shape.channels, shape.size, shape.size)
        pixels = np.lib.format.open_memmap(array, mode="w+", dtype=np.uint8, shape=size)
        hashes, problems = read_all(examples, shape, pixels, lambda done: progress(done, len(examples)))
        pixels.flush()
        share = len(problems) / len(examples)
        if share > MOST_UNREADABLE:
            name, reason = problems[0]
            raise DinasError(
                f"{len(problems)} of {len(examples)} images cannot be read, the first is {name}: {reason}",
                "mend or remove them",
            )
        whole = np.array([bool(digest) for digest in hashes])
        places = {split: np.searchsorted(used, rows) for split, rows in parts.items()}
        rows = {split: found[whole[found]] for split, found in places.items()}
        facts = _facts(source, shape, labels[used], rows, given, hashes, problems)
        kept = {"schema": SCHEMA, "facts": asdict(facts), "labels": labels[used].tolist()}
        about.write_text(json.dumps(kept | {"rows": {split: found.tolist() for split, found in rows.items()}}))
    _make_room(folder)
    made = _read(paths[1])
    if made is None:
        raise DinasError(f"{paths[0]} was changed while it was written", "try again")
    return made


def _facts(
    source: Source,
    shape: Shape,
    labels: np.ndarray,
    rows: Mapping[Split, np.ndarray],
    given: list[Split | None],
    hashes: list[bytes],
    problems: list[tuple[str, str]],
) -> Facts:
    sizes = np.bincount(labels[rows["training"]], minlength=len(source.classes))
    if not sizes.all():
        raise DinasError("a class has no readable training images", f"class {source.classes[int(sizes.argmin())]}")
    digest = sha256(json.dumps([source.classes, shape.channels, shape.size]).encode())
    for split in SPLITS:
        digest.update(split.encode() + b"".join(hashes[row] + int(labels[row]).to_bytes(4) for row in rows[split]))
    return Facts(
        name=source.name,
        classes=source.classes,
        channels=shape.channels,
        image_size=shape.size,
        counts={split: len(rows[split]) for split in SPLITS},
        drawn=tuple(split for split in SPLITS if split not in given and split != "training"),
        imbalance=float(sizes.max() / sizes.min()),
        unreadable=tuple(problems),
        sha256=digest.hexdigest(),
    )


def _key(place: str, asked: Mapping[str, Any]) -> str:
    return sha256(json.dumps([SCHEMA, place, asked]).encode()).hexdigest()[:16]


def _kept(place: str, asked: Mapping[str, Any], state: str) -> list[Path]:
    """Descriptions of sets in the cache that were read as is asked, the newest first."""
    name = f"{_key(place, asked)}-{state[:16]}.json"
    found = (cache_dir() / "images").glob(name)
    return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)


def _read(path: Path) -> Images | None:
    """What :func:`_made` wrote; None where it is not whole."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        about = json.loads(path.read_text())
        facts = about["facts"]
        facts["unreadable"] = tuple((name, reason) for name, reason in facts["unreadable"])
        facts |= {name: tuple(facts[name]) for name in ("classes", "drawn")}
        pixels = np.load(path.with_suffix(".npy"), mmap_mode="r", allow_pickle=False)
        rows = {split: np.array(about["rows"][split], np.int64) for split in SPLITS}
        return Images(pixels, np.array(about["labels"], np.int64), rows, Facts(**facts))
    return None


def _make_room(folder: Path) -> None:
    files = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in files[KEPT:]:
        path.with_suffix(".npy").unlink(missing_ok=True)
        path.unlink(missing_ok=True)

"""Images as arrays: files are opened one by one, so that those that cannot be read are named and passed over."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from dinas_cli.errors import DinasError, reason_of
from dinas_cli.files.text import one_line
from dinas_cli.search.data.examples import Example

if TYPE_CHECKING:
    from PIL import Image

GREY = frozenset({"1", "L", "LA", "La", "I", "F", "I;16", "I;16L", "I;16B", "I;16N"})
"""Modes of Pillow with one channel, and perhaps a second one that says what is to be seen."""
LARGEST = 64
"""Pixels of an edge at most, unless more are asked for: a network of a search sees every image many times."""
SMALLEST = 8
STEP = 4
"""Edges are a multiple of it, because networks halve images twice."""
_THREADS = 4

Problem = tuple[str, str]
"""The name of an image that cannot be read, and why."""


@dataclass(frozen=True)
class Shape:
    """What all images are made."""

    channels: int
    """1 where all are grey, else 3."""
    size: int
    """Height and width."""


def shape_of(examples: Sequence[Example], size: int | None = None) -> Shape:
    """The shape for a set, from the headers of its files; ``size`` is the edge, where it is told.

    Otherwise it is the median of the shorter edges, rounded up to a multiple of :data:`STEP`, at most :data:`LARGEST`.
    """
    with ThreadPoolExecutor(_THREADS) as pool:
        heads = [head for head in pool.map(_head, examples) if head is not None]
    if not heads:
        raise DinasError(f"none of {len(examples)} images can be read", f"the first: {examples[0].name}")
    grey = all(mode in GREY for mode, _ in heads)
    usual = -(-int(median(edge for _, edge in heads)) // STEP) * STEP
    return Shape(1 if grey else 3, size or min(max(usual, SMALLEST), LARGEST))


def read_all(
    examples: Sequence[Example],
    shape: Shape,
    pixels: np.ndarray,
    progress: Callable[[int], None] = lambda _done: None,
) -> tuple[list[bytes], list[Problem]]:
    """Fill ``pixels (n, C, S, S)`` uint8; returns the SHA-256 of every file, empty for those that cannot be read.

    Images are turned as their camera says, scaled so that the shorter edge fits, and cut to the middle.
    """
    hashes: list[bytes] = []
    problems: list[Problem] = []

    def read(place: int) -> bytes | Problem:
        example = examples[place]
        try:
            content = example.read()
            pixels[place] = decode(content, shape)
        except Exception as error:  # Pillow's readers raise whatever a broken file leads to
            return example.name, why(error)
        return sha256(content).digest()

    with ThreadPoolExecutor(_THREADS) as pool:
        for done, found in enumerate(pool.map(read, range(len(examples))), 1):
            if isinstance(found, bytes):
                hashes.append(found)
            else:
                hashes.append(b"")
                problems.append(found)
            progress(done)
    return hashes, problems


def decode(content: bytes, shape: Shape) -> np.ndarray:
    """An image file as ``(C, S, S)`` uint8; raises whatever Pillow does for what is no image."""
    from PIL import ImageOps

    with _opened(io.BytesIO(content)) as image:
        turned = ImageOps.exif_transpose(image)
    plain = _plain(turned, shape.channels)
    size = (shape.size, shape.size)
    fitted = plain if plain.size == size else ImageOps.fit(plain, size)
    array = np.asarray(fitted, np.uint8)
    return array[None] if shape.channels == 1 else array.transpose(2, 0, 1)


def read_image(path: Path, shape: Shape) -> np.ndarray:
    """The image of a file; raises :class:`DinasError` that names it."""
    try:
        return decode(path.read_bytes(), shape)
    except Exception as error:  # see read_all
        raise DinasError(f"{path} cannot be read as an image: {why(error)}") from error


def why(error: Exception) -> str:
    """Why an image cannot be read, in a few words."""
    if type(error).__name__ == "UnidentifiedImageError":  # it names the stream
        return "it is none that Pillow knows"
    return one_line(reason_of(error) if isinstance(error, OSError) else str(error) or type(error).__name__)


def _plain(image: Image.Image, channels: int) -> Image.Image:
    """The image with 8 bits per channel; of 16 bits the upper ones."""
    from PIL import Image as Pillow

    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        values = np.asarray(image, np.float64)
        top = (
            1.0 if image.mode == "F" and values.max(initial=0) <= 1 else 255 if values.max(initial=0) <= 255 else 65535
        )
        image = Pillow.fromarray(np.clip(values * (255 / top), 0, 255).astype(np.uint8))
    return image.convert("L" if channels == 1 else "RGB")


def _head(example: Example) -> tuple[str, int] | None:
    """Mode and shorter edge of an image, from its header; None for what is none."""
    try:
        with _opened(io.BytesIO(example.read())) as image:
            return image.mode, min(image.size)
    except Exception:  # it is named when it is read
        return None


def _opened(stream: io.BytesIO) -> Image.Image:
    """The image, refused where it would take gigabytes: half of Pillow's limit warns, and here warnings refuse."""
    from PIL import Image as Pillow

    with warnings.catch_warnings():
        warnings.simplefilter("error", Pillow.DecompressionBombWarning)
        return Pillow.open(stream)

"""Image sets made on the fly: the place of a bright square says the class, so that little training tells them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np


def square(label: int, number: int, size: int = 8, channels: int = 1) -> np.ndarray:
    """An image ``(size, size)`` or ``(size, size, 3)`` uint8 of a class."""
    random = np.random.default_rng((label, number))
    image = random.integers(0, 60, (size, size))
    half = size // 2
    down, across = divmod(label, 2)
    image[down * half : (down + 1) * half, across * half : (across + 1) * half] += 150
    pixels = image.astype(np.uint8)
    return pixels if channels == 1 else np.stack([pixels] * 3, 2)


def write(
    folder: Path, classes: int = 3, each: int = 20, size: int = 8, channels: int = 1, names: Sequence[str] = "abcd"
) -> Path:
    """A folder with one subfolder per class; returns it."""
    from PIL import Image

    for label in range(classes):
        (folder / names[label]).mkdir(parents=True, exist_ok=True)
        for number in range(each):
            Image.fromarray(square(label, number, size, channels)).save(folder / names[label] / f"{number:03}.png")
    return folder

"""Writes two small image sets as folders, one subfolder per class: scikit-learn's digits and animal silhouettes.

    python -m benchmarks.image_sets FOLDER

Digits: 1,797 of 8 x 8 pixels, ten classes, which come with scikit-learn. Animals: 10,000 of 28 x 28, ten classes, from
``animal_shape_28x28.npz`` of the data folder, else from the package ``animal_mnist`` (MIT), whose files are pickles.
"""

from __future__ import annotations

import gzip
import os
import pickle
from argparse import ArgumentParser
from importlib.util import find_spec
from pathlib import Path

import numpy as np

DATA = Path(os.environ.get("DINAS_BENCH_DATA", Path(__file__).parents[2] / "shared" / "data"))
ANIMALS = "animal_shape_28x28.npz"


def digits() -> tuple[np.ndarray, np.ndarray]:
    """Images ``(1797, 8, 8)`` uint8 and their digits ``(1797,)``."""
    from sklearn.datasets import load_digits

    found = load_digits()
    return np.round(found.images * (255 / 16)).astype(np.uint8), found.target.astype(np.int64)


def animals() -> tuple[np.ndarray, np.ndarray]:
    """Images ``(10000, 28, 28)`` uint8 and the numbers of their animals ``(10000,)``."""
    if (DATA / ANIMALS).is_file():
        with np.load(DATA / ANIMALS) as arrays:
            return arrays["images"], arrays["labels"].astype(np.int64)
    package = find_spec("animal_mnist")
    if package is None or package.origin is None:
        raise SystemExit(f"no {DATA / ANIMALS} and no package: pip install animal_mnist")
    folder = Path(package.origin).parent / "data" / "Animal_MNIST"
    with (
        gzip.open(folder / "animal_data_version_3.gz") as images,
        gzip.open(folder / "animal_label_version_3.gz") as labels,
    ):
        # Pickles of a package that was installed on purpose: importing it would run as much of its code.
        pixels, numbers = pickle.load(images), pickle.load(labels)
    return np.asarray(pixels, np.uint8).reshape(-1, 28, 28), np.asarray(numbers, np.int64).reshape(-1)


def write(folder: Path, images: np.ndarray, labels: np.ndarray) -> Path:
    """Write images ``(n, H, W)`` as grey PNG files ``<class>/<number>.png``; returns the folder."""
    from PIL import Image

    for label in np.unique(labels):
        (folder / str(label)).mkdir(parents=True, exist_ok=True)
    for number, (pixels, label) in enumerate(zip(images, labels, strict=True)):
        Image.fromarray(pixels).save(folder / str(label) / f"{number:05}.png")
    return folder


def main() -> None:
    """Write both sets below a folder."""
    options = ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    folder: Path = options.parse_args().folder
    for name, (images, labels) in {"digits": digits(), "animals": animals()}.items():
        print(f"{write(folder / name, images, labels)}: {len(images)} images")


if __name__ == "__main__":
    main()

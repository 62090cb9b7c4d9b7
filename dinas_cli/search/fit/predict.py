"""Which class images are of, as a trained network says: a probability for every class of every image."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dinas_cli.errors import DinasError, need_packages
from dinas_cli.search.data.reading import read_image
from dinas_cli.search.fit.folder import Loaded

if TYPE_CHECKING:
    import numpy as np

AT_ONCE = 64
Prediction = dict[str, float]
"""Probabilities by class, the likeliest first."""


def predict(loaded: Loaded, paths: Sequence[Path]) -> Iterator[tuple[Path, Prediction | DinasError]]:
    """What a network says of every image, in their order; an image that cannot be read gives its error.

    Raises :class:`NotFoundError` without Pillow.
    """
    need_packages("reading images", "search", {"pillow": "PIL"})
    for start in range(0, len(paths), AT_ONCE):
        chunk = paths[start : start + AT_ONCE]
        read: list[np.ndarray | DinasError] = []
        for path in chunk:
            try:
                read.append(read_image(path, loaded.about.shape))
            except DinasError as error:
                read.append(error)
        images = [item for item in read if not isinstance(item, DinasError)]
        found = iter(_probabilities(loaded, images)) if images else iter(())
        for path, item in zip(chunk, read, strict=True):
            yield path, item if isinstance(item, DinasError) else next(found)


def _probabilities(loaded: Loaded, images: Sequence[np.ndarray]) -> Iterator[Prediction]:
    import numpy as np
    import torch

    about = loaded.about
    mean, deviation = (torch.tensor(numbers)[:, None, None] for numbers in (about.mean, about.deviation))
    with torch.inference_mode():
        pixels = torch.from_numpy(np.stack(images)).float() / 255
        shares = loaded.network((pixels - mean) / deviation).softmax(1)
    for row in shares.tolist():
        yield dict(sorted(zip(about.labels, row, strict=True), key=lambda pair: -pair[1]))

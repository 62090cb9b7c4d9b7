"""Accuracies by the official ``nasbench301`` package, where the user has it and its models (v0.9 or v1.0).

The package needs old versions of its own requirements and an environment that has them, so it is only asked for two
things: to load a folder of models, and to predict for a genotype in DARTS form.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dinas_cli.errors import CorruptFileError, DinasError, NotFoundError, reason_of
from dinas_cli.files.atomic import atomic_write
from dinas_cli.spaces.darts.cells import NODES, OPERATIONS, checked
from dinas_cli.spaces.darts.space import SPACE

if TYPE_CHECKING:
    import numpy as np

Genotype = namedtuple("Genotype", ["normal", "normal_concat", "reduce", "reduce_concat"])
"""What the package reads: its fields are asked for by these names."""


def predict(models: Path, architectures: Iterable[Iterable[int]], *, noise: bool = False) -> np.ndarray:
    """Validation accuracy in percent ``(B,)`` of architectures of :data:`SPACE` by the ensemble in ``models``.

    ``noise`` draws the ensemble's noise as well. Raises :class:`NotFoundError` without that folder,
    :class:`DinasError` without the package, :class:`CorruptFileError` when it cannot use the models.
    """
    import numpy as np

    ensemble = _load(models)
    found = []
    for values in architectures:
        genotype = _genotype(values)
        try:
            answer = float(ensemble.predict(config=genotype, representation="genotype", with_noise=noise))
        except Exception as error:  # of whatever library the models are made with
            raise CorruptFileError(f"{models} cannot predict: {_words(error)}") from error
        if not 0 <= answer <= 100:
            raise CorruptFileError(f"{models} predicts {answer:g} % for {SPACE.decode(values)}: not an accuracy")
        found.append(answer)
    return np.array(found, np.float64)


def _genotype(values: Iterable[int]) -> Genotype:
    cells = [
        [(OPERATIONS[operation], source) for inputs in cell for source, operation in inputs] for cell in checked(values)
    ]
    return Genotype(cells[0], list(NODES), cells[1], list(NODES))


def _load(models: Path) -> Any:
    """The ensemble of the package."""
    if not models.is_dir():
        raise NotFoundError(f"no folder of models: {models}", "expected an unpacked download such as xgb_v1.0")
    try:
        import nasbench301
    except ImportError as error:
        raise DinasError(
            f"{models} cannot be used: package 'nasbench301' is missing",
            "it needs an environment of its own: pip install nasbench301",
        ) from error
    try:
        return nasbench301.load_ensemble(str(models))
    except Exception as error:
        raise CorruptFileError(f"{models} holds no models that nasbench301 can load: {_words(error)}") from error


def _words(error: Exception) -> str:
    """Why, on one line."""
    return " ".join((reason_of(error) if isinstance(error, OSError) else str(error)).split()) or type(error).__name__


def write_labels(models: Path, path: Path, count: int, seed: int = 0) -> None:
    """Label ``count`` random architectures and write them as the CSV that ``dinas tables import darts`` reads.

    The models must be those of v1.0, whose predictions without noise are the metric ``acc``. Raises as :func:`predict`.
    """
    values = SPACE.draw(count, seed).tolist()
    rows = zip(map(SPACE.decode, values), predict(models, values), strict=True)
    atomic_write(path, "".join(['"genotype","acc"\n', *(f'"{genotype}",{float(acc)!r}\n' for genotype, acc in rows)]))

"""The adapter of the official nasbench301 package, with a small package of the same signatures in its place."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dinas_cli.errors import CorruptFileError, DinasError, NotFoundError
from dinas_cli.oracles.importers import import_files
from dinas_cli.spaces.darts.read_official import predict, write_labels
from dinas_cli.spaces.darts.space import SPACE

# As the package's documentation has it: a folder is loaded, genotypes are read by their fields, noise is optional.
PACKAGE = """
from pathlib import Path


class Ensemble:
    def __init__(self, offset):
        self.offset = offset

    def predict(self, config, representation="genotype", with_noise=True):
        if representation != "genotype":
            raise ValueError(f"unknown representation {representation}")
        assert list(config.normal_concat) == list(config.reduce_concat) == [2, 3, 4, 5]
        convolutions = [name for name, source in config.normal if "conv" in name]
        return self.offset + len(convolutions) + 0.1 * sum(source for name, source in config.reduce) + with_noise


def load_ensemble(ensemble_parent_dir):
    return Ensemble(float((Path(ensemble_parent_dir) / "offset.txt").read_text()))
"""
VALUES = SPACE.draw(5, 4).tolist()


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of models, while the package is installed."""
    package = tmp_path / "site" / "nasbench301"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(PACKAGE, "utf-8")
    monkeypatch.syspath_prepend(str(package.parent))
    folder = tmp_path / "xgb_v1.0"
    folder.mkdir()
    (folder / "offset.txt").write_text("80", "utf-8")
    yield folder
    sys.modules.pop("nasbench301", None)


def expected(values: list[int]) -> float:
    convolutions = sum(value >= 4 for value in values[:14])
    sources = sum(i for value, (i, _) in zip(values[14:], SPACE.layout.free_edges[:14], strict=True) if value)
    return 80 + convolutions + 0.1 * sources


def test_predictions_without_and_with_noise(models: Path) -> None:
    assert predict(models, VALUES).tolist() == pytest.approx([expected(values) for values in VALUES])
    assert predict(models, VALUES, noise=True).tolist() == pytest.approx([expected(values) + 1 for values in VALUES])


def test_labels_can_be_imported(models: Path, tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    write_labels(models, path, 20, seed=1)
    result = import_files(SPACE, [path])
    assert (result.added, result.rows) == (("acc",), 20)


def test_without_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nasbench301", None)
    with pytest.raises(DinasError, match="package 'nasbench301' is missing") as caught:
        predict(tmp_path, VALUES)
    assert "pip install nasbench301" in str(caught.value.hint)


def test_without_models(models: Path) -> None:
    with pytest.raises(NotFoundError, match=r"no folder of models: .*nowhere"):
        predict(models / "nowhere", VALUES)
    (models / "offset.txt").unlink()
    with pytest.raises(CorruptFileError, match="holds no models that nasbench301 can load: no such file"):
        predict(models, VALUES)


def test_answers_that_are_no_accuracies(models: Path, tmp_path: Path) -> None:
    (models / "offset.txt").write_text("400", "utf-8")
    with pytest.raises(CorruptFileError, match="not an accuracy"):
        predict(models, VALUES)
    path = tmp_path / "labels.csv"
    with pytest.raises(CorruptFileError):
        write_labels(models, path, 3)
    assert not path.exists()

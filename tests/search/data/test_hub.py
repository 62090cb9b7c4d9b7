"""Image sets of the Hub: which columns count, what is left out, and how absence is told."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from dinas_cli.errors import DinasError
from dinas_cli.search.data.hub import from_splits
from tests.conftest import Cli
from tests.support.hub_server import Hub
from tests.support.image_folders import square

datasets = pytest.importorskip("datasets")


def rows(labels: list[Any], kind: Any) -> Any:
    """A split with a picture per label."""
    pictures = []
    for number, label in enumerate(labels):
        stream = io.BytesIO()
        Image.fromarray(square(max(int(label), 0), number)).save(stream, "PNG")
        pictures.append({"bytes": stream.getvalue(), "path": None})
    features = datasets.Features({"picture": datasets.Image(), "kind": kind} if kind else {"picture": datasets.Image()})
    columns = {"picture": pictures, "kind": labels} if kind else {"picture": pictures}
    return datasets.Dataset.from_dict(columns, features=features)


def test_the_columns_of_images_and_classes() -> None:
    kind = datasets.ClassLabel(names=["cat", "dog"])
    splits = {"train": rows([0, 1, 0], kind), "test": rows([1, -1], kind), "extra": rows([0], kind)}
    source = from_splits(splits, "someone/pets", "commit")
    assert source.classes == ("cat", "dog")
    found = [(example.name, example.label, example.split) for example in source.examples]
    assert found == [
        ("train/0", 0, "training"),
        ("train/1", 1, "training"),
        ("train/2", 0, "training"),
        ("test/0", 1, "test"),
    ]
    assert Image.open(io.BytesIO(source.examples[1].read())).size == (8, 8)


def test_a_set_without_classes() -> None:
    with pytest.raises(DinasError, match="someone/pets has no column of classes"):
        from_splits({"train": rows([0, 1], None)}, "someone/pets", "commit")


def test_no_such_set(cli: Cli, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    args = ("fit", "1_11_111", "-s", "transnas-micro", "--data", "someone/nothing", "-o", "net")
    result = cli(*args)
    assert result.code == 3, result.err
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    result = cli(*args)
    assert result.code == 4
    assert "was not read before" in result.err

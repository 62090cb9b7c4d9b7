"""Image folders: what is a class, what is a split, and what is refused."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from dinas_cli.errors import DinasError, NotFoundError
from dinas_cli.search.data.folders import read_folder
from tests.support.image_folders import write


def test_a_subfolder_is_a_class(tmp_path: Path) -> None:
    source = read_folder(write(tmp_path / "set", names=["train", "a [1]*", "z"]))
    assert source.classes == ("a [1]*", "train", "z")
    assert Counter(example.label for example in source.examples) == {0: 20, 1: 20, 2: 20}
    assert {example.split for example in source.examples} == {None}
    assert source.name == "set"


def test_splits_stand_above_classes(tmp_path: Path) -> None:
    for split, each in {"Train": 5, "val": 2, "test": 3, "other": 4}.items():
        write(tmp_path / split, each=each)
    (tmp_path / "Train" / "a" / "further").mkdir()
    (tmp_path / "Train" / "a" / "000.png").rename(tmp_path / "Train" / "a" / "further" / "deep.PNG")
    (tmp_path / "Train" / "a" / "notes.txt").write_text("no image")
    source = read_folder(tmp_path)
    assert source.classes == ("a", "b", "c")
    assert Counter(example.split for example in source.examples) == {"training": 15, "validation": 6, "test": 9}


def test_the_state_is_that_of_the_files(tmp_path: Path) -> None:
    before = read_folder(write(tmp_path)).state
    assert read_folder(tmp_path).state == before
    (tmp_path / "a" / "000.png").write_bytes(b"other")
    assert read_folder(tmp_path).state != before


def test_what_nothing_can_be_learnt_from(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no such folder"):
        read_folder(tmp_path / "missing")
    (tmp_path / "empty" / "a").mkdir(parents=True)
    with pytest.raises(DinasError, match="no images in subfolders"):
        read_folder(tmp_path / "empty")
    with pytest.raises(DinasError, match="one class only, 'a'"):
        read_folder(write(tmp_path / "one", classes=1))
    write(tmp_path / "strange" / "train")
    write(tmp_path / "strange" / "test", classes=4)
    with pytest.raises(DinasError, match="class 'd' has no training images"):
        read_folder(tmp_path / "strange")

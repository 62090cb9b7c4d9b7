"""Image sets as arrays: divided the same every time, kept until a file changes, with what cannot be read named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dinas_cli.errors import DinasError, OfflineError, UsageProblem
from dinas_cli.search.data.images import load_images
from tests.support.image_folders import square, write


def test_splits_are_drawn_class_by_class(tmp_path: Path) -> None:
    images = load_images(str(write(tmp_path / "set")), seed=3)
    facts = images.facts
    assert facts.counts == {"training": 36, "validation": 12, "test": 12}
    assert facts.drawn == ("validation", "test")
    assert (facts.channels, facts.image_size, facts.imbalance, facts.unreadable) == (1, 8, 1.0, ())
    rows = np.concatenate([*images.rows.values()])
    assert sorted(rows.tolist()) == [*range(60)]
    for beginning in (3, 9, 36):  # whatever is taken of it has all classes alike
        assert np.bincount(images.part("training", beginning)[1]).tolist() == [beginning // 3] * 3
    pixels, labels = images.part("test")
    assert pixels.shape == (12, 1, 8, 8)
    for image, label in zip(pixels, labels, strict=True):
        assert any(np.array_equal(image[0], square(label, number)) for number in range(20))
    again = load_images(str(tmp_path / "set"), seed=3)
    assert again.facts == facts
    assert all(np.array_equal(again.rows[split], images.rows[split]) for split in images.rows)
    assert load_images(str(tmp_path / "set"), seed=4).facts.sha256 != facts.sha256


def test_splits_that_are_there_stay(tmp_path: Path) -> None:
    for split, each in {"train": 10, "test": 4}.items():
        write(tmp_path / split, each=each)
    facts = load_images(str(tmp_path)).facts
    assert facts.counts == {"training": 24, "validation": 6, "test": 12}
    assert facts.drawn == ("validation",)


def test_kept_until_a_file_changes(tmp_path: Path) -> None:
    read: list[int] = []
    folder = write(tmp_path / "set")

    def load() -> str:
        return load_images(str(folder), progress=lambda done, _all: read.append(done)).facts.sha256

    first = load()
    assert len(read) == 60
    assert load() == first
    assert len(read) == 60
    Image.fromarray(square(0, 99)).save(folder / "a" / "000.png")
    assert load() != first
    assert len(read) == 120


def test_a_broken_cache_is_read_anew(tmp_path: Path, home: Path) -> None:
    first = load_images(str(write(tmp_path / "set")))
    for file in (home / "cache" / "images").iterdir():
        file.write_bytes(file.read_bytes()[:50])
    assert load_images(str(tmp_path / "set")).facts == first.facts


def test_images_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    folder = write(tmp_path / "set", each=50)
    whole = (folder / "a" / "000.png").read_bytes()
    (folder / "a" / "cut.png").write_bytes(whole[: len(whole) // 2])
    (folder / "b" / "text.jpg").write_text("not an image")
    (folder / "c" / "empty.png").touch()
    facts = load_images(str(folder)).facts
    assert sorted(name for name, _ in facts.unreadable) == ["a/cut.png", "b/text.jpg", "c/empty.png"]
    assert sum(facts.counts.values()) == 150
    for number in range(10):
        (folder / "a" / f"more{number}.png").touch()
    with pytest.raises(DinasError, match=r"13 of 163 images cannot be read, the first is a/cut\.png"):
        load_images(str(folder))


def test_every_kind_of_image_takes_one_shape(tmp_path: Path) -> None:
    write(tmp_path / "grey", size=11)
    Image.fromarray(np.full((11, 11), 40_000, np.uint16)).save(tmp_path / "grey" / "a" / "deep.png")
    images = load_images(str(tmp_path / "grey"))
    assert images.pixels.shape == (61, 1, 12, 12)
    assert 155 in images.pixels.reshape(61, -1).mean(1)  # the upper eight bits of sixteen
    write(tmp_path / "colour", channels=3, size=20)
    Image.new("RGBA", (300, 20), (255, 0, 0, 9)).save(tmp_path / "colour" / "b" / "wide.png")
    assert load_images(str(tmp_path / "colour"), image_size=16).pixels.shape == (61, 3, 16, 16)


def test_a_limit_keeps_proportions(tmp_path: Path) -> None:
    for split, each in {"train": 30, "test": 10}.items():
        write(tmp_path / split, each=each)
    facts = load_images(str(tmp_path), limit=60).facts
    assert facts.counts == {"training": 36, "validation": 9, "test": 15}


def test_what_is_refused(tmp_path: Path) -> None:
    folder = str(write(tmp_path / "set"))
    with pytest.raises(DinasError, match="8 images of 3 classes are too few"):
        load_images(folder, limit=8)
    with pytest.raises(UsageProblem, match="--image-size 4 is out of range"):
        load_images(folder, image_size=4)
    with pytest.raises(OfflineError, match="someone/set was not read before"):
        load_images("someone/set")

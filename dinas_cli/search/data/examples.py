"""What a source of images gives: labelled examples that are not read yet, and what they are called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

Split = Literal["training", "validation", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)
ALIASES: dict[str, Split] = {
    "train": "training",
    "training": "training",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "dev": "validation",
    "test": "test",
    "testing": "test",
}
"""What folders and splits are called, in small letters."""


@dataclass(frozen=True)
class Example:
    """One image that is not read yet."""

    name: str
    """What it is called in its set: the path from the folder on, or its place in a set of the Hub."""
    label: int
    """Of the classes."""
    split: Split | None
    """None: the set is not divided."""
    read: Callable[[], bytes]
    """The bytes of the file; raises :class:`OSError`."""


@dataclass(frozen=True)
class Source:
    """All examples of a set, in an order that does not change."""

    name: str
    """As the user named it, without the folders above."""
    place: str
    """Which set it is: an absolute path, or a name on the Hub."""
    state: str
    """What changes when the set does: a hash of its files' names, sizes and times, or a commit."""
    classes: tuple[str, ...]
    examples: Sequence[Example]

"""Which architecture a name means: a genotype, or an id of the records that lie beside a file of measurements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from dinas_cli.architectures.records import Record, read_architectures
from dinas_cli.errors import UsageProblem
from dinas_cli.files.text import brief

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Space

MANIFEST = "anchors.jsonl"
"""Records of the networks that ``dinas devices anchors --export`` lays out."""
HINT = (
    f"name files by genotype, or by id with {MANIFEST} of dinas devices anchors --export (or other records) beside them"
)


class Names:
    """The names of networks in one folder of measurements."""

    def __init__(self, space: Space, folder: Path | None) -> None:
        """``folder`` is where records are looked for: its ``*.jsonl`` files, and the manifest in the folder above."""
        self._space = space
        self._folder = folder

    def genotype(self, text: str) -> str:
        """The genotype of a line of a table, tidied; raises :class:`GenotypeError` naming the rule that it breaks."""
        try:
            return self._space.decode(self._space.encode(text))
        except UsageProblem:
            found = self._by_id(text)
            if found is None:
                raise
            return found

    def of_file(self, name: str) -> str:
        """The genotype that the name of a file means, wherever it lies and whatever endings it has.

        Raises :class:`UsageProblem` where it means none, or one id stands for several genotypes.
        """
        base = re.split(r"[/\\]", name)[-1]
        for stem in (name, *_stems(base)):
            try:
                return self._space.decode(self._space.encode(stem))
            except UsageProblem:
                continue
        found = self._by_id(base)
        if found is None:
            raise UsageProblem(f"{brief(base)} is neither a genotype nor has an id of records beside it", HINT)
        return found

    def _by_id(self, text: str) -> str | None:
        """The genotype whose id is among the words of ``text``."""
        words = f"-{_words(text)}-"
        found = {genotype for id_, genotypes in self._records.items() if f"-{id_}-" in words for genotype in genotypes}
        if len(found) > 1:
            raise UsageProblem(f"{brief(text)} may be {' or '.join(sorted(found)[:2])}", "name files by genotype")
        return found.pop() if found else None

    @cached_property
    def _records(self) -> dict[str, set[str]]:
        """Genotypes by id, as words. Lines that are no records of this space say nothing of names."""
        found: dict[str, set[str]] = {}
        for record in self._beside():
            if record.id:
                found.setdefault(_words(record.id), set()).add(self._space.decode(record.values or ()))
        return found

    def _beside(self) -> Iterator[Record]:
        if self._folder is None:
            return
        above = self._folder.absolute().parent / MANIFEST
        paths = [*sorted(self._folder.glob("*.jsonl")), *([above] if above.is_file() else [])]
        for item in read_architectures([str(path) for path in paths], self._space.name) if paths else ():
            if isinstance(item, Record):
                yield item


def _stems(base: str) -> Iterator[str]:
    """A name without none, one, two, … of its endings."""
    parts = base.split(".")
    for end in range(len(parts), 0, -1):
        yield ".".join(parts[:end])


def _words(text: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", text.lower()))

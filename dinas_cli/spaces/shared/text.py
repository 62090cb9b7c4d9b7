"""What all spaces ask of the text of a genotype, and how text of unknown origin is quoted in messages."""

from __future__ import annotations

from dinas_cli.errors import GenotypeError

_TYPOGRAPHIC = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "\u00a0": " ", "−": "-"})
"""What papers and word processors make of quotes, spaces and signs."""


class NamedInTable(GenotypeError):
    """A genotype is an official name that only a benchmark table can tell the architecture of, by its key."""

    def __init__(self, key: int, message: str) -> None:
        super().__init__(f"{message}, which only the benchmark's table can tell", None)
        self.key = key


def clean(genotype: str, longest: int, space: str) -> str:
    """A genotype without white space around it; raise :class:`GenotypeError` for what is no text or too long."""
    if not isinstance(genotype, str):
        raise GenotypeError(f"a genotype is text, not {type(genotype).__name__}")
    text = (genotype if genotype.isascii() else genotype.translate(_TYPOGRAPHIC)).strip()
    if len(text) > longest:
        raise GenotypeError(f"genotype of {len(text)} characters; the longest of {space} has under {longest}")
    return text


def shown(value: object) -> str:
    """What came from outside, for a message: quoted, shortened, on one line and without control characters.

    Of what is neither text nor a number only the type is named, for it may be nested more deeply than Python can print.
    """
    if not isinstance(value, str):
        value = str(value) if isinstance(value, int | float | None) else f"a {type(value).__name__}"
    return repr(value if len(value) <= 80 else value[:77] + "...")

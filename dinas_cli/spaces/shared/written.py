"""Values that remember how an architecture was written, for networks whose names or channels depend on it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol

from dinas_cli.spaces.shared.protocol import Space

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Values


class AsWritten(tuple[int, ...]):
    """Values of an architecture, equal to the plain ones, with the order of its text in :attr:`form`.

    Two texts can stand for one architecture and yet name the modules of its network differently. What builds or writes
    the architecture follows ``form``; everything else takes the values for what they are, and arrays of values know
    nothing of it.
    """

    form: Any
    """Whatever the space keeps of the text; None: nothing."""

    def __new__(cls, values: Iterable[int], form: Any = None) -> AsWritten:
        made = super().__new__(cls, values)
        made.form = form
        return made


def form_of(values: Iterable[int]) -> Any:
    """How values were written, None for plain ones."""
    return values.form if isinstance(values, AsWritten) else None


class Named(Space, Protocol):
    """A space whose networks name their tensors otherwise than those that weights were published of.

    A space without these members has their names, and the values of ``encode`` have all that networks depend on.
    """

    def official(self, genotype: str, names: Iterable[str]) -> dict[str, str | None]:
        """By the names of the tensors of a published state dict those here, None for what is not needed.

        Names that are not known stand for themselves. Raises :class:`GenotypeError` for a genotype that is none.
        """
        ...

    def written(self, genotype: str) -> Values:
        """The values of ``encode`` with the order of the text, where that of the values is another one."""
        ...


def official_names(space: Space, genotype: str, names: Iterable[str]) -> dict[str, str | None]:
    """:meth:`Named.official` of any space."""
    tell = getattr(space, "official", None)
    found: dict[str, str | None] = {name: name for name in names} if tell is None else tell(genotype, names)
    return found


def encode_written(space: Space, genotype: str) -> Values:
    """:meth:`Named.written` of any space."""
    encode = getattr(space, "written", space.encode)
    values: Values = encode(genotype)
    return values

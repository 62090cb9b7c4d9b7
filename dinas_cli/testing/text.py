"""Checks of how architectures are written and named: genotypes, ids, table keys, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dinas_cli.errors import GenotypeError, UsageProblem
from dinas_cli.testing.broken import Broken, broken_rule, cells, require
from dinas_cli.testing.sampling import WALKS, walk

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Space

NO_GENOTYPES = ("", " ", "no such cell", "\x00", "0" * 100_000, "(" * 2000, "{", "[[]]", "ü\u2028", "-1", "1e999")
_LONGEST_MESSAGE = 1000


def check_round_trip(space: Space, count: int) -> None:
    """Every dialect writes every cell on one line and reads it back; spaces around it do not matter."""
    for values in cells(space, count):
        for dialect in space.dialects:
            genotype: Any = space.decode(values, dialect)
            fits = isinstance(genotype, str) and genotype.strip() == genotype != "" and genotype.isprintable()
            require(fits, f"decode gives {genotype!r} in the dialect {dialect!r}, not one line of text")
            found = space.encode(f" {genotype}\n")
            require(tuple(found) == values, f"dialect {dialect!r}: {genotype!r} is read as {list(found)}, not {values}")
        first = space.decode(values, space.dialects[0])
        require(space.decode(values) == first, f"decode: the default is not the first dialect, {space.dialects[0]!r}")
    try:
        space.decode(cells(space, 1)[0], "no such dialect")
    except UsageProblem:
        return
    raise Broken("decode takes a dialect that the space does not have; it must raise UsageProblem")


def check_ids(space: Space, count: int) -> None:
    """Ids are short names, the same for equal keys and for isomorphic cells; keys are table rows."""
    by_key: dict[int, str] = {}
    for values in cells(space, count):
        id_: Any = space.canonical_id(values)
        key: Any = space.key(values)
        named = isinstance(id_, str) and id_.isascii() and id_.replace("-", "_").isidentifier()
        require(named, f"canonical_id gives {id_!r}, not a name of ASCII letters, digits, '-' and '_'")
        require(type(key) is int and 0 <= key < 2**63, f"key gives {key!r}, not an int from 0 to 2**63 - 1")
        require(by_key.setdefault(key, id_) == id_, f"key {key} stands for {by_key[key]} and for {id_}")
        require(
            (space.canonical_id(list(values)), space.key(list(values))) == (id_, key), "a list has another id or key"
        )
        for other in isomorphic(space, values):
            found = space.canonical_id(other)
            require(found == id_, f"isomorphic cells have two ids: {list(values)} {id_}, {list(other)} {found}")
    # What is sampled need not be written as text is read; it is the same architecture all the same.
    for row in walk(space, min(count, WALKS)).tolist():
        if broken_rule(space, row) is None:
            id_ = space.canonical_id(row)
            for dialect in space.dialects:
                genotype = space.decode(row, dialect)
                found = space.canonical_id(space.encode(genotype))
                require(found == id_, f"{row} has the id {id_}, and {found} once written as {genotype!r} and read")


def isomorphic(space: Space, values: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Other values of the same cell, as far as the space tells (its optional member ``isomorphic``)."""
    tell = getattr(space, "isomorphic", None)
    return [] if tell is None else [tuple(other) for other in tell(values)]


def check_refusals(space: Space, count: int = 0) -> None:
    """What is no architecture is refused with the rule in one line, whoever is asked."""
    for genotype in NO_GENOTYPES:
        _require_refusal(f"encode({genotype[:20]!r})", space.encode, genotype)
    _require_refusal("encode of what is no text", space.encode, [1, 2, 3])
    good = cells(space, 1)[0]
    most = space.layout.choices[0]
    wrong = {"one value too few": good[:-1], "one too many": (*good, 0), "no values": ()}
    wrong |= {"a negative value": (-1, *good[1:]), "a type that is not there": (most, *good[1:])}
    for what, values in wrong.items():
        for name in ("decode", "key", "canonical_id", "sketch", "build", "source"):
            _require_refusal(f"{name} of {what}", getattr(space, name), values)


def _require_refusal(what: str, function: Callable[..., Any], argument: Any) -> None:
    """Raise :class:`Broken` unless the call raises :class:`GenotypeError` with one short line."""
    try:
        function(argument)
    except GenotypeError as error:
        fits = error.message and "\n" not in error.message and len(error.message) <= _LONGEST_MESSAGE
        require(fits, f"{what}: the refusal is not one short line: {error.message[:80]!r}")
    except Exception as error:
        raise Broken(f"{what} raises {type(error).__name__}, not GenotypeError: {error}") from error
    else:
        raise Broken(f"{what} is not refused; it must raise GenotypeError")

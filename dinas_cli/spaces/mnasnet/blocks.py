"""The seven blocks of a network: what each may choose, and the layout of these choices."""

from __future__ import annotations

from dataclasses import dataclass

from dinas_cli.errors import GenotypeError
from dinas_cli.spaces.shared.protocol import Layout, Values

WIDTHS, STRIDES = (16, 24, 40, 80, 112, 192, 320), (1, 2, 2, 2, 1, 2, 1)
"""Channels behind a block, and the stride of its first layer."""
STEM, HEAD = 32, 1280
EXPANSIONS, KERNELS, GATES = (1, 4, 6), (3, 5), (False, True)
PUBLISHED = "published_macs"
"""The metric of multiply-accumulates as the benchmark counted them."""
DEPTHS = ((1, 2, 3),) * 5 + ((1, 2, 3, 4), (1, 2, 3))
"""How many layers each block may have."""


@dataclass(frozen=True)
class Block:
    """Inverted residuals, all alike: expansion, edge of the kernel, how many, whether with squeeze and excitation."""

    expansion: int
    kernel: int
    layers: int
    gate: bool


def choices(place: int) -> tuple[tuple[str, str, tuple[int, ...]], ...]:
    """Field, name in messages and choices of every variable of a block, in their order."""
    return (
        ("expansion", "expansion", EXPANSIONS),
        ("kernel", "kernel size", KERNELS),
        ("layers", "number of layers", DEPTHS[place]),
        ("gate", "squeeze-excite", GATES),
    )


def layout() -> Layout:
    """Variables: expansion, kernel, layers and gate of every block in turn; each chooses from types of its own."""
    names = [f"{field}={value}" for field, _, values in choices(5) for value in values]
    own = tuple(
        tuple(names.index(f"{field}={value}") for value in values)
        for place in range(len(WIDTHS))
        for field, _, values in choices(place)
    )
    free = tuple(range(len(own)))
    return Layout((0,) * len(own), tuple(names), ("none",), free, (), vocabularies=own, calls=14)


def blocks(values: Values) -> tuple[Block, ...]:
    """What values of the layout stand for."""
    return tuple(
        Block(EXPANSIONS[e], KERNELS[k], DEPTHS[place][n], GATES[gate])
        for place, (e, k, n, gate) in enumerate(zip(*(values[part::4] for part in range(4)), strict=True))
    )


def values_of(found: tuple[Block, ...]) -> Values:
    """The inverse of :func:`blocks`; raise :class:`GenotypeError` naming the block and the choice that it has not."""
    if len(found) != len(WIDTHS):
        raise GenotypeError(f"a mnasnet network has {len(WIDTHS)} blocks, not {len(found)}")
    values = []
    for place, block in enumerate(found):
        for field, name, known in choices(place):
            value = getattr(block, field)
            if value not in known:
                listed = f"{', '.join(map(str, known[:-1]))} or {known[-1]}"
                raise GenotypeError(f"block {place + 1}: {name} {value} is none of {listed}")
            values.append(known.index(value))
    return tuple(values)

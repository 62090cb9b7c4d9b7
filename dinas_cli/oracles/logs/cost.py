"""One cost as a file has it: what it is of, its number and unit, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass

HINT = (
    "one architecture per line: GENOTYPE<tab>COST, in ms or mJ or with its unit (0.004 s); "
    "an empty cost means it does not run there"
)
ENDLESS = 1e30
"""Above every cost; integers of files may be too large for a float."""
NUMBER = r"([0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?)"
"""What C++ prints of a duration: ``37234``, ``0.0587``, ``2.95034e+06``."""


@dataclass(frozen=True)
class Cost:
    """A cost in a file."""

    number: float | None
    """None where the network does not run."""
    unit: str | None
    """None: nobody said."""
    name: str = ""
    """Genotype, architecture id or file of the network; empty: only the name of the file itself can tell."""
    line: int | None = None
    """Counted from 1; None: the file as a whole says it."""

"""Whether a search space keeps its contract: named checks, for ``dinas spaces check`` and for a package's own tests.

@pytest.mark.parametrize("check", CHECKS, ids=str)
def test_my_space(check: Check) -> None:
    check(SPACE)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dinas_cli.errors import DinasError
from dinas_cli.testing import answers, description, drawing, networks, sampling, text
from dinas_cli.testing.broken import Broken

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Space

__all__ = ["CELLS", "CHECKS", "Broken", "Check", "check_space", "run_checks"]

CELLS = 1000
"""Random cells that a check looks at, where each costs little."""


@dataclass(frozen=True)
class Check:
    """One clause of the contract."""

    name: str
    function: Callable[[Space, int], None]

    def __call__(self, space: Space, count: int = CELLS) -> None:
        """Try it with up to ``count`` random cells; raise :class:`Broken` that says what is not so."""
        plain: Space = getattr(space, "__wrapped__", space)  # what the package has, not what the registry makes of it
        try:
            self.function(plain, count)
        except Broken:
            raise
        except DinasError as error:
            raise Broken(error.message) from error
        except Exception as error:  # a space of somebody else's can raise anything
            raise Broken(f"it raises {type(error).__name__}: {error}") from error

    def __str__(self) -> str:
        return self.name


CHECKS = tuple(
    Check(name, function)
    for name, function in (
        ("members", description.check_members),
        ("layout", description.check_layout),
        ("metrics", description.check_metrics),
        ("readers", description.check_readers),
        ("draw", sampling.check_draw),
        ("reference", sampling.check_reference),
        ("genotypes", text.check_round_trip),
        ("ids", text.check_ids),
        ("refusals", text.check_refusals),
        ("legal", sampling.check_legal),
        ("features", answers.check_features),
        ("operators", answers.check_operators),
        ("closed forms", answers.check_closed_forms),
        ("sketch", drawing.check_sketch),
        ("network", networks.check_counts),
        ("source", networks.check_source),
    )
)
"""All checks; one that fails can make those after it fail too."""


def run_checks(space: Space, count: int = CELLS) -> Iterator[tuple[Check, Broken | None]]:
    """Every check, and what it found to be broken."""
    for check in CHECKS:
        try:
            check(space, count)
        except Broken as error:
            yield check, error
        else:
            yield check, None


def check_space(space: Space, count: int = CELLS) -> None:
    """Run every check; raise :class:`Broken` that names all that fail."""
    failed = [f"{check}: {error.message}" for check, error in run_checks(space, count) if error is not None]
    if failed:
        raise Broken(f"space {space.name!r} breaks its contract: {'; '.join(failed)}")

"""Where a rank begins: the threshold of a top share among feasible architectures, from a sample as fine as it takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dinas_cli.architectures.conditions import Rank
from dinas_cli.errors import UnsatisfiedError
from dinas_cli.spaces.shared.protocol import Space

NEGLIGIBLE = 1e-6
"""Chance of being feasible below which an architecture plays no part in a rank."""
FEWEST = 20
"""Sampled architectures in a top share below which a sample does not tell where it begins (to about a fifth)."""
MOST = 16
"""Random architectures that are drawn for a rank at most, in multiples of the space's reference."""


@dataclass(frozen=True)
class Field:
    """Architectures among which a rank is taken."""

    ranking: np.ndarray
    """What they are ranked by ``(R,)``, more is better; NaN where they play no part."""
    chance: np.ndarray
    """How likely each is feasible ``(R,)``."""
    guess: np.ndarray
    """Which are by the best guess ``(R,)`` bool."""
    drawn: int = 0
    """Random architectures it was drawn from, where the reference was too small for the rank; else 0."""

    def threshold(self, top: float) -> float:
        """The ranking that the best ``top`` % reach of what is feasible, by the chances as well as by the best guess.

        At least one architecture is in the top share of any feasible set; NaN when nothing is feasible.
        """
        return float(np.fmax(self._reached(top, self.chance), self._reached(top, self.guess.astype(float))))

    def _reached(self, top: float, weights: np.ndarray) -> float:
        weights = np.where(np.isnan(self.ranking), 0.0, weights)
        order = np.argsort(-self.ranking, kind="stable")
        running = np.cumsum(weights[order])
        if not running[-1] > 0:
            return float("nan")
        # A hair more than the product, so that 5 % of 100 is 5 whatever rounding does.
        wanted = max(float(running[-1]) * top / 100 + 1e-9, min(1.0, float(running[-1])))
        last = max(int(np.searchsorted(running, wanted + 1e-6, side="right")) - 1, int(np.argmax(running > 0)))
        feasible = order[: last + 1][weights[order[: last + 1]] > 0]
        return float(self.ranking[feasible[-1]])

    def describe(self, top: float) -> str:
        """How finely the rank is told, for people."""
        feasible = float(self.chance.sum())
        return (
            f"top {top:g} % is what the best {feasible * top / 100:.0f} of {feasible:,.0f} random architectures that "
            f"meet the limits reach ({self.drawn:,} were drawn)"
        )


def fine_enough(field: Field, rank: Rank, space: Space, judged: Callable[[np.ndarray], Field]) -> Field:
    """The ``field`` of a space's reference sample, with as many more random architectures as ``rank`` needs.

    ``judged`` makes a field of architectures ``(B, V)``, from which it may leave out what plays no part: where limits
    leave few, most architectures are only asked for their costs. Raises :class:`UnsatisfiedError` for a rank that
    :data:`MOST` times the reference cannot tell.
    """
    size, share, fields = len(field.chance), rank.top / 100, [field]
    found = float(field.chance.sum())
    while found * share < FEWEST and len(fields) < MOST:
        if found and found / len(fields) * MOST * share < FEWEST / 2:
            break  # hopeless: it would take more than twice as many as are drawn at most
        fields.append(judged(space.draw(size, len(fields))))
        found += float(fields[-1].chance.sum())
    if not any(part.guess.any() for part in fields):
        return Field(np.full(size, np.nan), field.chance, field.guess)  # nothing is feasible: no rank begins anywhere
    if found * share < FEWEST:
        finest = 100 * FEWEST * len(fields) / (found * MOST)
        raise UnsatisfiedError(
            f"top {rank.top:g} % of {rank.metric} among what meets the limits is finer than {MOST * size:,} random "
            f"architectures of {space.name} can tell",
            f"they can tell --acc top{_rounded_up(finest):g}, or relax a limit" if finest <= 50 else "relax a limit",
        )
    if len(fields) == 1:
        return field
    return Field(
        np.concatenate([part.ranking for part in fields]),
        np.concatenate([part.chance for part in fields]),
        np.concatenate([part.guess for part in fields]),
        len(fields) * size,
    )


def _rounded_up(value: float) -> float:
    """Two significant digits, not below ``value``."""
    step = 10.0 ** (np.floor(np.log10(value)) - 1)
    return float(np.ceil(value / step * 1.05) * step)

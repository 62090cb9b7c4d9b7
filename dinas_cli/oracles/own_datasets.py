"""A data set of the user's own: labels of a few trained networks, and what is made of them.

A data set is fitted to the surrogate's terms whenever it is asked about, so that it stays valid when the surrogate is
trained again (:mod:`dinas_cli.oracles.orders`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from dinas_cli.architectures.conditions import find_metric
from dinas_cli.files.columns import column_key
from dinas_cli.oracles.device import FOLDS, kendall_tau
from dinas_cli.spaces.registry import get_space

if TYPE_CHECKING:
    import numpy as np

    from dinas_cli.oracles.orders import Order
    from dinas_cli.oracles.surrogate import Surrogate

SCHEMA = "dinas/dataset@1"
FEWEST = 5
"""Labels below which a data set is refused; two dozen are advised."""


@dataclass(frozen=True)
class OwnDataset:
    """A user's data set: what trained networks of one space reached on it."""

    name: str
    space: str
    like: str
    """The known data set whose images are the most like these: costs are those of its networks."""
    labels: tuple[tuple[str, float], ...]
    """Genotype and the ranked metric, in its unit."""
    note: str = ""
    """What was trained, and how."""

    @property
    def column(self) -> str:
        """Its column key."""
        return column_key(get_space(self.space).rank_metric, None, self.name)

    def to_dict(self) -> dict[str, Any]:
        """The file's JSON object."""
        about = {"schema": SCHEMA, "name": self.name, "space": self.space, "like": self.like, "note": self.note}
        return about | {"labels": [list(pair) for pair in self.labels]}

    def attach(self, surrogate: Surrogate) -> None:
        """Make the data set known to a surrogate, which fits it when it is first asked about."""
        if surrogate.ordered:
            surrogate.orders[self.column] = FittedDataset(self, surrogate)


class FittedDataset:
    """What a data set's labels say of architectures; values are in the ranked metric's unit."""

    def __init__(self, dataset: OwnDataset, surrogate: Surrogate) -> None:
        self.dataset, self.surrogate = dataset, surrogate
        self.sign = 1 if find_metric(surrogate.space, surrogate.space.rank_metric).better == "max" else -1

    @property
    def unit(self) -> str:
        """The unit of its labels."""
        return find_metric(self.surrogate.space, self.surrogate.space.rank_metric).unit

    @cached_property
    def order(self) -> Order:
        """The fit to all labels."""
        from dinas_cli.oracles.orders import fit_order

        told, labels = self._told
        return fit_order(told, labels, self.surrogate.terms(None), self.surrogate.spread)

    @cached_property
    def tau(self) -> float | None:
        """Kendall's tau of the labels with what a fit to the others predicts, in :data:`.device.FOLDS` parts."""
        import numpy as np

        from dinas_cli.oracles.orders import fit_order

        told, labels = self._told
        part, predicted = np.arange(len(labels)) % min(FOLDS, len(labels)), np.empty(len(labels))
        for fold in range(part.max() + 1):
            others = fit_order(
                told[part != fold], labels[part != fold], self.surrogate.terms(None), self.surrogate.spread
            )
            predicted[part == fold] = others.worth(told[part == fold])
        return kendall_tau(predicted, labels)

    def values(self, terms: np.ndarray) -> np.ndarray:
        """Expected labels ``(B,)`` of architectures with ``terms (B, D + k)``."""
        return self.sign * (self.order.level + self.order.scale * self.order.worth(terms))

    def ranking(self, terms: np.ndarray) -> np.ndarray:
        """What architectures are ranked by: ``(B,)``, more is better."""
        return self.order.worth(terms)

    def ranking_of(self, known: np.ndarray) -> np.ndarray:
        """Labels ``(B,)`` on the scale of :meth:`ranking`."""
        return (self.sign * known - self.order.level) / self.order.scale

    def probability(self, terms: np.ndarray, limit: float) -> np.ndarray:
        """Probability ``(B,)`` that a label is at least as good as ``limit``."""
        import numpy as np

        from dinas_cli.oracles.profiles import normal_cdf

        wanted = float(self.ranking_of(np.array([limit]))[0])
        return normal_cdf((self.order.worth(terms) - wanted) / self.order.sigma(terms))

    def deviation(self, terms: np.ndarray) -> np.ndarray:
        """Deviation ``(B,)`` of labels from :meth:`values`, in their unit."""
        return self.order.scale * self.order.sigma(terms)

    def sure(self, terms: np.ndarray, confidence: float) -> np.ndarray:
        """The strictest limits ``(B,)`` that labels keep with probability ``confidence``."""
        surely = self.order.worth(terms) - NormalDist().inv_cdf(confidence) * self.order.sigma(terms)
        return self.sign * (self.order.level + self.order.scale * surely)

    @cached_property
    def _told(self) -> tuple[np.ndarray, np.ndarray]:
        """Terms ``(m, D + k)`` of the labelled architectures, and labels ``(m,)``, more is better."""
        import numpy as np

        encode = self.surrogate.space.encode
        cells = np.array([encode(genotype) for genotype, _ in self.dataset.labels])
        return self.surrogate.terms(cells), self.sign * np.array([label for _, label in self.dataset.labels])

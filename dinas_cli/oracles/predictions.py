"""What a surrogate's networks make of architectures: scores, doubts, the features of costs and the terms of orders."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from dinas_cli.architectures.conditions import find_metric
from dinas_cli.files.columns import split_column
from dinas_cli.files.typed import Fields
from dinas_cli.oracles import orders
from dinas_cli.oracles.basis import ways
from dinas_cli.oracles.perceptrons import InChunks, ensemble
from dinas_cli.oracles.quality import Quality
from dinas_cli.oracles.reference import Reference
from dinas_cli.oracles.shapes import check_widths
from dinas_cli.oracles.uncertainty import Surroundings
from dinas_cli.spaces.registry import get_space

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import MetricSpec, Space


class Predictions:
    """The networks of one file; where ``values`` may be None, it stands for the space's reference architectures."""

    sha256: str | None = None
    """Of the file it was read from; None when it was not."""

    def __init__(self, tensors: dict[str, np.ndarray], config: dict[str, Any]) -> None:
        self.config, fields = config, Fields(config, "config")
        self.space: Space = get_space(fields.text("space"))
        members = fields.whole("members", int(bool(config.get("quality"))), len(tensors))
        # Weights may be stored in half precision, in which numpy is slow.
        self._tensors = {name: t.astype(np.float32) if t.dtype == np.float16 else t for name, t in tensors.items()}
        self._scores = InChunks(lambda values: ensemble(self.space.features(values), self._tensors, members))
        self._basis = InChunks(lambda values: self._whitened(values, self.space.features))
        check_widths(tensors, members)
        self._quality = [*fields.texts("quality")]
        self.among = Reference(self.space)
        self._surroundings = Surroundings(self.space, self._tensors, len(self._quality))
        self.doubts = InChunks(self._surroundings.doubts)

    def scores(self, values: np.ndarray) -> np.ndarray:
        """Predicted normal scores ``(B, columns)`` of the quality metrics."""
        return self._scores(values)

    def scored(self, values: np.ndarray | None, column: str) -> tuple[int, np.ndarray, np.ndarray]:
        """The number of a ranked metric, and scores and doubts ``(B,)`` of architectures in it."""
        index = self._quality.index(column)
        if values is None:
            return index, self.reference_scores[:, index], self.reference_doubts[:, index]
        return index, self.scores(values)[:, index], self.doubts(values)[:, index]

    @property
    def ordered(self) -> tuple[str, ...]:
        """Columns of the ranked metric on the ``D`` known data sets, where descriptors tell of others."""
        known = [c for c in self._quality if split_column(c)[0] == self.space.rank_metric]
        return tuple(known) if "orders.scores" in self._tensors else ()

    def terms(self, values: np.ndarray | None) -> np.ndarray:
        """What the worth of architectures on any data set adds up from: ``(B, D + k)``, see :mod:`.orders`."""
        if values is None:
            return self._reference_terms
        return self._terms_of(self.scores(values), values)

    @cached_property
    def _reference_terms(self) -> np.ndarray:
        return self._terms_of(self.reference_scores, self.space.reference())

    def _terms_of(self, scores: np.ndarray, values: np.ndarray) -> np.ndarray:
        columns = [self._quality.index(column) for column in self.ordered]
        signs = [1 if self._spec(column).better == "max" else -1 for column in self.ordered]
        return orders.terms(scores[:, columns] * signs, self.space.features(values), self._tensors)

    @property
    def spread(self) -> np.ndarray:
        """How the variance of a data set's residual is shared out among its ``k`` numbers."""
        return self._tensors["orders.spread"]

    def basis(self, values: np.ndarray) -> np.ndarray:
        """Whitened basis features ``(B, k)``: zero mean and unit covariance over the reference."""
        return self._basis(values)

    @cached_property
    def reference_basis(self) -> np.ndarray:
        """Basis features ``(R, k)`` of the space's reference architectures."""
        return self.among.predicted("basis", self.sha256, self.basis)

    @cached_property
    def reference_scores(self) -> np.ndarray:
        """Predicted normal scores ``(R, columns)`` of the space's reference architectures."""
        return self.among.predicted("scores", self.sha256, self.scores)

    @cached_property
    def quality(self) -> Quality:
        """What scores say in each ranked metric, by its number in the order of the columns."""
        return Quality(self._tensors, [1 if self._spec(column).better == "max" else -1 for column in self._quality])

    @cached_property
    def reference_doubts(self) -> np.ndarray:
        """Doubts ``(R, columns)`` about the scores of the space's reference architectures."""
        return self.among.predicted("doubts", self.sha256, self.doubts)

    def _whitened(self, values: np.ndarray, features: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        raw = np.concatenate(ways(self.space, values, self._tensors, features), 1)
        return np.asarray((raw - self._tensors["basis.mean"]) @ self._tensors["basis.whiten"])

    def _spec(self, column: str) -> MetricSpec:
        return find_metric(self.space, split_column(column)[0])

"""The bundled surrogate: small networks, read with numpy alone, that answer metrics where no table is at hand.

Two parts share one file: perceptrons that predict ranked metrics as normal scores (:mod:`dinas_cli.oracles.quality`),
and ``k`` basis features, from which devices' costs are read linearly (:mod:`dinas_cli.oracles.profiles`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dinas_cli.errors import UsageProblem, suggest
from dinas_cli.files.atomic import sha256_file
from dinas_cli.files.columns import described_profile, split_column
from dinas_cli.files.typed import Fields
from dinas_cli.files.weights import UNREADABLE, corrupt, read_weights
from dinas_cli.oracles import noise
from dinas_cli.oracles.fits import fit_profile
from dinas_cli.oracles.own_devices import OwnDevices
from dinas_cli.oracles.predictions import Predictions
from dinas_cli.oracles.profiles import Profile, stored_profile, to_cost
from dinas_cli.oracles.regression import covariances
from dinas_cli.oracles.shapes import check_tensors

if TYPE_CHECKING:
    from dinas_cli.oracles.own_datasets import FittedDataset

SCHEMA = "dinas/surrogate@1"


class Surrogate(Predictions):
    """Predictions with their uncertainty for one search space.

    Where ``values`` may be None, it stands for the space's reference architectures, whose predictions are kept.
    """

    def __init__(self, tensors: dict[str, np.ndarray], config: dict[str, Any]) -> None:
        super().__init__(tensors, config)
        fields = Fields(config, "config")
        self._taus = fields.numbers("kendall_tau")
        self._profiles: dict[str, Profile] = {}
        for i, item in enumerate(fields.items("profiles")):
            column, unit, measured = described_profile(item)
            self._profiles[column] = stored_profile(tensors, i, column, unit, measured, self._spec(column).cost)
        self.own = OwnDevices(self.space.name, self._profiles)
        self.orders: dict[str, FittedDataset] = {}
        """The user's data sets, by the column of the ranked metric."""

    @classmethod
    def load(cls, path: Path) -> Surrogate:
        """Read a surrogate file; raise :class:`CorruptFileError` when it is truncated or of another kind."""
        try:
            surrogate = cls(*read_weights(path, SCHEMA, "a dinas surrogate", "train one with: dinas train --help"))
            surrogate._check()
            surrogate.sha256 = sha256_file(path)
            return surrogate
        except UNREADABLE as error:
            raise corrupt(path, "a surrogate", error) from error

    def columns(self) -> dict[str, str]:
        """Column keys and their units."""
        quality = {column: self._spec(column).unit for column in self._quality}
        costs = {column: profile.unit for column, profile in self._profiles.items()}
        return quality | costs | self.own.units | {column: order.unit for column, order in self.orders.items()}

    def kendall_tau(self, column: str) -> float | None:
        """Held-out Kendall tau of a column; None where nobody measured it."""
        if column in self.orders:
            return self.orders[column].tau
        self._fit_device(column)
        return self._taus.get(column)

    def devices(self, metric: str) -> tuple[str, ...]:
        """Names of the devices whose ``metric`` (``latency``, ``energy``) is known."""
        parts = map(split_column, self.columns())
        return tuple(dict.fromkeys(device for name, device, _ in parts if name == metric and device))

    def add_profile(self, profile: Profile) -> None:
        """Make a device fitted by the user known; its columns win over shipped ones of the same name."""
        self._profiles[profile.column] = profile
        self._taus.pop(profile.column, None)  # the shipped profile's figure says nothing about this one

    def profile(self, column: str) -> Profile:
        """The cost profile of a column; raise :class:`UsageProblem` when there is none, or two that contradict."""
        self.own.check(column)
        self._fit_device(column)
        if column not in self._profiles:
            raise UsageProblem(f"no cost profile {column!r}", suggest(column, self._profiles, "profiles"))
        return self._profiles[column]

    def fit(self, column: str, unit: str, values: np.ndarray, measured: np.ndarray) -> Profile:
        """Fit a profile from what was measured, ``(m,)`` in ``unit``, on architectures ``values (m, V)``."""
        priors, shape = covariances(self._tensors["profile.prior"]), self._tensors["profile.noise_shape"]
        basis, kind = self.basis(values), self._spec(column).cost
        return fit_profile(column, unit, self.reference_basis, basis, measured, priors, shape, kind)

    def predict(self, values: np.ndarray | None, column: str) -> np.ndarray:
        """Metric values ``(B,)`` of architectures ``(B, V)``, in the column's unit."""
        if column in self._quality:
            index = self._quality.index(column)
            scores = self.reference_scores if values is None else self.scores(values)
            return self.quality.value(index, scores[:, index])
        if column in self.orders:
            return self.orders[column].values(self.terms(values))
        profile = self.profile(column)
        return profile.plausible(profile.predict(self.reference_basis if values is None else self.basis(values)))

    def ranking(self, values: np.ndarray | None, column: str) -> np.ndarray:
        """What architectures ``(B, V)`` are ranked by in a column: ``(B,)``, more is better, whatever the metric.

        Scores, less the doubts about what is far from the labels, and costs, as they are predicted: neither is cut at
        the best label nor at what is plausible.
        """
        if column in self._quality:
            return self.quality.ranking(*self.scored(values, column))
        if column in self.orders:
            return self.orders[column].ranking(self.terms(values))
        return -self.profile(column).predict(self.reference_basis if values is None else self.basis(values))

    def ranking_of(self, known: np.ndarray, column: str) -> np.ndarray:
        """What values ``(B,)`` that are known for certain amount to in the terms of :meth:`ranking`: ``(B,)``."""
        if column in self._quality:
            return self.quality.known(self._quality.index(column), known)
        if column in self.orders:
            return self.orders[column].ranking_of(known)
        return -to_cost(known, self.profile(column).kind)

    def bounds(self, values: np.ndarray, column: str) -> dict[int, str]:
        """Rows of ``values (B, V)`` predicted beyond all labels, see :meth:`.Quality.bounds`."""
        return self.quality.bounds(self.scored(values, column)[1]) if column in self._quality else {}

    def outside(self, values: np.ndarray, column: str) -> np.ndarray:
        """Which of ``values (B, V)`` are unlike all whose labels taught a column: ``(B,)`` bool."""
        if column not in self._quality:
            return np.zeros(len(values), bool)
        return self._surroundings.outside(self.doubts(values))[:, self._quality.index(column)]

    def probability(self, values: np.ndarray | None, column: str, limit: float) -> np.ndarray:
        """Probability ``(B,)`` that a measurement is at least as good as ``limit``, under the noise that it has."""
        if column in self._quality:
            index, *predicted = self.scored(values, column)
            return self.quality.probability(index, limit, *predicted)
        if column in self.orders:
            return self.orders[column].probability(self.terms(values), limit)
        profile = self.profile(column)
        costs = profile.predict(self.reference_basis if values is None else self.basis(values))
        return noise.probability((profile.cost(limit) - costs) / profile.sigma(costs))

    def deviation(self, values: np.ndarray, column: str) -> np.ndarray:
        """How far measurements are from the predictions for ``values (B, V)``, two in three of them: ``(B,)``.

        Half of the middle range that holds so many, in the column's unit.
        """
        if column in self._quality:
            index, *predicted = self.scored(values, column)
            return self.quality.deviation(index, *predicted)
        if column in self.orders:
            return self.orders[column].deviation(self.terms(values))
        profile = self.profile(column)
        costs = profile.predict(self.basis(values))
        reach = noise.deviations(noise.ONE_DEVIATION) * profile.sigma(costs)
        return np.abs(profile.plausible(costs + reach) - profile.plausible(costs - reach)) / 2

    def sure_limits(self, column: str, confidence: float) -> np.ndarray:
        """For every reference architecture the strictest limit ``(R,)`` it keeps with probability ``confidence``."""
        if column in self._quality:
            index, *predicted = self.scored(None, column)
            return self.quality.sure(index, confidence, *predicted)
        if column in self.orders:
            return self.orders[column].sure(self.terms(None), confidence)
        profile = self.profile(column)
        costs = profile.predict(self.reference_basis)
        return profile.values(costs + noise.deviations(confidence) * profile.sigma(costs))

    def reference(self, column: str) -> np.ndarray:
        """Predicted values ``(R,)`` of a column over the reference architectures."""
        return self.predict(None, column)

    def _check(self) -> None:
        """Raise unless the tensors have the shapes that the config and each other imply, and the space the metrics."""
        one = self.space.draw(1, 0)  # quicker than the reference of a large space, which may never be asked for
        width = self.basis(one).shape[1]
        outputs = len(self._quality)
        check_tensors(self._tensors, outputs, len(self.config["profiles"]), width)
        if self.scores(one).shape != (1, outputs):
            raise ValueError(f"its networks do not answer {outputs} quality metrics")
        self.doubts(one)
        for column in (*self._quality, *self._profiles):
            self._spec(column)

    def _fit_device(self, column: str) -> None:
        if (found := self.own.take(column)) is not None:
            self.add_profile(found[0])
            self._taus |= {} if found[1] is None else {column: found[1]}

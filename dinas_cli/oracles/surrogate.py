"""The bundled surrogate: small networks, read with numpy alone, that answer metrics where no table is at hand.

Two parts share one file: perceptrons that predict ranked metrics as normal scores (:mod:`dinas_cli.oracles.quality`),
and ``k`` basis features, from which devices' costs are read linearly (:mod:`dinas_cli.oracles.profiles`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dinas_cli.architectures.conditions import find_metric
from dinas_cli.errors import UsageProblem, suggest
from dinas_cli.files.atomic import sha256_file
from dinas_cli.files.columns import described_profile, split_column
from dinas_cli.files.typed import Fields
from dinas_cli.files.weights import UNREADABLE, corrupt, read_weights
from dinas_cli.oracles import noise, orders
from dinas_cli.oracles.basis import ways
from dinas_cli.oracles.fits import fit_profile
from dinas_cli.oracles.own_devices import OwnDevices
from dinas_cli.oracles.perceptrons import InChunks, ensemble
from dinas_cli.oracles.profiles import Profile, stored_profile, to_cost
from dinas_cli.oracles.quality import Quality
from dinas_cli.oracles.reference import Reference
from dinas_cli.oracles.regression import covariances
from dinas_cli.oracles.shapes import check_tensors, check_widths
from dinas_cli.oracles.uncertainty import Surroundings
from dinas_cli.spaces.registry import get_space

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import MetricSpec, Space

SCHEMA = "dinas/surrogate@1"


class Surrogate:
    """Predictions with their uncertainty for one search space.

    Where ``values`` may be None, it stands for the space's reference architectures, whose predictions are kept.
    """

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
        self._taus = fields.numbers("kendall_tau")
        self._profiles: dict[str, Profile] = {}
        for i, item in enumerate(fields.items("profiles")):
            column, unit, measured = described_profile(item)
            self._profiles[column] = stored_profile(tensors, i, column, unit, measured, self._spec(column).cost)
        self.own = OwnDevices(self.space.name, self._profiles)

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
        return quality | costs | self.own.units

    def kendall_tau(self, column: str) -> float | None:
        """Held-out Kendall tau of a column; None where nobody measured it."""
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
        profile = self.profile(column)
        return profile.plausible(profile.predict(self.reference_basis if values is None else self.basis(values)))

    def ranking(self, values: np.ndarray | None, column: str) -> np.ndarray:
        """What architectures ``(B, V)`` are ranked by in a column: ``(B,)``, more is better, whatever the metric.

        Scores, less the doubts about what is far from the labels, and costs, as they are predicted: neither is cut at
        the best label nor at what is plausible.
        """
        if column in self._quality:
            return self.quality.ranking(*self.scored(values, column))
        return -self.profile(column).predict(self.reference_basis if values is None else self.basis(values))

    def ranking_of(self, known: np.ndarray, column: str) -> np.ndarray:
        """What values ``(B,)`` that are known for certain amount to in the terms of :meth:`ranking`: ``(B,)``."""
        if column in self._quality:
            return self.quality.known(self._quality.index(column), known)
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
        profile = self.profile(column)
        costs = profile.predict(self.reference_basis if values is None else self.basis(values))
        return noise.probability((profile.cost(limit) - costs) / profile.sigma(costs))

    def sure_limits(self, column: str, confidence: float) -> np.ndarray:
        """For every reference architecture the strictest limit ``(R,)`` it keeps with probability ``confidence``."""
        if column in self._quality:
            index, *predicted = self.scored(None, column)
            return self.quality.sure(index, confidence, *predicted)
        profile = self.profile(column)
        costs = profile.predict(self.reference_basis)
        return profile.values(costs + noise.deviations(confidence) * profile.sigma(costs))

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
        scores = self.reference_scores if values is None else self.scores(values)
        columns = [self._quality.index(column) for column in self.ordered]
        signs = [1 if self._spec(column).better == "max" else -1 for column in self.ordered]
        cells = self.space.reference() if values is None else values
        return orders.terms(scores[:, columns] * signs, self.space.features(cells), self._tensors)

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

    def reference(self, column: str) -> np.ndarray:
        """Predicted values ``(R,)`` of a column over the reference architectures."""
        return self.predict(None, column)

    def _whitened(self, values: np.ndarray, features: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        raw = np.concatenate(ways(self.space, values, self._tensors, features), 1)
        return np.asarray((raw - self._tensors["basis.mean"]) @ self._tensors["basis.whiten"])

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

    def _spec(self, column: str) -> MetricSpec:
        return find_metric(self.space, split_column(column)[0])

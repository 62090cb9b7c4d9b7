"""What trials and known data sets together say of untried architectures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from dinas_cli.search.proposals.descriptors import Descriptors
from dinas_cli.search.proposals.kernel import Kernel, Points
from dinas_cli.search.proposals.known import Known
from dinas_cli.search.proposals.process import Process
from dinas_cli.search.proposals.scores import normal_scores

if TYPE_CHECKING:
    from dinas_cli.oracles.answers import Oracles
    from dinas_cli.spaces.shared.protocol import Values


@dataclass(frozen=True)
class Labelled:
    """Trials with a value, in their order."""

    values: np.ndarray
    """``(n, V)``."""
    labels: np.ndarray
    """``(n,)``, more is better."""

    @classmethod
    def of(cls, values: Sequence[Values], labels: Sequence[float]) -> Labelled:
        """Those of the trials that have a value; NaN stands for none."""
        known = ~np.isnan(np.array(labels, float))
        kept = [row for row, keep in zip(values, known.tolist(), strict=True) if keep]
        return cls(np.array(kept, np.int64), np.array(labels, float)[known])

    def best(self, count: int) -> np.ndarray:
        """The ``count`` best architectures, best first."""
        return self.values[np.argsort(-self.labels, kind="stable")[:count]]

    def __len__(self) -> int:
        return len(self.labels)


class Model:
    """A Gaussian process on what known data sets say and on descriptors; labels are normal scores of trials' values.

    Scores rather than values, so that a few networks that did not train at all do not decide.
    """

    def __init__(self, oracles: Oracles, dataset: str | None, known: Sequence[str] | None = None) -> None:
        """``dataset`` is whose network sizes count; ``known`` as :class:`.known.Known` takes them."""
        self.space = oracles.space
        self.known = Known(oracles, known)
        self._dataset = dataset or next(iter(self.space.datasets), None)
        self._pool: tuple[np.ndarray, Points] | None = None
        self._columns: dict[bytes, np.ndarray] = {}
        """What kept architectures (see :meth:`points`) have in common with each that was tried."""

    def points(self, values: np.ndarray, kept: bool = False) -> Points:
        """Architectures ``(B, V)`` as the kernel sees them; with ``kept`` they are remembered for the next call."""
        if kept and self._pool is not None and self._pool[0] is values:
            return self._pool[1]
        found = Points(self._descriptors(values), *self.known.scores(values))
        if kept:
            self._pool, self._columns, self._kept_own = (values, found), {}, None
        return found

    def fitted(self, labelled: Labelled) -> tuple[Process, Points]:
        """The process that knows these trials, and them as it sees them."""
        points = self.points(labelled.values)
        parts = self.kernel.between(points, points).astype(float)
        return Process.fitted(parts, normal_scores(labelled.labels), self.kernel.prior), points

    def upper(
        self, values: np.ndarray, labelled: Labelled, ahead: Sequence[Values] = (), kept: bool = False
    ) -> np.ndarray:
        """Upper confidence bounds ``(B,)`` of the scores of architectures ``(B, V)``: expectation plus a deviation.

        After Srinivas et al. (ICML 2010). Trials ``ahead`` that are not finished are believed to turn out as expected,
        which moves no expectation but the deviations, so that what is like them is put off (Desautels et al., JMLR
        2014): choices made together differ.
        """
        key = (labelled.values.tobytes(), labelled.labels.tobytes())
        if self._latest is None or self._latest[0] != key:
            self._latest = (key, *self.fitted(labelled))
        _, process, tried = self._latest
        cells = labelled.values
        if len(ahead):
            waiting = np.array(ahead, np.int64)
            more = self.points(waiting)
            expected = process.mean(process.weighed(self.kernel.between(tried, more)))
            tried = Points(*(np.concatenate(pair) for pair in zip(_arrays(tried), _arrays(more), strict=True)))
            labels = np.concatenate([process.labels, expected])
            process = Process(self.kernel.between(tried, tried).astype(float), labels, process.weights)
            cells = np.concatenate([cells, waiting])
        points = self.points(values, kept)
        if kept:
            cross = np.stack([process.weighed(column) for column in self._shared(points, cells, tried)])
        else:
            cross = process.weighed(self.kernel.between(tried, points))
        return process.mean(cross) + process.deviation(cross, process.weighed(self._own(points, kept)))

    _latest: tuple[tuple[bytes, bytes], Process, Points] | None = None
    _kept_own: np.ndarray | None = None

    def _own(self, points: Points, kept: bool) -> np.ndarray:
        """Parts ``(P, B)`` of each with itself; those of kept points are worked out once."""
        if not kept:
            return self.kernel.own(points)
        if self._kept_own is None:
            self._kept_own = self.kernel.own(points)
        return self._kept_own

    def _shared(self, points: Points, cells: np.ndarray, tried: Points) -> Iterator[np.ndarray]:
        """Parts ``(P, B)`` between each of what was tried and the kept points, worked out once."""
        for place, row in enumerate(cells):
            key = row.tobytes()
            if key not in self._columns:
                self._columns[key] = self.kernel.between(tried.take([place]), points)[:, 0]
            yield self._columns[key]

    @cached_property
    def kernel(self) -> Kernel:
        """The covariance, scaled by the space's reference."""
        if len(self.known) < 2:
            return Kernel(len(self.known))
        _, apart = self.known.scores(self.space.reference())
        return Kernel(len(self.known), float((apart**2).sum(1).mean()))

    @cached_property
    def _descriptors(self) -> Descriptors:
        return Descriptors(self.space, self._dataset)


def _arrays(points: Points) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return points.descriptors, points.transferred, points.apart

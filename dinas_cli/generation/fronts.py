"""The geometry of fronts: who is dominated by nobody, what to leave out, the knee, the hypervolume.

Points ``(B, k)`` are to be minimised in each of their 2 or 3 objectives, and have no NaN.
"""

from __future__ import annotations

import numpy as np

MARGIN = 0.1
"""How far the reference point lies behind the worst values of a front, in parts of its extent."""
EPSILON = 0.002
"""The smallest useful difference: who is better by less than this part of the front's extent, and in no objective by
more, is left out."""
TIE = 1e-5
"""Parts of the extent that are the last digits of predictions."""


def front(points: np.ndarray) -> np.ndarray:
    """Rows ``(F,)`` of the points that no other dominates, of equal points the first, in the order of the first
    objective."""
    order = np.lexsort(points.T[::-1])
    left, rows, place = points[order], order, 0
    # Nothing dominates what comes before it in this order: each point that is still there is kept and rules out others.
    while place < len(left):
        kept = (left < left[place]).any(1)
        kept[: place + 1] = True
        left, rows = left[kept], rows[kept]
        place += 1
    return np.asarray(rows)


def layers(points: np.ndarray, count: int) -> list[np.ndarray]:
    """Rows of the front, of the front of the rest, and so on: as many layers as hold ``count`` points, if there are."""
    rest, found, size = np.arange(len(points)), [], 0
    while len(rest) and size < count:
        inside = front(points[rest])
        found.append(rest[inside])
        size += len(inside)
        rest = np.delete(rest, inside)
    return found


def extent(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The best value ``(k,)`` of every objective among the points, and how far the worst is from it, 1 for equal ones.

    Raises :class:`ValueError` without points.
    """
    best, worst = points.min(0), points.max(0)
    return best, np.where(worst > best, worst - best, 1.0)


def useful(points: np.ndarray, epsilon: float = EPSILON) -> np.ndarray:
    """Rows of a front ``(F, k)``, in their order, without those that hardly improve on another that is kept.

    For every point that is left out there is one that is kept and in no objective worse by more than ``epsilon`` times
    the front's extent. Of each objective the best is kept; of several that are as good, but for the last digits of
    predictions, the one that is best in the others.
    """
    if len(points) < 3:
        return np.arange(len(points))
    best, size = extent(points)
    scaled = (points - best) / size
    total = scaled.sum(1)
    ends = [int(np.where(column <= TIE, total, np.inf).argmin()) for column in scaled.T]
    kept = list(dict.fromkeys(ends))
    for row in np.argsort(scaled[:, 0], kind="stable").tolist():
        if row not in kept and not (scaled[kept] <= scaled[row] + epsilon).all(1).any():
            kept.append(row)
    return np.sort(kept)


def knee(points: np.ndarray, worst: np.ndarray) -> int | None:
    """The row of a front where giving up a little of one objective no longer gains much of another; None where there
    is nothing in between.

    It is the point farthest below the line (the plane) through the ends: the least sum of objectives, each scaled to
    the front's extent. Only what is no worse than ``worst (k,)`` counts, if there is enough of it: a front begins with
    what costs least and is of no use (networks that learn nothing), which would draw the line far away.
    """
    usable = np.flatnonzero((points <= worst).all(1))
    rows = usable if len(usable) >= 3 else np.arange(len(points))
    if len(rows) < 3:
        return None
    best, size = extent(points[rows])
    return int(rows[((points[rows] - best) / size).sum(1).argmin()])


def hypervolume(points: np.ndarray, reference: np.ndarray) -> float:
    """The volume between the points and the ``reference (k,)``, of 2 or 3 objectives; what is beyond it does not count.

    Raises :class:`ValueError` for another number of objectives.
    """
    inside = points[(points < reference).all(1)]
    if points.shape[1] not in (2, 3):
        raise ValueError(f"hypervolumes are of 2 or 3 objectives, not {points.shape[1]}")
    if not len(inside):
        return 0.0
    inside = inside[front(inside)]
    if points.shape[1] == 2:  # in the order of the first objective, the second one falls
        heights = np.diff(inside[:, 1], prepend=reference[1])
        return float(((reference[0] - inside[:, 0]) * -heights).sum())
    # Slices along the last objective, each with the area of what reaches down to it.
    inside = inside[np.argsort(inside[:, 2], kind="stable")]
    depths = np.diff(inside[:, 2], append=reference[2])
    areas = [hypervolume(inside[: row + 1, :2], reference[:2]) for row in range(len(inside))]
    return float((np.array(areas) * depths).sum())


def reached(points: np.ndarray) -> float:
    """The hypervolume of a front as a part of the box from its best values to :data:`MARGIN` behind its worst ones."""
    best, size = extent(points)
    corner = np.full(points.shape[1], 1 + MARGIN)
    return hypervolume((points - best) / size, corner) / float(corner.prod())


def share(found: np.ndarray, true: np.ndarray) -> float:
    """Hypervolume of found points ``(B, k)`` in relation to that of the true front ``(F, k)``.

    All objectives are scaled to the extent of the true front; the reference point lies :data:`MARGIN` behind its worst
    values, so that only what competes with the front counts.
    """
    best, size = extent(true)
    corner = np.full(true.shape[1], 1 + MARGIN)
    return hypervolume((found - best) / size, corner) / hypervolume((true - best) / size, corner)

"""Different ones among the best: what to return when answers should not all be variations of one architecture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dinas_cli.architectures.schema import Record

SPREAD = 8
"""Among how many times as many of the best the different ones are chosen."""


def chosen(records: Sequence[Record], count: int, diverse: bool) -> list[Record]:
    """The first ``count`` of ``records``, or as many ``diverse`` ones."""
    return spread(records, count) if diverse else list(records[:count])


def spread(records: Sequence[Record], count: int) -> list[Record]:
    """``count`` of ``records``, which come best first, that differ in as many variables as possible, best first.

    The best one is taken; then, of the :data:`SPREAD` times ``count`` best, again and again the one whose nearest among
    those taken is farthest away (Gonzalez, 1985: at least half as far apart as could be), the better one of equals.
    """
    few = list(records[: SPREAD * count])
    if len(few) <= count:
        return few
    values = np.array([record.values for record in few])
    taken, nearest = [0], (values != values[0]).sum(1)
    while len(taken) < count:
        taken.append(int(nearest.argmax()))
        nearest = np.minimum(nearest, (values != values[taken[-1]]).sum(1))
    return [few[place] for place in sorted(taken)]

"""Checks of the numbers that a space gives: features for the surrogate, operator counts, closed forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dinas_cli.testing.broken import require, require_array

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Space

_BATCH = 64


def check_features(space: Space, count: int) -> None:
    """Features are finite float32 numbers of one width, of each architecture alone; they tell architectures apart."""
    import numpy as np

    drawn = space.draw(min(count, _BATCH), 0)
    features = require_array("features", space.features(drawn), (len(drawn), None), "float32")
    require(np.isfinite(features).all(), "features has a value that is not finite")
    require(np.ptp(features, 0).any(), "features are the same for all architectures")
    for row, expected in zip(drawn[:8], features, strict=False):
        found = require_array("features of one", space.features(row[None]), (1, features.shape[1]), "float32")
        require(np.allclose(found[0], expected, atol=1e-6), "features of an architecture depend on the others")
    require(np.array_equal(space.features(drawn.astype(np.int64)), features), "features depend on the integer type")


def check_operators(space: Space, count: int) -> None:
    """Operator counts are finite and not negative, of each architecture alone; or there are none."""
    import numpy as np

    drawn = space.draw(min(count, _BATCH), 0)
    ways, of_one = space.operators(drawn), space.operators(drawn[:1])
    require(len(ways) == len(of_one), "operators are not counted in as many ways for each")
    for counted, one in zip(ways, of_one, strict=True):
        require_array("operators", counted, (len(drawn), None), "number")
        require(np.isfinite(counted).all() and (counted >= 0).all(), "operators has a value that is no count")
        require(np.array_equal(one[0], counted[0]), "operators of an architecture depend on the others")


def check_closed_forms(space: Space, count: int) -> None:
    """Closed forms are finite numbers of each architecture alone, for every dataset."""
    import numpy as np

    drawn = space.draw(min(count, _BATCH), 0)
    for metric in space.closed_forms:
        for dataset in space.datasets or (None,):
            what = f"closed_form {metric}" + (f" of {dataset}" if dataset else "")
            found = require_array(what, space.closed_form(metric, drawn, dataset), (len(drawn),), "number")
            require(np.isfinite(found).all() and (found >= 0).all(), f"{what} has a value that is none")
            one = space.closed_form(metric, drawn[-1:], dataset)
            require(one[0] == found[-1], f"{what} of an architecture depends on the others")

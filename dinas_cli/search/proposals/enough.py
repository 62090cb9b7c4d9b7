"""When further trials would teach nothing: left-out trials are predicted no better with the labels of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dinas_cli.search.proposals.process import Process
from dinas_cli.search.proposals.scores import normal_scores

if TYPE_CHECKING:
    from dinas_cli.search.proposals.model import Labelled, Model

PATIENCE = 8
"""Trials in a row without a better one before labels are asked whether they add anything."""


def enough(model: Model, labelled: Labelled, starts: int) -> str:
    """Why further trials would teach nothing, or an empty text.

    Two things together: none of the last :data:`PATIENCE` trials, all after the first ``starts``, was the best so far;
    and left-out trials are predicted by the model no better, beyond one standard error, than by the order of the known
    data sets alone (by their mean, where there are none).
    """
    if len(labelled) < starts + PATIENCE or labelled.labels.argmax() >= len(labelled) - PATIENCE:
        return ""
    scores = normal_scores(labelled.labels)
    process, tried = model.fitted(labelled)
    few = [place for place, name in enumerate(model.kernel.names) if name in ("level", "transfer")]
    prior = model.kernel.prior[[*few, -1]]
    alone = Process.fitted(model.kernel.between(tried, tried)[few].astype(float), scores, prior)
    errors, plain = (scores - process.left_out()) ** 2, (scores - alone.left_out()) ** 2
    gain = plain - errors
    if gain.mean() > gain.std(ddof=1) / np.sqrt(len(gain)):
        return ""
    by = "the order of the known data sets" if len(model.known) else "their mean"
    return (
        f"left out one by one, {len(labelled)} trials are told no better by the others (error {errors.mean():.2f}) "
        f"than by {by} ({plain.mean():.2f}), and the last {PATIENCE} were not better"
    )

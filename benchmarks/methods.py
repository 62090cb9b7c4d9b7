"""How methods look in every figure: one colour and one mark each, on light and on dark ground; ours above the rest."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Look:
    """A method's line: its colour by theme, its mark, its width; what is ours is drawn last."""

    light: str
    dark: str
    marker: str
    width: float = 1.3
    ours: bool = False


OURS = Look("#0072B2", "#4DB2EC", "o", 2.2, ours=True)
BARE = Look("#56B4E9", "#9AD3F5", "D", 1.8, ours=True)
"""Ours with a part of it left out."""
WHOLE = Look("#009E73", "#2FD3A5", "s")
SOME = Look("#A6761D", "#D9A441", "v")
RANDOM = Look("#7F7F7F", "#A9A9A9", "X")
LOCAL = Look("#E69F00", "#FFC247", "^")
EVOLUTION = Look("#D55E00", "#FF8A3D", "P")
GUIDED = Look("#CC79A7", "#EBA3CB", "*")
OPTUNA = Look("#6A3D9A", "#B794E0", "h")
PAPER = Look("#D55E00", "#FF8A3D", "^")
TRUTH = Look("#C4C9CF", "#565D66", "", 5.5)
"""Broad and pale, so that it shows under what lies on it."""

LOOKS: dict[str, Look] = {
    "dinas": OURS,
    "ours as shipped": OURS,
    "found after training": OURS,
    "dinas, samples as they come": BARE,
    "our kernel, one-hot targets": BARE,
    "whole space, ranked by the surrogate": WHOLE,
    "all of the table, ranked by the surrogate": WHOLE,
    "predictor on the whole space": WHOLE,
    "10,000 random, ranked by the surrogate": SOME,
    "random search": RANDOM,
    "best of the labels": RANDOM,
    "local search": LOCAL,
    "evolution": EVOLUTION,
    "guided search": GUIDED,
    "TPE": OPTUNA,
    "NSGA-II": OPTUNA,
    "paper's method, posterior": PAPER,
    "paper's method, iterative": Look("#E69F00", "#FFC247", "v"),
    "paper's kernel, our size": GUIDED,
    "paper's kernel, our size, posterior": GUIDED,
    "paper's kernel, our size, iterative": Look("#882255", "#D98BB5", "s"),
    "true front": TRUTH,
}
"""By what figures call them; the same method has the same look under all of its names."""


def look(label: str) -> Look:
    """The look of a method; raises :class:`KeyError` for one that has none yet, which is to be given one here."""
    return LOOKS[label]

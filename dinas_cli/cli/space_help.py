"""What the help of a command says, and leaves out, where a space is named beside --help."""

from __future__ import annotations

from collections.abc import Sequence

from dinas_cli.architectures.limits import LIMITS
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared.protocol import Space
from dinas_cli.spaces.shared.skeletons import skeletons_of

_NETWORKS = ("skeleton", "channels", "cells", "classes", "image_size", "in_channels")


def named_space(args: Sequence[str]) -> Space | None:
    """The space that ``--space`` or ``-s`` names among the words of a command line, if any.

    Raises :class:`UsageProblem` for one that does not exist.
    """
    for word, following in zip(args, [*args[1:], ""], strict=True):
        option, sign, value = word.partition("=")
        if option in ("--space", "-s"):
            return get_space(value if sign else following)
    return None


def without_meaning(space: Space) -> set[str]:
    """Names of the parameters that ask for what a space does not have."""
    limited = {spec.name for spec in space.metrics if spec.bound}
    found = {name for name in LIMITS if name not in limited}
    if space.rank_metric != "ppl":
        found.add("ppl")
    elif "acc" not in {spec.name for spec in space.metrics}:
        found.add("acc")
    if not any(spec.per_device for spec in space.metrics):
        found.add("device")
    if not space.datasets:
        found.add("dataset")
    if not skeletons_of(space):
        found.update(_NETWORKS)
    return found


def known_words(space: Space, parameter: str) -> str:
    """What a space has that an option can name; empty for other options."""
    if parameter == "dataset":
        return ", ".join(space.datasets)
    if parameter == "limit":
        others = [spec.name for spec in space.metrics if spec.bound and spec.name not in (*LIMITS, space.rank_metric)]
        return ", ".join(others)
    return ""

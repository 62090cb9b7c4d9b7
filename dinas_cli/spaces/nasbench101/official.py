"""Names of tensors in state dicts of nasbench_pytorch, the PyTorch port of NAS-Bench-101's networks, and here.

The benchmark itself published no weights; its port (github.com/romulus0914/NASBench-PyTorch) numbers stem, cells and
poolings in one list ``layers``, and vertices in the order of the pruned matrix.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

STACKS = 3

_LAYER = re.compile(
    r"layers\.(?P<layer>[0-9]{1,4})\."
    r"(?:(?P<kind>vertex_op|input_op)\.(?P<vertex>[0-9])\.(?:conv[13]x[13]\.)?)?conv_bn_relu\.(?P<rest>[01]\.\w+)"
)
_NOTHING = re.compile(
    r"layers\.[0-9]{1,4}\.(?:dev_param|(?:vertex_op\.[0-9]|input_op\.[0-9]|last_inop)\.a|last_inop\..*)"
)
"""Parameters without effect, and a second name of a projection that is there already."""
_HERE = {"vertex_op": "vertices", "input_op": "projections"}


def names(genotype: str, given: Iterable[str]) -> dict[str, str | None]:
    """By the name of a tensor of the port its name here, None for those that are not needed.

    Names that are none of the port's stand for themselves. Vertices keep their numbers: the network has to be built in
    the order of the text, see :meth:`.space.NasBench101.written`.
    """
    found: dict[str, str | None] = {}
    given = list(given)
    layers = [int(match["layer"]) for name in given if (match := _LAYER.fullmatch(name))]
    period = max(layers, default=0) // STACKS + 1  # the cells of a stack and the pooling behind it; the stem is layer 0
    for name in given:
        match = _LAYER.fullmatch(name)
        if match is None:
            found[name] = None if _NOTHING.fullmatch(name) else name
        elif match["kind"] is None:
            found[name] = f"stem.{match['rest']}"
        else:
            stack, cell = divmod(int(match["layer"]) - 1, period)
            found[name] = f"stacks.{stack}.{cell}.{_HERE[match['kind']]}.{match['vertex']}.{match['rest']}"
    return found

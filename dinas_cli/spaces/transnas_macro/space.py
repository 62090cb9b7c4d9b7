"""TransNAS-Bench-101, macro: networks of four to six residual modules, 3,256 in all (Duan et al., CVPR 2021).

A module is plain (1), doubles the channels (2), halves the image (3) or does both (4). The rules of the paper (section
3.2) are the whole space: 4 to 6 modules, 1 to 3 of which double the channels and 1 to 4 of which halve the image.

Genotype dialects: ``arch``, the benchmark's own, ``64-111114-basic`` (channels, modules, residual blocks), and
``compact``, ``111114``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from hashlib import sha256
from operator import index
from typing import TYPE_CHECKING

from dinas_cli.errors import GenotypeError
from dinas_cli.spaces.shared.chains import chain, chain_sketch
from dinas_cli.spaces.shared.protocol import MetricSpec, Sketch, Space, Values
from dinas_cli.spaces.shared.text import clean, shown
from dinas_cli.spaces.shared.transnas import common as transnas
from dinas_cli.spaces.shared.transnas.tasks import TASKS
from dinas_cli.spaces.shared.wrapping import unwrapped

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor, nn

    from dinas_cli.spaces.shared.skeletons import Options, Skeleton

PLACES = 6
SHORTEST = 4
DOUBLING, HALVING = (2, 4), (3, 4)
MOST_DOUBLING, MOST_HALVING = 3, 4
NETWORKS = 3256

_TYPES = 5
_START = re.compile(r"64-|[1-4]{4,6}\s*$|\{", re.ASCII)
_GENOTYPE = re.compile("(?:64-([0-9]+)-basic|([0-9]+))", re.ASCII)


class TransNasMacro:
    """The space of :data:`SPACE`; see :class:`dinas_cli.spaces.shared.protocol.Space` for what the members mean."""

    name = "transnas-macro"
    aliases: tuple[str, ...] = ("tnb101-macro",)
    device_aliases: tuple[str, ...] = ()
    title = "TransNAS-Bench-101 macro: backbones for seven vision tasks, 4 to 6 modules of 4 types"
    layout = chain(("absent", "plain", "double", "halve", "double_halve"), PLACES)
    metrics: tuple[MetricSpec, ...] = transnas.METRICS
    rank_metric = "acc"
    datasets: tuple[str, ...] = tuple(TASKS)
    dialects: tuple[str, ...] = transnas.DIALECTS
    table_rows: int | None = NETWORKS
    closed_forms: tuple[str, ...] = transnas.CLOSED_FORMS
    default_device: str | None = None
    readers: Mapping[str, str] = transnas.READERS
    files = transnas.FILES
    skeletons: Mapping[str, Options] = transnas.SKELETONS
    official = staticmethod(transnas.official)

    def encode(self, genotype: str) -> Values:
        """Parse either dialect into module types ``(6,)``, 0 for none at the end; raise :class:`GenotypeError`."""
        text = unwrapped(clean(genotype, transnas.LONGEST, "the benchmark"), _START)
        match = _GENOTYPE.fullmatch(text)
        if match is None:
            raise GenotypeError(
                f"genotype {shown(text)}: a network is 64-<modules>-basic or only the modules, a digit for each",
                "write it like 64-111114-basic or 111114",
            )
        modules = [int(digit) for digit in match[1] or match[2]]
        if not SHORTEST <= len(modules) <= PLACES:
            raise GenotypeError(f"genotype {shown(text)} has {len(modules)} modules, the space has 4 to 6")
        if 0 in modules:
            raise GenotypeError(f"genotype {shown(text)}: modules are of types 1 to 4")
        return _checked([*modules, *[0] * (PLACES - len(modules))])

    def decode(self, values: Iterable[int], dialect: str | None = None) -> str:
        """Write module types as a genotype; raise :class:`GenotypeError`, and :class:`UsageProblem` for the dialect."""
        modules = "".join(map(str, _modules(values)))
        return modules if transnas.find_dialect(dialect) == "compact" else f"64-{modules}-basic"

    def key(self, values: Iterable[int]) -> int:
        """The table row of this network: ``sum(type_i * 5**i)``, below 15,625."""
        return sum(value * _TYPES**place for place, value in enumerate(_checked(values)))

    def canonical_id(self, values: Iterable[int]) -> str:
        """The architecture id ``tnmacro-<12 hex digits>``; no two networks of the space compute the same."""
        return _id(tuple(map(index, values)))

    def reference(self) -> np.ndarray:
        """All networks ``(3256, 6)`` int8 in the order of their keys."""
        import numpy as np

        valid = np.argwhere(_completable()[(slice(_TYPES),) * PLACES]).astype(np.int8)
        return valid[np.argsort(valid @ _TYPES ** np.arange(PLACES))]

    def draw(self, count: int, seed: int) -> np.ndarray:
        """Uniformly random networks ``(count, 6)`` int8."""
        import numpy as np

        return self.reference()[np.random.default_rng(seed).integers(NETWORKS, size=count)]

    def legal(self, values: np.ndarray, variables: np.ndarray) -> np.ndarray | None:
        """Types ``(B, 5)`` of one place with which some network of the space still agrees in all places known."""
        import numpy as np

        places = np.asarray(values, np.int64).copy()
        places[np.arange(len(places)), variables] = 0
        strides = (_TYPES + 1) ** np.arange(PLACES)[::-1]
        return _completable().reshape(-1)[(places @ strides)[:, None] + strides[variables, None] * np.arange(_TYPES)]

    def features(self, values: np.ndarray) -> np.ndarray:
        """Types one-hot, channels and size at every place, and how often each type occurs: ``(B, F)`` float32."""
        import numpy as np

        types = np.asarray(values, np.int64)
        there = types > 0
        doublings = np.cumsum(np.isin(types, DOUBLING), 1)
        halvings = np.cumsum(np.isin(types, HALVING), 1)
        one_hot = [np.eye(count)[numbers] for numbers, count in ((types, _TYPES), (doublings, 4), (halvings, 5))]
        masked = [(block * there[:, :, None]).reshape(len(types), -1) for block in one_hot]
        counts = np.stack([(types == kind).sum(1) for kind in range(_TYPES)], 1) / PLACES
        return np.concatenate([*masked, counts], 1).astype(np.float32)

    def operators(self, values: np.ndarray) -> tuple[np.ndarray, ...]:
        """What adds up to the costs of networks ``(B, 6)``: ``(B, 14)``.

        Costs of the encoder, and for the decoder's every number of doublings and halvings.
        """
        import numpy as np

        types = np.asarray(values)
        encoders = [self.closed_form(metric, types) / unit for metric, unit in (("params", 3e7), ("macs", 3e10))]
        doublings, halvings = (np.sum(np.isin(types, kinds), 1) for kinds in (DOUBLING, HALVING))
        decoders = np.eye(4)[doublings][:, 1:, None] * np.eye(5)[halvings][:, None, 1:]
        return (np.concatenate([np.stack(encoders, 1), decoders.reshape(len(types), -1)], 1),)

    def closed_form(
        self, metric: str, values: np.ndarray, dataset: str | None = None, *, skeleton: Skeleton | None = None
    ) -> np.ndarray:
        """Exact ``params``, ``macs`` or memory of the task's networks of modules ``(B, 6)``: ``(B,)`` int64."""
        import numpy as np

        return transnas.closed_form(metric, np.asarray(values), None, dataset, skeleton)

    def sketch(self, values: Iterable[int]) -> tuple[Sketch, ...]:
        """A chain of modules, ``type: channels×height×width`` of its features for images of 256 x 256."""
        channels, size = 64, 64
        nodes = [(f"stem {channels}×{size}×{size}", "input")]
        for kind in _modules(values):
            channels, size = channels << (kind in DOUBLING), size >> (kind in HALVING)
            nodes.append((f"{kind}: {channels}×{size}×{size}", "conv"))
        nodes.append(("decoder", "output"))
        return chain_sketch("backbone", nodes)

    def build(
        self, values: Iterable[int], dataset: str | None = None, *, skeleton: Skeleton | None = None
    ) -> nn.Module:
        """The benchmark's network of the task with these modules, see :mod:`.shared.transnas.network`."""
        return transnas.build(_modules(values), (), dataset, skeleton)

    def example(
        self, dataset: str | None = None, batch: int = 1, *, skeleton: Skeleton | None = None
    ) -> tuple[Tensor, ...]:
        """Random images of the task's size, see :func:`dinas_cli.spaces.shared.transnas.common.example`."""
        return transnas.example(dataset, batch, skeleton)

    def source(
        self, values: Iterable[int], dataset: str | None = None, header: str = "", *, skeleton: Skeleton | None = None
    ) -> str:
        """The network of :meth:`build` as one Python file that imports only torch; ``header`` becomes comments."""
        modules = _modules(values)
        title = f"modules {''.join(map(str, modules))}"
        return transnas.source(modules, (), dataset, skeleton, title=title, header=header)


@cache
def _completable() -> np.ndarray:
    """By the type of every place, 5 for unknown, whether a network of the space agrees: ``(6,) * 6`` bool."""
    import numpy as np

    types = np.indices((_TYPES,) * PLACES)
    length, doubling, halving = (np.isin(types, kinds).sum(0) for kinds in ((1, 2, 3, 4), DOUBLING, HALVING))
    ends = ((types[:-1] == 0) <= (types[1:] == 0)).all(0)  # nothing follows where nothing is
    valid = ends & (length >= SHORTEST)
    valid &= (doubling >= 1) & (doubling <= MOST_DOUBLING) & (halving >= 1) & (halving <= MOST_HALVING)
    for place in range(PLACES):
        valid = np.concatenate([valid, valid.any(place, keepdims=True)], place)
    return valid


@lru_cache(maxsize=NETWORKS)
def _id(values: Values) -> str:
    return f"tnmacro-{sha256(''.join(map(str, _modules(values))).encode()).hexdigest()[:12]}"


def _modules(values: Iterable[int]) -> Values:
    """The types of the modules that are there, 4 to 6."""
    checked = _checked(values)
    return checked[: len(checked) - checked.count(0)]


def _checked(values: Iterable[int]) -> Values:
    """Module types ``(6,)`` that follow the rules of the space; raise :class:`GenotypeError` naming the broken one."""
    types = tuple(map(index, values))
    if len(types) != PLACES or not all(0 <= kind < _TYPES for kind in types):
        raise GenotypeError(f"{types} is no transnas-macro network: it needs {PLACES} types numbered 0 to 4")
    there = PLACES - types.count(0)
    text = "".join(map(str, types[:there]))
    if 0 in types[:there]:
        raise GenotypeError(f"{types} is no transnas-macro network: a module follows where there is none")
    if there < SHORTEST:
        raise GenotypeError(f"network {text!r} has {there} modules, the space has {SHORTEST} to {PLACES}")
    for kinds, most, what in (
        (DOUBLING, MOST_DOUBLING, "double the channels"),
        (HALVING, MOST_HALVING, "halve the image"),
    ):
        number = sum(kind in kinds for kind in types)
        if not 1 <= number <= most:
            raise GenotypeError(f"network {text!r}: {number} of its modules {what}, the space has 1 to {most}")
    return types


SPACE = TransNasMacro()

if TYPE_CHECKING:
    _conforms: Space = SPACE

"""The three sizes of HW-GPT-Bench: which widths, depths, heads and MLP ratios each has (Sukthanker et al., 2024)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from dinas_cli.errors import GenotypeError
from dinas_cli.spaces.shared.protocol import Layout, Values
from dinas_cli.spaces.shared.text import shown

WORDS, CONTEXT, HEAD = 50_254, 1024, 64
"""Size of the vocabulary, longest text in tokens, width of one attention head."""
BIASES = (False, True)


@dataclass(frozen=True)
class Model:
    """One language model: embedding width, heads and MLP ratio of every layer, whether linear maps have biases."""

    width: int
    heads: tuple[int, ...]
    ratios: tuple[int, ...]
    bias: bool


@dataclass(frozen=True)
class Size:
    """The choices of one size; layers ``k`` up to the depth exist, those beyond it do not."""

    name: str
    widths: tuple[int, ...]
    depths: tuple[int, ...]
    heads: tuple[int, ...]
    ratios: tuple[int, ...]
    batch: int
    """Texts of 1,024 tokens that published multiply-accumulates, and costs on devices, are about."""

    @cached_property
    def layout(self) -> Layout:
        """Variables: width, depth, heads and ratio of every layer in turn, bias; each chooses from types of its own."""
        width, depth, heads, ratio, bias = (
            (f"width={n}" for n in self.widths),
            (f"layers={n}" for n in self.depths),
            (f"heads={n}" for n in self.heads),
            (f"mlp={n}" for n in self.ratios),
            ("no bias", "bias"),
        )
        names = (*width, *depth, *heads, *ratio, *bias, "no layer")
        place = {name: number for number, name in enumerate(names)}
        blocks = [
            tuple(n for name, n in place.items() if name.startswith(start))
            for start in ("width=", "layers=", "heads=", "mlp=")
        ]
        layers = []
        for layer in range(self.depths[-1]):
            absent = () if layer < self.depths[0] else (place["no layer"],)
            layers += [(*blocks[2], *absent), (*blocks[3], *absent)]
        own = (blocks[0], blocks[1], *layers, (place["no bias"], place["bias"]))
        free = tuple(range(len(own)))
        return Layout((0,) * len(own), names, ("none",), free, (), vocabularies=own, calls=14)

    def model(self, values: Values) -> Model:
        """What the values of the layout stand for; raise :class:`GenotypeError` naming the rule that they break."""
        choices = self.layout.choices
        if len(values) != len(choices) or not all(0 <= v < n for v, n in zip(values, choices, strict=True)):
            raise GenotypeError(f"{shown(str(list(values)))} is no {self.name} model: it needs {len(choices)} choices")
        depth = self.depths[values[1]]
        layers = values[2:-1]
        for layer, (heads, ratio) in enumerate(zip(layers[::2], layers[1::2], strict=True), 1):
            there = (heads < len(self.heads), ratio < len(self.ratios))
            if there != (layer <= depth,) * 2:
                word = "lacks" if layer <= depth else "has"
                raise GenotypeError(f"a {self.name} model of {depth} layers {word} heads or an MLP in layer {layer}")
        numbers = tuple(self.heads[value] for value in layers[0 : 2 * depth : 2])
        ratios = tuple(self.ratios[value] for value in layers[1 : 2 * depth : 2])
        return Model(self.widths[values[0]], numbers, ratios, BIASES[values[-1]])

    def values(self, model: Model) -> Values:
        """The inverse of :meth:`model`; raise :class:`GenotypeError`, whose hint says which size has such choices."""
        depth = len(model.heads)
        if len(model.ratios) != depth:
            raise GenotypeError(f"{depth} layers have heads and {len(model.ratios)} MLPs: both need one per layer")
        first = self._place("embedding width", "widths", model.width), self._place("number of layers", "depths", depth)
        layers = [
            (self._place("number of heads", "heads", heads), self._place("MLP ratio", "ratios", ratio))
            for heads, ratio in zip(model.heads, model.ratios, strict=True)
        ]
        layers += [(len(self.heads), len(self.ratios))] * (self.depths[-1] - depth)
        return (*first, *chain.from_iterable(layers), int(model.bias))

    def _place(self, what: str, of: str, value: int) -> int:
        choices: tuple[int, ...] = getattr(self, of)
        if value in choices:
            return choices.index(value)
        others = [size.name for size in SIZES if value in getattr(size, of)]
        listed = f"{', '.join(map(str, choices[:-1]))} or {choices[-1]}"
        hint = f"{value} is a choice of {' and '.join(others)}: --space {others[0]}" if others else f"write {listed}"
        raise GenotypeError(f"{what} {value} is none of {self.name}, which has {listed}", hint)


SMALL = Size("gpt-s", (192, 384, 768), (10, 11, 12), (4, 8, 12), (2, 3, 4), 8)
MEDIUM = Size("gpt-m", (256, 512, 1024), (22, 23, 24), (8, 12, 16), (2, 3, 4), 4)
LARGE = Size("gpt-l", (320, 640, 1280), (34, 35, 36), (8, 16, 20), (2, 3, 4), 1)
SIZES = (SMALL, MEDIUM, LARGE)

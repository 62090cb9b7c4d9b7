"""Genotypes of language models, in three dialects that can each express every model.

* ``compact``: the embedding width, a term ``heads x MLP ratio`` for every layer, and whether linear maps have biases:
  ``192:4x2,8x3,…,12x4:bias`` (or ``:plain``);
* ``hwgpt``, the benchmark's: ``{"sample_embed_dim": 192, "sample_n_layer": 10, "sample_n_head": [4, …],
  "sample_mlp_ratio": [2, …], "sample_bias": "True"}``;
* ``whittle``, the arguments of ``set_sub_network`` of whittle's super-networks, with the ``bias`` of their
  configuration: ``{"sub_network_n_embd": 192, "sub_network_intermediate_size": [384, …], "sub_network_num_heads":
  [4, …], "sub_network_n_layers": 10, "sub_network_head_size": 64, "bias": true}``.

One number in place of a list stands for all layers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from dinas_cli.errors import GenotypeError, find_name
from dinas_cli.spaces.shared import literals
from dinas_cli.spaces.shared.gpt.sizes import HEAD, Model
from dinas_cli.spaces.shared.text import clean, shown
from dinas_cli.spaces.shared.wrapping import unwrapped

DIALECTS = ("compact", "hwgpt", "whittle")
LONGEST = 4000
_START = re.compile(r"[0-9]{1,5}:[0-9]{1,3}x|\{", re.ASCII)
_COMPACT = re.compile(r"([0-9]{1,5}):([0-9]{1,3}x[0-9]{1,3}(?:,[0-9]{1,3}x[0-9]{1,3}){0,99}):(bias|plain)", re.ASCII)
_HINT = 'write it like 192:4x2,8x3,…:bias (heads x MLP ratio of every layer), or {"sample_embed_dim": 192, …}'
_HWGPT = ("sample_embed_dim", "sample_n_layer", "sample_n_head", "sample_mlp_ratio", "sample_bias")
_WHITTLE = (
    *("sub_network_n_embd", "sub_network_n_layers", "sub_network_num_heads", "sub_network_intermediate_size"),
    "bias",
)
_TRUTH = {"True": True, "true": True, "False": False, "false": False, True: True, False: False}


def read(genotype: str, space: str) -> Model:
    """Parse a genotype of any dialect; raise :class:`GenotypeError` naming the broken rule.

    Whether a size has such a model is not asked here.
    """
    text = unwrapped(clean(genotype, LONGEST, space), _START)
    if text.startswith("{"):
        return _members(text)
    match = _COMPACT.fullmatch(text.replace(" ", ""))
    if match is None:
        raise GenotypeError(f"genotype {shown(text)} is no language model", _HINT)
    layers = [term.split("x") for term in match[2].split(",")]
    heads, ratios = (tuple(int(layer[part]) for layer in layers) for part in (0, 1))
    return Model(int(match[1]), heads, ratios, match[3] == "bias")


def write(model: Model, dialect: str | None) -> str:
    """The genotype of a model; raise :class:`UsageProblem` for an unknown dialect."""
    name = find_name(dialect, DIALECTS, "dialect")
    depth, heads, ratios = len(model.heads), list(model.heads), list(model.ratios)
    if name == "hwgpt":
        return json.dumps(dict(zip(_HWGPT, (model.width, depth, heads, ratios, str(model.bias)), strict=True)))
    if name == "whittle":
        sizes = [model.width * ratio for ratio in ratios]
        members = dict(zip(_WHITTLE, (model.width, depth, heads, sizes, model.bias), strict=True))
        return json.dumps({**members, "sub_network_head_size": HEAD})
    layers = ",".join(f"{h}x{m}" for h, m in zip(heads, ratios, strict=True))
    return f"{model.width}:{layers}:{'bias' if model.bias else 'plain'}"


def _members(text: str) -> Model:
    found = literals.read(text, _HINT)
    if not isinstance(found, dict):
        raise GenotypeError(f"genotype {shown(text)} is no language model", _HINT)
    names = _WHITTLE if _WHITTLE[0] in found else _HWGPT
    missing = [name for name in names if name not in found and name != "bias"]
    if missing:
        raise GenotypeError(f"genotype {shown(text)} has no {missing[0]}", _HINT)
    width, depth = (_whole(name, found[name]) for name in names[:2])
    if not 0 < depth < 100 or not 0 < width < 100_000:
        raise GenotypeError(f"genotype {shown(text)}: no model has {depth} layers of width {width}")
    heads, sizes = (_per_layer(name, found[name], depth) for name in names[2:4])
    if names is _HWGPT:
        return Model(width, heads, sizes, _truth(names[4], found[names[4]]))
    head = found.get("sub_network_head_size", HEAD)
    if head not in (HEAD, None):
        raise GenotypeError(f"sub_network_head_size is {shown(head)}: heads are {HEAD} wide in these spaces")
    for size in sizes:
        if size % width:
            raise GenotypeError(f"sub_network_intermediate_size {size} is no multiple of the embedding width {width}")
    return Model(width, heads, tuple(size // width for size in sizes), _truth("bias", found.get("bias", True)))


def _whole(name: str, value: Any) -> int:
    if type(value) is not int:
        raise GenotypeError(f"{name} is {shown(value)}, not a whole number", _HINT)
    return value


def _per_layer(name: str, value: Any, depth: int) -> tuple[int, ...]:
    """A number per layer; one number stands for all."""
    if not isinstance(value, list):
        return (_whole(name, value),) * depth
    if len(value) != depth:
        raise GenotypeError(f"{name} has {len(value)} numbers for {depth} layers: it needs one per layer")
    return tuple(_whole(name, item) for item in value)


def _truth(name: str, value: Any) -> bool:
    if isinstance(value, list | Mapping) or value not in _TRUTH:
        raise GenotypeError(f"{name} is {shown(value)}, not true or false", _HINT)
    return _TRUTH[value]

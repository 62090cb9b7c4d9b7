"""A search space of HW-GPT-Bench: decoder-only language models with limits on GPUs and CPUs (Sukthanker et al., 2024).

Perplexities were measured with weights *inherited* from one super-network per size: nobody trained single models. For
genotype dialects see :mod:`dinas_cli.spaces.shared.gpt.text`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from hashlib import sha256
from operator import index
from typing import TYPE_CHECKING, Any, cast

from dinas_cli.errors import UsageProblem, suggest
from dinas_cli.spaces.shared.chains import chain_sketch
from dinas_cli.spaces.shared.gpt.devices import HARDWARE, RUN
from dinas_cli.spaces.shared.gpt.sizes import CONTEXT, WORDS, Model, Size
from dinas_cli.spaces.shared.gpt.text import DIALECTS, read, write
from dinas_cli.spaces.shared.protocol import MetricSpec, Sketch, Values
from dinas_cli.spaces.shared.settings import Setting

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor, nn

    from dinas_cli.spaces.shared.hardware import Hardware

REFERENCE = 8192
INHERITED = "perplexities of weights inherited from a super-network"
PROMPT = 512
"""Tokens that are read before decoding is timed."""


class Gpt:
    """One size; see :class:`dinas_cli.spaces.shared.protocol.Space` for what the members mean."""

    device_aliases: tuple[str, ...] = ()
    rank_metric = "ppl"
    datasets: tuple[str, ...] = ()
    dialects: tuple[str, ...] = DIALECTS
    table_rows: int | None = None
    closed_forms: tuple[str, ...] = ("params", "macs")
    default_device: str | None = None
    readers: Mapping[str, str] = {"csv": "dinas_cli.spaces.shared.gpt.read_csv"}
    hardware: Mapping[str, Hardware] = HARDWARE
    phases: Mapping[str, str] = {
        "prefill": f"reading {PROMPT} tokens",
        "decode": f"a token after {PROMPT}",
    }
    nested = True

    def __init__(self, size: Size) -> None:
        self.size = size
        self.name = size.name
        self.aliases: tuple[str, ...] = (f"hw{size.name}",)
        depths = f"{size.depths[0]} to {size.depths[-1]}"
        self.title = f"HW-GPT-Bench {size.name}: language models of {depths} layers, up to {size.widths[-1]} wide"
        self.layout = size.layout
        self.counted_words = size.batch * CONTEXT
        columns = "embed_dim, n_layer, n_head, mlp_ratio, bias and perplexity"
        self.files = f"a CSV (plain or .gz) of HW-GPT-Bench's {size.name} with columns {columns}"
        texts = f"{size.batch} text{'s' * (size.batch > 1)} of 1,024 tokens"
        inherited = "perplexity on OpenWebText, of weights inherited from a super-network"
        self.metrics: tuple[MetricSpec, ...] = (
            MetricSpec("ppl", "", "min", inherited, labels=INHERITED),
            MetricSpec("latency", "ms", "min", f"inference latency; as published for {texts}", per_device=True),
            MetricSpec("energy", "", "min", f"energy for {texts}, by the table's median", per_device=True, cost="log"),
            MetricSpec("memory", "B", "min", "memory allocated after inference, half precision", per_device=True),
            MetricSpec("params", "count", "min", "parameters, word vectors on both sides among them"),
            MetricSpec("macs", "count", "min", f"multiply-accumulates for {texts}, without the products of attention"),
        )

    def setting(self, device: str, dataset: str | None) -> Setting | None:
        """What published costs are about; None for other devices."""
        return Setting(batch=self.size.batch, run=RUN) if device in HARDWARE and dataset is None else None

    def encode(self, genotype: str) -> Values:
        """Parse any dialect into the choices of the layout; raise :class:`GenotypeError` naming the broken rule."""
        return self.size.values(read(genotype, self.name))

    def decode(self, values: Iterable[int], dialect: str | None = None) -> str:
        """Write choices as a genotype; raise :class:`UsageProblem` for an unknown dialect."""
        return write(self._model(values), dialect)

    def key(self, values: Iterable[int]) -> int:
        """The first 60 bits of the genotype's hash."""
        return int(_hash(write(self._model(values), None))[:15], 16)

    def canonical_id(self, values: Iterable[int]) -> str:
        """The architecture id ``gpt-s-<12 hex digits>``; no two models of a size compute the same."""
        return f"{self.name}-{_hash(write(self._model(values), None))[:12]}"

    def counts(self) -> dict[str, int]:
        """How many models there are."""
        layer = len(self.size.heads) * len(self.size.ratios)
        return {"genotypes": 2 * len(self.size.widths) * sum(layer**depth for depth in self.size.depths)}

    def reference(self) -> np.ndarray:
        """A fixed sample ``(8192, V)`` int8 of :meth:`draw`."""
        return _reference(self.size).copy()

    def draw(self, count: int, seed: int) -> np.ndarray:
        """Random models ``(count, V)`` int8, see :func:`dinas_cli.spaces.shared.gpt.choices.draw`."""
        from dinas_cli.spaces.shared.gpt.choices import draw

        return draw(self.size, count, seed)

    def legal(self, values: np.ndarray, variables: np.ndarray) -> np.ndarray | None:
        """Types ``(B, W)`` with which some depth still agrees."""
        from dinas_cli.spaces.shared.gpt.choices import legal

        return legal(self.size, values, variables)

    def features(self, values: np.ndarray) -> np.ndarray:
        """``(B, V)`` -> ``(B, F)`` float32, see :func:`dinas_cli.spaces.shared.gpt.counts.features`."""
        from dinas_cli.spaces.shared.gpt.counts import features

        return features(self.size, values)

    def operators(self, values: np.ndarray) -> tuple[np.ndarray, ...]:
        """One way to count, see :func:`dinas_cli.spaces.shared.gpt.counts.operators`."""
        from dinas_cli.spaces.shared.gpt.counts import operators

        return (operators(self.size, values),)

    def closed_form(self, metric: str, values: np.ndarray, dataset: str | None = None) -> np.ndarray:
        """Exact ``params`` or ``macs`` of models ``(B, V)``: ``(B,)`` int64."""
        from dinas_cli.spaces.shared.gpt.counts import closed_form

        _only(dataset)
        return closed_form(self.size, metric, values)

    def sketch(self, values: Iterable[int]) -> tuple[Sketch, ...]:
        """A chain of layers, neighbours that are alike as one: ``3 x (12 heads, MLP 4)``."""
        model = self._model(values)
        layers = list(zip(model.heads, model.ratios, strict=True))
        runs: list[tuple[tuple[int, int], int]] = []
        for layer in layers:
            if runs and runs[-1][0] == layer:
                runs[-1] = layer, runs[-1][1] + 1
            else:
                runs.append((layer, 1))
        nodes = [(f"tokens → {model.width}", "input")]
        nodes += [(f"{f'{count} × ' if count > 1 else ''}{h} heads, MLP {m}", "linear") for (h, m), count in runs]
        nodes.append((f"{WORDS:,} words", "output"))
        title = f"{len(layers)} layers, {'with' if model.bias else 'without'} biases"
        return chain_sketch(title, nodes)

    def build(self, values: Iterable[int], dataset: str | None = None) -> nn.Module:
        """The language model, randomly initialised: tokens ``(B, T)`` int64 -> logits ``(B, T, 50254)``."""
        from dinas_cli.spaces.shared.gpt.network import Network

        _only(dataset)
        return Network(*_arguments(self._model(values)).values())

    def example(self, dataset: str | None = None, batch: int = 1) -> tuple[Tensor, ...]:
        """Random tokens ``(batch, 15 + batch)``: that their number varies shows exporters that it may."""
        import torch

        _only(dataset)
        return (torch.randint(WORDS, (batch, 15 + batch)),)

    def phase(self, name: str, network: nn.Module, batch: int) -> Callable[[], Tensor]:
        """A call of :attr:`phases` for ``batch`` texts, on the network's device."""
        import torch

        from dinas_cli.spaces.shared.gpt.network import Network

        model = cast(Network, network)
        tokens = torch.randint(WORDS, (batch, PROMPT), device=model.cos.device)
        cache = model.empty(batch, PROMPT + 1)
        if name == "prefill":
            return lambda: cast("Tensor", model.lm_head(model.read(tokens, cache)[:, -1]))
        with torch.inference_mode():
            model.read(tokens, cache)
        return lambda: cast("Tensor", model.lm_head(model.read(tokens[:, -1:], cache, PROMPT)))

    def source(self, values: Iterable[int], dataset: str | None = None, header: str = "") -> str:
        """The network of :meth:`build` as one Python file that imports only torch; ``header`` becomes comments."""
        from dinas_cli.spaces.shared.source import standalone

        _only(dataset)
        values = tuple(values)
        return standalone(
            "dinas_cli.spaces.shared.gpt.network",
            title=f"HW-GPT-Bench language model {self.canonical_id(values)}.",
            header=header,
            arguments=_arguments(self._model(values)),
            example="torch.randint(WORDS, (2, 16))",
        )

    def official(self, genotype: str, names: Iterable[str]) -> dict[str, str | None]:
        """Names of tensors in state dicts of the benchmark's super-networks: those here, but for a prefix."""
        return {name: name.removeprefix("model.") for name in names}

    def _model(self, values: Iterable[int]) -> Model:
        return self.size.model(tuple(map(index, values)))


def _arguments(model: Model) -> dict[str, Any]:
    sizes = {"WIDTH": model.width, "HEADS": model.heads, "RATIOS": model.ratios, "BIAS": model.bias}
    return {**sizes, "WORDS": WORDS, "CONTEXT": CONTEXT}


@lru_cache(maxsize=1 << 16)
def _hash(genotype: str) -> str:
    return sha256(genotype.encode()).hexdigest()


@lru_cache(maxsize=3)
def _reference(size: Size) -> np.ndarray:
    from dinas_cli.spaces.shared.gpt.choices import draw

    return draw(size, REFERENCE, 0)


def _only(dataset: str | None) -> None:
    if dataset is not None:
        raise UsageProblem(f"unknown dataset {dataset!r}", suggest(dataset, (), "there is OpenWebText alone; datasets"))

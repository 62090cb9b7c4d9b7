"""Training of the generator: requests in, exact targets out, AdamW, moving-average weights, resumable at any step."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from dinas_cli.diffusion.encoding import ConditionSpec
from dinas_cli.diffusion.kernels import Marginal
from dinas_cli.diffusion.parameters import CONFIGS, DenoiserConfig
from dinas_cli.diffusion.variables import Variables
from dinas_cli.files.columns import split_column
from dinas_cli.files.interrupts import uninterrupted
from dinas_cli.files.torch_state import as_imported
from dinas_cli.oracles.surrogate import Surrogate
from dinas_cli.training.data import TrainingSet, dense, graphs
from dinas_cli.training.denoiser import Denoiser
from dinas_cli.training.requests import Batch
from dinas_cli.training.targets import pick_architectures, trajectories

Progress = Callable[[int, int, float], None]
"""Called with (step, steps, loss)."""


@dataclass(frozen=True)
class TrainingConfig:
    """How a generator is trained."""

    steps: int = 20_000
    requests: int = 128
    """Requests per step; the absorbing kernel makes up to ``stages`` states of each, one per unmasked variable."""
    stages: int = 12
    peak: float = 2e-3
    """Highest learning rate: linear warm-up over 2 % of the steps, then half a cosine down to 1 % of it."""
    decay: float = 0.999
    """Of the moving average whose weights are shipped."""
    kernel: str = "absorbing"
    size: str = "compact"
    seed: int = 0


def condition_specs(data: TrainingSet, surrogate: Surrogate) -> tuple[ConditionSpec, ...]:
    """The conditions that the training set supports: dataset, ranks and one budget per cost metric."""
    metric = data.space.rank_metric
    datasets = tuple(d for d in data.space.datasets if f"{metric}@{d}" in data.quality)
    own = len(surrogate.spread) if surrogate.ordered and len(datasets) > 1 else 0
    category = [ConditionSpec("dataset", "category", datasets, own)] if datasets else []
    width = surrogate.reference_basis.shape[1]
    have = {split_column(c)[0] for c in data.costs}
    budgets = [
        ConditionSpec(m.name, "budget", descriptor=width, limits=3 if m.per_device else 2, sides=2)
        for m in data.space.metrics
        if m.name in have
    ]
    ranked = [metric, *(m.name for m in data.space.metrics if m.ranked and m.name in data.quality)]
    return (*category, *(ConditionSpec(name, "rank") for name in ranked), *budgets)


class Sampler(Protocol):
    """Where a training's requests, and the architectures that answer them, come from."""

    specs: tuple[ConditionSpec, ...]
    """The conditions that it asks for."""
    values: np.ndarray
    """``(R, V)``, the architectures that batches point to."""

    def draw(self, count: int, rng: np.random.Generator) -> Batch:
        """At most ``count`` requests with their answers."""
        ...


class Trainer:
    """One training run; its whole state is saved and restored without pickles."""

    def __init__(self, data: TrainingSet, sampler: Sampler, config: TrainingConfig) -> None:
        self.data, self.sampler, self.config = data, sampler, config
        self.specs = sampler.specs
        layout = data.space.layout
        self.variables = Variables(layout)
        self.values = dense(graphs(data.space, self.sampler.values), self.variables)
        size = CONFIGS[config.size]
        self.kernel: Marginal | None = None
        if config.kernel == "marginal":
            self.kernel = Marginal(self._marginals())
            size = DenoiserConfig(**{**size.to_dict(), "time": True})
        with as_imported(config.seed):
            self.denoiser = Denoiser(layout, tuple(s.width for s in self.specs), size)
        self.average = {name: p.detach().clone() for name, p in self.denoiser.state_dict().items()}
        self.optimiser = torch.optim.AdamW(self.denoiser.parameters(), lr=config.peak, weight_decay=0.01, fused=True)
        self.step = 0
        self.seconds = 0.0
        """Time spent in steps so far, over all resumed runs."""

    def run(
        self,
        *,
        until: float = math.inf,
        to: int | None = None,
        progress: Progress = lambda *_: None,
        log: Path | None = None,
    ) -> bool:
        """Train to the last step, to step ``to`` or to the monotonic time ``until``; true when finished.

        ``log`` receives one JSON line per hundred steps. A step's randomness depends on the seed and its number alone.
        """
        losses: list[float] = []
        before = time.monotonic() - self.seconds
        last = self.config.steps if to is None else min(to, self.config.steps)
        while self.step < last and time.monotonic() < until:
            with uninterrupted():  # a step that is cut off half-way could not be resumed to the same weights
                losses.append(self._train_step())
                self.step += 1
            if self.step % 100 == 0 or self.step == self.config.steps:
                mean = sum(losses) / len(losses)
                self.seconds = time.monotonic() - before
                progress(self.step, self.config.steps, mean)
                if log is not None:
                    entry = {"step": self.step, "loss": round(mean, 5), "seconds": round(self.seconds, 1)}
                    with log.open("a") as file:
                        file.write(json.dumps(entry) + "\n")
                losses.clear()
        return self.step >= self.config.steps

    def _train_step(self) -> float:
        config = self.config
        rng = np.random.default_rng((config.seed, self.step))
        generator = torch.Generator().manual_seed(int(rng.integers(2**63)))
        batch = self.sampler.draw(config.requests, rng)
        while not len(batch.request):  # nothing meets any of a few requests: ask for something else
            batch = self.sampler.draw(config.requests, rng)
        condition = self.denoiser.condition(batch.features, batch.present)
        if self.kernel is None:
            states = trajectories(batch, self.values, self.variables, generator, config.stages)
            logits = self.denoiser(states.values, condition[states.row])
            loss = _cross_entropy(logits, states.target, states.masked)
        else:
            picked = pick_architectures(batch, config.requests, generator)
            rows = (picked >= 0).nonzero().flatten()
            clean = self.values[batch.architecture[picked[rows]]]
            t = torch.randint(1, self.kernel.steps + 1, (len(rows),), generator=generator)
            uniforms = torch.rand(clean.shape, generator=generator)
            noisy = self.kernel.corrupt(clean.numpy(), t.numpy(), uniforms.numpy())
            logits = self.denoiser(torch.from_numpy(noisy), condition[rows], t / self.kernel.steps)
            target = nn.functional.one_hot(clean, self.variables.width).float()
            loss = _cross_entropy(logits, target, torch.ones_like(clean, dtype=torch.bool))
        for group in self.optimiser.param_groups:
            group["lr"] = config.peak * _rate(self.step / config.steps)
        self.optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.denoiser.parameters(), 1.0)
        self.optimiser.step()
        decay = min(config.decay, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            current = self.denoiser.state_dict()
            names = list(self.average)
            torch._foreach_lerp_([self.average[n] for n in names], [current[n] for n in names], 1 - decay)
        return loss.item()

    def _marginals(self) -> np.ndarray:
        """Share of each type per variable ``(V, W)`` in the training set."""
        known = self.values if self.data.drawn is not None else self.values[torch.from_numpy(self.data.known)]
        onehot = nn.functional.one_hot(known, self.variables.width)
        return onehot.float().mean(0).numpy()

    def state(self) -> dict[str, Tensor]:
        """Everything needed to go on: weights, moving average, optimiser moments and the step."""
        tensors = {"step": torch.tensor(self.step), "seconds": torch.tensor(self.seconds)}
        tensors |= {f"weights.{n}": p.detach().clone() for n, p in self.denoiser.state_dict().items()}
        tensors |= {f"average.{n}": p for n, p in self.average.items()}
        for i, moments in self.optimiser.state_dict()["state"].items():
            tensors |= {f"optimiser.{i}.{k}": v for k, v in moments.items()}
        return tensors

    def restore(self, tensors: dict[str, Tensor]) -> None:
        """The inverse of :meth:`state`; raises KeyError or RuntimeError when the tensors are another model's."""
        self.step, self.seconds = int(tensors["step"]), float(tensors["seconds"])
        self.denoiser.load_state_dict(_section(tensors, "weights."))
        self.average = _section(tensors, "average.")
        moments: dict[int, dict[str, Tensor]] = {}
        for name, tensor in _section(tensors, "optimiser.").items():
            index, _, key = name.partition(".")
            moments.setdefault(int(index), {})[key] = tensor
        self.optimiser.load_state_dict({**self.optimiser.state_dict(), "state": moments})

    def checkpoint(self) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """The shipped weights (a copy of the moving average) and their config."""
        tensors = {name: p.numpy().copy() for name, p in self.average.items()}
        if self.kernel is not None:
            tensors["kernel.marginals"] = self.kernel.marginals
        return tensors, {
            "space": self.data.space.name,
            "conditions": [s.to_dict() for s in self.specs],
            "denoiser": self.denoiser.config.to_dict(),
            "kernel": self.config.kernel,
            "kernel_steps": None if self.kernel is None else self.kernel.steps,
            "training": {**self.config.__dict__, "finished_steps": self.step},
            "label_budget": self.data.label_budget,
            "sources": self.data.sources,
        }


def _cross_entropy(logits: Tensor, target: Tensor, masked: Tensor) -> Tensor:
    """Mean over states of the mean cross-entropy of their masked variables."""
    log = logits.log_softmax(-1)
    each = -(target * log.masked_fill(log == -torch.inf, 0.0)).sum(-1) * masked
    return (each.sum(1) / masked.sum(1)).mean()


def _rate(share: float) -> float:
    if share < 0.02:
        return share / 0.02
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (share - 0.02) / 0.98))


def _section(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}

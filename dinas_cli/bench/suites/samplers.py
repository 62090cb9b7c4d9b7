"""Suite ``samplers``: the paper's own method beside the tool's, and what network calls and guidance give either."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dinas_cli.bench.experiments import Experiment, Options, Results, Table
from dinas_cli.bench.sampling import LOOK_UPS, Judge, Setting, draw, milliseconds
from dinas_cli.bench.suites.samplers_tables import tables
from dinas_cli.spaces.registry import get_space

if TYPE_CHECKING:
    from dinas_cli.diffusion.generator import Generator

SAMPLES = max(LOOK_UPS)
DEFAULT = "default"
TRAINED = {
    "nasbench201@cifar10": ("marginal", "absorbing", "paper"),
    "nasbench201@cifar100": ("marginal",),
    "nasbench201@imagenet16-120": ("marginal",),
    "nasbench101": ("marginal",),
    "darts": ("marginal",),
}
"""Which of :data:`dinas_cli.bench.paper_method.METHODS` is trained for a problem: each takes minutes of one core."""
OWN = "own"
"""The setting of a model's own number of network calls: 500 of the marginal kernel."""
FEW_CALLS = (5, 10, 20, 50, 100)
SLOW_CALLS, SLOW_SEEDS = {"paper": 1, "marginal": 100}, 2
"""From so many network calls on, no more than this many seeds of a method."""
WEIGHTS = (0.0, 0.5, 1.0, 2.0, 4.0, 6.0)
WEIGHED_CALLS = 50
"""Network calls at which guidance weights of the marginal kernel are compared."""
BATCHES, TIMED_CALLS = (64, 256), 10
"""Batches in which time is taken, and of how many network calls of the marginal kernel: all are alike."""


@dataclass(frozen=True)
class Lab:
    """One problem with everything that its experiments share, made when first asked for."""

    name: str
    dataset: str | None
    files: tuple[Path, ...]
    work: Path

    @cached_property
    def judge(self) -> Judge:
        """What is true of it."""
        from dinas_cli.bench.problems import open_problem

        return Judge(open_problem(self.name, self.dataset, self.files))

    @cached_property
    def _models(self) -> dict[str, Generator]:
        return {}

    def model(self, method: str) -> Generator:
        """The shipped generator, or one that is trained now or was before."""
        if method not in self._models:
            self._models[method] = self._make(method)
        return self._models[method]

    def _make(self, method: str) -> Generator:
        from dinas_cli.bench.paper_method import obtain
        from dinas_cli.bench.trained import bundled

        problem = self.judge.problem
        if method == DEFAULT:
            return bundled(self.name)
        return obtain(method, problem.space, problem.dataset, problem.table, problem.surrogate, self.work)

    def described(self, method: str) -> dict[str, Any]:
        """How a model was trained; trains it where that is still to be done."""
        model = self.model(method)
        training, sizes = model.config["training"], model.config["denoiser"]
        return {
            "kernel": model.kernel_name,
            "size": training["size"],
            "layers": sizes["layers"],
            "parameters": model.denoiser.parameters,
            "conditions": [spec.name for spec in model.specs],
            "labels": model.config["label_budget"],
            "steps": training["finished_steps"],
            "requests": training["requests"],
            "calls": model.calls,
            "truth": self.judge.source,
        }

    def sampled(self, method: str, setting: Setting, seed: int) -> dict[str, Any]:
        """Figures of samples."""
        model = self.model(method)
        values = draw(model, self.judge.problem, setting, SAMPLES, seed)
        return {"calls": setting.calls or model.calls, "guidance": setting.guidance, **self.judge.figures(values)}

    def timed(self, methods: tuple[str, ...], batch: int) -> dict[str, Any]:
        """Milliseconds per architecture of every method, in turns: of all network calls, worked out from a few."""
        work, share = {}, {}
        for method in methods:
            model = self.model(method)
            calls = TIMED_CALLS if model.kernel else model.calls
            share[method] = model.calls / calls
            work[method] = partial(draw, model, self.judge.problem, Setting(calls), batch, 0)
        times = milliseconds(work)
        return {"batch": batch, "ms": {name: times[name] * share[name] / batch for name in times}}


class Samplers:
    """The suite."""

    name = "samplers"
    title = "The paper's own method, network calls and guidance"
    spaces: tuple[str, ...] = tuple(dict.fromkeys(name.partition("@")[0] for name in TRAINED))
    seeds = 5
    quick = r"nasbench201@cifar10/(default/.*|marginal/model|marginal/ancestral-20/.*)"

    def experiments(self, options: Options) -> Iterator[Experiment]:
        """Per problem: each method's model, trained if need be, and its samples by setting; then times."""
        for problem, trained in TRAINED.items():
            space, _, dataset = problem.partition("@")
            if space in options.spaces:
                lab = Lab(space, dataset or None, options.files, options.work)
                yield from _experiments(problem, lab, (DEFAULT, *trained), options.seeds)

    def tables(self, results: Results) -> list[Table]:
        """See :mod:`dinas_cli.bench.suites.samplers_tables`."""
        return tables(results)


def _experiments(problem: str, lab: Lab, methods: tuple[str, ...], seeds: int) -> Iterator[Experiment]:
    for method in methods:
        yield Experiment(f"{problem}/{method}/model", partial(lab.described, method))
        for label, setting in _settings(method, get_space(lab.name).layout.size).items():
            slow = method in SLOW_CALLS and (setting.calls or SLOW_CALLS[method]) >= SLOW_CALLS[method]
            for seed in range(min(seeds, SLOW_SEEDS) if slow else seeds):
                yield Experiment(f"{problem}/{method}/{label}/seed{seed}", partial(lab.sampled, method, setting, seed))
    for batch in BATCHES:
        yield Experiment(f"{problem}/time/batch{batch}", partial(lab.timed, methods, batch))


def _settings(method: str, variables: int) -> Mapping[str, Setting]:
    """Settings of a method by the part of their keys that names them."""
    own = {OWN: Setting()}
    if method == "absorbing":
        return own
    if method == DEFAULT:
        calls = {f"any-order-{n}": Setting(n) for n in _up_to(variables)}
        return own | calls | {f"guidance-{weight:g}": Setting(guidance=weight) for weight in WEIGHTS}
    few = {f"{sampler}-{n}": Setting(n, sampler) for n in FEW_CALLS for sampler in ("ancestral", "iterative")}
    if method == "paper":
        return own | few
    return own | few | {f"guidance-{weight:g}": Setting(WEIGHED_CALLS, guidance=weight) for weight in WEIGHTS}


def _up_to(variables: int) -> list[int]:
    """Numbers of network calls from one to as many as there are variables, eight at most."""
    count = min(variables, 8)
    return sorted({round(1 + (variables - 1) * i / (count - 1)) for i in range(count)})


SUITE = Samplers()

"""A trained generator as one object: its file, its conditions, and samples drawn from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dinas_cli.diffusion.denoiser import Denoiser
from dinas_cli.diffusion.encoding import ConditionSpec, category_features, profile_features, rank_features
from dinas_cli.diffusion.guidance import WEIGHT, Conditions, Guidance
from dinas_cli.diffusion.kernels import Marginal
from dinas_cli.diffusion.parameters import DenoiserConfig
from dinas_cli.diffusion.samplers import ancestral, any_order, iterative, redraw, uniforms
from dinas_cli.diffusion.threads import one_thread
from dinas_cli.errors import UsageProblem, suggest
from dinas_cli.files.typed import Fields, short
from dinas_cli.files.weights import UNREADABLE, corrupt, read_weights
from dinas_cli.spaces.registry import get_space

if TYPE_CHECKING:
    from dinas_cli.oracles.profiles import Profile

SCHEMA = "dinas/generator@1"
SAMPLERS = {"absorbing": ("any-order",), "marginal": ("ancestral", "iterative")}
"""The samplers that fit each kernel, the default one first."""
SHARPENED = ("budget", "rank")
"""Kinds of conditions that guidance sharpens, in the order of their definition: a rank is among what meets limits."""

MOST_STEPS = 10_000
"""Of the marginal kernel, twenty times the paper's."""


@dataclass(frozen=True)
class Limit:
    """One limit on a metric."""

    profile: Profile
    """The cost profile that stands for the device."""
    value: float
    """In the profile's unit."""
    least: bool = False
    """Whether less than the value is what is ruled out, of what the profile calls a cost."""

    @property
    def features(self) -> np.ndarray:
        """As the denoiser takes it, ``(1, width)``."""
        return profile_features(self.profile, self.value, least=self.least)

    @property
    def kept(self) -> float:
        """The share of the space that keeps it."""
        below = float(self.profile.quantile(self.profile.cost(self.value)))
        return 1 - below if self.least else below


@dataclass(frozen=True)
class Conditioning:
    """A request in the generator's own terms."""

    dataset: str | None = None
    top: float | None = None
    """Percent."""
    budgets: Mapping[str, Sequence[Limit]] = field(default_factory=dict)
    """Metric -> all limits on it."""
    ranks: Mapping[str, float] = field(default_factory=dict)
    """Further ranked metric -> percent."""
    descriptor: np.ndarray | None = None
    """Of a data set of the user's own, ``(D + k,)``, instead of the known ``dataset``."""


class Generator:
    """The denoiser with its kernel and the conditions it was trained on."""

    def __init__(self, config: dict[str, Any], tensors: Mapping[str, np.ndarray]) -> None:
        self.config, fields = config, Fields(config, "config")
        self.space = get_space(fields.text("space"))
        self.specs = tuple(ConditionSpec.from_dict(item) for item in fields.items("conditions"))
        if len({spec.name for spec in self.specs}) != len(self.specs):
            raise ValueError("two of its conditions have one name")
        self.kernel_name = fields.text("kernel")
        if self.kernel_name not in SAMPLERS:
            raise ValueError(f"unknown kernel {short(self.kernel_name)}")
        with np.errstate(over="ignore"):  # stored in half precision, perhaps, or in double
            tensors = {name: np.array(tensor, np.float32) for name, tensor in tensors.items()}
        if not all(np.isfinite(tensor).all() for tensor in tensors.values()):
            raise ValueError("its weights are not all finite numbers")
        self.kernel: Marginal | None = None
        if self.kernel_name == "marginal":
            self.kernel = Marginal(tensors.pop("kernel.marginals"), fields.whole("kernel_steps", 1, MOST_STEPS))
        widths = tuple(spec.width for spec in self.specs)
        sizes = DenoiserConfig.from_dict(config["denoiser"], len(tensors))
        if sizes.time != (self.kernel is not None):
            raise ValueError("its network and its kernel do not agree about the noise level")
        self.denoiser = Denoiser(self.space.layout, widths, sizes, tensors)
        if self.kernel is not None and self.kernel.marginals.shape != self.denoiser.variables.padding.shape:
            raise ValueError(f"marginals of shape {tuple(self.kernel.marginals.shape)}")

    @classmethod
    def load(cls, path: Path) -> Generator:
        """Read a checkpoint; raise :class:`CorruptFileError` when it is truncated, altered or of another kind."""
        try:
            tensors, config = read_weights(path, SCHEMA, "a dinas generator", "see: dinas checkpoints list")
            return cls(config, tensors)
        except UNREADABLE as error:
            raise corrupt(path, "a generator", error) from error

    def conditions(self, conditioning: Conditioning) -> Conditions:
        """One request as features; raise :class:`UsageProblem` for a condition the checkpoint was not trained on."""
        known = {spec.name for spec in self.specs}
        for name in (*conditioning.budgets, *conditioning.ranks):
            if name not in known:
                raise UsageProblem(f"this checkpoint has no condition {name!r}", suggest(name, known, "conditions"))
        kinds = {spec.kind: spec for spec in reversed(self.specs)}  # the first rank is that of the space's own metric
        if conditioning.top is not None and "rank" not in kinds:
            raise UsageProblem("this checkpoint cannot be asked for a rank", f"conditions: {', '.join(known)}")
        if (
            conditioning.dataset is not None
            and "category" in kinds
            and conditioning.dataset not in kinds["category"].categories
        ):
            hint = suggest(conditioning.dataset, kinds["category"].categories, "datasets")
            raise UsageProblem(f"this checkpoint was not trained on {conditioning.dataset!r}", hint)
        features, present = [], []
        for spec in self.specs:
            row = np.zeros((1, spec.width), np.float32)
            asked = True
            if spec.kind == "category" and conditioning.descriptor is not None:
                row = self._described(spec, conditioning.descriptor)
            elif spec.kind == "category" and conditioning.dataset in spec.categories:
                row = category_features(np.array([spec.categories.index(str(conditioning.dataset))]), spec.width)
            elif spec.name in conditioning.ranks:
                row = rank_features(np.array([conditioning.ranks[spec.name]]))
            elif spec is kinds.get("rank") and conditioning.top is not None:
                row = rank_features(np.array([conditioning.top]))
            elif spec.kind == "budget" and spec.name in conditioning.budgets:
                row = np.concatenate([each.features for each in _strictest(spec, conditioning.budgets[spec.name])])
            else:
                asked = False
            features.append(row)
            present.append(asked)
        return Conditions(features, np.array(present, bool))

    def passed_over(self, conditioning: Conditioning) -> dict[str, int]:
        """By metric, how many limits sampling does not heed: those beyond what the checkpoint can keep at once."""
        most = {spec.name: spec.limits for spec in self.specs}
        counts = {name: len(limits) - most.get(name, 1) for name, limits in conditioning.budgets.items()}
        return {name: count for name, count in counts.items() if count > 0}

    def _described(self, spec: ConditionSpec, descriptor: np.ndarray) -> np.ndarray:
        if not spec.descriptor or len(descriptor) != spec.width:
            raise UsageProblem("this checkpoint knows no data sets but its own", f"known: {', '.join(spec.categories)}")
        return descriptor[None].astype(np.float32)

    @property
    def order(self) -> list[int]:
        """Numbers of the conditions that guidance sharpens, each after those that it is defined inside of."""
        return [i for kind in SHARPENED for i, spec in enumerate(self.specs) if spec.kind == kind]

    def weights(self, guidance: float | Mapping[str, float]) -> np.ndarray:
        """Guidance as weights ``(C,)``, :data:`.guidance.WEIGHT` for conditions that a mapping does not name.

        Raises :class:`UsageProblem` for an unknown condition.
        """
        if not isinstance(guidance, Mapping):
            return np.full(len(self.specs), float(guidance))
        names = [spec.name for spec in self.specs]
        for name in guidance:
            if name not in names:
                raise UsageProblem(f"no condition {name!r} to weight", suggest(name, names, "conditions"))
        return np.array([float(guidance.get(name, WEIGHT)) for name in names])

    @property
    def calls(self) -> int:
        """Network calls per sample by default: all steps of the marginal kernel, a few of the absorbing one."""
        if self.kernel is not None:
            return self.kernel.steps
        layout = self.space.layout
        return layout.size if layout.calls is None else layout.calls

    def sample(
        self,
        conditioning: Conditioning,
        count: int,
        *,
        seed: int = 0,
        first: int = 0,
        guidance: float | Mapping[str, float] = WEIGHT,
        steps: int | None = None,
        sampler: str | None = None,
    ) -> np.ndarray:
        """Draw samples ``first .. first + count - 1`` of ``seed``: ``(count, V)`` int64, unchecked.

        ``guidance`` is one weight, or weights by condition; ``steps`` network calls (default: :attr:`calls`) of one of
        the kernel's :data:`SAMPLERS`. Raises :class:`UsageProblem` for a sampler that does not belong to the
        checkpoint's kernel and for weights of conditions that it does not have.
        """
        fitting = SAMPLERS[self.kernel_name]
        sampler = sampler or fitting[0]
        if sampler not in fitting:
            hint = f"it takes --sampler {' or '.join(fitting)}"
            raise UsageProblem(f"sampler {sampler!r} does not fit this checkpoint", hint)
        calls = steps or self.calls
        with one_thread():
            return self._sample(conditioning, count, seed, first, guidance, calls, sampler)

    def redraw(
        self,
        conditioning: Conditioning,
        values: np.ndarray,
        few: int,
        *,
        seed: int | str,
        guidance: float | None = WEIGHT,
        steps: int = 1,
    ) -> np.ndarray:
        """Mask ``few`` variables of each of ``values (B, V)``, draw them again in ``steps`` network calls: ``(B, V)``.

        Without ``guidance`` they become any type, one as likely as the other, and the network is not asked. Raises
        :class:`UsageProblem` for a checkpoint whose kernel does not mask.
        """
        if self.kernel is not None:
            raise UsageProblem("this checkpoint cannot draw parts of an architecture again", "dinas checkpoints list")
        variables = self.denoiser.variables
        noise = uniforms(seed, 0, len(values), 3 * variables.size)
        few = min(few, variables.size)
        if guidance is None:
            even = np.where(variables.padding, -np.inf, 0.0).astype(np.float32)
            uniform = lambda states, wanted: np.broadcast_to(even, (len(states), *even.shape))  # noqa: E731
            return redraw(variables, uniform, noise, values, few, legal=self.space.legal)
        with one_thread():
            guided = Guidance(self.denoiser, self.conditions(conditioning), self.weights(guidance), self.order)
            return redraw(variables, guided, noise, values, few, steps=steps, legal=self.space.legal)

    def _sample(
        self,
        conditioning: Conditioning,
        count: int,
        seed: int,
        first: int,
        guidance: float | Mapping[str, float],
        calls: int,
        sampler: str,
    ) -> np.ndarray:
        variables = self.denoiser.variables
        guided = Guidance(self.denoiser, self.conditions(conditioning), self.weights(guidance), self.order)
        if self.kernel is None:
            noise = uniforms(seed, first, count, 2 * variables.size)
            return any_order(variables, guided, noise, steps=calls, legal=self.space.legal)
        calls = min(calls, self.kernel.steps)
        if sampler == "iterative":
            noise = uniforms(seed, first, count, variables.size * 2 * calls)
            return iterative(variables, guided, noise, self.kernel, steps=calls)
        noise = uniforms(seed, first, count, variables.size * (calls + 1))
        return ancestral(variables, guided, noise, self.kernel, steps=calls)


def _strictest(spec: ConditionSpec, limits: Sequence[Limit]) -> Sequence[Limit]:
    """As many limits as the checkpoint was trained to keep at once: those that the least of the space keeps.

    Raises :class:`UsageProblem` for lower ones that it does not know.
    """
    if spec.sides < 2 and any(each.least for each in limits):
        raise UsageProblem(f"this checkpoint knows no lower limits on {spec.name}", "drop the lower limit")
    return sorted(limits, key=lambda each: each.kept)[: spec.limits] if len(limits) > spec.limits else limits

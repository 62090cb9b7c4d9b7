"""Our proposals as a sampler of Optuna, for its storages, pruners, parallel trials, plots and dashboard."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any

from dinas_cli.architectures.schema import Record
from dinas_cli.errors import GenotypeError, NotFoundError, UsageProblem
from dinas_cli.generation.arguments import Architecture, as_record
from dinas_cli.search.study import Study
from dinas_cli.search.trials import Told
from dinas_cli.spaces.registry import DEFAULT_SPACE, get_space

try:
    from optuna import TrialPruned
    from optuna.distributions import CategoricalDistribution
    from optuna.samplers import BaseSampler, TPESampler
    from optuna.study import StudyDirection
    from optuna.trial import TrialState
except ImportError as error:
    raise NotFoundError("a sampler for Optuna needs the package optuna", "pip install 'dinas[optuna]'") from error

if TYPE_CHECKING:
    from optuna.trial import BaseTrial, FrozenTrial

    from dinas_cli.generation.arguments import LimitArgument
    from dinas_cli.spaces.shared.protocol import Layout

CLAIM = "dinas:parameters"
"""What a trial was given, among its system attributes: written at once, before Optuna stores parameters one by one."""
TRIES = 8
"""How often a trial chooses anew that chose, at the same moment, what a trial of another process did."""


class DinasSampler(BaseSampler):  # type: ignore[misc] # Optuna need not be installed
    """Samples architectures as :class:`dinas_cli.Study` proposes them; every variable is a categorical parameter.

    The objective asks for its network by :meth:`architecture`. The sampler remembers nothing: each time it reads from
    the study's storage what all trials, whoever ran them, have come to. Running trials are not proposed twice. A pruned
    trial counts as worse than every complete one, and as the worse the earlier it was pruned. What failed is not tried
    again. Parameters of other names (a learning rate) are left to ``independent_sampler``.
    """

    def __init__(
        self,
        space: str = DEFAULT_SPACE,
        *,
        latency: LimitArgument | None = None,
        energy: LimitArgument | None = None,
        params: str | int | None = None,
        macs: str | int | None = None,
        limits: Mapping[str, str | int | LimitArgument] | None = None,
        device: str | None = None,
        dataset: str | None = None,
        trials: int = 24,
        seed: int = 0,
        independent_sampler: BaseSampler | None = None,
    ) -> None:
        """Arguments are those of :class:`dinas_cli.Study`, which raises the same errors; ``trials`` are planned.

        Without an ``independent_sampler`` there is Optuna's own default, ``TPESampler()``.
        """
        asked = {"latency": latency, "energy": energy, "params": params, "macs": macs, "limits": limits}
        asked |= {"device": device, "dataset": dataset, "trials": trials, "seed": seed}
        self._proposer = Study(space, **asked).proposer  # type: ignore[arg-type]
        self._space = get_space(space)
        self._independent = TPESampler() if independent_sampler is None else independent_sampler
        self._arguments = {"space": space, **asked, "independent_sampler": self._independent}
        self._lock = Lock()
        self.distributions = {
            name: CategoricalDistribution(choices) for name, choices in _choices(self._space.layout).items()
        }
        """Optuna's distributions of the parameters that make up an architecture, by their names."""

    def architecture(self, trial: BaseTrial) -> Record:
        """The network that a trial is about; in an objective, the one to train.

        Genotype, id and metrics are kept as user attributes of the trial. Finished trials have one as well:
        ``sampler.architecture(study.best_trial)``. Raises :class:`UsageProblem` where the study has another sampler,
        :class:`GenotypeError` for parameters of the user's own that break a rule of the space.
        """
        study = getattr(trial, "study", None)
        if study is not None and not isinstance(study.sampler, DinasSampler):
            raise UsageProblem(
                f"the study has another sampler ({study.sampler}), which knows no limits", "create_study(sampler=…)"
            )
        chosen = {name: trial.suggest_categorical(name, kind.choices) for name, kind in self.distributions.items()}
        record = self._proposer.record(self._values(chosen), trial.number, {})
        facts = {"id": record.id, "genotype": record.genotype}
        for name, fact in (facts | {column: metric.value for column, metric in record.metrics.items()}).items():
            trial.set_user_attr(name, fact)
        return record

    def parameters(self, architecture: Architecture) -> dict[str, str]:
        """What Optuna is told of an architecture: ``study.enqueue_trial(sampler.parameters(genotype))``.

        Raises :class:`GenotypeError` for a genotype that breaks a rule of the space.
        """
        values = as_record(architecture, self._space.name).values or ()
        return {
            name: kind.choices[value] for (name, kind), value in zip(self.distributions.items(), values, strict=True)
        }

    def stop_when_enough(self, study: Any, trial: FrozenTrial) -> None:
        """Ends ``study.optimize`` when further trials would teach nothing, as one of its ``callbacks``.

        The reason is kept as the study's user attribute ``enough``.
        """
        with self._lock:
            reason = self._proposer.enough(self._seen(study)[0])
        if reason:
            study.set_user_attr("enough", reason)
            study.stop()

    def infer_relative_search_space(self, study: Any, trial: FrozenTrial) -> dict[str, CategoricalDistribution]:
        """The parameters of architectures; raises :class:`UsageProblem` where there are several objectives."""
        if len(study.directions) > 1:
            raise UsageProblem(
                f"{len(study.directions)} objectives: architectures are proposed for one",
                "give limits for the others, for example latency='20ms'",
            )
        return self.distributions

    def sample_relative(self, study: Any, trial: FrozenTrial, search_space: Mapping[str, Any]) -> dict[str, str]:
        """The parameters of the next architecture; ends ``study.optimize`` where the limits leave no more."""
        with self._lock:
            told, pending = self._seen(study, trial)
            for _ in range(TRIES):
                proposed = self._proposer.propose(told, pending, 1)
                if not proposed:
                    with suppress(RuntimeError):  # the study is asked and told by hand
                        study.stop()
                    raise TrialPruned(f"all {len(told) + len(pending)} architectures under the limits were tried")
                chosen = self.parameters(proposed[0].record)
                study._storage.set_trial_system_attr(trial._trial_id, CLAIM, chosen)
                told, pending = self._seen(study, trial)
                if proposed[0].record.id not in {record.id for record in [*pending, *(each.record for each in told)]}:
                    break
            study._storage.set_trial_user_attr(trial._trial_id, "proposed", proposed[0].source)
        return chosen

    def sample_independent(self, study: Any, trial: FrozenTrial, param_name: str, param_distribution: Any) -> Any:
        """A parameter that is no part of an architecture."""
        return self._independent.sample_independent(study, trial, param_name, param_distribution)

    def before_trial(self, study: Any, trial: FrozenTrial) -> None:
        """For the independent sampler."""
        self._independent.before_trial(study, trial)

    def after_trial(self, study: Any, trial: FrozenTrial, state: TrialState, values: Any) -> None:
        """For the independent sampler."""
        self._independent.after_trial(study, trial, state, values)

    def reseed_rng(self) -> None:
        """For the independent sampler; proposals are a function of what the storage says."""
        self._independent.reseed_rng()

    def __reduce__(self) -> tuple[partial[DinasSampler], tuple[()]]:
        return partial(DinasSampler, **self._arguments), ()

    def _seen(self, study: Any, own: FrozenTrial | None = None) -> tuple[list[Told], list[Record]]:
        """What other trials than one's own have come to, in their order, and what is running or waiting.

        Values are places among each other, for nothing but their order counts.
        """
        sign = -1.0 if study.direction == StudyDirection.MINIMIZE else 1.0
        finished, pending = [], []
        # Not study.get_trials, which under some pruners shows a part of the trials only.
        for trial in study._storage.get_all_trials(study._study_id, deepcopy=False):
            record = None if own is not None and trial.number == own.number else self._chosen(trial)
            if record is None:
                continue
            if trial.state.is_finished():
                finished.append((record, _standing(trial, sign)))
            else:
                pending.append(record)
        places = sorted(standing for _, standing in finished if standing is not None)
        told = [
            Told(record, None if standing is None else float(bisect_left(places, standing)))
            for record, standing in finished
        ]
        return told, pending

    def _chosen(self, trial: FrozenTrial) -> Record | None:
        """The architecture of a trial; None before it has one, or where it is of no use."""
        given, fixed = (trial.system_attrs.get(name, {}) for name in (CLAIM, "fixed_params"))
        with suppress(KeyError, ValueError, GenotypeError):
            values = self._values({**given, **fixed, **trial.params})
            name = self._space.canonical_id(values)
            return Record(name, self._space.name, self._space.decode(values), values=values)
        return None

    def _values(self, chosen: Mapping[str, Any]) -> tuple[int, ...]:
        return tuple(kind.choices.index(chosen[name]) for name, kind in self.distributions.items())


def _standing(trial: FrozenTrial, sign: float) -> tuple[bool, int, float] | None:
    """How a finished trial compares with others, more is better; None where it has no value."""
    if trial.value is None:
        return None
    complete = trial.state == TrialState.COMPLETE
    return complete, 0 if complete else trial.last_step or 0, sign * trial.value


def _choices(layout: Layout) -> dict[str, tuple[str, ...]]:
    """The names of the types that each free variable takes, by its own name."""
    nodes = zip(layout.free_nodes, layout.vocabulary, strict=True)
    return {f"node {node}": tuple(layout.node_types[kind] for kind in kinds) for node, kinds in nodes} | {
        f"edge {start}-{end}": layout.edge_types for start, end in layout.free_edges
    }

"""Ask and tell: what to try next, for a training loop of one's own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from dinas_cli.architectures import arguments
from dinas_cli.architectures.schema import Record
from dinas_cli.errors import UsageProblem
from dinas_cli.files.text import brief
from dinas_cli.search.trials import Told
from dinas_cli.spaces.registry import DEFAULT_SPACE, get_space

if TYPE_CHECKING:
    from dinas_cli.generation.arguments import LimitArgument
    from dinas_cli.search.trials import Trial


class Study:
    """A search over one space: :meth:`ask` which networks to train, :meth:`tell` what came out.

    Architectures keep to all limits. The first ones follow the order that the space's known data sets agree on, every
    third is random; from then on a model of everything told so far chooses. The same arguments and the same values told
    give the same architectures.
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
        minimise: bool = False,
    ) -> None:
        """Limits, ``device`` and ``dataset`` (whose networks costs are about) are those of ``dinas_cli.generate``.

        ``trials`` is how many networks you mean to train: half of them, 12 at most, come before the model chooses.
        ``minimise`` says that less of what is told is better. Raises :class:`UsageProblem` for what the space does not
        have, :class:`UnsatisfiedError` where nothing keeps to the limits.
        """
        from dinas_cli.generation.arguments import request_from
        from dinas_cli.search.proposals.proposer import Proposals

        arguments.check_counts(trials=trials, seed=seed)
        arguments.check_ranges(trials=trials, seed=seed)
        request = request_from(
            space,
            latency=latency,
            energy=energy,
            params=params,
            macs=macs,
            limits=limits,
            device=device,
            dataset=dataset,
        )
        self._space = get_space(space)
        self.proposer = Proposals(request, seed=seed, trials=trials, device=device)
        """Who chooses, without memory: a function of what was told."""
        self._sign = -1.0 if minimise else 1.0
        self._told: list[Told] = []
        self._pending: dict[str, Trial] = {}

    def ask(self, n: int = 1) -> list[Record]:
        """``n`` architectures to train next; fewer where the limits leave no more.

        May be called again before anything was told: what is still being trained is not proposed twice, and what is
        asked for together differs.
        """
        arguments.check_counts(n=n)
        arguments.check_ranges(n=n)
        pending = [trial.record for trial in self._pending.values()]
        found = self.proposer.propose(self._told, pending, n)
        self._pending |= {trial.record.id: trial for trial in found}
        return [trial.record for trial in found]

    def tell(self, architecture: Record | str, value: float | None) -> None:
        """What training an architecture gave: a number, or None where it failed.

        It need not have been asked for: records and genotypes of networks that were trained before are welcome. Raises
        :class:`UsageProblem` for what is no finite number, :class:`GenotypeError` for a genotype that breaks a rule.
        """
        if value is not None:
            arguments.check_numbers(value=value)
            if not math.isfinite(value):
                raise UsageProblem(f"value={brief(value)} is no finite number", "tell None for a training that failed")
        record = self._record(architecture)
        trial = self._pending.pop(record.id, None)
        oriented = None if value is None else self._sign * float(value)
        self._told.append(Told(record, oriented, "user" if trial is None else trial.source))

    @property
    def best(self) -> tuple[Record, float] | None:
        """The best architecture told so far with its value; None before any was."""
        known = [(told.value, told.record) for told in self._told if told.value is not None]
        if not known:
            return None
        value, record = max(known, key=lambda pair: pair[0])
        return record, self._sign * value

    def enough(self) -> str:
        """Why training more would teach nothing, in one sentence; an empty text as long as it would."""
        return self.proposer.enough(self._told)

    def _record(self, architecture: Record | str) -> Record:
        from dinas_cli.generation.arguments import as_record

        record = as_record(architecture, self._space.name)
        return replace(record, id=self._space.canonical_id(record.values or ()))

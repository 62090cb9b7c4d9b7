"""The architectures of a command line one by one; lines that cannot be used are named, and the rest goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from dinas_cli.architectures.records import LineProblem, Record, read_architectures
from dinas_cli.cli.output import Sink
from dinas_cli.errors import DinasError, UsageProblem
from dinas_cli.oracles.names import in_table

Made = TypeVar("Made")


class Inputs:
    """Reads architectures, and remembers whether some could not be used."""

    def __init__(self, sink: Sink, architectures: Sequence[str], space: str | None) -> None:
        self._sink = sink
        self._architectures, self._space = architectures, space
        self._used = self._failed = 0

    def each(
        self, make: Callable[[Record], Made], check: Callable[[Record], None] = lambda record: None
    ) -> Iterator[Made]:
        """What ``make`` makes of every record, as it is read; a record it raises :class:`UsageProblem` for is named.

        ``check`` sees every record first; what it raises ends the reading, for it is about the command's options.
        Raises what :func:`~dinas_cli.architectures.records.read_architectures` does, too.
        """
        for item in read_architectures(self._architectures, self._space, in_table):
            if isinstance(item, Record):
                check(item)
            try:
                if isinstance(item, LineProblem):
                    raise UsageProblem(str(item), item.hint)
                made = make(item)
            except UsageProblem as problem:
                self._failed += 1
                where = "" if isinstance(item, LineProblem) else f"{item.origin}: "
                self._sink.error(where + problem.message, problem.hint)
                continue
            self._used += 1
            yield made

    def failed(self) -> bool:
        """Whether a line could not be used; raises :class:`DinasError` when there was none at all."""
        if not self._used and not self._failed:
            raise DinasError("no architectures in the input", "name files, genotypes, or - for standard input")
        return self._failed > 0

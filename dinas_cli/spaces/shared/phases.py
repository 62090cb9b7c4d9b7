"""Phases: what there is to time of networks that are not run once per input, such as reading a text and writing one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from dinas_cli.spaces.shared.protocol import Space

if TYPE_CHECKING:
    from torch import Tensor, nn

    from dinas_cli.spaces.shared.settings import Setting


class Phased(Space, Protocol):
    """A space whose networks run in phases, each with a latency of its own."""

    phases: Mapping[str, str]
    """What a call is, in words, by the name of the phase."""

    def phase(self, name: str, network: nn.Module, batch: int) -> Callable[[], Tensor]:
        """A call of one phase with ``batch`` inputs, on the device where the ``network`` of :meth:`build` is."""
        ...


def phases_of(space: Space) -> Mapping[str, str]:
    """The phases of any space; empty where a network is called as a whole."""
    found: Mapping[str, str] = getattr(space, "phases", {})
    return found


def phase_of(space: Space, setting: Setting) -> str | None:
    """The phase that a setting's words are about; None for networks that are called as a whole."""
    return next((name for name, words in phases_of(space).items() if words in setting.run), None)

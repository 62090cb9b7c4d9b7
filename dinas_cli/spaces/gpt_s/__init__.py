"""The search space of HW-GPT-Bench's GPT-S; all of it but its sizes is shared with the other two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dinas_cli.spaces.shared.gpt.sizes import SMALL
from dinas_cli.spaces.shared.gpt.space import Gpt

SPACE = Gpt(SMALL)

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Space

    _conforms: Space = SPACE

__all__ = ["SPACE"]

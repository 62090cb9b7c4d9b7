"""What a painter of pictures must be able to do."""

from __future__ import annotations

from typing import Literal, Protocol

from dinas_cli.draw.place import Flow

Anchor = Literal["start", "middle"]


class Canvas(Protocol):
    """Something to paint on, in pixels from the upper left corner; what is painted later lies on top."""

    def box(self, x: float, y: float, width: float, height: float, radius: float, fill: str, stroke: str) -> None:
        """A rectangle with round corners; an empty ``stroke`` is none."""
        ...

    def flow(self, flow: Flow, stroke: str) -> None:
        """A curve, with an arrow head at its end if it has one."""
        ...

    def text(self, x: float, y: float, text: str, size: float, fill: str, anchor: Anchor = "start") -> None:
        """One line of text from, or around, ``x``, with its baseline at ``y``."""
        ...

    def finish(self) -> bytes:
        """The file's content."""
        ...

"""What standard output can show, in the terms of drawings."""

from __future__ import annotations

from dinas_cli.cli.output import Sink
from dinas_cli.draw.text import Style


def style_of(sink: Sink) -> Style:
    """Width, line characters and colours of the screen."""
    return Style(sink.screen.width, sink.screen.unicode, sink.screen.colour)

"""What standard output can show."""

from __future__ import annotations

import os
import shutil

from dinas_cli.cli.output import Sink
from dinas_cli.draw.text import Style


def style_of(sink: Sink) -> Style:
    """Colours on a terminal unless ``NO_COLOR``, lines unless ``TERM=dumb`` or its encoding has none."""
    dumb = os.environ.get("TERM") == "dumb"
    try:
        "┼▶×■●◆".encode(getattr(sink.stdout, "encoding", None) or "utf-8")
        lines = not dumb
    except UnicodeEncodeError:
        lines = False
    colour = sink.stdout.isatty() and not dumb and not os.environ.get("NO_COLOR")
    return Style(shutil.get_terminal_size().columns, lines, colour)

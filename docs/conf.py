"""How Sphinx makes a site of these pages: ``sphinx-build -W --keep-going docs SITE``, without a network."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "site"), str(HERE.parent)]

from reference import write_commands  # in docs/site  # noqa: E402

from dinas_cli import __version__  # noqa: E402

project = "dinas"
author = project_copyright = "the dinas authors"
version = release = __version__
root_doc = "index"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.viewcode"]
exclude_patterns = ["README.md", "site"]

myst_enable_extensions = ["html_image"]
myst_heading_anchors = 4
myst_links_external_new_tab = False
suppress_warnings = ["misc.highlighting_failure"]  # formulas and prompts with an ellipsis are no Python

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_mock_imports = ["torch", "torch_geometric"]

html_theme = "furo"
html_title = f"dinas {__version__}"
html_static_path = ["site/static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False

_PICTURE = re.compile(r'<picture><source media="[^"]*" srcset="([^"]*)"><img alt="([^"]*)" src="([^"]*)"></picture>')
_OUTSIDE = re.compile(r"\[([^\]]*)\]\(\.\./(?!docs/)[^)]*\)")


def setup(app: Any) -> None:
    """The reference of the commands is made from the commands; pages are adapted as they are read."""
    write_commands(HERE / "reference" / "commands")
    app.connect("source-read", adapt)


def adapt(app: Any, name: str, source: list[str]) -> None:
    """Pictures follow the theme that the reader chose; what is in the repository only is named, not linked."""
    text = _PICTURE.sub(
        r'<img class="only-light" alt="\2" src="\3">\n\n<img class="only-dark" alt="\2" src="\1">', source[0]
    )
    source[0] = text if name.startswith(("results/", "tutorials/")) else _OUTSIDE.sub(r"\1", text)

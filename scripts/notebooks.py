"""Runs the notebooks of examples/ from top to bottom, in an empty folder and with an empty data folder.

``python scripts/notebooks.py`` fails if a cell does; with ``--write`` their outputs are kept.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

EXAMPLES = Path(__file__).parents[1] / "examples"
SECONDS = 600
"""That a cell may take at most."""


def main() -> None:
    """Run all of them, one after the other."""
    for path in sorted(EXAMPLES.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        with tempfile.TemporaryDirectory() as folder:
            os.environ |= {"DINAS_HOME": str(Path(folder) / "home"), "DINAS_OFFLINE": "1", "PYTHONWARNINGS": "ignore"}
            NotebookClient(
                notebook, timeout=SECONDS, kernel_name="python3", resources={"metadata": {"path": folder}}
            ).execute()
        if "--write" in sys.argv[1:]:
            for cell in notebook.cells:
                cell.metadata.pop("execution", None)  # times, different in every run
            notebook.metadata = {"kernelspec": notebook.metadata["kernelspec"], "language_info": {"name": "python"}}
            nbformat.write(notebook, path)


if __name__ == "__main__":
    main()

"""Search on data of one's own: image sets, trainings, what to try next, run folders and who works on them.

``dinas_cli.search(…)`` is a call of :func:`dinas_cli.search.python.search`, although this package has that name, too.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


class _Callable(ModuleType):
    """A module that stands for the function of its name."""

    def __call__(self, *args: Any, **options: Any) -> Any:
        from dinas_cli.search.python import search

        return search(*args, **options)


sys.modules[__name__].__class__ = _Callable

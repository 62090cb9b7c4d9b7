"""dinas: generate neural-network cells that meet constraints, with a multi-conditioned graph diffusion model.

In Python: :func:`generate`, :func:`evaluate` and :func:`build` say what the commands of the same names say,
and :class:`Study` is ``dinas search`` around a training loop of your own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dinas_cli.files.version import __version__

if TYPE_CHECKING:
    from dinas_cli.api import build, evaluate, generate
    from dinas_cli.architectures.schema import Metric, Record
    from dinas_cli.errors import DinasError
    from dinas_cli.search.fit.trained import TrainedNetwork
    from dinas_cli.search.study import Study

__all__ = ["DinasError", "Metric", "Record", "Study", "TrainedNetwork", "__version__", "build", "evaluate", "generate"]

_PLACES = {
    "build": "dinas_cli.api",
    "evaluate": "dinas_cli.api",
    "generate": "dinas_cli.api",
    "DinasError": "dinas_cli.errors",
    "Metric": "dinas_cli.architectures.schema",
    "Record": "dinas_cli.architectures.schema",
    "Study": "dinas_cli.search.study",
    "TrainedNetwork": "dinas_cli.search.fit.trained",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that importing the package costs nothing."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_PLACES})

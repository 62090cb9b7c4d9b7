"""dinas: generate neural-network cells that meet constraints, with a multi-conditioned graph diffusion model.

In Python: :func:`generate`, :func:`front`, :func:`evaluate`, :func:`show`, :func:`search` and :func:`fit` say what the
commands of the same names say, :func:`devices` and :func:`measure` what ``dinas devices`` does, :func:`build` makes a
network, and :class:`Study` is ``dinas search`` around a training loop of your own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dinas_cli.files.version import __version__

if TYPE_CHECKING:
    from dinas_cli.api import build, devices, evaluate, generate, measure, show
    from dinas_cli.architectures.schema import Metric, Record
    from dinas_cli.errors import DinasError
    from dinas_cli.results import Architectures
    from dinas_cli.search.fit.trained import TrainedNetwork
    from dinas_cli.search.python import fit, search
    from dinas_cli.search.study import Study
    from dinas_cli.trade_offs import front

__all__ = [
    "Architectures", "DinasError", "Metric", "Record", "Study", "TrainedNetwork", "__version__",
    "build", "devices", "evaluate", "fit", "front", "generate", "measure", "search", "show",
]  # fmt: skip

_PLACES = {
    "build": "dinas_cli.api",
    "devices": "dinas_cli.api",
    "evaluate": "dinas_cli.api",
    "fit": "dinas_cli.search.python",
    "front": "dinas_cli.trade_offs",
    "generate": "dinas_cli.api",
    "measure": "dinas_cli.api",
    "search": "dinas_cli.search.python",
    "show": "dinas_cli.api",
    "Architectures": "dinas_cli.results",
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

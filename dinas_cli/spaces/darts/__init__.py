"""The search space DARTS, with everything that is its alone."""

from dinas_cli.spaces.darts.space import SPACE

__all__ = ["SPACE"]

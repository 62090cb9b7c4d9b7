"""The search space TransNAS-Bench-101, macro, with everything that is its alone."""

from dinas_cli.spaces.transnas_macro.space import SPACE

__all__ = ["SPACE"]

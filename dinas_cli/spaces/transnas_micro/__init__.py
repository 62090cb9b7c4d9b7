"""The search space TransNAS-Bench-101, micro, with everything that is its alone."""

from dinas_cli.spaces.transnas_micro.space import SPACE

__all__ = ["SPACE"]

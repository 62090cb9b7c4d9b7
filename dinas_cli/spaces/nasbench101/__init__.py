"""The search space NAS-Bench-101, with everything that is its alone."""

from dinas_cli.spaces.nasbench101.space import SPACE

__all__ = ["SPACE"]

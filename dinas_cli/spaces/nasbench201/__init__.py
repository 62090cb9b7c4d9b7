"""The search space NAS-Bench-201, with everything that is its alone."""

from dinas_cli.spaces.nasbench201.space import SPACE

__all__ = ["SPACE"]

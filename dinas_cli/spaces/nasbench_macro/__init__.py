"""The search space NAS-Bench-Macro, with everything that is its alone."""

from dinas_cli.spaces.nasbench_macro.space import SPACE

__all__ = ["SPACE"]

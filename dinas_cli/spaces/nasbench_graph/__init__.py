"""The search space NAS-Bench-Graph, with everything that is its alone."""

from dinas_cli.spaces.nasbench_graph.space import SPACE

__all__ = ["SPACE"]

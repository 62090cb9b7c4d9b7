"""The MnasNet search space of Accel-NASBench, with everything that is its alone."""

from dinas_cli.spaces.mnasnet.space import SPACE

__all__ = ["SPACE"]

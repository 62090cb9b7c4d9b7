"""The size search space of NATS-Bench, with everything that is its alone."""

from dinas_cli.spaces.nats_size.space import SPACE

__all__ = ["SPACE"]

"""The search space NAS-Bench-NLP, with everything that is its alone."""

from dinas_cli.spaces.nlp.space import SPACE

__all__ = ["SPACE"]

"""dinas: generate neural-network cells that meet constraints, with a multi-conditioned graph diffusion model."""

__version__ = "0.1.0"

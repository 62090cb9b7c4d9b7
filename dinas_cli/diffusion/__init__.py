"""Discrete diffusion over directed acyclic graphs: kernel, denoiser, guidance and sampler, each in its own file."""

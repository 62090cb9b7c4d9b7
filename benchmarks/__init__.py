"""Scripts that measure what docs/results reports; run one with ``python -m benchmarks.NAME``."""

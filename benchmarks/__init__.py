"""Scripts that measure what docs/results.md reports; run one with ``python -m benchmarks.NAME``."""

"""Scripts of the maintainers; run one with ``python scripts/NAME.py``."""

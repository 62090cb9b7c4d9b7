"""Training: benchmark table -> surrogate -> generator; the only part that imports torch-geometric."""

"""What the two spaces of TransNAS-Bench-101 share: tasks, networks, counts, readers of its files."""

"""Drawings of cells: one layered layout, painted as text, SVG or PNG."""

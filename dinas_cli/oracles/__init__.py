"""Oracles: what answers metrics of an architecture, from the strongest source at hand."""

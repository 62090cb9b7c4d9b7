"""The published experiments, run again: suites of small cells, baselines beside them, results that can be resumed."""

"""The published experiments, run again beside baselines: suites whose results can be resumed."""

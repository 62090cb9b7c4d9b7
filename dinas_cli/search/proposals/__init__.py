"""What to try next: the order that known data sets agree on, then a Gaussian process that learns from the trials."""

"""A program of the user's as the trainer: it gets a network's source and prints a line of JSON with its metric."""

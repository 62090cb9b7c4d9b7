"""Trained models: the registry, their files here and on the Hub, and how they are found, fetched and published."""

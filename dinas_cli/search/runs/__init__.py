"""A run is a folder that any number of workers share: what was tried, what came out, who works on what."""

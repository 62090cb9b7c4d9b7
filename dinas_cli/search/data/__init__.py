"""Image sets: where they come from, how they are divided and read, and what there is to know about them."""

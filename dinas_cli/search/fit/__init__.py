"""Training networks on image sets: to the end for use, and on fewer images and smaller to compare them."""

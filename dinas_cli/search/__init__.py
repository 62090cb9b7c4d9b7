"""Search on data of one's own: image sets, trainings, what to try next, run folders and who works on them."""

"""Networks of the search spaces: one file per space that imports only torch, so that its text can stand alone."""

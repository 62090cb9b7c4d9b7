"""One file per suite of ``dinas bench``."""

"""Search spaces: one self-contained file each behind the small protocol of :mod:`dinas_cli.spaces.base`."""

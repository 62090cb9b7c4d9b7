"""One module per command; see ``COMMANDS`` in :mod:`dinas_cli.cli.app`."""

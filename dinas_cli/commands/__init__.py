"""One file per subcommand: parse, call, render; each exposes ``command`` (a function) or ``app`` (a group)."""

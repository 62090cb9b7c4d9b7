"""``python -m dinas_cli`` is ``dinas``."""

from dinas_cli.cli.app import main

if __name__ == "__main__":
    main()

"""What is recorded of a command: nothing of the user's machine, however the options were written."""

from __future__ import annotations

import pytest

from dinas_cli.checkpoints.publish import without_places
from dinas_cli.cli.app import load_command
from dinas_cli.cli.recorded import recorded


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("train -o /home/me/x", "train --out OUT"),
        ("train -o/home/me/x", "train --out OUT"),
        ("train -qo/home/me/x --json --resume --force", "train --out OUT"),
        (
            "train --out=/home/me/x --data=/home/me/y --data ~/z --seed=3",
            "train --out OUT --data DATA --data DATA --seed 3",
        ),
        (
            "train -o runs/a --half --without-device fpga -s nb201",
            "train --out OUT --space nb201 --without-device fpga --half",
        ),
        ("bench -o/home/me/r.json --work /home/me/w --seeds 2", "bench --seeds 2 --out OUT --work WORK"),
        (
            "front /home/me/r.jsonl -o /home/me/f.html --svg /home/me/f.svg",
            "front ARCH --output OUT --svg OUT --offline",
        ),
    ],
)
def test_places_are_left_out(said: str, words: str) -> None:
    name, *args = said.split()
    context = load_command(name).make_context(f"dinas {name}", args)
    found = recorded(context)
    assert sorted(found.split()) == sorted(f"dinas {words}".split())
    assert "me" not in found


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("dinas train -o/home/me/x --seed 1", "dinas train -oPATH --seed 1"),
        ("dinas train --out=~/x --data '/home/me/a b' --half", "dinas train --out=PATH --data PATH --half"),
        ("/home/me/venv/bin/dinas train -o ../me", "PATH train -o PATH"),
        ("dinas train --data C:\\\\me\\\\x", "dinas train --data PATH"),
        ("dinas train --data DATA --out 'OUT", "dinas train --data DATA --out 'OUT"),
        ("python scripts/train.py --data DATA --ratio 1/2", "python scripts/train.py --data DATA --ratio 1/2"),
    ],
)
def test_what_is_published_names_no_folder_of_the_users(command: str, told: str) -> None:
    assert without_places(command) == told

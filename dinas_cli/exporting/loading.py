"""Sources with a function that loads the weights beside them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dinas_cli.errors import DinasError

if TYPE_CHECKING:
    from dinas_cli.exporting.plan import Network

_MAIN = '\n\nif __name__ == "__main__":\n'
_LOAD = '''

def load() -> {network}:
    """The network with the weights beside this file; needs safetensors."""
    from pathlib import Path

    from safetensors.torch import load_file

    network = build()
    network.load_state_dict(load_file(Path(__file__).{weights}))
    return network
'''


def with_weights(network: Network, about: str, name: str | None = None) -> str:
    """The source of a network with a function ``load`` that reads its weights from the file ``name`` beside it.

    None: from the file of the source's own name. ``about`` is a line of the header. Raises :class:`DinasError` where a
    space writes sources of another form.
    """
    text, main, rest = network.source(about).partition(_MAIN)
    made = re.search(r"^def build\(\) -> (\w+):$", text, re.MULTILINE)
    if not main or made is None:
        raise DinasError(f"the source of {network.space.name} networks has no place for weights", "use --to pytorch")
    beside = 'with_suffix(".safetensors")' if name is None else f'with_name("{name}")'
    return text + _LOAD.format(network=made[1], weights=beside) + main + rest

"""Writes a network as one Python file of its own: the text of its module plus constants.

Nothing of a genotype or record reaches the file but names and numbers that are checked here, and comments that are
cut to printable characters; so a hostile record cannot bring code into it.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from dinas_cli.errors import DinasError

Constant = int | float | Sequence[int] | Sequence[tuple[str, str]]
"""A number or truth value, several numbers, or ``(name, comment)`` pairs."""

_WIDTH = 116  # with "# " in front and room to spare under the line length of this project
_LONGEST_HEADER = 20_000  # characters; more would bury the network
_FORMAT = '''"""{title}

Written by dinas; imports only {needs}. Run this file to see the parameter count and an output shape.
"""
{comments}
{imports}

{constants}


{body}


def build() -> {network}:
    """The network of this file, randomly initialised; load weights of the same cell with ``load_state_dict``."""
    return {network}({arguments})


if __name__ == "__main__":
    network = build().eval()
    with torch.no_grad():
        {outputs} = network({example})
    print(f"{{sum(p.numel() for p in network.parameters()):,}} parameters, output {{{shapes}}}")
'''
_OUTPUTS = {False: ("logits", "tuple(logits.shape)"), True: ("maps", "[tuple(each.shape) for each in maps]")}


def standalone(
    module: str,
    *,
    title: str,
    header: str,
    arguments: Mapping[str, Constant],
    input_shape: Sequence[int] | None = None,
    example: str = "torch.randn(2, *INPUT_SHAPE)",
    network: str = "Network",
    features: bool = False,
) -> str:
    """The source of ``module`` (its dotted name) as a file of its own, around one call of its class ``network``.

    ``arguments`` become constants of the file and, in order, the arguments of that call. ``title`` must be one line
    written by the space itself, and so must ``example``, the code of the arguments of the network when the file is run
    (``INPUT_SHAPE`` is a constant of the file if ``input_shape`` is given); ``header`` may be any text and becomes
    comments. With ``features`` the class is ``Features``, in the module ``backbone`` beside it, whose text follows.
    """
    imports, body = _split(module)
    if features:
        imports, body = _joined((imports, body), _split(f"{module.rpartition('.')[0]}.backbone"))
        network = "Features"
    outputs, shapes = _OUTPUTS[features]
    constants = dict(arguments) if input_shape is None else {**arguments, "INPUT_SHAPE": input_shape}
    return _FORMAT.format(
        title=_printable(title).replace("\\", "/").replace('"', "'"),
        comments=_comments(header),
        needs="torch and torch-geometric" if "torch_geometric" in imports else "torch",
        imports=imports,
        constants="\n".join(_constant(_identifier(name), value) for name, value in constants.items()),
        body=body,
        example=example,
        outputs=outputs,
        shapes=shapes,
        network=_identifier(network),
        arguments=", ".join(arguments),
    )


@cache
def _split(module: str) -> tuple[str, str]:
    """The import statements of a module, which is not imported, and everything after them."""
    package, _, name = module.rpartition(".")
    text = files(package).joinpath(f"{_identifier(name)}.py").read_text("utf-8")
    imports = [node for node in ast.parse(text).body if isinstance(node, ast.Import | ast.ImportFrom)]
    lines = text.splitlines()
    first, last = imports[0].lineno - 1, imports[-1].end_lineno
    return "\n".join(lines[first:last]), "\n".join(lines[last:]).strip("\n")


def _joined(one: tuple[str, str], other: tuple[str, str]) -> tuple[str, str]:
    """Imports and text of two modules, of which the second one uses the first, as if they were one."""
    standard, torch, rest = one[0].partition("\n\nimport torch")
    more = [line for line in other[0].splitlines() if line.startswith("from typing")]
    return "\n".join([standard, *more]) + torch + rest, f"{one[1]}\n\n\n{other[1]}"


def _identifier(name: str) -> str:
    if not re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", name):
        raise DinasError(f"{name!r} cannot be written into source: it is not a plain name")
    return name


def _constant(name: str, value: Constant) -> str:
    if isinstance(value, int | float):
        plain = value if isinstance(value, bool) else int(value) if isinstance(value, int) else float(value)
        return f"{name} = {plain!r}"
    lines, numbers = [], []
    for item in value:
        if isinstance(item, int):
            numbers.append(f"{item:d}")
        else:
            lines.append(f'    "{_identifier(item[0])}",  # {_printable(item[1])}')
    comma = "," if len(numbers) == 1 else ""  # one number in parentheses is no tuple
    return "\n".join([f"{name} = (", *lines, ")"]) if lines else f"{name} = ({', '.join(numbers)}{comma})"


def _comments(header: str) -> str:
    """Any text as comment lines, framed by empty lines so that it can never be an encoding declaration."""
    if len(header) > _LONGEST_HEADER:
        header = header[:_LONGEST_HEADER] + "\n(cut)"
    lines = [_printable(line) for line in header.strip().splitlines()]
    wrapped = [part for line in lines for part in textwrap.wrap(line, _WIDTH, break_on_hyphens=False) or [""]]
    return "\n".join(["", *(f"# {part}".rstrip() for part in wrapped), ""]) if wrapped else ""


def _printable(text: str) -> str:
    """Text without line breaks, control and direction characters or lone surrogates, each replaced by a ``?``."""
    return "".join(character if character.isprintable() else "?" for character in text)

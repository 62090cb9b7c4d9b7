"""Networks and their standalone source: same numbers in a clean interpreter, nothing hostile gets into the file."""

from __future__ import annotations

import ast
import io
import subprocess
import sys
import tokenize
from collections import defaultdict
from pathlib import Path

import pytest

import dinas_cli.spaces
from dinas_cli.errors import DinasError
from dinas_cli.spaces.nasbench201.cells import OPERATIONS
from dinas_cli.spaces.nasbench201.networks import IMAGE_SIZE
from dinas_cli.spaces.nasbench201.space import SPACE
from dinas_cli.spaces.shared.source import standalone
from dinas_cli.spaces.shared.summing_cells import live_operations
from dinas_cli.testing.alone import compare

MODULE = "dinas_cli.spaces.nasbench201.network"
BEST = (3, 3, 3, 1, 3, 2)
SAMPLE = {
    "cifar10": [BEST, (0, 0, 0, 0, 0, 0), (0, 3, 4, 2, 1, 0)],
    "cifar100": [(4, 2, 1, 0, 3, 4), (2, 0, 3, 0, 0, 1)],
    "imagenet16-120": [(1, 1, 1, 1, 1, 1), (3, 4, 2, 1, 0, 3)],
}


def test_network_modules_import_only_torch() -> None:
    folder = Path(next(iter(dinas_cli.spaces.__path__)))
    networks = list(folder.glob("**/network.py"))
    assert networks
    for path in networks:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
                allowed = {"torch", *sys.stdlib_module_names}
                allowed |= {"torch_geometric"} if path.parent.name == "nasbench_graph" else set()
                assert {name.partition(".")[0] for name in names} <= allowed


def test_exported_source_alone_computes_what_the_built_network_computes(tmp_path: Path) -> None:
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    files = []
    for dataset, cells in SAMPLE.items():
        for cell in cells:
            path = tmp_path / f"net_{SPACE.key(cell)}.py"
            path.write_text(SPACE.source(cell, dataset, "seed: 1"), "utf-8")
            images = torch.randn(4, 3, IMAGE_SIZE[dataset], IMAGE_SIZE[dataset])
            network = SPACE.build(cell, dataset)
            assert network(images).shape == (4, {"cifar10": 10, "cifar100": 100, "imagenet16-120": 120}[dataset])
            files.append((path, network, (images,)))
    for answer, (_, _, (images,)) in zip(compare(files), files, strict=True):
        assert answer.gap <= 1e-5
        assert answer.input_shape == tuple(images.shape[1:])


def test_running_the_file_prints_parameters_and_shape(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(SPACE.source(BEST, "cifar100"), "utf-8")
    done = subprocess.run([sys.executable, "-I", "net.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "1,079,316 parameters, output (2, 100)\n"), done.stderr


def test_parameter_names_are_those_of_the_official_networks() -> None:
    names = dict(SPACE.build(BEST).named_parameters())
    for name in (
        "stem.0.weight",
        "cells.0.layers.0.op.1.weight",
        "cells.16.layers.5.op.2.bias",
        "cells.5.conv_a.op.1.weight",
        "cells.11.downsample.1.weight",
        "lastact.0.weight",
        "classifier.bias",
    ):
        assert name in names


def test_cells_of_one_id_compute_the_same() -> None:
    """With one module per operation in place of weights of each edge's own."""
    import torch

    from dinas_cli.spaces.nasbench201.network import OPERATIONS as MODULES
    from dinas_cli.spaces.nasbench201.network import Cell

    torch.set_num_threads(1)
    torch.manual_seed(0)
    shared = {name: make(4) for name, make in MODULES.items()}

    def run(cell: tuple[int, ...]) -> torch.Tensor:
        module = Cell([OPERATIONS[value] for value in cell], 4)
        for edge, value in enumerate(cell):
            module.layers[edge] = shared[OPERATIONS[value]]
        with torch.no_grad():
            output: torch.Tensor = module.eval()(images)
        return output

    images = torch.randn(2, 4, 8, 8)
    classes = defaultdict(list)
    for row in SPACE.reference().tolist():
        classes[SPACE.canonical_id(row)].append(tuple(row))
    several = [members for members in classes.values() if len(members) > 1][::10]
    assert len(several) > 100
    for members in several:
        first = run(members[0])
        for member in members[1:6]:
            assert torch.allclose(run(member), first, atol=1e-5)
        live = live_operations(SPACE.reference()[[SPACE.key(members[0])]])[0]
        assert torch.allclose(run(tuple(live)), first, atol=1e-5)


HOSTILE = [
    "x\nimport os",
    "x\rimport os",
    "x\r\nimport os\n",
    "x\x0bimport os",
    "x\x0cimport os",
    "x\x1cimport os\x1dimport os\x1eimport os",
    "x\x85import os",
    "x\u2028import os\u2029import os",
    '"""\nimport os\n"""',
    "'''\nimport os",
    "{title} {0} %s \\",
    "line continued \\\nimport os",
    "-*- coding: utf-7 -*-\n+AAo-import os",
    "\x00import os",
    "\u202eimport os\u2066",
    "\ud800 lone surrogate",
    "\x1b[2J\x1b]0;title\x07",
    "\n\n\n",
    "word " * 20_000,
    "x" * 50_000,
]


@pytest.mark.parametrize("header", HOSTILE)
def test_header_is_comment_and_nothing_else(header: str) -> None:
    plain, source = SPACE.source(BEST), SPACE.source(BEST, header=header)
    # As bytes, so that an encoding declaration would take effect.
    assert ast.dump(ast.parse(source.encode())) == ast.dump(ast.parse(plain.encode()))
    assert all(character.isprintable() or character == "\n" for character in source)
    assert max(map(len, source.splitlines())) <= 120
    assert len(source) < len(plain) + 30_000
    tokens = tokenize.tokenize(io.BytesIO(source.encode()).readline)
    words = {token.type for token in tokens if "import os" in token.string or "lone" in token.string}
    assert words <= {tokenize.COMMENT}


def test_header_keeps_what_is_readable() -> None:
    source = SPACE.source(BEST, header="acc@cifar10: 91.6 %\nconstraints: latency/fpga ≤ 2 ms")
    assert "\n# acc@cifar10: 91.6 %\n# constraints: latency/fpga ≤ 2 ms\n" in source
    assert source.startswith(f'"""NAS-Bench-201 network for cifar10, cell {SPACE.canonical_id(BEST)}."""'[:-4])


@pytest.mark.parametrize("name", ['x"', "x\n", "os.system", "__import__('os')", "", "é", "1x"])
def test_only_plain_names_become_constants(name: str) -> None:
    with pytest.raises(DinasError, match="not a plain name"):
        standalone(
            "dinas_cli.spaces.nasbench201.network",
            title="t",
            header="",
            arguments={"CELL": [(name, "")]},
            input_shape=(3, 8, 8),
        )
    with pytest.raises(DinasError, match="not a plain name"):
        standalone(
            "dinas_cli.spaces.nasbench201.network", title="t", header="", arguments={name: 1}, input_shape=(3, 8, 8)
        )


def test_title_and_notes_cannot_break_out() -> None:
    source = standalone(
        MODULE,
        title='"""\nimport os\\',
        header="",
        arguments={"CELL": [("none", "note\nimport os")] * 6, "CLASSES": 10},
        input_shape=(3, 32, 32),
    )
    tree = ast.parse(source)
    assert "import os" in (ast.get_docstring(tree) or "")
    assert not [n for n in ast.walk(tree) if isinstance(n, ast.Import) and n.names[0].name == "os"]

"""NAS-Bench-Graph's networks: parameters, what they compute, and their source run without this package."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dinas_cli.spaces.nasbench_graph.settings import SETTINGS
from dinas_cli.spaces.nasbench_graph.space import SPACE
from dinas_cli.spaces.nasbench_graph.trees import OPERATIONS
from dinas_cli.testing.alone import compare

EVERY_OPERATION = ("0012:gat,gcn,gin,cheb", "0123:sage,arma,graph,fc", "0112:gcn,skip,gat,arma", "68017")


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)


def test_parameters_are_as_many_as_counted() -> None:
    import torch

    for dataset in SPACE.datasets:
        rows = SPACE.draw(12, len(dataset))
        expected = SPACE.closed_form("params", rows, dataset)
        for values, count in zip(rows, expected, strict=True):
            with torch.device("meta"):
                network = SPACE.build(values, dataset)
            assert sum(parameter.numel() for parameter in network.parameters()) == count


@pytest.mark.parametrize("dataset", ["cora", "photo", "computers", "arxiv", "proteins"])
def test_every_node_gets_logits(dataset: str) -> None:
    import torch

    x, edges = SPACE.example(dataset, 3)
    assert (x.shape, edges.shape) == ((300, SETTINGS[dataset].features), (2, 1200))
    assert torch.equal(edges[0] // 100, edges[1] // 100)  # no edge from one graph into another
    network = SPACE.build(SPACE.encode("0112:skip,gcn,fc,skip"), dataset)
    logits = network(x, edges)
    assert logits.shape == (300, SETTINGS[dataset].classes)
    logits.square().mean().backward()
    learning = {name for name, parameter in network.named_parameters() if parameter.grad is not None}
    silent = {name for name, _ in network.named_parameters()} - learning
    # Only norms of raw features are never asked.
    assert all(name.startswith("norms.") for name in silent)
    assert bool(silent) == (not SETTINGS[dataset].before)


def test_operations_compute_what_their_names_say() -> None:
    """Of two nodes that are linked both ways all but two operations look at the other one; a third is on its own."""
    import torch

    from dinas_cli.spaces.nasbench_graph.network import OPERATIONS as MODULES

    assert set(MODULES) == set(OPERATIONS)
    x, edges = torch.randn(3, 8), torch.tensor([[0, 1], [1, 0]])
    moved = x.clone()
    moved[0] = torch.randn(8)
    assert torch.equal(MODULES["skip"](8, 8)(x, edges), x)
    for name, build in MODULES.items():
        module = build(8, 8).eval()
        with torch.no_grad():
            change = (module(moved, edges) - module(x, edges)).abs().amax(1) > 1e-6
        assert not change[2]
        assert bool(change[1]) == (name not in ("fc", "skip"))


def test_raw_features_are_not_normalised_but_hidden_ones_are() -> None:
    network = SPACE.build(SPACE.encode("0123:skip,fc,fc,fc"), "pubmed")
    x, edges = SPACE.example("pubmed")
    network(x, edges)
    asked = {name: int(count) for name, count in network.named_buffers() if name.endswith("num_batches_tracked")}
    assert asked == {f"norms.{node}.num_batches_tracked": int(node >= 2) for node in range(4)}


def test_exported_source_alone_computes_what_the_built_network_computes(tmp_path: Path) -> None:
    files = []
    for dataset in ("pubmed", "computers", "arxiv"):
        for number, genotype in enumerate(EVERY_OPERATION if dataset == "computers" else EVERY_OPERATION[-1:]):
            values = SPACE.encode(genotype)
            path = tmp_path / f"{dataset}_{number}.py"
            path.write_text(SPACE.source(values, dataset, "seed: 1"), "utf-8")
            files.append((path, SPACE.build(values, dataset), SPACE.example(dataset)))
    assert max(answer.gap for answer in compare(files)) <= 1e-5
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    count = SPACE.closed_form("params", np.array([SPACE.encode(EVERY_OPERATION[-1])]), "arxiv")[0]
    assert done.stdout == f"{count:,} parameters, output (100, 40)\n"


def test_source_holds_only_names_numbers_and_comments_of_the_request() -> None:
    source = SPACE.source(SPACE.encode("68017"), "cora", 'evil"""\nimport os\r\x1b[0m\u2028import sys')
    tree = ast.parse(source)
    modules = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {getattr(node, "module", None) or node.names[0].name for node in modules}
    assert names == {"__future__", "collections.abc", "torch", "torch_geometric.nn"}
    assert "imports only torch and torch-geometric" in (ast.get_docstring(tree) or "")
    cell = re.search(r"CELL = \((.*?)\n\)", source, re.DOTALL)
    assert cell is not None
    assert re.findall(r'"(\w+)",  # (.*)', cell[1]) == [
        ("skip", "operation 1, of the input"),
        ("gat", "operation 2, of operation 1"),
        ("gcn", "operation 3, of operation 1"),
        ("fc", "operation 4, of operation 2"),
    ]

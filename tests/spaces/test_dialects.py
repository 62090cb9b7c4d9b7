"""Genotypes as people keep them: of papers, logs, other programs' records and arrays, a case of each kind."""

from __future__ import annotations

import json

import pytest

from dinas_cli.errors import GenotypeError
from dinas_cli.spaces.darts.cells import EDGES, OPERATIONS
from dinas_cli.spaces.registry import get_space

ARCH_STR = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|"
MATRIX, OPS = "[[0, 1, 1], [0, 0, 1], [0, 0, 0]]", "['input', 'conv3x3-bn-relu', 'output']"
RECIPE = '{"f": {"op": "linear", "input": ["x", "h_prev_0"]}, "h_new_0": {"op": "activation_tanh", "input": ["f"]}}'
PAIRS = [("sep_conv_3x3", 0), ("skip_connect", 1)]
DARTS = get_space("darts")
PLAIN = f"Genotype(normal={PAIRS * 4}, normal_concat=[2, 3, 4, 5], reduce={PAIRS * 4}, reduce_concat=[2, 3, 4, 5])"


def configuration() -> dict[str, str]:
    """``PLAIN`` as NAS-Bench-301 names it."""
    members: dict[str, str] = {}
    for number, cell in enumerate(("normal", "reduce")):
        for edge, operation in enumerate(DARTS.encode(PLAIN)[14 * number : 14 * number + 14]):
            if operation:
                members[f"NetworkSelectorDatasetInfo:darts:edge_{cell}_{edge}"] = OPERATIONS[operation]
        members |= {f"NetworkSelectorDatasetInfo:darts:inputs_node_{cell}_{node}": "0_1" for node in (3, 4, 5)}
    return members


@pytest.mark.parametrize(
    ("space", "plain", "text"),
    [
        ("nasbench201", ARCH_STR, f"The 000-th epoch : Structure(4 nodes with {ARCH_STR})"),
        ("nasbench201", ARCH_STR, f"{{'name': 'infer.tiny', 'C': 16, 'arch_str': '{ARCH_STR}'}}"),
        ("nasbench201", ARCH_STR, f"arch = '{ARCH_STR}',"),
        ("nasbench201", "|avg_pool_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|nor_conv_3x3~2|", "nasbench201:9"),
        ("nasbench201", "nasbench201:5374", "5374"),
        ("nasbench201", "nasbench201:5374", '{"index": 5374}'),
        ("nasbench101", "3:111:0", f"ModelSpec(matrix={MATRIX}, ops={OPS})"),
        ("nasbench101", "3:111:0", f"cell = api.ModelSpec({MATRIX}, [INPUT, CONV3X3, OUTPUT], data_format='x')"),
        ("nasbench101", "3:111:0", f"{MATRIX}, {OPS}"),
        ("nasbench101", "3:111:0", f"(array({MATRIX}, dtype=int8), {OPS})"),
        ("nasbench101", "3:111:0", f"[[0 1 1]\n [0 0 1]\n [0 0 0]], {OPS}"),
        (
            "nasbench101",
            "3:111:0",
            f"{{'module_hash': 'ab', 'module_adjacency': array({MATRIX}), "
            f"'module_operations': {OPS}, 'trainable_parameters': 7}}",
        ),
        ("nasbench101", "3:111:0", '{"matrix": "011001000", "ops": "input,conv3x3-bn-relu,output"}'),
        ("nasbench-graph", "0112:gcn,cheb,gin,fc", "arch = Arch([0, 1, 1, 2], ['gcn', 'cheb', 'gin', 'fc'])"),
        ("nasbench-graph", "0112:gcn,cheb,gin,fc", "Arch(lk=[0, 1, 1, 2], op=['gcn', 'cheb', 'gin', 'fc'])"),
        ("nasbench-graph", "0112:gcn,cheb,gin,fc", '{"link": [0, 1, 1, 2], "ops": ["gcn", "cheb", "gin", "fc"]}'),
        ("nasbench-graph", "0112:gcn,cheb,gin,fc", "(np.array([0, 1, 1, 2]), ['gcn', 'cheb', 'gin', 'fc'])"),
        ("transnas-micro", "64-41414-3_33_333", "{'arch_str': '64-41414-3_33_333', 'top1': 54.9}"),
        ("transnas-macro", "64-111114-basic", "best = '64-111114-basic'"),
        ("nlp", RECIPE, repr(json.loads(RECIPE))),
        ("nlp", RECIPE, json.dumps({"recipe": RECIPE, "ppl": 90.1})),
        ("nlp", RECIPE, "cell: f=linear(x,h_prev_0);h_new_0=tanh(f)"),
        ("darts", PLAIN, f"DARTS = {PLAIN}"),
        ("darts", PLAIN, f"2019-01-01 10:00:00,123 INFO genotype = {PLAIN}"),
        ("darts", PLAIN, f"06/01 10:00:00 AM | best so far {PLAIN}"),
        ("darts", PLAIN, PLAIN.replace("[2, 3, 4, 5]", "list(range(2, 6))")),
        ("darts", PLAIN, PLAIN.replace("'", "’")),
        ("darts", PLAIN, f"Genotype({PAIRS * 4}, range(2, 6), {PAIRS * 4}, range(2, 6))"),
        ("darts", PLAIN, PLAIN.replace(str(PAIRS * 4), str([PAIRS] * 4))),
        ("darts", PLAIN, PLAIN.replace(str(PAIRS * 4), str([tuple(PAIRS), *[[*PAIRS, ("none", 2)]] * 3]))),
        ("darts", PLAIN, PLAIN.replace(", 0)", ", 0, 0.12)").replace("5])", "5], connectN=None, connects=None)")),
        ("darts", PLAIN, PLAIN.replace(", 0)", ", np.int64(0))")),
        ("darts", PLAIN, json.dumps(configuration())),
        ("darts", PLAIN, f"Configuration(values={configuration()})"),
        (
            "darts",
            PLAIN,
            "Configuration:\n" + "".join(f"  {key}, Value: {value!r}\n" for key, value in configuration().items()),
        ),
        ("darts", PLAIN, "\n".join(f"{key}: {value}" for key, value in configuration().items())),
        (
            "darts",
            PLAIN,
            json.dumps({"epoch": 98} | {key.replace(":", "_COLON_"): v for key, v in configuration().items()}),
        ),
    ],
)
def test_the_same_architecture(space: str, plain: str, text: str) -> None:
    assert get_space(space).encode(text) == get_space(space).encode(plain)


@pytest.mark.parametrize(
    ("space", "text", "rule"),
    [
        ("darts", PLAIN.replace("[2, 3, 4, 5]", "[2, 3, 4, 5, 6]", 1), "concatenates all of its four nodes"),  # NASNet
        ("darts", PLAIN.replace("[2, 3, 4, 5]", "[4, 5, 6]", 1), "concatenates all of its four nodes"),  # AmoebaNet
        ("darts", PLAIN.replace("'sep_conv_3x3', 0", "'sep_conv_7x7', 0", 1), "unknown operation 'sep_conv_7x7'"),
        ("darts", PLAIN.replace("'sep_conv_3x3', 0", "'none', 0", 1), "unknown operation 'none'"),
        ("darts", PLAIN.replace(str(PAIRS * 4), str([[*PAIRS, PAIRS[0]]] * 4)), "has 3 inputs"),
        ("darts", PLAIN.replace(str(PAIRS * 4), str([[PAIRS[0], ("none", 0), ("none", 1)]] * 4)), "has 1 inputs"),
        ("darts", PLAIN.replace(str(PAIRS * 4), str([[PAIRS[0], ("none", 1)]] * 4)), "unknown operation 'none'"),
        ("darts", f"Nasnet({PAIRS * 4})", "no dialect"),
        ("darts", json.dumps(configuration() | {"x:edge_normal_14": "skip_connect"}), "edges 0 to 13"),
        (
            "darts",
            json.dumps(configuration() | {"NetworkSelectorDatasetInfo:darts:inputs_node_normal_3": "1_2"}),
            "the edges into this node come from 0 and 1",
        ),
        ("nasbench101", f"({MATRIX},)", "a matrix and ops"),
        ("nasbench101", "00005c142e6f48ac74fdcf73e3439874", "only the benchmark's table can tell"),
        ("nasbench201", "12", "2 operations, the space has 6 edges"),
    ],
)
def test_what_is_outside_of_the_space_is_refused(space: str, text: str, rule: str) -> None:
    with pytest.raises(GenotypeError) as caught:
        get_space(space).encode(text)
    assert rule in caught.value.message


def test_edges_of_a_configuration_are_those_of_the_space() -> None:
    assert EDGES[2] == (0, 3)
    assert EDGES[13] == (4, 5)


def test_official_indices_of_nasbench201() -> None:
    """Cells that the authors' code asserts the numbers of."""
    space = get_space("nasbench201")
    known = {
        0: "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|",
        9: "|avg_pool_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|nor_conv_3x3~2|",
        123: "|avg_pool_3x3~0|+|avg_pool_3x3~0|nor_conv_1x1~1|+|none~0|avg_pool_3x3~1|nor_conv_3x3~2|",
    }
    assert {index: space.decode(space.encode(f"nasbench201:{index}")) for index in known} == known

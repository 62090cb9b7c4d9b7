"""Language models of three sizes: how many there are, dialects, refusals, what the benchmark counts, tables."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from dinas_cli.errors import CorruptFileError, GenotypeError
from dinas_cli.oracles.importers import import_files, read_file
from dinas_cli.spaces.gpt_l import SPACE as LARGE
from dinas_cli.spaces.gpt_m import SPACE as MEDIUM
from dinas_cli.spaces.gpt_s import SPACE as SMALL
from dinas_cli.spaces.shared.gpt.space import Gpt
from dinas_cli.spaces.shared.gpt.text import read
from tests.support.spaces import assert_refused, drawn_from_legal_types, legal_types

SIZES = {"s": SMALL, "m": MEDIUM, "l": LARGE}
TEN = "192:4x2,8x3,12x4,4x2,4x2,4x2,4x2,4x2,4x2,12x3:bias"


def config(**changes: object) -> str:
    """A genotype in the benchmark's own words."""
    members = {"sample_embed_dim": 192, "sample_n_layer": 10, "sample_n_head": [4] * 10, "sample_mlp_ratio": [2] * 10}
    return json.dumps({**members, "sample_bias": "True", **changes})


def test_sizes() -> None:
    assert [space.layout.size for space in SIZES.values()] == [27, 51, 75]
    assert SMALL.counts() == {"genotypes": 6 * (9**10 + 9**11 + 9**12)}
    assert SMALL.layout.choices == (3, 3, *(3, 3) * 10, *(4, 4) * 2, 2)
    assert len(set(SMALL.layout.node_types)) == len(SMALL.layout.node_types)


def test_dialects() -> None:
    values = SMALL.encode(TEN)
    assert values[:6] == (0, 0, 0, 0, 1, 1)
    assert values[-5:] == (3, 3, 3, 3, 1)
    assert json.loads(SMALL.decode(values, "hwgpt")) == {
        "sample_embed_dim": 192,
        "sample_n_layer": 10,
        "sample_n_head": [4, 8, 12, 4, 4, 4, 4, 4, 4, 12],
        "sample_mlp_ratio": [2, 3, 4, 2, 2, 2, 2, 2, 2, 3],
        "sample_bias": "True",
    }
    whittle = json.loads(SMALL.decode(values, "whittle"))
    assert whittle["sub_network_intermediate_size"][:3] == [384, 576, 768]
    assert whittle["sub_network_head_size"] == 64
    assert whittle["bias"] is True
    del whittle["sub_network_head_size"]
    assert SMALL.encode(repr(whittle)) == values


def test_one_number_stands_for_all_layers_and_more_members_are_passed_over() -> None:
    even = SMALL.encode(config())
    assert SMALL.encode(config(sample_n_head=4, sample_mlp_ratio=2, sample_layer_indices=[0, 1])) == even
    assert SMALL.encode("arch = '" + SMALL.decode(even) + "'") == even


@pytest.mark.parametrize(
    ("genotype", "rule"),
    [
        (config(sample_n_head=[4] * 9), "sample_n_head has 9 numbers for 10 layers"),
        (config(sample_mlp_ratio=[2] * 12), "sample_mlp_ratio has 12 numbers for 10 layers"),
        (config(sample_n_head=[5] * 10), "number of heads 5 is none of gpt-s, which has 4, 8 or 12"),
        (config(sample_bias="maybe"), "sample_bias is 'maybe', not true or false"),
        (config(sample_embed_dim=1.5), "sample_embed_dim is '1.5', not a whole number"),
        (config(sample_n_layer=-3), "no model has -3 layers"),
        ('{"sample_embed_dim": 192}', "has no sample_n_layer"),
        (TEN.replace("192", "200"), "embedding width 200 is none of gpt-s"),
        (TEN.replace(":bias", ":biased"), "is no language model"),
        ('{"sub_network_n_embd": 192}', "has no sub_network_n_layers"),
        (SMALL.decode(SMALL.encode(TEN), "whittle").replace("384", "385"), "385 is no multiple of the embedding width"),
        (SMALL.decode(SMALL.encode(TEN), "whittle").replace(": 64", ": 32"), "heads are 64 wide"),
    ],
)
def test_refusals(genotype: str, rule: str) -> None:
    assert_refused(SMALL, genotype, rule)


@pytest.mark.parametrize(
    ("genotype", "space", "hint"),
    [
        (TEN.replace("192", "512"), SMALL, "512 is a choice of gpt-m: --space gpt-m"),
        (TEN.replace("12x3", "20x3"), SMALL, "20 is a choice of gpt-l: --space gpt-l"),
        (TEN, MEDIUM, "192 is a choice of gpt-s: --space gpt-s"),
        (TEN.replace("192", "320"), LARGE, "10 is a choice of gpt-s: --space gpt-s"),
    ],
)
def test_a_refusal_names_the_size_that_has_such_a_choice(genotype: str, space: Gpt, hint: str) -> None:
    with pytest.raises(GenotypeError) as caught:
        space.encode(genotype)
    assert caught.value.hint == hint


@pytest.mark.parametrize("size", SIZES)
def test_layers_are_there_up_to_the_depth_whatever_is_drawn_first(size: str) -> None:
    space = SIZES[size]
    for rows in (drawn_from_legal_types(space, 300, 3), space.draw(300, 3)):
        models = [read(space.decode(row), space.name) for row in rows.tolist()]
        assert {len(model.heads) for model in models} == set(space.size.depths)
    everything = legal_types(space, np.array([space.layout.choices]))[0]
    assert everything.sum(1).tolist() == list(space.layout.choices)


def test_a_layer_that_is_known_settles_the_depth() -> None:
    values = np.array([SMALL.layout.choices])
    values[0, 2 + 2 * 11] = 1  # heads of the twelfth layer
    legal = legal_types(SMALL, values)[0]
    assert legal[1].tolist() == [False, False, True, False]
    assert legal[-2].tolist() == [True, True, True, False]
    values[0, 2 + 2 * 11] = 3
    legal = legal_types(SMALL, values)[0]
    assert legal[1].tolist() == [True, True, False, False]
    assert legal[-2].tolist() == [False, False, False, True]
    assert legal[-4].tolist() == [True] * 4


@pytest.mark.parametrize(("size", "rows"), [("s", 10_000), ("m", 5_245), ("l", 429)])
def test_tables_of_the_benchmark_and_its_counts(bench_data: Path, tmp_path: Path, size: str, rows: int) -> None:
    """Reading compares parameters and multiply-accumulates of every row with the closed forms."""
    path = bench_data / f"hwgptbench_{size}.csv.gz"
    done = import_files(SIZES[size], [path], path=tmp_path / "table.safetensors")
    assert (done.rows, len(done.added)) == (rows, 19)
    columns = read_file(SIZES[size], path).columns
    assert {key.partition("/")[2] for key in columns if key.startswith("latency")} == set(SIZES[size].hardware)
    assert np.median(columns["energy/a100"]) == pytest.approx(1)
    assert columns["memory/a100"].min() > 1e8
    other = SIZES["m" if size == "s" else "s"]
    with pytest.raises(CorruptFileError) as caught:
        import_files(other, [path], path=tmp_path / "other.safetensors")
    assert caught.value.hint is not None
    assert SIZES[size].name in caught.value.hint


def csv(path: Path, **changes: str) -> Path:
    row = {"embed_dim": "192", "n_layer": "10", "n_head": "4 " * 10, "mlp_ratio": "2 " * 10, "bias": "0"}
    row |= {"perplexity": "40.5", "params": "22979328"} | changes
    path.write_bytes(gzip.compress(f"{','.join(row)}\n{','.join(row.values())}\n".encode()))
    return path


def test_own_csv(tmp_path: Path) -> None:
    even = SMALL.encode(config(sample_bias="False"))
    params = str(SMALL.closed_form("params", np.array([even]))[0])
    path = csv(tmp_path / "a.csv.gz", params=params, h100_latency_ms="2.5")
    found = read_file(SMALL, path)
    assert [SMALL.encode(genotype) for genotype in found.genotypes] == [even]
    assert {key: values.tolist() for key, values in found.columns.items()} == {"latency/h100": [2.5], "ppl": [40.5]}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"params": "1"}, "line 2: params is 1, not "),
        ({"n_head": "4 4"}, "line 2 has no list of 10 heads"),
        ({"toaster_latency_ms": "1"}, "column 'toaster_latency_ms' is unknown"),
        ({"bias": "2"}, "or no bias"),
    ],
)
def test_files_that_are_refused(tmp_path: Path, changes: dict[str, str], reason: str) -> None:
    path = csv(tmp_path / "a.csv.gz", **changes)
    with pytest.raises(CorruptFileError, match=reason):
        import_files(SMALL, [path], path=tmp_path / "table.safetensors")

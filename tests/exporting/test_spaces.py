"""Exported sources of every space: where they say they come from, nothing hostile in them, other skeletons."""

from __future__ import annotations

import ast
import io
import tokenize
from pathlib import Path
from typing import Any

import pytest

from dinas_cli.architectures.conditions import Budget, Rank, Request
from dinas_cli.architectures.schema import Metric, Record
from dinas_cli.errors import GenotypeError
from dinas_cli.exporting.plan import plan
from dinas_cli.spaces.registry import get_space, space_names
from dinas_cli.spaces.shared.skeletons import choose, skeletons_of
from dinas_cli.testing.alone import gaps
from dinas_cli.testing.networks import different
from tests.support.nightly import by_day

ATTACK = '"""\nimport os\u2028import os\r' + "x = '''"


EVERY = [(name, skeleton) for name in space_names() for skeleton in skeletons_of(get_space(name))]


@pytest.mark.parametrize(("name", "skeleton"), by_day(EVERY, [("nasbench201", "cifar"), ("nats-size", "cifar")]))
def test_sources_of_other_skeletons_alone_compute_the_same(tmp_path: Path, name: str, skeleton: str) -> None:
    import torch

    torch.set_num_threads(1)
    space = get_space(name)
    wanted = {"channels": 8, "cells": 3, "in_channels": 2}
    small: dict[str, Any] = {option: size for option, size in wanted.items() if option in skeletons_of(space)[skeleton]}
    if "image_size" in skeletons_of(space)[skeleton] and skeleton == "imagenet":
        small["image_size"] = 64
    genotype = space.decode(space.draw(1, 9)[0].tolist())
    assert max(gaps([plan(Record("", name, genotype), None, skeleton, small)], tmp_path)) <= 1e-5


@pytest.mark.parametrize("name", space_names())
def test_header_states_genotype_id_metrics_constraints_checkpoint_and_seed(name: str) -> None:
    space = get_space(name)
    (network,) = different(space, 1)
    rank = space.rank_metric
    unit = next(spec.unit for spec in space.metrics if spec.name == rank)
    record = Record(
        "anything",
        name,
        network.record.genotype,
        {rank: Metric(12.5, unit, "surrogate", {"kendall_tau": 0.9})},
        Request(name, network.dataset, Rank(rank, 5.0), None, (Budget("params", 2e6),)).to_dict(),
        {"checkpoint": "some.safetensors", "sha256": "ab" * 32, "seed": 7, "index": 3, "version": "0.1.0"},
    )
    source = plan(record).source()
    comments = " ".join(line.removeprefix("# ") for line in source.splitlines() if line.startswith("# "))
    at = f"@{network.dataset}" if network.dataset else ""
    for words in (
        f"architecture: {network.record.id}",
        f"genotype: {network.record.genotype}",
        f"{rank}: 12.5 {unit} (surrogate, kendall_tau 0.9)",
        f"constraints: top 5 % {rank}{at} with params ≤ 2.00 M",
        "checkpoint: some.safetensors",
        f"sha256: {'ab' * 32}",
        "seed: 7",
        "index: 3",
    ):
        assert "".join(words.split()) in "".join(comments.split())  # long genotypes are wrapped


@pytest.mark.parametrize("name", space_names())
def test_hostile_records_bring_nothing_but_comments(name: str) -> None:
    space = get_space(name)
    (network,) = different(space, 1)
    record = Record(
        "../../escape",
        name,
        network.record.genotype,
        {ATTACK: Metric(1.0, ATTACK, "table", {ATTACK: ATTACK})},
        {},
        {ATTACK: ATTACK, "checkpoint": {"nested": [ATTACK]}, "seed": ATTACK},
    )
    hostile = plan(record, network.dataset)
    assert hostile.name == network.name
    assert hostile.name.isidentifier()
    source = hostile.source()
    # As bytes, so that an encoding declaration would take effect.
    assert ast.dump(ast.parse(source.encode())) == ast.dump(ast.parse(network.source().encode()))
    assert all(character.isprintable() or character == "\n" for character in source)
    tokens = tokenize.tokenize(io.BytesIO(source.encode()).readline)
    assert {token.type for token in tokens if "import os" in token.string} == {tokenize.COMMENT}


@pytest.mark.parametrize("name", space_names())
def test_hostile_genotypes_are_refused_or_harmless(name: str) -> None:
    """Whatever is put into a genotype, of any dialect and anywhere: nothing of it is in the source."""
    space = get_space(name)
    dataset = next(iter(space.datasets), None)
    values = space.draw(1, 2)[0].tolist()
    messages: list[str] = []
    accepted = 0
    for dialect in space.dialects:
        text = space.decode(values, dialect)
        places = sorted({0, len(text), *range(1, len(text), max(1, len(text) // 12))})
        for attack in (ATTACK, "__import__('os').system('x')", "\x00", "\u202e", "{0}", "conv\n#", "evil_op", '"+x+"'):
            for place in places:
                for genotype in (text[:place] + attack + text[place:], text[:place] + attack):
                    try:
                        found = space.encode(genotype)
                    except GenotypeError as error:
                        messages.append(error.message)
                        continue
                    accepted += 1
                    source = space.source(found, dataset)
                    assert "evil" not in source
                    assert "os" not in {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    assert all("\n" not in message and len(message) < 1000 for message in messages)
    assert accepted <= len(messages) // 4  # white space around a genotype, or text behind a complete one in a comment


@pytest.mark.parametrize("name", space_names())
def test_names_differ_for_datasets_and_skeletons(name: str) -> None:
    space = get_space(name)
    genotype = space.decode(space.draw(1, 1)[0].tolist())
    datasets = space.datasets or (None,)
    made = [plan(Record("", name, genotype), dataset) for dataset in datasets]
    made += [plan(Record("", name, genotype), None, skeleton) for skeleton in skeletons_of(space)]
    names = [network.name for network in made]
    assert len(set(names)) == len(names)
    assert all(text.isidentifier() and text.isascii() for text in names)
    assert [network.skeleton for network in made[len(datasets) :]] == [
        choose(space, skeleton) for skeleton in skeletons_of(space)
    ]

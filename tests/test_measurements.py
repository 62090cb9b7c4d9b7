"""Measurements as users write them down: separators, headers, comments, and lines that cannot be read."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from dinas_cli.errors import NotFoundError, UsageProblem
from dinas_cli.measurements import read_measurements
from dinas_cli.spaces.nasbench201 import SPACE

CELLS = ("|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|", SPACE.decode((1, 1, 1, 1, 1, 1)))
READ = ((CELLS[0], 1.5), (CELLS[1], None))


def read(folder: Path, text: str | bytes) -> tuple[tuple[str, float | None], ...]:
    path = folder / "costs.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_measurements(SPACE, path)


@pytest.mark.parametrize(
    "text",
    [
        f"{CELLS[0]}\t1.5\n{CELLS[1]}\t\n",
        f"{CELLS[0]},1.5\n{CELLS[1]},\n",
        f"{CELLS[0]}, 1.5 \r\n{CELLS[1]},\r\n",
        f"{CELLS[0]}\t1.5e0\n\n  \n{CELLS[1]}\t",
        f"genotype\tlatency (ms)\n{CELLS[0]}\t1.5\n{CELLS[1]}\t\n",
        f"genotype,cost\n{CELLS[0]},1.5\n{CELLS[1]},\n,\n,\n",
        f"# measured on a Monday\n#more\ngenotype\tms\n{CELLS[0]}\t1.5\n# and on\n{CELLS[1]}\t\n",
        f"\ufeffgenotype\tms\n{CELLS[0]}\t1.5\n{CELLS[1]}\t\n",
        f"\ufeff{CELLS[0]}\t1.5\n{CELLS[1]}\t\n",
        f'"{SPACE.decode(SPACE.encode(CELLS[0]), "tuple")}",1.5\n111111,\n',
        "301004,1.5\n111111,\n",
    ],
)
def test_read(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) == READ


def test_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("301004\t1.5\n111111\t\n"))
    assert read_measurements(SPACE, Path("-")) == READ
    monkeypatch.setattr("sys.stdin", io.StringIO("301004\t1.5\n111111\tx\n"))
    with pytest.raises(UsageProblem, match="stdin:2: 'x' is not a number"):
        read_measurements(SPACE, Path("-"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{CELLS[0]}\n", ":1: 1 columns instead of two"),
        ("301004\t1.5\t2.5\n", ":1: 3 columns instead of two"),
        ("301004\t1.5\n111111\tfast\n", ":2: 'fast' is not a number"),
        ("301004\tfast\n", ":1: 'fast' is not a number"),
        ("301004\t1.5\n111111\tnan\n", ":2: 'nan' is not a number"),
        ("301004\t1.5\n111111\tinf\n", ":2: 'inf' is not a number"),
        ("301004\t1.5\n111111\t0\n", ":2: '0' is not a positive number"),
        ("301004\t1.5\n111111\t-3\n", ":2: '-3' is not a positive number"),
        ("301004\t1.5\n\n# x\n111119\t2\n", ":4: "),
        ("genotype\tms\ngenotype\tms\n301004\t1.5\n", ":2: "),
        ("301009\t1.5\n301004\t1.5\n", ":1: "),
        ("301004\t1,5\n", ":1: '1,5' is not a number"),
        ("301004,1.5ms\n", ":1: '1.5ms' is not a number"),
        ("x" * 200_000 + "\t1\n", ":1: "),
    ],
)
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        read(tmp_path, text)
    assert f"costs.txt{message}" in caught.value.message
    assert len(caught.value.message) < 500 + len(str(tmp_path))
    assert "GENOTYPE<tab>COST" in str(caught.value.hint)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no such file") as caught:
        read_measurements(SPACE, tmp_path / "missing.tsv")
    assert caught.value.exit_code == 3
    with pytest.raises(UsageProblem, match="cannot read"):
        read_measurements(SPACE, tmp_path)
    with pytest.raises(UsageProblem, match="not UTF-8"):
        read(tmp_path, b"\xff\xfe3\x000\x00")


def test_an_empty_file_has_no_measurements(tmp_path: Path) -> None:
    assert read(tmp_path, "") == ()
    assert read(tmp_path, "# nothing yet\n\ngenotype\tms\n") == ()


def test_any_text_is_read_or_refused(tmp_path: Path) -> None:
    """Random cuts and mixtures of what such files are made of: a result or a usage problem, never anything else."""
    rng = np.random.default_rng(3)
    pieces = [
        *CELLS,
        "301004",
        "\t",
        ",",
        "\n",
        "\r",
        '"',
        "#",
        "1.5",
        "-",
        "nan",
        "1e999",
        "\0",
        "\x0b",
        "é",
        "(((",
        "|",
    ]
    refused = 0
    for _ in range(400):
        text = "".join(pieces[i] for i in rng.integers(len(pieces), size=rng.integers(1, 14)))
        try:
            found = read(tmp_path, text)
        except UsageProblem:
            refused += 1
            continue
        assert all(SPACE.decode(SPACE.encode(genotype)) == genotype for genotype, _ in found)
        assert all(cost is None or 0 < cost < float("inf") for _, cost in found)
    assert 0 < refused < 400

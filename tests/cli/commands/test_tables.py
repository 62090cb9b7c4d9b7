"""``dinas tables``: import, list, path and rm in every mode, and what is said when something is wrong."""

from __future__ import annotations

import json
from pathlib import Path

from tests.conftest import Cli
from tests.support.benchmark_files import HEADER, benchmark_csvs, hardware_content, rows, write_csv, write_pickle


def test_from_import_to_removal(cli: Cli, home: Path, tmp_path: Path) -> None:
    where = home / "tables" / "nasbench201.safetensors"
    path = write_csv(tmp_path / "a.csv", HEADER, rows())
    done = cli("tables", "import", "nb201", path, "--partial")
    assert done.code == 0
    assert done.out.splitlines() == [
        "column\toutcome\tunit\tsource",
        "index\tadded\t\ta.csv",
        "acc@cifar10\tadded\t%\ta.csv",
        "test_acc@cifar10\tadded\t%\ta.csv",
        "params@cifar10\tadded\tcount\ta.csv",
    ]
    assert f"reading {path}" in done.err
    assert "note: a.csv: left out c10_val_12: accuracies after 12 epochs" in done.err
    assert f"{where}: 4 architectures; columns: 4 added" in done.err

    listed = cli("tables", "list")
    assert listed.out.splitlines()[1].split("\t") == ["nasbench201", "4", "4", str(where.stat().st_size), str(where)]
    columns = [json.loads(line) for line in cli("tables", "list", "nasbench201", "--json").out.splitlines()]
    assert columns[1] == {"column": "acc@cifar10", "unit": "%", "known": 4, "source": "a.csv"}
    assert cli("tables", "path", "nb201").out == f"{where}\n"

    refused = cli("tables", "rm", "nb201")
    assert (refused.code, where.exists()) == (2, True)
    assert "--yes" in refused.err
    assert cli("tables", "rm", "nb201", "--yes").code == 0
    assert not where.exists()


def test_json_and_quiet(cli: Cli, tmp_path: Path) -> None:
    path = write_pickle(tmp_path / "hw.pickle", hardware_content())
    done = cli("tables", "import", "nasbench201", path, "--partial", "--json", "--quiet")
    assert (done.code, done.err) == (0, "")
    first = json.loads(done.out.splitlines()[0])
    assert first == {"column": "latency/edgegpu@cifar10", "outcome": "added", "unit": "ms", "source": "hw.pickle"}
    (row,) = [json.loads(line) for line in cli("tables", "list", "--json").out.splitlines()]
    assert (row["space"], row["rows"], list(row["sources"])) == ("nasbench201", 4, ["hw.pickle"])


def test_nothing_imported(cli: Cli) -> None:
    listed = cli("tables", "list", "--json")
    assert (listed.code, listed.out) == (0, "")
    assert "dinas tables import" in listed.err
    for args in (("list", "nb201"), ("path", "nb201"), ("rm", "nb201", "--yes")):
        result = cli("tables", *args)
        assert (result.code, result.out) == (3, "")
        assert result.err.splitlines() == [
            "error: no table of nasbench201 has been imported",
            "hint: dinas tables import nasbench201 FILE...",
        ]


def test_wrong_usage(cli: Cli, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", HEADER, rows())
    for args, code, words in (
        (("import", "nasbnch201", path), 2, "did you mean 'nasbench201'"),
        (("import", "nb201"), 2, "no FILE to import"),
        (("import", "nb201", path), 1, "covers 4 of the 15625"),
        (("import", "nb201", tmp_path / "none.csv"), 3, "no such file"),
        (("import", "nb201", path, "--dataset", "cifar"), 2, "unknown dataset 'cifar'"),
        (("path", "darts9"), 2, "unknown space"),
        (("remove",), 2, "remove"),
    ):
        result = cli("tables", *args)
        assert (result.code, result.out) == (code, ""), args
        assert words in result.err
        assert "Traceback" not in result.err


def test_bad_files_leave_no_table(cli: Cli, home: Path, tmp_path: Path) -> None:
    good = write_csv(tmp_path / "good.csv", HEADER, rows())
    bad = write_csv(tmp_path / "bad.csv", "hash,val_acc", ["ab,0.9"])
    result = cli("tables", "import", "nb201", good, bad, "--partial")
    assert (result.code, result.out) == (1, "")
    error, hint = result.err.splitlines()[-2:]
    assert error.startswith(f"error: {bad} is no usable file of nasbench201")
    assert hint.startswith("hint: expected the official NAS-Bench-201 .pth")
    assert not (home / "tables").exists()


def test_other_values_need_force(cli: Cli, tmp_path: Path) -> None:
    first = write_csv(tmp_path / "a.csv", HEADER, rows())
    second = write_csv(tmp_path / "b.csv", HEADER, rows(val0="12.5"))
    assert cli("tables", "import", "nb201", first, "--partial").code == 0
    refused = cli("tables", "import", "nb201", second, "--partial")
    assert refused.code == 1
    assert "hint: replace it with --force" in refused.err
    done = cli("tables", "import", "nb201", second, "--partial", "--force")
    assert "acc@cifar10\treplaced\t%\tb.csv" in done.out.splitlines()


def test_a_broken_table_is_named_and_can_be_removed(cli: Cli, home: Path) -> None:
    where = home / "tables" / "nasbench201.safetensors"
    where.parent.mkdir()
    where.write_text("no table")
    listed = cli("tables", "list")
    assert listed.code == 1
    assert f"error: {where} is no usable table of nasbench201" in listed.err
    assert "dinas tables rm nasbench201 --yes" in listed.err
    assert cli("tables", "rm", "nb201", "--yes").code == 0
    assert cli("tables", "list").code == 0


def test_the_benchmark_in_one_go(shell: Cli, home: Path, bench_data: Path) -> None:
    done = shell("tables", "import", "nasbench201", *benchmark_csvs(bench_data), "--quiet")
    assert (done.code, done.err) == (0, "")
    listed = shell("tables", "list", "--json")
    assert json.loads(listed.out)["rows"] == 15_625

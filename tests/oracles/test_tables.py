"""Tables: look-ups, merging, and files that are truncated, altered or foreign."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from dinas_cli.errors import CorruptFileError, DinasError, NotFoundError
from dinas_cli.oracles.merging import NewColumn, Part, merge
from dinas_cli.oracles.tables import Table, find_table, table_path

SPACE = "nasbench201"


def part(keys: list[int], source: str = "a.csv", unit: str = "%", **columns: list[float]) -> Part:
    return Part(np.array(keys), {n: NewColumn(np.array(v, np.float64), unit, source) for n, v in columns.items()})


def test_nothing_imported() -> None:
    assert find_table(SPACE) is None
    with pytest.raises(NotFoundError, match="no table of nasbench201") as caught:
        Table.open(SPACE)
    assert caught.value.exit_code == 3
    assert "dinas tables import nasbench201" in str(caught.value.hint)


def test_look_up_in_any_order_with_gaps(home: Path) -> None:
    done = merge(SPACE, [part([30, 10, 20], acc=[3.0, 1.0, np.nan])], {"a.csv": "ff"})
    assert (done.rows, done.added, done.replaced, done.unchanged) == (3, ("acc",), (), ())
    assert done.path == home / "tables" / "nasbench201.safetensors" == table_path(SPACE)
    table = Table.open(SPACE)
    assert table.keys.tolist() == [10, 20, 30]
    assert (table.columns["acc"].unit, table.columns["acc"].source) == ("%", "a.csv")
    assert table.sources == {"a.csv": "ff"}
    found = table.lookup(np.array([30, 11, 20, 10, 99, -1, 30]), "acc")
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, [3.0, np.nan, np.nan, 1.0, np.nan, np.nan, 3.0])
    assert table.lookup(np.array([], np.int64), "acc").shape == (0,)
    with pytest.raises(NotFoundError, match="no column 'latency/fpga'"):
        table.lookup(np.array([10]), "latency/fpga")


def test_merging_unites_rows_and_fills_gaps() -> None:
    merge(SPACE, [part([1, 2], acc=[10.0, np.nan])], {"a": "1"})
    done = merge(SPACE, [part([3, 2, 1], "b.csv", acc=[30.0, 20.0, 10.0]), part([2], energy=[5.0])], {"b": "2"})
    assert (done.added, done.unchanged) == (("energy",), ("acc",))
    table = Table.open(SPACE)
    np.testing.assert_array_equal(table.column("acc"), [10, 20, 30])
    np.testing.assert_array_equal(table.column("energy"), [np.nan, 5, np.nan])
    assert table.sources == {"a": "1", "b": "2"}


def test_other_values_need_force() -> None:
    merge(SPACE, [part([1, 2], acc=[10.0, 20.0])], {})
    before = table_path(SPACE).read_bytes()
    with pytest.raises(
        DinasError, match=r"b\.csv: column acc is known already, with other values, from a\.csv"
    ) as caught:
        merge(SPACE, [part([2], "b.csv", acc=[21.0])], {})
    assert "--force" in str(caught.value.hint)
    with pytest.raises(DinasError, match="known already"):
        merge(SPACE, [part([2], "b.csv", unit="ms", acc=[20.0])], {})
    assert table_path(SPACE).read_bytes() == before
    assert merge(SPACE, [part([2], "b.csv", acc=[21.0])], {}, force=True).replaced == ("acc",)
    np.testing.assert_array_equal(Table.open(SPACE).column("acc"), [np.nan, 21])


def test_the_same_import_makes_the_same_file(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.safetensors" for number in range(12)]
    for path in paths:
        merge(SPACE, [part([3, 1], acc=[1.0, 2.0], loss=[0.5, 0.1])], {"a": "1", "b": "2"}, path=path)
    assert len({path.read_bytes() for path in paths}) == 1


def test_repeated_architectures_are_refused() -> None:
    with pytest.raises(DinasError, match="occurs twice"):
        merge(SPACE, [part([1, 1], acc=[10.0, 20.0])], {})
    assert find_table(SPACE) is None


def test_an_open_table_outlives_its_replacement() -> None:
    merge(SPACE, [part([1], acc=[10.0], loss=[1.0])], {})
    table = Table.open(SPACE)
    merge(SPACE, [part([1], acc=[11.0])], {}, force=True)
    assert table.column("acc").tolist() == [10.0]
    assert Table.open(SPACE).column("acc").tolist() == [11.0]


def test_failing_to_write_leaves_the_table_as_it_was(home: Path) -> None:
    merge(SPACE, [part([1], acc=[10.0])], {})
    before = table_path(SPACE).read_bytes()
    table_path(SPACE).parent.chmod(0o500)
    try:
        if os.access(table_path(SPACE).parent, os.W_OK):
            pytest.skip("this user may write anywhere")
        with pytest.raises(DinasError, match="not writable"):
            merge(SPACE, [part([1], loss=[1.0])], {})
    finally:
        table_path(SPACE).parent.chmod(0o700)
    assert table_path(SPACE).read_bytes() == before
    assert [path.name for path in table_path(SPACE).parent.iterdir()] == ["nasbench201.safetensors"]


def test_a_data_folder_that_cannot_be(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "file").write_text("")
    monkeypatch.setenv("DINAS_HOME", str(home / "file"))
    with pytest.raises(DinasError, match="cannot create folder"):
        merge(SPACE, [part([1], acc=[10.0])], {})


@pytest.mark.parametrize("size", [0, 4, 8, 100, 700, -1, -8])
def test_truncated_files(size: int) -> None:
    merge(SPACE, [part(list(range(100)), acc=[1.0] * 100)], {})
    path = table_path(SPACE)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(CorruptFileError, match=r"nasbench201\.safetensors is no usable table of nasbench201"):
        Table.open(SPACE)
    with pytest.raises(CorruptFileError):
        merge(SPACE, [part([1], loss=[1.0])], {})


def test_altered_values_are_noticed_in_their_column_only() -> None:
    merge(SPACE, [part([1, 2], acc=[10.0, 20.0], loss=[1.0, 2.0])], {})
    path = table_path(SPACE)
    data = path.read_bytes()
    path.write_bytes(data.replace(np.float64(20).tobytes(), np.float64(21).tobytes()))
    table = Table.open(SPACE)
    assert table.column("loss").tolist() == [1.0, 2.0]
    with pytest.raises(CorruptFileError, match="column acc is altered"):
        table.lookup(np.array([1]), "acc")
    path.write_bytes(data.replace(np.int64(2).tobytes(), np.int64(3).tobytes()))
    with pytest.raises(CorruptFileError, match="keys are altered"):
        Table.open(SPACE)


def test_foreign_files(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    save_file({"keys": np.arange(3)}, path)
    with pytest.raises(CorruptFileError, match="schema None instead of 'dinas/table@1'"):
        Table.open(SPACE, path)
    merge("darts", [part([1], acc=[10.0])], {})
    with pytest.raises(CorruptFileError, match="a table of 'darts' instead of 'nasbench201'"):
        Table.open(SPACE, table_path("darts"))
    for metadata in (
        {"schema": "dinas/table@1", "space": SPACE},
        {"schema": "dinas/table@1", "space": SPACE, "columns": "[]", "sources": "{}", "keys_crc32": "0"},
        {"schema": "dinas/table@1", "space": SPACE, "columns": "{", "sources": "{}", "keys_crc32": "0"},
        {"schema": "dinas/table@1", "space": SPACE, "columns": '{"a": 1}', "sources": "{}", "keys_crc32": "0"},
    ):
        save_file({"keys": np.arange(3)}, path, metadata)
        with pytest.raises(CorruptFileError, match="no usable table") as caught:
            Table.open(SPACE, path)
        assert "\n" not in caught.value.message
    path.write_text("not a table")
    with pytest.raises(CorruptFileError):
        Table.open(SPACE, path)


def test_one_column_is_read_without_the_others() -> None:
    rows = 200_000
    columns = {f"c{i}": NewColumn(np.full(rows, float(i)), "ms", "a") for i in range(20)}
    merge(SPACE, [Part(np.arange(rows), columns)], {})
    before = _read_bytes()
    table = Table.open(SPACE)
    assert table.lookup(np.array([5]), "c7").tolist() == [7.0]
    read = _read_bytes() - before
    # Memory-mapped pages are not counted as reads at all; reading the file whole would be 32 MB.
    assert read < 8_000_000
    assert set(table._loaded) == {"c7"}


def _read_bytes() -> int:
    """Bytes this process has read from files by system calls."""
    counters = Path("/proc/self/io")
    if not counters.exists():
        pytest.skip("this system does not count what a process reads")
    return int(counters.read_text().split("rchar: ")[1].split()[0])


IMPORTER = """
import sys
import numpy as np
from dinas_cli.oracles.merging import NewColumn, Part, merge
print("ready", flush=True)
sys.stdin.readline()
for number in range(20):
    name = f"{sys.argv[1]}{number}"
    merge("nasbench201", [Part(np.arange(200), {name: NewColumn(np.ones(200), "%", name)})], {name: "0"})
"""


def test_imports_at_the_same_time_lose_nothing() -> None:
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    others = [subprocess.Popen([sys.executable, "-c", IMPORTER, name], **pipes) for name in "ab"]
    for other in others:
        assert other.stdin
        assert other.stdout
        assert other.stdout.readline() == b"ready\n"
    for other in others:
        assert other.stdin
        other.stdin.write(b"go\n")
        other.stdin.flush()
    assert [(other.communicate(timeout=60), other.returncode)[1] for other in others] == [0, 0]
    table = Table.open(SPACE)
    assert set(table.columns) == set(table.sources) == {f"{name}{number}" for name in "ab" for number in range(20)}
    assert [path.name for path in table.path.parent.iterdir()] == ["nasbench201.safetensors"]

"""Every format by its content: which cost is taken, in which unit, of which network, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dinas_cli.architectures.schema import Record, to_json_line
from dinas_cli.errors import DinasError, UsageProblem
from dinas_cli.oracles.measurements import read_measurements
from dinas_cli.spaces.nasbench201.space import SPACE
from tests.oracles.logs import written

CELLS = ("301004", "124321", "000111")
FIRST, SECOND, THIRD = (SPACE.decode(SPACE.encode(cell)) for cell in CELLS)
IDS = [SPACE.canonical_id(SPACE.encode(cell)) for cell in CELLS]


def read(path: Path, text: str | bytes, **options: Any) -> tuple[dict[str, float | None], bool]:
    """What a file says, and whether its units were stated."""
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    found = read_measurements(SPACE, path, **options)
    return dict(found.pairs), found.stated


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        (written.TFLITE.format(name="model", median=4989), 4.989),
        (written.TFLITE.replace("\n", "\nINFO: ").format(name="model", median=4989), 4.989),
        (written.TFLITE_OLD.format(name="model", average="2.95034e+06"), 2950.34),
        (written.PERF_TEST.format(average=98.96, median="0.0995086"), 99.5086),
        (written.PERF_TEST.replace("P50 Latency:", "P50 Latency is").format(average=98.96, median="0.5"), 500),
        (written.PERF_TEST_OLD.format(average=144.871), 144.871),
        (written.exported_times(9.0, 1.25, 1.0, 1.5, 1.25), 1.25),
        (written.exported_times(1.5).replace("H2d", "In").replace("startEnqMs", "endToEndMs"), 1.5),
        (written.inspector(2.5), 2.5),
        (written.inspector(2500, " (us)", ";").replace(";", ","), 2.5),
        (written.inspector(2.5e6, " (ns)"), 2.5),
    ],
)
@pytest.mark.parametrize("name", ["301004.log", "301004.tflite.txt", "301004"])
def test_a_log_named_by_genotype(tmp_path: Path, name: str, text: str, cost: float) -> None:
    """The tools state their units; files with other endings are what they are."""
    found, stated = read(tmp_path / name, text)
    assert found == pytest.approx({FIRST: cost})
    assert stated


def test_logs_of_other_encodings(tmp_path: Path) -> None:
    text = written.TFLITE.format(name="x", median=5000)
    assert read(tmp_path / "301004.log", text.encode("utf-16")) == ({FIRST: 5.0}, True)
    assert read(tmp_path / "301004.log", b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()) == ({FIRST: 5.0}, True)


def test_many_runs_in_one_log(tmp_path: Path) -> None:
    runs = [written.TFLITE.format(name=cell, median=1000 * (at + 1)) for at, cell in enumerate(CELLS)]
    path = tmp_path / "all.log"
    assert read(path, "".join(runs)) == ({FIRST: 1.0, SECOND: 2.0, THIRD: 3.0}, True)
    assert read_measurements(SPACE, path).lines[SECOND] == f"line {runs[0].count(chr(10)) + 16}"
    echoed = [
        f"$ onnxruntime_perf_test -m times -r 10 -I nets/{cell}.onnx\n{written.PERF_TEST_OLD.format(average=at + 1)}"
        for at, cell in enumerate(CELLS)
    ]
    assert read(path, "".join(echoed)) == ({FIRST: 1.0, SECOND: 2.0, THIRD: 3.0}, True)
    with pytest.raises(UsageProblem, match=r"all\.log:4: no word on which network this is"):
        read(path, 2 * written.PERF_TEST_OLD.format(average=1))


def test_units_that_a_table_of_events_leaves_out(tmp_path: Path) -> None:
    path = tmp_path / "301004.tsv"
    assert read(path, written.inspector(2.5, "")) == ({FIRST: 2.5}, False)
    assert read(path, written.inspector(2.5, ""), bare="s") == ({FIRST: 2500.0}, True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (written.TFLITE_FAILED, "no 'Inference timings': the run did not end"),
        (written.exported_times(1.0).replace("latencyMs", "lateMs"), "latencyMs is None"),
        (written.exported_times(1.0).replace('"latencyMs": 1.0', '"latencyMs": 1' + 400 * "0"), "latencyMs is 10000"),
        (written.exported_times(1.0, 2.0)[:-5], "not all of its JSON is there"),
        (written.inspector(1.0).replace("Method::execute", "Method::run"), "no event Method::execute"),
        (written.inspector(1.0, " (cycles)"), "its events are in cycles"),
        (written.inspector(1.0).replace("1.0\t1.0", "1.0\tfast"), "not a table of the Inspector: 'fast'"),
        ("\x00\x00\x00\x00ED00" + 8 * "\x00", "is an ETDump, which only ExecuTorch can read"),
        ('[{"cat" : "Session","dur" :1,"name" :"model_run","args" : {}}]', "a profile of 1 runs"),
    ],
)
def test_refusals_name_the_file_and_the_next_step(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        read(tmp_path / "301004.log", text)
    assert caught.value.message.startswith(str(tmp_path / "301004.log"))
    assert message in caught.value.message
    assert caught.value.hint


def test_logs_of_time_are_no_energies(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match=r"301004\.log: '4989\.0us' has an unknown unit 'us'"):
        read(tmp_path / "301004.log", written.TFLITE.format(name="x", median=4989), unit="mJ")


def manifest(folder: Path, name: str = "anchors.jsonl") -> None:
    """Records of the three networks."""
    records = [Record(id_, SPACE.name, genotype) for id_, genotype in zip(IDS, (FIRST, SECOND, THIRD), strict=True)]
    (folder / name).write_text("".join(to_json_line(record) + "\n" for record in records))


@pytest.mark.parametrize("name", ["anchors.jsonl", "records.jsonl"])
def test_a_folder_with_a_file_per_network(tmp_path: Path, name: str) -> None:
    """By id or genotype; what else an export lays out is passed over."""
    manifest(tmp_path, name)
    (tmp_path / f"{IDS[0]}.py").write_text("import torch")
    (tmp_path / "measure.py").write_text("import torch")
    (tmp_path / f"{IDS[0]}.tflite.log").write_text(written.TFLITE.format(name="model", median=1000))
    (tmp_path / f"bench_{IDS[1].replace('-', '_')}_cpu.json").write_text(written.exported_times(2.0))
    (tmp_path / "000111.txt").write_text("3.5 ms\n")
    found = read_measurements(SPACE, tmp_path)
    assert (dict(found.pairs), found.stated) == ({FIRST: 1.0, SECOND: 2.0, THIRD: 3.5}, True)
    assert found.lines[FIRST] == f"{IDS[0]}.tflite.log, line 16"
    assert found.lines[THIRD] == "000111.txt"
    (tmp_path / "000111.txt").write_text("3.5")
    assert not read_measurements(SPACE, tmp_path).stated
    (tmp_path / "again.tsv").write_text(f"network\tms\n{IDS[2]}\t3.7\n")
    assert dict(read_measurements(SPACE, tmp_path).pairs)[THIRD] == pytest.approx(3.6)
    (tmp_path / "again.tsv").write_text(f"network\tms\n{IDS[2]}\t37\n")
    with pytest.raises(UsageProblem, match=r"000111\.txt, and again\.tsv, line 2 give one architecture costs"):
        read_measurements(SPACE, tmp_path)


def test_logs_in_a_folder_below_the_manifest(tmp_path: Path) -> None:
    manifest(tmp_path)
    (tmp_path / "logs").mkdir()
    assert read(tmp_path / "logs" / f"{IDS[1]}.log", written.PERF_TEST_OLD.format(average=7)) == ({SECOND: 7.0}, True)


def test_what_a_folder_should_not_hold(tmp_path: Path) -> None:
    log = written.PERF_TEST_OLD.format(average=7)
    (tmp_path / f"{IDS[1]}.log").write_text(log)
    with pytest.raises(UsageProblem, match="is neither a genotype nor has an id of records beside it") as caught:
        read_measurements(SPACE, tmp_path)
    assert "anchors.jsonl" in str(caught.value.hint)
    manifest(tmp_path)
    (tmp_path / "notes").write_text("it was a cold day\n")
    with pytest.raises(UsageProblem, match=r"notes is in no known format") as caught:
        read_measurements(SPACE, tmp_path)
    assert "TFLite benchmark_model log" in str(caught.value.hint)
    (tmp_path / "notes").unlink()
    other = SPACE.decode((1, 2, 4, 3, 2, 0))
    (tmp_path / "anchors.jsonl").write_text(to_json_line(Record(IDS[1], SPACE.name, other)))
    manifest(tmp_path, "others.jsonl")
    with pytest.raises(UsageProblem, match=r"may be .* or "):
        read_measurements(SPACE, tmp_path)


def test_of_thousands_a_sample_is_taken(tmp_path: Path) -> None:
    cells = [SPACE.decode(values) for values in SPACE.reference()[:1200].tolist()]
    (tmp_path / "all.tsv").write_text("".join(f"{cell}\t{place + 1}ms\n" for place, cell in enumerate(cells)))
    found = read_measurements(SPACE, tmp_path / "all.tsv")
    fewer = found.at_most(1000)
    assert (len(found.pairs), len(fewer.pairs)) == (1200, 1000)
    assert fewer == found.at_most(1000)
    assert [*fewer.pairs] == sorted(fewer.pairs, key=lambda pair: pair[1] or 0)
    assert found.at_most(1200) is found


def test_dictionaries_as_help_publishes_them(tmp_path: Path) -> None:
    """Written by the real ``torch.save``, laid out as in HELP's repository."""
    torch = pytest.importorskip("torch")
    (tmp_path / "latency").mkdir()
    path = tmp_path / "latency" / "phone.pt"
    for latencies in ([1.5, 2.5, 3.5], torch.tensor([1.5, 2.5, 3.5])):
        torch.save(latencies, path)
        with pytest.raises(UsageProblem, match=r"does not say of which architectures") as caught:
            read_measurements(SPACE, path)
        assert "str_arch2idx.pt" in str(caught.value.hint)
        torch.save({SECOND: 1, FIRST: 0, THIRD: 2}, tmp_path / "str_arch2idx.pt")
        found = read_measurements(SPACE, path)
        assert (dict(found.pairs), found.stated) == ({FIRST: 1.5, SECOND: 2.5, THIRD: 3.5}, False)
        (tmp_path / "str_arch2idx.pt").unlink()
    torch.save({FIRST: 1.5, SECOND: torch.tensor(2.5)}, path)
    assert dict(read_measurements(SPACE, path).pairs) == {FIRST: 1.5, SECOND: 2.5}
    for bad, message in (
        ({FIRST: "1"}, "is not a genotype's cost"),
        (torch.zeros(1).expand(10**12), "holds neither a dictionary nor a list"),
        ({FIRST: 10**400}, "is not a positive number"),
        ({FIRST: -1.0}, "-1.0 is not a positive number"),
        ({"nonsense": 1.0}, "is neither a genotype nor"),
        (7, "holds neither a dictionary nor a list"),
        ({FIRST: Path("x")}, "it asks for pathlib"),
    ):
        torch.save(bad, path)
        with pytest.raises(DinasError, match=message):
            read_measurements(SPACE, path)

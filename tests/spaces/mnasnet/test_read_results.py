"""The results of Accel-NASBench: all of them with exact counts, means of what occurs twice, refused archives."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dinas_cli.errors import CorruptFileError
from dinas_cli.oracles.importers import import_files, read_file
from dinas_cli.spaces.registry import get_space

SPACE = get_space("mnasnet")
ONE = "e1k3l1,e4k3l1,e4k3l1,e4k3l1,e4k3l1,e4k3l1,e4k3l1s"


def result(genotype: str = ONE, **changes: Any) -> dict[str, Any]:
    """What the benchmark keeps of a trained network."""
    row = np.array([SPACE.encode(genotype)])
    counts = {"params": "params", "macs": "published_macs"}
    info = {member: SPACE.closed_form(metric, row)[0] / 1e6 for member, metric in counts.items()}
    perf = {f"latency_{device}": {"latency_mean": 4.0, "latency_std": None} for device in ("zcu102", "vck190")}
    for device in ("zcu102", "vck190", "a100", "3090", "tpuv2", "tpuv3"):
        perf[f"throughput_{device}"] = {"throughput_mean": 5000.0, "throughput_std": 1.0}
    whole = {"metrics": {"val_top1": 60.0, "val_top5": 83.0, "train_time": 1.0}, "model_info": info}
    return {"architecture": json.loads(SPACE.decode(row[0], "json")), **whole, "platform_perf": perf, **changes}


def archive(path: Path, *results: object) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for number, found in enumerate(results):
            content = found if isinstance(found, bytes) else json.dumps(found).encode()
            member = tarfile.TarInfo(f"./results/result_{number}.json")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


def test_all_results_of_the_benchmark_and_their_counts(bench_data: Path, tmp_path: Path) -> None:
    """Reading compares parameters and multiply-accumulates of all 5,138 with the closed forms."""
    path = bench_data / "accel_nasbench.tar.gz"
    done = import_files(SPACE, [path], path=tmp_path / "table.safetensors")
    assert (done.rows, len(done.added)) == (5125, 9)
    assert done.notes == ("accel_nasbench.tar.gz: 13 networks occur several times: their means are kept",)
    columns = read_file(SPACE, path).columns
    missing = {key: int(np.isnan(values).sum()) for key, values in columns.items() if np.isnan(values).any()}
    assert missing.pop("throughput/tpuv3") == 44
    assert missing.pop("throughput/tpuv2") == 37
    assert set(missing.values()) == {2, 3}


def test_means_of_what_occurs_twice_and_gaps(tmp_path: Path) -> None:
    one, other = result(), result(metrics={"val_top1": 62.0})
    one["platform_perf"]["throughput_3090"]["throughput_mean"] = None
    other["platform_perf"]["throughput_tpuv2"]["throughput_mean"] = None
    one["platform_perf"]["throughput_tpuv2"]["throughput_mean"] = None
    found = read_file(SPACE, archive(tmp_path / "a.tar.gz", one, other, result(ONE.replace("e1k3", "e6k5"))))
    assert list(found.genotypes) == [ONE, ONE.replace("e1k3", "e6k5")]
    assert found.columns["acc"].tolist() == [61.0, 60.0]
    assert found.columns["throughput/rtx3090"].tolist() == [5000.0, 5000.0]
    assert np.isnan(found.columns["throughput/tpuv2"][0])
    plain = tmp_path / "a.tar"
    plain.write_bytes(gzip.decompress((tmp_path / "a.tar.gz").read_bytes()))
    assert read_file(SPACE, plain).columns["acc"].tolist() == [61.0, 60.0]


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (result(model_info={"params": 1.0, "macs": 1.0}), f"params of {ONE} is not "),
        (result(metrics={"val_top1": -1.0}), "is no result .*-1.0 is no such value"),
        (result(metrics={}), "is no result .*val_top1"),
        (result(architecture={"block0_e": 1}), "is no result .*the network has no block0_k"),
        (b"{", "not JSON"),
        (b"[" * 90_000, "not JSON"),
        (b" " * 200_000, "has 200000 bytes"),
    ],
)
def test_archives_that_are_refused(tmp_path: Path, found: object, reason: str) -> None:
    with pytest.raises(CorruptFileError, match=reason):
        read_file(SPACE, archive(tmp_path / "a.tar.gz", found))


def test_files_that_are_no_archives(tmp_path: Path) -> None:
    whole = archive(tmp_path / "a.tar.gz", result()).read_bytes()
    for content in (
        whole[:-400],
        b"genotype,acc\n",
        gzip.compress(b"text"),
        archive(tmp_path / "b.tar.gz").read_bytes(),
    ):
        (tmp_path / "c").write_bytes(content)
        with pytest.raises(CorruptFileError, match="is no usable file of mnasnet"):
            read_file(SPACE, tmp_path / "c")


def test_an_archive_that_would_become_huge(tmp_path: Path) -> None:
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 1 << 28
    start = gzip.compress(header.tobuf(tarfile.USTAR_FORMAT))
    (tmp_path / "a.tar.gz").write_bytes(start + gzip.compress(bytes(1 << 22)) * 64)
    with pytest.raises(CorruptFileError, match="unpacked it has more than"):
        read_file(SPACE, tmp_path / "a.tar.gz")

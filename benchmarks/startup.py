"""How long a command takes as a whole process, beside the import of torch that it cannot do without.

Commands take turns with ``python -c "import torch"``, so that both see the same machine; medians are compared.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import common

RUNS = 7
TORCH = [sys.executable, "-c", "import torch"]
DINAS = [sys.executable, "-m", "dinas_cli"]
COMMANDS = {
    "generate -n 16": [*DINAS, "generate", "--acc", "top5", "--latency", "3ms", "--device", "fpga", "-n", "16"],
    "--help": [*DINAS, "--help"],
    "spaces": [*DINAS, "spaces"],
}


def timed(command: list[str], environment: dict[str, str], stdin: bytes = b"") -> float:
    """Seconds of one run; raises CalledProcessError when it fails."""
    started = time.perf_counter()
    subprocess.run(command, input=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment, check=True)
    return time.perf_counter() - started


def main() -> None:
    """Time the commands, then ``eval`` of 10,000 records from a table."""
    options = common.parser(__doc__).parse_args()
    setup = common.load(options)
    results: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "DINAS_HOME": home}
        for name, command in COMMANDS.items():
            pairs = [(timed(command, environment), timed(TORCH, environment)) for _ in range(RUNS)]
            ours, torch_alone = (statistics.median(column) for column in zip(*pairs, strict=True))
            results[name] = {
                "median_s": round(ours, 3),
                "import_torch_s": round(torch_alone, 3),
                "ratio": round(ours / torch_alone, 3),
            }
        table = Path(home) / "tables" / f"{setup.space.name}.safetensors"
        table.parent.mkdir()
        table.write_bytes(Path(setup.table.path).read_bytes())
        rows = setup.space.reference()[:10_000].tolist()
        many = "\n".join(setup.space.decode(row) for row in rows).encode()
        command = [*DINAS, "eval", "-", "--space", setup.space.name, "--json"]
        one = [timed(command, environment, setup.space.decode(rows[0]).encode()) for _ in range(RUNS)]
        full = [timed(command, environment, many) for _ in range(RUNS)]
        results["eval of 10,000 from a table"] = {
            "median_s": round(statistics.median(full), 3),
            "one_record_s": round(statistics.median(one), 3),
            "beyond_start_up_s": round(statistics.median(full) - statistics.median(one), 3),
        }
    common.write(options, {**setup.about, "runs": RUNS}, results)


if __name__ == "__main__":
    main()

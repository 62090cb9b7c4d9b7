"""Times the networks beside this file and writes what ``dinas devices add`` reads.

It runs on the device, without dinas: Python 3.10 or later, as the networks need, and torch (for .py) or onnxruntime
(for .onnx).

    python measure.py --threads 4
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

FORM = ".py"
OPTIONS = ""
"""What ``dinas devices add`` is told about the networks."""
WARM_UP, FEWEST = 3, 5
"""Calls that are not counted, and those that are at least."""


def main() -> int:
    """Time every network of the manifest; the exit code is 1 when none runs, and 2 when nothing is to be written."""
    parser = argparse.ArgumentParser(description="Time the networks beside this file, for dinas devices add.")
    parser.add_argument("-o", "--output", type=Path, default=Path("measured.tsv"), help="file to bring back")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads (default: 1)")
    parser.add_argument("--batch", type=int, default=1, help="inputs per call (default: 1)")
    parser.add_argument("--seconds", type=float, default=0.2, help="per network, besides warm-up (default: 0.2)")
    parser.add_argument("--on", metavar="NAME", help="torch's device (cuda) or onnxruntime's provider")
    chosen = parser.parse_args()
    here = Path(__file__).resolve().parent
    manifest = here / "anchors.jsonl"
    if chosen.output.exists():
        say(f"error: {chosen.output} exists already; choose another: -o FILE")
        return 2
    records = [json.loads(line) for line in manifest.read_text(encoding="utf-8").splitlines() if line.strip()]
    prepare, runtime = (torch_network, torch_runtime) if FORM == ".py" else (onnx_network, onnx_runtime)
    how = f"{chosen.threads} thread(s), {chosen.batch} input(s) per call, median of {chosen.seconds:g} s"
    lines = [f"# {runtime(chosen)}, {how}; {platform.platform()}", "genotype\tlatency_ms"]
    ran = 0
    for number, record in enumerate(records, 1):
        name, cost = record["id"] + FORM, ""
        path = here / name
        if not path.is_file():
            say(f"error: no file {path}")
            return 2
        try:
            cost = f"{median(prepare(path, chosen), chosen.seconds):.6g}"
            ran += 1
        except Exception as error:  # whatever the runtime raises for a network that it cannot run
            say(f"{name} does not run: {' '.join(str(error).split())[:200]}")
        lines.append(f"{record['genotype']}\t{cost}")
        say(f"{number}/{len(records)} {name} {cost or '-'} ms")
    if not ran:
        say("error: none of the networks runs")
        return 1
    temporary = chosen.output.with_name(chosen.output.name + ".tmp")
    temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
    os.replace(str(temporary), str(chosen.output))
    say(f"now: dinas devices add NAME {chosen.output}{OPTIONS} --batch {chosen.batch}")
    return 0


def median(run: Callable[[], object], seconds: float) -> float:
    """Milliseconds of a call: the median of as many as fit into ``seconds``, after some that do not count."""
    for _ in range(WARM_UP):
        run()
    times: list[float] = []
    end = time.perf_counter() + seconds
    while len(times) < FEWEST or time.perf_counter() < end:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def torch_runtime(chosen: argparse.Namespace) -> str:
    """Set torch up, and say which it is."""
    import torch

    torch.set_num_threads(chosen.threads)
    return f"torch {torch.__version__} on {chosen.on or 'cpu'}"


def torch_network(path: Path, chosen: argparse.Namespace) -> Callable[[], object]:
    """A call of the network in a file, as ``dinas devices measure`` makes it: float32, channels last, no gradients."""
    import torch

    spec = importlib.util.spec_from_file_location(path.stem.replace("-", "_"), str(path))
    if spec is None or spec.loader is None:
        raise RuntimeError("not a Python file")
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    device = torch.device(chosen.on or "cpu")
    network = module.build().eval().to(device, memory_format=torch.channels_last)
    images = torch.randn(chosen.batch, *module.INPUT_SHAPE).to(device, memory_format=torch.channels_last)
    wait = getattr(torch, device.type).synchronize if device.type != "cpu" else lambda: None

    def run() -> None:
        with torch.no_grad():
            network(images)
        wait()

    return run


def onnx_runtime(chosen: argparse.Namespace) -> str:
    """Which onnxruntime it is."""
    import onnxruntime

    return f"onnxruntime {onnxruntime.__version__} on {chosen.on or 'CPUExecutionProvider'}"


def onnx_network(path: Path, chosen: argparse.Namespace) -> Callable[[], object]:
    """A call of the model in a file."""
    import numpy
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = chosen.threads
    session = onnxruntime.InferenceSession(str(path), options, providers=[chosen.on or "CPUExecutionProvider"])
    random = numpy.random.RandomState(0)
    feed = {}
    for item in session.get_inputs():
        shape = [size if isinstance(size, int) else chosen.batch for size in item.shape]
        feed[item.name] = random.standard_normal(shape).astype("float32")
    return lambda: session.run(None, feed)


def say(text: str) -> None:
    """A line to standard error."""
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())

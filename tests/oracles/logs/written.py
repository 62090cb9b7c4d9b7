"""What measuring tools write, typed from their documentation and sources, not taken from a device.

Only onnxruntime's profile is not here: the tests make real ones.
"""

from __future__ import annotations

import json

TFLITE = """STARTING!
Log parameter values verbosely: [0]
Min num runs: [50]
Num threads: [1]
Graph: [/data/local/tmp/{name}.tflite]
#threads used for CPU inference: [1]
Loaded model /data/local/tmp/{name}.tflite
The input model file size (MB): 1.01603
Initialized session in 5.579ms.
Running benchmark for at least 1 iterations and at least 0.5 seconds but terminate if exceeding 150 seconds.
count=9 first=87112 curr=51629 min=51629 max=87112 avg=58147.4 std=11478 p5=51629 median=51962 p95=87112

Running benchmark for at least 50 iterations and at least 1 seconds but terminate if exceeding 150 seconds.
count=50 first=5216 curr=4978 min=4908 max=68610 avg=6374.3 std=6071 p5=4962 median={median} p95=6862

Inference timings in us: Init: 5579, First inference: 87112, Warmup (avg): 58147.4, Inference (avg): 6374.3
Memory footprint delta from the start of the tool (MB): init=6.36328 overall=109.832
"""
TFLITE_OLD = """Min num runs: [50]
Graph: [/data/local/tmp/{name}.tflite]
Loaded model /data/local/tmp/{name}.tflite
count=1 curr=3512391

count=50 first=2990275 curr=2913402 min=2727568 max=3189954 avg={average} std=109798

Inference timings in us: Init: 17187, First inference: 3512391, Warmup (avg): 3.51239e+06, Inference (avg): {average}
"""
TFLITE_FAILED = "STARTING!\nMin num runs: [50]\nGraph: [/data/local/tmp/x.tflite]\nBenchmarking failed.\n"

PERF_TEST = """Setting intra_op_num_threads to 1
Session creation time cost: 0.217932 s
First inference time cost: 196 ms
Total inference time cost: 0.49481 s
Total inference requests: 5
Average inference time cost total: {average} ms
Total inference run time: 0.494854 s
Number of inferences per second: 10.104
Avg CPU usage: 11 %
Peak working set size: 271122432 bytes
Min Latency: 0.0958204 s
Max Latency: 0.101519 s
P50 Latency: {median} s
P90 Latency: 0.101519 s
"""
PERF_TEST_OLD = """Session creation time cost: 0.127918 s
Total inference time cost: 1.44871 s
Total inference requests: 10
Average inference time cost: {average} ms
Total inference run time: 1.44916 s
Avg CPU usage: 68 %
"""


def exported_times(*latencies: float) -> str:
    """``trtexec --exportTimes``, an object per inference."""
    keys = ("startEnqMs", "endEnqMs", "startH2dMs", "endH2dMs", "startComputeMs", "endComputeMs")
    return json.dumps(
        [
            dict.fromkeys(keys, 1.5) | {"h2dMs": 0.1, "computeMs": latency - 0.2, "d2hMs": 0.1, "latencyMs": latency}
            for latency in latencies
        ],
        indent=0,
    )


def inspector(median: float, unit: str = " (ms)", delimiter: str = "\t") -> str:
    """``save_data_to_tsv`` of ExecuTorch's Inspector."""
    rows = [
        ["", "event_block_name", "event_name", *(f"{name}{unit}" for name in ("p10", "p50", "p90", "avg")), "op_types"],
        ["0", "Default", "Method::init", "0.03", "0.03", "0.03", "0.03", "[]"],
        ["1", "Execute", "native_call_convolution.out", "0.9", "0.95", "1.0", "0.96", "['aten.convolution.default']"],
        ["2", "Execute", "Method::execute", "1.0", f"{median}", "9.0", "3.0", "[]"],
    ]
    return "".join(delimiter.join(row) + "\n" for row in rows)

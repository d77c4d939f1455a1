"""Offline verification of an exported log: entries per second, against hashing its leaves.

Measured twice: with a process for each processor, as `huxin log verify` does it, and in one process
(`verify-one-process`). The baseline is one process in both.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from time import perf_counter

from adapters.processes import processors
from bench.measuring import Options, Result, Run
from node.cli.log import verify_export
from tests.support.exported_logs import LOG, SyntheticLog

SIZE = 1_000_000
RUNS = 5


def run(options: Options) -> Iterator[Result]:
    """Measure; no database is needed."""
    log = SyntheticLog.of_size(options.size or SIZE)
    with tempfile.TemporaryDirectory(prefix="huxin-bench-") as name:
        out = Path(name)
        for path, data in log.files().items():
            (out / path).parent.mkdir(parents=True, exist_ok=True)
            (out / path).write_bytes(data)
        for bench, processes in (("verify", processors()), ("verify-one-process", 1)):
            runs = [_run(out, log.leaves, processes) for _ in range(options.runs or RUNS)]
            yield Result(
                bench=bench,
                database="none",
                unit=f"entries/s, processes: {processes}",
                baseline="SHA-256 of the leaves, processes: 1",
                runs=tuple(runs),
                size=len(log.leaves),
            )


def _run(out: Path, leaves: list[bytes], processes: int) -> Run:
    began = perf_counter()
    document = verify_export(out, [LOG.verifier], processes=processes)
    seconds = perf_counter() - began
    if document["findings"] or document["logs"][0]["size"] != len(leaves):
        raise RuntimeError(document["findings"][:3])
    began = perf_counter()
    for leaf in leaves:
        sha256(leaf).digest()
    bare = perf_counter() - began
    return Run(value=len(leaves) / seconds, baseline=len(leaves) / bare)

"""What a bench gives, and the line that is kept of it.

The machines that run this are shared: figures of two runs cannot be compared, so each run measures
a baseline beside what it is about, and what counts is the ratio of the two within the run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Protocol

from bench.spending import Spent

ROOT = Path(__file__).parent.parent
RESULTS = Path(__file__).parent / "results"
WATCH_SECONDS = 0.1
TELL_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run: the figure and the baseline's, one straight after the other."""

    value: float
    baseline: float
    spent: Spent | None = None
    """By all processes, for all records, where it was measured; and by the baseline's."""
    baseline_spent: Spent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The runs of one bench on one database (`none` where it needs none)."""

    bench: str
    database: str
    unit: str
    baseline: str
    runs: tuple[Run, ...]
    size: int
    """Records of one run."""

    def line(self) -> dict[str, Any]:
        """The line for `results/<bench>.jsonl`; `min` and `max` are the spread of the value."""
        values = [run.value for run in self.runs]
        ratios = [run.value / run.baseline for run in self.runs]
        return {
            "bench": self.bench,
            "database": self.database,
            "value": _rounded(median(values)),
            "unit": self.unit,
            "baseline": self.baseline,
            "baseline_value": _rounded(median(run.baseline for run in self.runs)),
            "ratio": _rounded(median(ratios)),
            "n": len(self.runs),
            "min": _rounded(min(values)),
            "max": _rounded(max(values)),
            "ratio_min": _rounded(min(ratios)),
            "ratio_max": _rounded(max(ratios)),
            "size": self.size,
            **self._spent("", [run.spent for run in self.runs]),
            **self._spent("baseline_", [run.baseline_spent for run in self.runs]),
        }

    def _spent(self, whose: str, runs: Sequence[Spent | None]) -> dict[str, float]:
        """Microseconds of processors and bytes written for one record."""
        known = [spent for spent in runs if spent is not None]
        if not known:
            return {}
        return {
            f"{whose}processor_us": _rounded(median(s.seconds for s in known) / self.size * 1e6),
            f"{whose}written_bytes": _rounded(median(s.written for s in known) / self.size),
        }


class Counter(Protocol):
    """A number that grows, such as `bench.databases.ReconciledOf`."""

    def __call__(self) -> int: ...

    def close(self) -> None:
        """Release what it asks."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line says; 0 for a bench's own number."""

    size: int
    runs: int
    databases: tuple[str, ...]


def cpu_seconds(pid: int) -> float:
    """Processor time of a process so far, user and system (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> float:
    """MiB of a process that lie in memory now (Linux)."""
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@contextmanager
def watched(pid: int) -> Iterator[list[float]]:
    """Note a process's resident MiB every `WATCH_SECONDS` while the block runs."""
    seen = [resident(pid)]
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(WATCH_SECONDS):
            seen.append(resident(pid))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


@contextmanager
def told(what: str, done: Counter, size: int) -> Iterator[None]:
    """Say on stderr every `TELL_SECONDS` how much is done while the block runs."""
    ended = threading.Event()

    def tell() -> None:
        while not ended.wait(TELL_SECONDS):
            print(f"  {what}: {done()} of {size}", file=sys.stderr, flush=True)

    thread = threading.Thread(target=tell)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        done.close()


def keep(file: str, result: Result) -> dict[str, Any]:
    """Append a result with commit and date, which are read here and nowhere else."""
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    line = {
        **result.line(),
        "commit": described.stdout.strip(),
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
    }
    RESULTS.mkdir(exist_ok=True)
    with (RESULTS / f"{file}.jsonl").open("a", encoding="utf-8") as out:
        out.write(json.dumps(line, ensure_ascii=False) + "\n")
    return line


def _rounded(number: float) -> float:
    """Four significant digits; what is beyond them is noise."""
    return float(f"{number:.4g}")

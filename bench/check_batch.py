"""A table of subjects checked at a node that holds many listings: file to file, subjects a second.

`huxin check --file` beside a running node; one subject in a thousand is listed, a tenth of the
others stand in the base library. Against what no such thing can do without (`bench.bare_batch`),
with as many processes: the command's and the node's, by the clock and by what the processors spent.
Beside it the bare look-up of the tags. The most memory that each of the two held is printed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from bench import federations
from bench.askers import MATTER, PURPOSE
from bench.check import RUNS, prepared
from bench.databases import databases
from bench.measuring import Options, Result, Run
from bench.spending import Spent, spent
from federation.uscc import make_uscc

SIZE = 1_000_000
"""Rows; 10,000,000 is the mark."""
HELD = 200_000
"""Listings; 2,000,000 is the mark, and takes half an hour to make."""
LISTED_EACH = 1000
PROCESSES = 2
_COMMAND = "from node.cli.main import main; main()"


def run(options: Options) -> Iterator[Result]:
    """Measure on each database; the size is the number of rows."""
    for kind in options.databases:
        with tempfile.TemporaryDirectory(prefix="huxin-bench-") as name:
            directory = Path(name)
            with databases(kind, directory) as server, server.fresh() as url:
                pair = federations.found(directory, guests=1)
                federations.use_database(pair.publisher, url)
                size = options.size or SIZE
                held = min(HELD, max(size // 5, 1000))
                asked = prepared(directory, pair.publisher, pair.guests[0], pair, held)
                file = directory / "subjects.csv"
                _write(file, asked.subjects, size)
                runs, joins = [], []
                with federations.serving(asked.node) as pid:
                    for number in range(options.runs or RUNS):
                        out = directory / f"out-{number}"
                        seconds, used = _checked(asked.node, file, out, pid)
                        value = size / seconds
                        bare = _bare(file, held)
                        runs.append(
                            Run(
                                value=value,
                                baseline=size / bare["seconds"],
                                spent=used,
                                baseline_spent=Spent(seconds=bare["spent"]),
                            )
                        )
                        joins.append(Run(value=value, baseline=1 / bare["join"]))
            for bench, baseline, found in (
                ("check-batch", "read, hash, look up", runs),
                ("check-batch", "bare look-up of tags", joins),
            ):
                yield Result(
                    bench=f"{bench}, {held} listings",
                    database=kind,
                    unit="subjects per second",
                    baseline=baseline,
                    runs=tuple(found),
                    size=size,
                )


def _write(file: Path, subjects: Path, size: int) -> None:
    """A register: names that are nobody else's, codes with valid check digits."""
    listed = json.loads(subjects.read_text("utf-8"))[: size // LISTED_EACH + 1]
    with file.open("w", encoding="utf-8") as lines:
        lines.write("统一社会信用代码,主体名称\n")
        for number in range(size):
            if number % LISTED_EACH == 0:
                code, name = listed[number // LISTED_EACH % len(listed)]
            else:
                body = f"{number // 1_000_000:02}{number % 1_000_000:06}"
                code = make_uscc("91510500", f"X{body[1:]}"[:8])
                name = f"登记示例{number}号贸易有限公司（演示）"
            lines.write(f"{code},{name}\n")


def _checked(node: Path, file: Path, out: Path, pid: int) -> tuple[float, Spent]:
    """Seconds by the clock, and what command and node spent."""
    at_first, began = spent(pid), perf_counter()
    with (out.parent / "command.log").open("w+b") as log:
        command = subprocess.Popen(
            [
                *(sys.executable, "-c", _COMMAND, "check", "--file", str(file), "--out", str(out)),
                *("--matter", MATTER, "--purpose", PURPOSE, "--case", out.name, "--dir", str(node)),
            ],
            stdout=log,
            stderr=log,
        )
        _, status, used = os.wait4(command.pid, 0)
        command.returncode = os.waitstatus_to_exitcode(status)
        seconds, at_last = perf_counter() - began, spent(pid) - at_first
        log.seek(0)
        assert command.returncode in (0, 1), log.read().decode()
    own = used.ru_utime + used.ru_stime
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    assert summary["matches"], summary
    print(
        f"  {summary['matches']} matches; processors: command {own:.1f} s, node "
        f"{at_last.seconds:.1f} s; memory at most: command {used.ru_maxrss // 1024} MiB, node "
        f"{most_held(pid)} MiB",
        flush=True,
    )
    return seconds, Spent(seconds=own, written=0) + at_last


def most_held(pid: int) -> int:
    """The most memory that a process has held so far, MiB."""
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) // 1024


def _bare(file: Path, held: int) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.bare_batch", str(file), str(held), str(PROCESSES)],
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found

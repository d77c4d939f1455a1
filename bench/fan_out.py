"""One publisher and ever more followers: what one statement costs it for each of them.

All followers take the whole log at once, as after an outage of theirs. Processor time is that of
the publisher's process, handshakes included; bytes are those of the messages on the streams, with
the charters that each stream begins with. A mark of 1 is flat: as much as with one follower.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench import federations, lists
from bench.guests import gathered
from bench.measuring import Options, Result, Run, cpu_seconds

SIZE = 10_000
RUNS = 3
FOLLOWERS = (1, 10, 50, 200)


def run(options: Options, followers: tuple[int, ...] = FOLLOWERS) -> Iterator[Result]:
    """Measure with each number of followers; the first is what the others are compared with."""
    size = options.size or SIZE
    runs = options.runs or RUNS
    with tempfile.TemporaryDirectory(prefix="huxin-bench-") as name:
        directory = Path(name)
        pair = federations.found(directory, guests=max(followers))
        lists.write_list(directory / "list.csv", size)
        rows = lists.listings(directory / "list.csv", pair.audience)
        lists.preload(pair.publisher, map(lists.short, rows))
        measured: dict[int, list[tuple[float, float]]] = {count: [] for count in followers}
        with federations.serving(pair.publisher) as pid:
            _measure(pair, pid, 1, size)  # the first follower warms what is kept of the charters
            for _ in range(runs):
                for count in followers:
                    measured[count].append(_measure(pair, pid, count, size))
    for place, (what, unit) in enumerate((("cpu", "µs"), ("bytes", "bytes"))):
        for count in followers:
            yield Result(
                bench=f"fan-out-{what}-{count}",
                database="sqlite",
                unit=f"{unit} per statement and follower",
                baseline=f"with {followers[0]} follower",
                runs=tuple(
                    Run(value=some[place], baseline=one[place])
                    for some, one in zip(measured[count], measured[followers[0]], strict=True)
                ),
                size=size,
            )


def _measure(pair: federations.Pair, pid: int, count: int, size: int) -> tuple[float, float]:
    """Microseconds and bytes for one statement and follower."""
    with gathered(pair.publisher, pair.guests[:count]) as guests:
        before = cpu_seconds(pid)
        answer = guests.follow(0, size)
        spent = cpu_seconds(pid) - before
    served = size * count
    return spent * 1e6 / served, answer.received / served

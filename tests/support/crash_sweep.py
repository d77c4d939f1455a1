"""Kill a node at random times of a load: `python -m tests.support.crash_sweep SEED`.

The load of `tests.support.crash_child`, on SQLite and on PostgreSQL, ends by SIGKILL at any moment,
several times over where the seed says so; then the node is started, finishes the load and meets its
peer, as in `tests/scenarios/test_crash.py`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.support.crash_checks import NODE, check_recovered
from tests.support.crash_child import Material
from tests.support.crash_world import Prepared, copied_to, prepared_in
from tests.support.postgres import running_server
from tests.support.processes import CrashServer, Ended

MOST_KILLS = 4
"""In one seed, one after the other on the same directory."""
LONGER = 1.2
"""A kill falls anywhere in so much of what a whole load took here; some do end before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Killed:
    """What came of one seed."""

    kills: int
    whole: int
    """Loads that ended before they were killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crashes:
    """A prepared federation and the process that forks what is killed."""

    prepared: Prepared
    server: CrashServer
    seconds: float
    """In which a kill falls."""

    def run(self, seed: int, directory: Path) -> Killed:
        """Kill, start again, and check what was answered.

        Args:
            seed: chooses how often and when.
            directory: new or empty; what is left stays there.
        """
        random = Random(seed)
        loads = random.randint(1, MOST_KILLS)
        with copied_to(directory, self.prepared):
            ends = [self._load(directory, random.random() * self.seconds) for _ in range(loads)]
            said = [entry for ended in ends for entry in ended.said]
            check_recovered(
                directory, Material.read(self.prepared.material), Ended(code=0, said=said)
            )
        kills = sum(ended.code != 0 for ended in ends)
        return Killed(kills=kills, whole=loads - kills)

    def _load(self, directory: Path, seconds: float) -> Ended:
        return _load(self.prepared, self.server, directory, seconds)


def _load(prepared: Prepared, server: CrashServer, directory: Path, seconds: float = 0) -> Ended:
    return server.run(
        failpoint="",
        directory=directory / NODE.region,
        material=prepared.material,
        files=directory / "files",
        seconds=seconds,
    )


def _whole_load(prepared: Prepared, server: CrashServer, directory: Path) -> float:
    """How many seconds a load takes on this machine as it is now."""
    directory.mkdir()
    with copied_to(directory, prepared):
        begun = time.monotonic()
        assert _load(prepared, server, directory).code == 0
        return time.monotonic() - begun


def sweep(
    seeds: Sequence[int], directory: Path, maintenance: str, failed: Callable[[int], None]
) -> list[Killed]:
    """Run seeds on one database; see `prepared_in`. A seed that fails is told on standard error."""
    done: list[Killed] = []
    (directory / "founded").mkdir(parents=True)
    with (
        prepared_in(directory / "founded", maintenance) as prepared,
        closing(CrashServer()) as server,
    ):
        # The first one pays for what is loaded late.
        whole = [_whole_load(prepared, server, directory / name) for name in ("first", "whole")]
        crashes = Crashes(prepared=prepared, server=server, seconds=LONGER * min(whole))
        for seed in seeds:
            place = directory / str(seed)
            place.mkdir()
            try:
                done.append(crashes.run(seed, place))
            except Exception:  # noqa: BLE001  whatever it is, the sweep goes on and tells it
                failed(seed)
                print(f"python -m tests.support.crash_sweep {seed}", file=sys.stderr)
                traceback.print_exc()
            shutil.rmtree(place)
    return done


def main() -> None:
    """Replay one seed, or sweep many; the last line is JSON, as `soak/kinds.py` wants it."""
    parser = argparse.ArgumentParser(description="A node killed at random times of a load.")
    parser.add_argument("seed", type=int)
    parser.add_argument("--seeds", type=int, default=1, help="how many, from that one on")
    given = parser.parse_args()
    seeds = range(given.seed, given.seed + given.seeds)
    failed: set[int] = set()
    with ExitStack() as stack:
        name = stack.enter_context(tempfile.TemporaryDirectory(prefix="huxin-crash-"))
        postgres = stack.enter_context(running_server()).render_as_string(hide_password=False)
        done = sweep(seeds, Path(name) / "sqlite", "", failed.add)
        done += sweep(seeds, Path(name) / "postgres", postgres, failed.add)
    print(
        json.dumps(
            {
                "seeds": given.seeds,
                "failed_seeds": sorted(failed),
                "kills": sum(one.kills for one in done),
                "whole_loads": sum(one.whole for one in done),
            }
        )
    )


if __name__ == "__main__":
    main()

"""Lose the power at random points of a load: `python -m tests.support.power_sweep SEED`.

The load of `tests.support.crash_child` is recorded once, on SQLite. Each seed is a point of it and
what of the writes that were not synced is left there.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.support.crash_checks import NODE, PEER, check_recovered
from tests.support.crash_child import Material
from tests.support.crash_world import Prepared, copied_to, prepared_in
from tests.support.power_loss import MARK, Disk, said
from tests.support.processes import ROOT, Ended
from tests.support.system_calls import Operation, Write, record


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A load that was recorded, from the directories before it."""

    prepared: Prepared
    before: Disk
    operations: Sequence[Operation]
    output: Path
    """Where the child wrote what it said."""

    @property
    def in_mark(self) -> Sequence[int]:
        """Points at which a slot of the mark is written and not synced."""
        return [
            number
            for number, one in enumerate(self.operations, 1)
            if isinstance(one, Write) and one.path.name == MARK
        ]


@contextmanager
def recorded_in(directory: Path) -> Iterator[Run]:
    """Prepare two nodes below a new directory and record the load of one.

    Raises:
        NoTracingError: a process cannot be traced here.
    """
    with prepared_in(directory) as prepared:
        root = directory / "run"
        root.mkdir()
        with copied_to(root, prepared):
            before = Disk(root)
            output = root / "files" / "said"
            order = {
                "failpoint": "",
                "directory": str(root / NODE.region),
                "material": str(prepared.material),
                "files": str(output.parent),
                "output": str(output),
                "seconds": "0",
            }
            command = [sys.executable, "-m", "tests.support.crash_child"]
            given = json.dumps(order) + "\n"
            operations = record(command, root, directory / "calls", cwd=ROOT, given=given)
        yield Run(prepared=prepared, before=before, operations=operations, output=output)


def check_point(run: Run, seed: int, directory: Path, *, in_mark: bool | None = None) -> None:
    """Lose the power once, start the node on what is left, and let it finish.

    Args:
        run: what was recorded.
        seed: chooses the point and what is left.
        directory: where the disk is laid out; new or empty.
        in_mark: whether a slot of the mark is written, and not synced, at that point; else the seed
            says so for one in four.
    """
    random = Random(seed)
    point = random.randint(0, len(run.operations))
    if random.random() < 1 / 4 if in_mark is None else in_mark:
        point = random.choice(run.in_mark)
    disk = deepcopy(run.before)
    for operation in run.operations[:point]:
        disk.do(operation)
    disk.lose_power(random, directory)
    shutil.rmtree(directory / PEER.region)
    shutil.copytree(run.prepared.directory / PEER.region, directory / PEER.region)
    check_database(directory / NODE.region / "huxin.db")
    check_recovered(directory, Material.read(run.prepared.material), _ended(run, point))


def check_database(path: Path) -> None:
    """SQLite finds its file whole, in a copy: that a start mends it is the node's own affair."""
    with tempfile.TemporaryDirectory(prefix="huxin-power-") as name:
        copy = Path(name)
        for part in path.parent.glob(f"{path.name}*"):
            shutil.copyfile(part, copy / part.name)
        with closing(sqlite3.connect(copy / path.name)) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def _ended(run: Run, point: int) -> Ended:
    """What the child had said by then; it says each line in one write."""
    lines = said(run.operations[:point], run.output).splitlines()
    return Ended(code=0, said=[json.loads(line) for line in lines if line.startswith(b'{"what"')])


def main() -> None:
    """Replay one seed, or sweep many; the last line is JSON, as `soak/kinds.py` wants it."""
    parser = argparse.ArgumentParser(description="Power lost at random points of a load.")
    parser.add_argument("seed", type=int)
    parser.add_argument("--seeds", type=int, default=1, help="how many, from that one on")
    given = parser.parse_args()
    failed: list[int] = []
    with tempfile.TemporaryDirectory(prefix="huxin-power-") as name:
        directory = Path(name)
        with recorded_in(directory) as run:
            for seed in range(given.seed, given.seed + given.seeds):
                place = directory / str(seed)
                try:
                    check_point(run, seed, place)
                except Exception:  # noqa: BLE001  whatever it is, the sweep goes on and tells it
                    failed.append(seed)
                    print(f"python -m tests.support.power_sweep {seed}", file=sys.stderr)
                    traceback.print_exc()
                shutil.rmtree(place)
    print(json.dumps({"seeds": given.seeds, "failed_seeds": failed}))


if __name__ == "__main__":
    main()

"""One byte changed anywhere in a small audit export: it is found, and its file is named.

`python -m tests.support.audit_bytes SEED --seeds N`. Seed n changes byte n of the export, its files
in the order of their paths; behind the last one it begins again with another change.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from bisect import bisect_right
from itertools import accumulate
from pathlib import Path

from node.audit.verifying import Audited
from tests.support.audited import CITY, World

CHANGES = (0x01, 0x80, 0x20, 0xFF, 0x10, 0x02, 0x40, 0x08, 0x04)


def small_world() -> World:
    """A listing, a repair that all lifted, a query log."""
    world = World()
    world.listed()
    world.repaired(world.statement)
    world.queries = {CITY: {3: world.now}}
    return world


def missed(world: World, out: Path, paths: list[Path], number: int) -> str:
    """Change a byte, audit, and change it back; what is wrong with what the audit says."""
    ends = list(accumulate(path.stat().st_size for path in paths))
    turn, place = divmod(number, ends[-1])
    chosen = bisect_right(ends, place)
    path = paths[chosen]
    place -= ends[chosen - 1] if chosen else 0
    good = path.read_bytes()
    changed = good[place] ^ CHANGES[turn % len(CHANGES)]
    path.write_bytes(good[:place] + bytes((changed,)) + good[place + 1 :])
    try:
        found = world.audit(out)
    finally:
        path.write_bytes(good)
    name = path.relative_to(out).as_posix()
    return "" if named(found, name) else f"{name}: byte {place} as {changed:#04x}: {found.found}"


def named(found: Audited, name: str) -> bool:
    """Whether a file is named, or, of SHA256SUMS, one that it speaks of."""
    paths = {one.path for one in found.found}
    return name in paths or (name == "SHA256SUMS" and bool(paths))


def main() -> int:
    """Change bytes; 1 where one was not found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("seed", type=int)
    parser.add_argument("--seeds", type=int, default=500)
    asked = parser.parse_args()
    failed: list[int] = []
    world = small_world()
    with tempfile.TemporaryDirectory() as folder:
        out = world.write(Path(folder) / "out")
        paths = sorted(path for path in out.rglob("*") if path.is_file())
        for seed in range(asked.seed, asked.seed + asked.seeds):
            if said := missed(world, out, paths, seed):
                failed.append(seed)
                sys.stdout.write(f"seed {seed}: {said}\n")
        size = sum(path.stat().st_size for path in paths)
    shown = {"bytes": size, "files": len(paths)}
    report = {"seeds": asked.seeds, "failed_seeds": failed, "shown": shown}
    sys.stdout.write(json.dumps(report) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

"""Long runs with fresh seeds: `make soak NAME=…`, without a name the list of them.

`SECONDS` in the environment bounds a run (an hour unless the menu says otherwise), `FIRST` names
its first seed; otherwise a run goes on behind the last seed that is recorded, so that runs add up.
Every run appends one line to `soak/results/NAME.jsonl`; also one that is interrupted, with the
batches that were finished. A run ends early after ten failed seeds; what they printed tells how to
replay them.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from soak.kinds import ROOT, Module, NotHereError, Soak, Tests

RESULTS = ROOT / "soak" / "results"
MAX_FAILED = 10
SOAKS: dict[str, Soak] = {
    "relief": Tests(
        "random histories of several logs against an independent model",
        ("tests/scenarios/test_relief_property.py",),
    ),
    "formats": Tests("properties of the log's formats with fresh examples", ("tests/crypto",)),
    "fuzz": Module(
        "every parser of foreign bytes, mutated and by coverage", ("tests.fuzz.soak", "{seed}")
    ),
    "bad-inputs": Module(
        "bad batches and lists through the real exchange and reader: nothing stored",
        ("tests.fuzz.bad_inputs", "{seed}", "20000"),
    ),
    "benign": Tests(
        "faults of nobody, after which nobody may be accused",
        ("tests/hostile/test_nobody_is_accused.py",),
    ),
    "audit": Module(
        "audits of honest alliances with faults of nobody: no finding",
        ("tests.support.audit_sweep", "{seed}", "--seeds", "200"),
    ),
    "audit-bytes": Module(
        "every byte of a small audit export changed: found, and its file named",
        ("tests.support.audit_bytes", "{seed}", "--seeds", "500"),
    ),
    "hostile": Tests("floods over real connections", ("tests/hostile/test_floods.py",)),
    "simulation": Module(
        "whole federations with seeded faults, three to fifty nodes each",
        ("tests.simulation", "{seed}", "--seeds", "200"),
    ),
    "clocks": Module(
        "worlds whose clocks jump, at one node and at all: nothing is destroyed for it",
        ("tests.simulation.jumping", "{seed}", "--seeds", "50"),
    ),
    "restore": Module(
        "databases brought back from backups, while peers remember: nothing forks, nothing is lost",
        ("tests.simulation.restoring", "{seed}", "--seeds", "50"),
    ),
    "batch": Tests(
        "a table of checks killed at every failpoint, and gone on with in another process",
        ("tests/scenarios/test_check_batch_commands.py",),
        seconds=1,
    ),
    "check-workers": Tests(
        "a worker that answers checks killed at each of its failpoints",
        ("tests/scenarios/test_check_workers.py",),
        seconds=1,
    ),
    "upgrade": Tests(
        "nodes of the tagged program upgraded one by one, both programs running (needs the tag)",
        ("tests/scenarios/test_upgrade.py",),
        seconds=1,
    ),
    "crash": Module(
        "a node killed at random times of a load, again and again, on both databases",
        ("tests.support.crash_sweep", "{seed}", "--seeds", "10"),
    ),
    "power-loss": Module(
        "the power lost at random points of a load: nothing that was answered is lost",
        ("tests.support.power_sweep", "{seed}", "--seeds", "50"),
    ),
    "failover": Module(
        "two hosts that both believe to be the one, a primary and its standby promoted: one signs",
        ("tests.support.failover_sweep", "{seed}", "--seeds", "4"),
    ),
    "identity": Module(
        "subjects that look, sound or are written alike: no wrong one is ever recognised",
        ("tests.support.identity_sweep", "{seed}", "--seeds", "50"),
    ),
    "local-state": Module(
        "the same logs, decisions and catalogs, brought to two nodes in different ways",
        ("tests.support.twin_sweep", "{seed}", "--seeds", "20"),
    ),
    "order": Tests(
        "all tests in an order by chance: none passes because of what ran before it",
        ("tests", "-p", "tests.support.shuffled"),
        short=True,
    ),
    "postgres": Tests(
        "every case of the scenarios on PostgreSQL, of which `make test` tries the first",
        ("tests/scenarios", "-m", "postgres"),
    ),
    "one-state": Module(
        "charters, listings, reliefs, erasures, restarts and rebuilds in any order: one state",
        ("tests.support.any_order_sweep", "{seed}", "--seeds", "50"),
    ),
    "folders": Tests(
        "folders in which somebody else writes between any two steps of the node",
        ("tests/adapters/files/test_hostile_folders.py",),
    ),
    "http": Tests(
        "requests out of openapi.json, valid and not: answered as described",
        ("tests/node/web/test_described_requests.py",),
    ),
    "browser": Tests(
        "the console by Chromium: every page, both languages, both widths, by axe (needs chromium)",
        ("tests/browser",),
    ),
    "platforms": Tests(
        "a platform's database, also on MariaDB (needs Debian's mariadb-server)",
        (
            "tests/contracts/test_platform_contract.py",
            "tests/contracts/test_platform_inbox.py",
            "tests/contracts/test_platform_checks.py",
            "tests/contracts/test_source_tables.py",
            "tests/scenarios/test_platforms.py",
        ),
    ),
    "demo": Tests(
        "the story of the demo as a test, and a demo that is killed",
        ("tests/scenarios/test_demo.py",),
    ),
    "demo-platforms": Tests(
        "the larger demo, with PostgreSQL, MariaDB and a service as platforms (needs both servers)",
        ("tests/scenarios/test_demo_platforms.py",),
    ),
    "faketime": Tests(
        "real nodes whose clocks jump by years, at one and at all (needs Debian's faketime)",
        ("tests/scenarios/test_faketime.py",),
    ),
    "network": Tests(
        "real nodes over lines that fail", ("tests/scenarios/test_network_faults.py",)
    ),
    "bare": Module(
        "README's two commands in a root with what README names alone (as root; debootstrap)",
        ("tests.support.bare_sweep", "root"),
        seconds=1,
    ),
    "bare-path": Module(
        "the same commands here, with a PATH of the programs that such a root has",
        ("tests.support.bare_sweep", "path"),
        seconds=1,
    ),
    "wheelhouse": Module(
        "the page of installation in such a root without network, its unit's sandbox applied",
        ("tests.support.bare_sweep", "wheelhouse"),
        seconds=1,
    ),
    "image": Module(
        "the container image by its definition, in namespaces as the compose file closes it",
        ("tests.support.image_sweep",),
        seconds=1,
    ),
    "siege": Module(
        "repairs at real nodes with everything in their way; one seed, ten minutes (as root)",
        ("tests.support.siege_sweep", "{seed}"),
        seconds=600,
    ),
}


def commit() -> str:
    """The commit that is run, marked where the checkout has changes."""
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=40"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def next_seed(path: Path) -> int:
    """The first seed behind all recorded runs, or that of the environment."""
    if given := os.environ.get("FIRST"):
        return int(given)
    if not path.exists():
        return 0
    runs = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return max(int(run["first_seed"]) + int(run["seeds"]) for run in runs)


def sweep(name: str, first: int, bound: float) -> dict[str, Any]:
    """Run batches of seeds until the time is over, ten failed, or somebody interrupts."""
    run = commit()
    begun = time.monotonic()  # behind what git takes: a bound of a second still runs one batch
    counts: Counter[str] = Counter()
    failed: list[int] = []
    shown: dict[str, Any] = {}
    seeds = 0
    try:
        while time.monotonic() - begun < bound and len(failed) < MAX_FAILED:
            batch = SOAKS[name].run(first + seeds)
            seeds += batch.seeds
            failed += batch.failed
            counts += batch.counts
            shown.update(batch.shown)
            counted = ", ".join(f"{count} {what}" for what, count in counts.items())
            print(
                f"{name}: {seeds} seeds from {first}, {len(failed)} failed {failed or ''}; "
                f"{counted}; {time.monotonic() - begun:.0f} s",
                flush=True,
            )
    except KeyboardInterrupt:
        print("interrupted; what is finished counts", flush=True)
    return {
        "name": name,
        "commit": run,
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "first_seed": first,
        "seeds": seeds,
        "failed_seeds": failed,
        "seconds": round(time.monotonic() - begun),
        **counts,
        **({"shown": shown} if shown else {}),
    }


def main() -> int:
    """Run one soak and append what came of it."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in SOAKS:
        print(
            "make soak NAME=…, SECONDS=… (3600, siege 600, bare, wheelhouse, image once), "
            "FIRST=… (behind the last recorded seed)"
        )
        for known, soak in SOAKS.items():
            print(f"    {known:12}{soak.about}")
        return 2 if name else 0
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    path = RESULTS / f"{name}.jsonl"
    try:
        bound = float(os.environ.get("SECONDS", SOAKS[name].seconds))
        result = sweep(name, next_seed(path), bound)
    except NotHereError as error:
        print(error)
        return 2
    if result["seeds"]:
        RESULTS.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as out:
            out.write(json.dumps(result) + "\n")
    print(path.relative_to(ROOT), json.dumps(result))
    return 1 if result["failed_seeds"] else 0


if __name__ == "__main__":
    sys.exit(main())

"""Long runs with fresh seeds: `make soak NAME=…`; results in `soak/results/<name>.json`.

    relief     random histories of several logs (tests/scenarios/test_relief_property.py)
    formats    properties of the log's formats (tests/crypto) with fresh examples

`SECONDS` in the environment bounds a run (default 3600). Every failure prints its seed; running
pytest with `--hypothesis-seed` of that number reproduces it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "soak" / "results"
RUNS = {
    "relief": ["tests/scenarios/test_relief_property.py"],
    "formats": ["tests/crypto"],
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


def once(name: str, seed: int) -> bool:
    """Run the tests of a soak with a seed; tell whether they passed."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-x",
            "-p",
            "no:cacheprovider",
            f"--hypothesis-seed={seed}",
            *RUNS[name],
        ],
        cwd=ROOT,
        check=False,
        env={**os.environ, "HUXIN_SOAK": "1"},
    )
    return done.returncode == 0


def main() -> int:
    """Run one soak until its time is over or a seed fails."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in RUNS:
        print(f"make soak NAME=…, one of: {', '.join(RUNS)}")
        return 2
    bound = float(os.environ.get("SECONDS", "3600"))
    begun = time.monotonic()
    first = seed = time.time_ns() % 1_000_000
    failed: list[int] = []
    while time.monotonic() - begun < bound and not failed:
        if not once(name, seed):
            failed.append(seed)
        seed += 1
    RESULTS.mkdir(parents=True, exist_ok=True)
    result = {
        "name": name,
        "commit": commit(),
        "first_seed": first,
        "runs": seed - first,
        "failed_seeds": failed,
        "seconds": round(time.monotonic() - begun),
    }
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(path.relative_to(ROOT), json.dumps(result))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

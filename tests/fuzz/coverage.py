"""Fuzzing that follows the coverage: `python -m tests.fuzz.coverage TARGET SEED RUNS`.

libFuzzer ends the process by itself; what it leaves is its exit status, and the input that failed
in a file `fuzz-TARGET-…` where it was started.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(
    include=["adapters", "crypto", "federation", "node"], enable_loader_override=False
):
    from tests.fuzz.targets import TARGETS


def main() -> None:
    """Fuzz one target."""
    name, seed, runs = sys.argv[1:]
    target = TARGETS[name]
    with tempfile.TemporaryDirectory() as corpus:
        for number, data in enumerate(target.seeds()):
            Path(corpus, str(number)).write_bytes(data)
        options = [f"-runs={runs}", f"-seed={int(seed) + 1}", "-max_len=65536", "-verbosity=0"]
        options += ["-rss_limit_mb=1024", f"-artifact_prefix=fuzz-{name}-"]
        atheris.Setup([sys.argv[0], *options, corpus], lambda data: bool(target.run(data)) and None)
        atheris.Fuzz()


if __name__ == "__main__":
    main()

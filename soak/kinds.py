"""What a soak can run: one batch of seeds in a process of its own, and what it counted.

A new sweep is one line in `soak/run.py`. Its program is either pytest, whose random tests take the
seed as `--hypothesis-seed` and run longer where `HUXIN_SOAK` is set, or a module that takes a first
seed and writes, as the last line of its output, one JSON object: `seeds` (how many it ran),
`failed_seeds` (a list), `shown` (an object, where there is something that cannot be added up) and
any counts besides.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

ROOT = Path(__file__).parents[1]
GRACE_SECONDS = 20
"""For a sweep that is interrupted to take down what it started."""
AN_HOUR = 3600.0
HANG_SECONDS = 3600
"""For one test; with a soak's examples it takes longer than in `make test`."""
REFUSED = 3
"""Exit code of a module that cannot run on this machine; its output says what is missing."""


class NotHereError(Exception):
    """A sweep cannot run on this machine; nothing is recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one process ran: `seeds` consecutive ones from the first."""

    seeds: int
    failed: Sequence[int] = ()
    counts: Counter[str] = field(default_factory=Counter)
    shown: Mapping[str, Any] = field(default_factory=dict)


class Soak(Protocol):
    """A sweep; `about` is one line for the menu."""

    @property
    def about(self) -> str: ...

    @property
    def seconds(self) -> float:
        """How long it runs unless somebody says otherwise."""
        ...

    def run(self, first: int) -> Batch:
        """Run a batch from this seed on."""
        ...


@dataclass(frozen=True, slots=True)
class Tests:
    """Random tests, a seed at a time; counts tests passed and examples of Hypothesis."""

    about: str
    paths: tuple[str, ...]
    short: bool = False
    """The tests as `make test` has them, without the cases that are for soak."""
    seconds: float = AN_HOUR

    def run(self, first: int) -> Batch:
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
        command += ["-o", f"timeout={HANG_SECONDS}"]
        command += ["--hypothesis-show-statistics", f"--hypothesis-seed={first}", *self.paths]
        done = _run(command, errors=subprocess.PIPE, short=self.short)
        passed = re.findall(r"^(\d+) passed", done.stdout, flags=re.MULTILINE)
        examples = re.findall(r"(\d+) passing,", done.stdout)
        counts = Counter(tests=sum(map(int, passed)), examples=sum(map(int, examples)))
        if done.returncode == 0:
            return Batch(seeds=1, counts=counts)
        print(done.stdout, done.stderr, flush=True)
        return Batch(seeds=1, failed=(first,), counts=counts)


@dataclass(frozen=True, slots=True)
class Module:
    """A module that runs many seeds at once and says in JSON what it ran."""

    about: str
    command: tuple[str, ...]
    """Arguments of `python -m`; `{seed}` stands for the first seed."""
    seconds: float = AN_HOUR

    def run(self, first: int) -> Batch:
        """Run a batch.

        Raises:
            NotHereError: it cannot run on this machine.
        """
        command = [sys.executable, "-m", *(part.format(seed=first) for part in self.command)]
        done = _run(command)
        if done.returncode == REFUSED:
            raise NotHereError(done.stdout.strip())
        *before, last = done.stdout.splitlines() or [""]
        try:
            said = json.loads(last)
            seeds, failed = said.pop("seeds"), said.pop("failed_seeds")
            shown = said.pop("shown", {})
        except (ValueError, KeyError):
            print(done.stdout, flush=True)
            return Batch(seeds=1, failed=(first,))
        if before:
            print(*before, sep="\n", flush=True)
        return Batch(seeds=seeds, failed=failed, counts=Counter(said), shown=shown)


def _run(
    command: Sequence[str], errors: int | None = None, *, short: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run a program; where this one is interrupted, all that it started ends with it."""
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        env={**os.environ, **({} if short else {"HUXIN_SOAK": "1"})},
        start_new_session=True,
    ) as process:
        try:
            out, err = process.communicate()
        except KeyboardInterrupt:
            os.killpg(process.pid, signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(GRACE_SECONDS)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise
    return subprocess.CompletedProcess(command, process.returncode, out, err)

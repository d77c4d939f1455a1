"""Real processes whose clock a test sets while they run: Debian's libfaketime.

The library is loaded into what is started within `machine`; it reads the offset anew from a file
each time that the clock is asked. The monotonic clock is left alone, as on a machine whose clock is
set. The test's own process keeps the right time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_PLACES: Final = ("/usr/lib", "/usr/local/lib", "/usr/lib64")
_NAME: Final = "faketime/libfaketimeMT.so.1"
MISSING: Final = "needs libfaketime (apt-get install faketime)"


def library() -> Path | None:
    """Where the library is; None where it is not installed."""
    found = (path for place in _PLACES for path in sorted(Path(place).glob(f"**/{_NAME}")))
    return next(found, None)


def set_clock(machine: Path, days: int) -> None:
    """Set the clock of a machine: right time and so many days; whoever asks sees it at once."""
    part = machine.with_suffix(".part")
    part.write_text(f"{days:+d}d\n")
    part.replace(machine)


@contextmanager
def on_machine(machine: Path) -> Iterator[None]:
    """What is started within has the clock that the file says."""
    found = library()
    assert found is not None, MISSING
    ours = {
        "LD_PRELOAD": str(found),
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_TIMESTAMP_FILE": str(machine),
    }
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value

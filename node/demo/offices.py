"""The invented offices behind the demo's outboxes: they read files, do what they say and say so.

Each city's office is a stand-in for its platform (docs/platform.md, acknowledgements): it takes a
file that is whole, and answers `<sha256> OK` beside it. One may be closed for a while.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from adapters.files.atomic import write_atomically
from node.demo.members import MEMBERS, DemoMember

LOOKS_SECONDS: Final = 0.5
"""Between two looks into the outboxes."""
_MODE: Final = 0o640


class Offices:
    """Who reads the outboxes of the demo's nodes."""

    def __init__(self, directory: Path, databases: Callable[[], None]) -> None:
        """Take the demo's directory, and what acknowledges in the databases of platforms."""
        self._directory = directory
        self._databases = databases
        self._closed: set[str] = set()

    def close(self, member: DemoMember) -> None:
        """Let a city's platform be down: nobody reads its files."""
        self._closed.add(member.region)

    def open(self, member: DemoMember) -> None:
        """Let it be up again."""
        self._closed.discard(member.region)

    def look(self) -> int:
        """Read and acknowledge what lies in the outboxes; the number of files."""
        self._databases()
        count = 0
        for member in MEMBERS:
            if member.region not in self._closed:
                outbox = self._directory / member.region / "outbox"
                count += sum(map(_acknowledge, outbox.glob("*/*.csv.done")))
        return count


def _acknowledge(manifest: Path) -> bool:
    """Read a file that is whole, and say that what it says is done."""
    file = manifest.with_suffix("")
    answer = file.with_name(f"{file.name}.ack")
    with suppress(FileNotFoundError, ValueError, LookupError):  # the node removes or replaces it
        digest = sha256(file.read_bytes()).hexdigest()
        if json.loads(manifest.read_bytes())["sha256"] == digest and not answer.exists():
            write_atomically(answer, f"{digest} OK\n".encode(), mode=_MODE)
            return True
    return False


@contextmanager
def offices(directory: Path, databases: Callable[[], None]) -> Iterator[Offices]:
    """Let the offices work in a thread."""
    made, over = Offices(directory, databases), threading.Event()

    def work() -> None:
        while not over.wait(LOOKS_SECONDS):
            made.look()

    thread = threading.Thread(target=work, name="offices")
    thread.start()
    try:
        yield made
    finally:
        over.set()
        thread.join()

"""When a backup was last brought back into a node's directory: `state/restored-at`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from adapters.files.atomic import write_atomically
from federation.ids import Timestamp

RESTORED_FILE: Final = "restored-at"
CLOCK_SECONDS: Final = 300
"""How far two clocks that are right may differ: a head is news that was signed so much later."""
_LONGEST: Final = 64


def note_restored(state: Path, now: Timestamp, made_at: Timestamp) -> None:
    """Write it durably: one line, when it was brought back and when it was made, seconds UTC.

    Raises:
        OSError: it cannot be written.
    """
    write_atomically(state / RESTORED_FILE, f"{now} {made_at}\n".encode(), mode=0o600)


def restored_at(state: Path, started: Timestamp) -> Timestamp:
    """The last second of which a head may not be news; 0 where no backup was brought back.

    Never before the backup was made, though this machine's clock were slow at the restore. A
    restore that lies after `started`, or a file that cannot be read, counts as this start: then the
    clock ran ahead once, or nobody knows.
    """
    try:
        with (state / RESTORED_FILE).open("r", encoding="ascii") as file:
            now, made_at = map(int, file.read(_LONGEST).split())
    except FileNotFoundError:
        return Timestamp(0)
    except (OSError, ValueError):
        return Timestamp(started + CLOCK_SECONDS)
    return Timestamp(max(min(now, started), made_at) + CLOCK_SECONDS)

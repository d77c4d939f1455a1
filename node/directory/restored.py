"""When a backup was last brought back into a node's directory: `state/restored-at`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from adapters.files.atomic import write_atomically
from federation.ids import Timestamp

RESTORED_FILE: Final = "restored-at"
_LONGEST: Final = 32


def note_restored(state: Path, now: Timestamp) -> None:
    """Write it durably: one line, seconds UTC.

    Raises:
        OSError: it cannot be written.
    """
    write_atomically(state / RESTORED_FILE, f"{now}\n".encode(), mode=0o600)


def restored_at(state: Path, started: Timestamp) -> Timestamp:
    """When that was; 0 where never.

    What cannot be read, or lies after `started`, counts as this start: of the two clocks one is
    wrong, and what was heard before is not taken for news.
    """
    try:
        with (state / RESTORED_FILE).open("r", encoding="ascii") as file:
            found = int(file.read(_LONGEST))
    except FileNotFoundError:
        return Timestamp(0)
    except (OSError, ValueError):
        return started
    return Timestamp(min(found, started))

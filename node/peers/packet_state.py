"""DIR/state/packets.json: of each other node, the newest packet taken and what it said to hold."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from adapters.errors import CorruptError
from adapters.files.atomic import write_atomically
from federation.ids import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The newest packet taken from a node: its id (hex), its time, and the receipt in it."""

    packet: str
    created: int
    holds: dict[str, int] = field(default_factory=dict)


class PacketState:
    """Remembers packets across restarts; a lost file costs only leaves carried twice."""

    def __init__(self, path: Path) -> None:
        """Take the path of the file, which may not exist yet."""
        self._path = path

    def taken(self, sender: Origin) -> Taken | None:
        """The newest packet taken from a node.

        Raises:
            CorruptError: the file does not read.
        """
        return self._load().get(sender)

    def put(self, sender: Origin, taken: Taken) -> None:
        """Remember a packet, durably."""
        document = {origin: asdict(one) for origin, one in self._load().items()}
        document[sender] = asdict(taken)
        write_atomically(self._path, json.dumps(document, indent=1).encode(), mode=0o600)

    def _load(self) -> dict[str, Taken]:
        try:
            document = json.loads(self._path.read_bytes())
            return {origin: Taken(**one) for origin, one in document.items()}
        except FileNotFoundError:
            return {}
        except (ValueError, TypeError, AttributeError) as error:
            message = f"{self._path}: expected what packets left there; remove the file, then retry"
            raise CorruptError(message) from error

"""An entry of the journal as a store keeps it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from federation.ids import Timestamp


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One entry. Only stores look into it; everybody else makes and reads the value of its kind."""

    at: Timestamp
    kind: str
    log: int | None = None
    index: int | None = None
    tag: bytes | None = None
    until: int = 0
    body: str = ""


def written(said: Mapping[str, object]) -> str:
    """The JSON of a body, its text as it is."""
    return json.dumps(said, ensure_ascii=False)


def read(entry: JournalEntry) -> dict[str, Any]:
    """What the JSON of a body says; nothing where there is no body."""
    said: dict[str, Any] = json.loads(entry.body) if entry.body else {}
    return said

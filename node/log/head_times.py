"""When the node of a log last signed on: the newest line of its head keys in a note (SPEC §3.5)."""

from __future__ import annotations

from functools import lru_cache

from crypto.cosignature import verify_cosignatures
from crypto.keys import VerifierKey
from crypto.notes import parse_note
from federation.ids import Timestamp


@lru_cache(maxsize=1024)
def signed_on(note: bytes, keys: tuple[VerifierKey, ...]) -> Timestamp | None:
    """Newest time in a note that one of these keys signed; asked for each listing of a log."""
    if not note:
        return None
    times = [c.timestamp for c in verify_cosignatures(parse_note(note), keys)]
    return Timestamp(max(times)) if times else None

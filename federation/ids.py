"""Types of the identifiers, one each, so that none is passed for another.

Times are whole seconds since 1970 UTC (`Timestamp`); calendar dates are whole numbers YYYYMMDD in
Asia/Shanghai (`Date`, GB/T 7408 basic form).
"""

from __future__ import annotations

import re
from typing import Final, NewType

from federation.errors import StatementError

Origin = NewType("Origin", str)
"""Name of a node and epoch, e.g. `510500.huxin.example/1` (SPEC §2.4)."""

ORIGIN_FORM: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,185}[a-z0-9])?/[1-9][0-9]{0,8}")
"""What an origin looks like, whole (SPEC §2.4)."""

CODE_FORM: Final = "[a-z][a-z0-9.-]{0,63}|[0-9]{1,6}-[a-z][a-z0-9.-]{0,56}"
"""What the code of a list looks like, of a measure, a matter, a method, an edition: from a letter
on, or from a region's digits, as a list that a province makes (SPEC §13.4). No subject has such a
one, so that it may stand in a URL."""

WRITTEN_CODE_FORM: Final = "[a-z0-9][a-z0-9.-]{0,63}"
"""What an edition of a catalog may call its own, and so what a file or a body may name: an edition
that was adopted once is read for ever."""

StatementId = NewType("StatementId", bytes)
"""16 random bytes, unique over the issuing node's chain of epochs."""

CharterId = NewType("CharterId", bytes)
"""SHA-256 of the payload of version 1 of a charter: the alliance's name."""

MemberId = NewType("MemberId", str)
"""Id of a member within a charter."""

LeafHash = NewType("LeafHash", bytes)
"""RFC 6962 leaf hash of a leaf's exact bytes, 32 bytes."""

Timestamp = NewType("Timestamp", int)
Date = NewType("Date", int)

NO_STATEMENT: Final = StatementId(bytes(16))


def statement_id_from_hex(text: str) -> StatementId:
    """Parse the 32 hexadecimal digits by which people name a statement.

    Raises:
        StatementError: not 32 hexadecimal digits; the caller's input.
    """
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        raw = b""
    if len(raw) != 16 or len(text) != 32:
        message = f"statement id: expected 32 hexadecimal digits, got {text[:40]!r}"
        raise StatementError("id.malformed", message)
    return StatementId(raw)


def node_of(origin: Origin) -> str:
    """Return the node's name: the origin without its `/epoch`."""
    return origin.rpartition("/")[0]

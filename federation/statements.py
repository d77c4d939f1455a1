"""Statements and their leaves: 76 bytes, big-endian, SPEC §2.2.

     0  u8   version = 1
     1  u8   kind
     2  u8   action           per kind, 0 where there is none
     3  u8   flags            bit 0: unknown → suspend punitive use of `about`
     4  u64  issued_at        seconds, UTC; a claim, for information
    12  16   statement_id     random
    28  16   about            statement_id, or zeros
    44  32   commitment

Bytes 0-43 keep their meaning in every version: a leaf of another version is mirrored and set
aside, its flag bit 0 still read; anything shorter than 44 bytes is only mirrored.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import Final, NamedTuple

from federation.errors import StatementError
from federation.ids import NO_STATEMENT, StatementId, Timestamp

LEAF_VERSION: Final = 1
HEADER_SIZE: Final = 44
LEAF_SIZE: Final = 76
MAX_PAYLOAD: Final = 32 * 1024
SALT_SIZE: Final = 32
READER_VERSION: Final = 1
"""The newest `min_reader` that this implementation understands."""

FLAG_SUSPEND_IF_UNKNOWN: Final = 0x01

_HEADER: Final = struct.Struct(">BBBBQ16s16s")


class Kind(IntEnum):
    """Kinds of statements (SPEC §5.1)."""

    LISTING = 1
    CORRECTION = 2
    ANNOTATION = 3
    REPAIR = 4
    WITHDRAWAL = 5
    RELISTING = 6
    SCENARIO = 7
    RECOGNITION = 8
    COMMENDATION = 9
    RECEIPT = 10
    OUTCOME = 11
    AUDIENCE_KEY = 12
    CHARTER = 13
    ERASURE = 14
    CONTINUATION = 15
    REQUEST = 16
    COMMITMENT = 17
    PENALTY = 18


OPEN_KINDS: Final = frozenset(
    {
        Kind.SCENARIO,
        Kind.RECOGNITION,
        Kind.RECEIPT,
        Kind.AUDIENCE_KEY,
        Kind.CHARTER,
        Kind.ERASURE,
        Kind.CONTINUATION,
    }
)
"""Kinds whose openings travel with the log to everyone and carry nothing about a subject."""


class AnnotationAction(IntEnum):
    """Actions of ANNOTATION; the even ones end only the leaf that their opening names."""

    OBJECTION_OPENED = 1
    OBJECTION_CLOSED = 2
    MASKING_BEGUN = 3
    MASKING_ENDED = 4
    PAUSED = 5
    RESUMED = 6


class ScenarioAction(IntEnum):
    """Actions of SCENARIO."""

    OPENED = 1
    AMENDED = 2
    CLOSED = 3


class RecognitionAction(IntEnum):
    """Actions of RECOGNITION."""

    ACCEPTED = 1
    DECLINED = 2
    SUSPENDED = 3
    ENDED = 4


class ContinuationAction(IntEnum):
    """Actions of CONTINUATION."""

    FIRST_LEAF = 1
    CLOSING_LEAF = 2


class RequestAction(IntEnum):
    """Actions of REQUEST: the first is a request, the others answer one."""

    FORWARDED = 1
    RECEIVED = 2
    ACCEPTED = 3
    DECLINED = 4
    DONE = 5
    WITHDRAWN = 6


ACTIONS: Final[dict[int, frozenset[int]]] = {
    **{kind: frozenset({0}) for kind in Kind},
    Kind.ANNOTATION: frozenset(AnnotationAction),
    Kind.SCENARIO: frozenset(ScenarioAction),
    Kind.RECOGNITION: frozenset(RecognitionAction),
    Kind.CONTINUATION: frozenset(ContinuationAction),
    Kind.REQUEST: frozenset(RequestAction),
}
"""Known actions of each known kind; anything else is set aside, never applied."""


class Header(NamedTuple):
    """The first 44 bytes of a leaf, in clear for every reader. A tuple: a batch has a thousand."""

    kind: int
    issued_at: Timestamp
    statement_id: StatementId
    action: int = 0
    flags: int = 0
    about: StatementId = NO_STATEMENT
    version: int = LEAF_VERSION

    def pack(self) -> bytes:
        """Return the 44 bytes."""
        return _HEADER.pack(
            self.version,
            self.kind,
            self.action,
            self.flags,
            self.issued_at,
            self.statement_id,
            self.about,
        )

    @property
    def known(self) -> bool:
        """Whether this reader knows version, kind and action."""
        return self.version == LEAF_VERSION and self.action in ACTIONS.get(self.kind, ())

    @property
    def suspends_if_unknown(self) -> bool:
        """Flag bit 0."""
        return bool(self.flags & FLAG_SUSPEND_IF_UNKNOWN)


class Opening(NamedTuple):
    """Salt (32 bytes) and payload (exact bytes as the origin made them, at most 32 KiB)."""

    salt: bytes
    payload: bytes


def parse_header(leaf: bytes) -> Header:
    """Read the header of a leaf of any version.

    Raises:
        StatementError: fewer than 44 bytes (`leaf.short`): mirror it, apply nothing.
    """
    if len(leaf) < HEADER_SIZE:
        message = f"leaf: expected at least {HEADER_SIZE} bytes, got {len(leaf)}"
        raise StatementError("leaf.short", message)
    version, kind, action, flags, issued_at, statement_id, about = _HEADER.unpack_from(leaf)
    return Header(kind, issued_at, statement_id, action, flags, about, version)


def commitment_of(leaf: bytes) -> bytes:
    """Return the commitment, bytes 44-75 of a leaf of version 1.

    Raises:
        StatementError: not a leaf of version 1 with exactly 76 bytes (`leaf.version`).
    """
    if len(leaf) != LEAF_SIZE or leaf[0] != LEAF_VERSION:
        message = (
            f"leaf: expected {LEAF_SIZE} bytes of version {LEAF_VERSION}, "
            f"got {len(leaf)} bytes of version {leaf[0] if leaf else 'none'}"
        )
        raise StatementError("leaf.version", message)
    return leaf[HEADER_SIZE:LEAF_SIZE]

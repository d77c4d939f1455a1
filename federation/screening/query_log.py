"""The query log: what a leaf holds of a question, and what is promised of it (SPEC §9.10).

    leaf, 76 bytes, big-endian                promise: a signed note by the query log's key
     0  4   "HXQ1"                            huxin query promise v1
     4  u8  kind: 1 question, 2 read, 3 admin <origin of the query log>
     5  16  query id, random                  <query id, 32 hexadecimal digits>
    21  u64 at, seconds UTC                   <at, decimal>
    29  15  zeros                             <base64 of the leaf hash>
    44  32  commitment

QL1  The commitment is that of SPEC §2.3 over the query log's origin, the 44 bytes before it and the
     payload: one suite, another origin, so that an opening of one log fits no leaf of another.
QL2  A promise names the leaf hash and is signed by the key of the log's checkpoints; its first line
     is no origin, so that it is never read as a checkpoint, nor one as a promise.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from crypto.commitment import COMMITMENT_SIZE, HEADER_SIZE, Committer
from crypto.errors import FormatError
from crypto.keys import Signer, VerifierKey
from crypto.merkle import leaf_hash
from crypto.notes import parse_note, sign_note, verify_note
from crypto.strict import b64, b64_strict, parse_decimal
from federation.errors import RefusedError
from federation.ids import Origin, Timestamp

QUERY_ID_SIZE: Final = 16
LEAF_SIZE: Final = HEADER_SIZE + COMMITMENT_SIZE

_MAGIC: Final = b"HXQ1"
_HEADER: Final = struct.Struct(">4sB16sQ15s")
_TITLE: Final = "huxin query promise v1"


class EntryKind(IntEnum):
    """What an entry is about."""

    QUESTION = 1
    """A department's question and the answer."""
    READ = 2
    """An operator looked at records, cases, exports."""
    ADMIN = 3
    """Who may ask was changed, or the query log itself was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafHeader:
    """What a leaf says openly."""

    kind: EntryKind
    query_id: bytes
    at: Timestamp

    def to_bytes(self) -> bytes:
        """Bytes 0 to 43 of the leaf."""
        return _HEADER.pack(_MAGIC, self.kind, self.query_id, self.at, bytes(15))


def parse_leaf(leaf: bytes) -> tuple[LeafHeader, bytes]:
    """Read a leaf: what it says openly, and its commitment.

    Raises:
        RefusedError: `queries.leaf`: of another length or form.
    """
    if len(leaf) == LEAF_SIZE:
        magic, kind, query_id, at, zeros = _HEADER.unpack(leaf[:HEADER_SIZE])
        if magic == _MAGIC and not any(zeros) and kind in set(EntryKind):
            header = LeafHeader(kind=EntryKind(kind), query_id=query_id, at=Timestamp(at))
            return header, leaf[HEADER_SIZE:]
    message = f"expected a leaf of the query log, {LEAF_SIZE} bytes, got {leaf[:8].hex()}…"
    raise RefusedError("queries.leaf", message)


def make_leaf(origin: Origin, header: LeafHeader, salt: bytes, payload: bytes) -> bytes:
    """Commit to an entry (QL1).

    Args:
        origin: of the query log.
        header: what stands openly.
        salt: 32 random bytes.
        payload: at most 32 KiB.

    Raises:
        FormatError: a part of wrong length.
    """
    head = header.to_bytes()
    return head + Committer(origin).commit(salt, head, payload)


def verify_leaf(origin: Origin, leaf: bytes, salt: bytes, payload: bytes) -> LeafHeader:
    """Check that a row's content is what its leaf committed to (QL1).

    Raises:
        RefusedError: `queries.leaf`.
        CommitmentError: it is not.
    """
    header, commitment = parse_leaf(leaf)
    Committer(origin).verify(commitment, salt=salt, header=leaf[:HEADER_SIZE], payload=payload)
    return header


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What the asker holds: that this leaf will be in the query log.

    Attributes:
        origin: of the query log.
        query_id: 16 bytes.
        at: when it became durable, seconds UTC.
        commitment: 32 bytes.
        leaf_hash: 32 bytes.
        note: the signed note, as a foreign verifier checks it.
    """

    origin: Origin
    query_id: bytes
    at: Timestamp
    commitment: bytes
    leaf_hash: bytes
    note: str

    def to_json(self) -> dict[str, str | int]:
        """As answers carry it."""
        return {
            "origin": self.origin,
            "query_id": self.query_id.hex(),
            "at": self.at,
            "commitment": b64(self.commitment),
            "note": self.note,
        }


def make_promise(origin: Origin, leaf: bytes, signer: Signer) -> Promise:
    """Promise to include a leaf (QL2).

    Raises:
        RefusedError: `queries.leaf`.
    """
    header, commitment = parse_leaf(leaf)
    hashed = leaf_hash(leaf)
    text = f"{_TITLE}\n{origin}\n{header.query_id.hex()}\n{header.at}\n{b64(hashed)}\n"
    return Promise(
        origin=origin,
        query_id=header.query_id,
        at=header.at,
        commitment=commitment,
        leaf_hash=hashed,
        note=sign_note(text, [signer]).to_bytes().decode(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """A promise that was read and whose signature holds."""

    origin: Origin
    query_id: bytes
    at: Timestamp
    leaf_hash: bytes


def verify_promise(note: bytes, key: VerifierKey) -> Promised:
    """Read a promise and check who signed it (QL2).

    Raises:
        RefusedError: `queries.promise`: not a promise of the log whose key this is.
        SignatureError: it is not signed by the key.
        FormatError: no signed note.
    """
    verify_note(parse_note(note), [key])
    promised = parse_promise(note)
    if promised.origin != key.name:
        message = f"expected a promise of {key.name}, got one of {promised.origin[:64]!r}"
        raise RefusedError("queries.promise", message)
    return promised


def parse_promise(note: bytes) -> Promised:
    """Read a promise, whoever signed it.

    Raises:
        RefusedError: `queries.promise`: another note.
        FormatError: no signed note.
    """
    lines = parse_note(note).text.split("\n")
    try:
        title, origin, query_id, at, hashed, end = lines
        promised = Promised(
            origin=Origin(origin),
            query_id=bytes.fromhex(query_id),
            at=Timestamp(parse_decimal(at)),
            leaf_hash=b64_strict(hashed),
        )
    except (ValueError, FormatError) as error:
        message = "expected a promise of a query log, got another note"
        raise RefusedError("queries.promise", message) from error
    whole = len(promised.query_id) == QUERY_ID_SIZE and promised.query_id.hex() == query_id
    if (title, end) != (_TITLE, "") or not whole:
        message = f"expected a promise of a query log, got a note that begins with {title[:64]!r}"
        raise RefusedError("queries.promise", message)
    return promised

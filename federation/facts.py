"""What the rules need of an opened payload, and nothing more.

Replication opens hundreds of thousands of payloads; building the full value of each would cost
more than verifying it. The codec extracts these few fields straight from the wire form; the full
`federation.payloads` values are built only where a person or a platform reads a record.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import NamedTuple, Protocol

from federation.comparison import Spelt
from federation.payloads import Audience, Listing, Payload


class RequestBody(IntEnum):
    """What a REQUEST holds, as far as its action must fit it (S11)."""

    SUBMISSION = 1
    ANSWER = 2
    REASONED_ANSWER = 3


class PayloadFacts(NamedTuple):
    """Fields of a payload on which the rules decide; empty where the kind has no such field."""

    min_reader: int = 1
    audience: Audience | None = None
    """None exactly for open kinds. The codec interns equal audiences to one object."""
    key: bytes = b""
    """`RecordKey.pack()` of the record, for kinds 1, 2, 3, 4, 5, 6, 9, 16 and 18; a
    relief may have none, and an answer to a REQUEST has none."""
    subject: bytes = b""
    """`record_key.pack_subject` of the subject, the beginning of `key`."""
    list_type: str = ""
    authority: str = ""
    decided_on: int = 0
    publish_until: int = 0
    """Last day of publication; for reliefs, of the longest period of the listing ended."""
    names: bytes = b""
    """What is named besides `about`: relief ids of a RELISTING (16 bytes each), the leaf hash
    ended by an ANNOTATION or replaced by a CORRECTION (32 bytes), after those of a RELISTING and
    CORRECTION the kind of the payload within, one byte; of an ERASURE its ground, one byte."""
    refers_origin: str = ""
    refers_index: int = 0
    refers_hash: bytes = b""
    """The reference across logs of RECOGNITION, OUTCOME and REQUEST."""
    approvals: int = 0
    body: int = 0
    """`RequestBody` of a REQUEST; 0 for other kinds."""
    scheme: str = ""
    """With `code` as written, where there is a `subject`; `document` where there is a `key`."""
    code: str = ""
    document: str = ""

    @property
    def spelt(self) -> Spelt:
        """The record, where there is a `key`."""
        return Spelt(self.key, self.scheme, self.code, self.document)


class Written(NamedTuple):
    """A payload of our own as it was serialised; it was examined then, and need not be again."""

    payload: bytes
    facts: PayloadFacts
    """Exactly what `PayloadReader.facts` would find in these bytes."""


class PayloadReader(Protocol):
    """Reads payloads; implemented by the codec at the edge, where protobuf lives."""

    def facts(self, kind: int, payload: bytes) -> PayloadFacts:
        """Extract the facts of an opened payload of a known kind.

        Raises:
            StatementError: `payload.malformed` when the bytes are no message of this kind or a
                required field is missing or out of bounds; `payload.min-reader` when the payload
                says that this reader is too old.
        """
        ...

    def audience(self, kind: int, payload: bytes) -> Audience | None:
        """Whom a payload of a known kind names as its readers, also one of a newer version.

        Audience and `min_reader` are the first fields of every version, so that whoever cannot
        read the rest still knows to whom it may be handed. None where there is none.
        """
        ...

    def decode(self, kind: int, payload: bytes) -> Payload:
        """Build the full value; raises like `facts`."""
        ...

    def encode(self, payload: Payload) -> bytes:
        """Serialise a payload of our own, once; these bytes are then kept as they are."""
        ...

    def written(self, payload: Payload) -> Written:
        """Serialise a payload of our own, and keep what was found in it on the way."""
        ...

    def listing_writer(self) -> Callable[[Listing], Written]:
        """Return what does the same of many listings of one file; for one thread at a time."""
        ...

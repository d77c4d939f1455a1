"""What two nodes say to each other on a `Follow` stream, as values (SPEC.md §9).

The stream is symmetric: either side may subscribe, and either side delivers, so that an origin
can serve its log over a connection that it opened itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Self

from federation.ids import Origin
from federation.peers.openings import DeliveredOpening
from federation.peers.replication import DeliveredBatch
from federation.peers.sealing import KeyCopy

MAX_CURSORS: Final = 1024
"""Logs in one `Subscribe`, as in exchange.proto."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """Leaves of a log that are held and proved."""

    origin: Origin
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribe:
    """Asks the other side for these logs from these sizes on."""

    cursors: tuple[Cursor, ...]

    def divided(self) -> Iterator[Self]:
        """The same in frames that every reader takes: who follows more logs asks in several."""
        for begin in range(0, max(len(self.cursors), 1), MAX_CURSORS):
            yield replace(self, cursors=self.cursors[begin : begin + MAX_CURSORS])


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadFrame:
    """A checkpoint with the cosignatures known to the sender; no leaves."""

    origin: Origin
    checkpoint: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LateOpening:
    """An opening that came later than its leaf."""

    origin: Origin
    index: int
    opening: DeliveredOpening


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkFrame:
    """A fork file."""

    file: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class CharterFrame:
    """A DSSE envelope with a charter version."""

    envelope: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why one log is not served on this stream; the others go on."""

    origin: Origin
    reason: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestQuestion:
    """A question about subjects, its exact bytes; in packets, ignored on streams."""

    question: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestAnswer:
    """The answer to an earlier question, a signed note; likewise."""

    attestation: bytes


Frame = (
    Subscribe
    | DeliveredBatch
    | HeadFrame
    | LateOpening
    | ForkFrame
    | CharterFrame
    | KeyCopy
    | Refusal
    | AttestQuestion
    | AttestAnswer
)

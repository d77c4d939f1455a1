"""What the rules need from the outside, as few and high-level Protocols.

Each is documented by its guarantees; `adapters/` holds the implementations and
`tests/contracts/` the tests that every implementation passes.

A store is trusted with availability only: an attacker who controls it can delete or withhold,
but what it returns is checked against signed roots before it is signed, served or acted upon.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol, TypeVar

from federation.ids import Origin, Timestamp
from federation.payloads import Audience
from federation.peers.first_notes import NoteReads, NoteWrites
from federation.ports.findings import FindingReads, FindingWrites
from federation.ports.ids import IdReads
from federation.ports.journal import JournalEntry
from federation.ports.outlets import OutletReads, OutletWrites
from federation.ports.receipts import ReceiptReads, ReceiptWrites
from federation.ports.seeking import SeekReads
from federation.ports.tags import TagReads, TagWrites
from federation.ports.touched import Listened
from federation.rows import StatementRow

T = TypeVar("T")

STATE_PAGE: Final = 1024
"""Leaves in a page of header states."""


class Lookup(Protocol):
    """Keyed tags of subjects and records, by which rows are found."""

    def lookup(self, value: bytes) -> bytes:
        """16-byte HMAC under the lookup key, which rotates with the opening keys."""
        ...


class Tagger(Lookup, Protocol):
    """Keyed tags under node keys that lie outside the database (ADR 0006)."""

    def suppression(self, key: bytes) -> Sequence[bytes]:
        """32-byte HMACs of a record key under every living suppression key, newest first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LogHead:
    """What the store holds of one log."""

    log: int
    """Number of the log in this store."""
    origin: Origin
    ours: bool
    size: int
    """Leaves held and proved ("followed to" and "verified to")."""
    applied_to: int
    """Leaves whose rows are derived."""
    reconciled_to: int
    """Leaves whose listings were judged by this city's catalog; of our own log all are."""
    delivered_to: int
    """Leaves written to the local platform."""
    receipted_to: int
    """Leaves of whose outcome our receipts told."""
    note: bytes
    """Newest checkpoint note (with cosignatures) of a size ≤ `size`; empty before the first."""
    note_size: int
    witnessed_size: int
    """Size and root last cosigned as a witness (tlog-witness); never goes back."""
    witnessed_root: bytes
    seen: bytes
    """Signed checkpoints not yet compared with the leaves held, joined by NUL bytes."""
    forked: bool
    """A fork proof for this log is held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredOpening:
    """An opening as stored: sealed under opening key number `key`, erased by deletion."""

    index: int
    key: int
    sealed: bytes


class ReadSession(
    FindingReads, IdReads, ReceiptReads, NoteReads, OutletReads, SeekReads, TagReads, Protocol
):
    """A consistent snapshot. Methods return what is committed and never block writers for long."""

    def heads(self) -> Sequence[LogHead]:
        """All logs known, ours first."""
        ...

    def seen(self, what: str, make: Callable[[], T]) -> T:
        """What `make` gives, which depends on this snapshot and `what` alone.

        It need not be made again while nobody has written; something small, since it is kept.
        """
        ...

    def head(self, origin: Origin) -> LogHead | None:
        """One log, or None."""
        ...

    def tiles(self, log: int, level: int, numbers: Sequence[int]) -> Sequence[bytes]:
        """Stored data of tiles in the order asked; level -1 are entry tiles.

        A partial tile is stored as its longest version.

        Raises:
            KeyError: a tile is not stored: the caller asked beyond the size held.
        """
        ...

    def leaves(self, log: int, start: int, end: int) -> Sequence[bytes]:
        """Exact bytes of the leaves [start, end), end ≤ size."""
        ...

    def leaves_at(self, places: Sequence[tuple[int, int]]) -> Sequence[bytes]:
        """Exact bytes of the leaves at (log, index) places, in the order asked.

        Whoever wants many asks for them together: a tile holds 256 and is read once.
        """
        ...

    def leaf_hashes(self, places: Sequence[tuple[int, int]]) -> Sequence[bytes]:
        """Leaf hashes of (log, index) places, in the order asked."""
        ...

    def openings(self, log: int, indices: Sequence[int]) -> Sequence[StoredOpening]:
        """The openings held among `indices`, in any order."""
        ...

    def openings_between(self, log: int, start: int, end: int) -> Sequence[StoredOpening]:
        """The openings held of leaves [start, end), by index."""
        ...

    def sealed_below(
        self, key: int, after: tuple[int, int], limit: int
    ) -> Sequence[tuple[int, int]]:
        """(log, index) places after a place of openings sealed under an older key than this one.

        Reads the table on from `after` until it has found `limit`.
        """
        ...

    def rows_between(self, log: int, start: int, end: int) -> Sequence[StatementRow]:
        """Rows of leaves [start, end), by index."""
        ...

    def rows_at(self, places: Sequence[tuple[int, int]]) -> Sequence[StatementRow]:
        """Rows at (log, index) places, in any order; absent ones are left out."""
        ...

    def rows_by_id(
        self, logs: Sequence[int] | None, statement_ids: Sequence[bytes]
    ) -> Sequence[StatementRow]:
        """Rows with one of these statement ids (in these logs, or in all)."""
        ...

    def rows_about(self, statement_ids: Sequence[bytes]) -> Sequence[StatementRow]:
        """Rows of all logs whose `about` is one of these."""
        ...

    def rows_by_record(
        self, record_tags: Sequence[bytes], kinds: Sequence[int]
    ) -> Sequence[StatementRow]:
        """Rows of these kinds with one of these record tags."""
        ...

    def list_rows(
        self,
        *,
        log: int | None,
        kinds: Sequence[int] | None,
        states: Sequence[int] | None,
        subject_tag: bytes | None = None,
        authorities: Sequence[str] | None = None,
        after: tuple[int, int] | None,
        limit: int,
    ) -> Sequence[StatementRow]:
        """Rows in the order (log, index) after a place, for paging."""
        ...

    def count_states(self) -> dict[int, dict[tuple[int, int, str], int]]:
        """Number of rows for each (kind, state, rule), by log; of all logs in one question."""
        ...

    def set_aside(self, log: int) -> Sequence[StatementRow]:
        """Rows of a log in the states set-aside and held, by index."""
        ...

    def header_pages(self, log: int) -> Sequence[bytes]:
        """`header_state` of the leaves of a log, a byte each, `STATE_PAGE` leaves a page.

        0 where a leaf is none of `ADVERSE_KINDS`; the last of a page may be left out.
        """
        ...

    def header_states(self, log: int, size: int) -> Iterable[tuple[int, int]]:
        """(index, header_state) of the LISTINGs of a log below `size`, by index."""
        ...

    def miscounted(self, log: int) -> bool:
        """Whether what is kept beside the rows of a log is not what they say.

        `count_states` and `header_pages` answer from that. Reads all rows.
        """
        ...

    def relieved(self, limit: int) -> Sequence[StatementRow]:
        """Listed kinds that a relief ended and whose opening is still held, by (log, index)."""
        ...

    def expired(self, today: int, after: tuple[int, int], limit: int) -> Sequence[StatementRow]:
        """Listings and reliefs, still held, whose last day has passed; reads all: once a day."""
        ...

    def undated(self, after: tuple[int, int], limit: int) -> Sequence[StatementRow]:
        """Likewise those that state no last day."""

    def outcomes(self, log: int) -> Iterable[tuple[int, int, int, int, int]]:
        """(index, kind, state, opening, until) of every row of a log, by index; streamed."""
        ...

    def pending(
        self, log: int | None, limit: int, after: int = -1, *, reliefs: bool = False
    ) -> Sequence[tuple[int, int]]:
        """(log, index) places whose opening this node should have and does not.

        In the order (log, index); only indices after `after`, and only reliefs where asked so.
        """
        ...

    def read_by(self) -> bytes:
        """The digest of the charters by which all rows were last read anew; empty for none."""
        ...

    def audience(self, number: int) -> Audience:
        """An audience by its number."""
        ...

    def journal(self, after: int, limit: int) -> Sequence[tuple[int, JournalEntry]]:
        """Journal entries by sequence number."""
        ...

    def last_entry(self, kind: str) -> JournalEntry | None:
        """The newest journal entry of a kind; reads the journal backwards until it is found."""
        ...

    def entries(self, kind: str) -> Sequence[tuple[int, JournalEntry]]:
        """Journal entries of a kind, by sequence number; reads the whole journal."""
        ...

    def feed_rows(self, feed: str, row_tags: Sequence[bytes] | None) -> Sequence[FeedRow]:
        """Rows of a feed by row tag, or all of them."""
        ...

    def request(self, request_id: str) -> bytes | None:
        """The answer once given to a request id, or None."""
        ...

    def forks(self) -> Sequence[tuple[Origin, bytes]]:
        """Fork files held."""
        ...

    def to_deliver_again(self) -> AbstractSet[int]:
        """Logs of which `redeliveries` has any."""
        ...

    def redeliveries(self, log: int, limit: int) -> Sequence[int]:
        """Indices already delivered whose opening came later or whose row changed since."""
        ...


class FeedRowStatus:
    """Status of a row of a feed: text constants, stored."""

    LIVE = "live"
    WITHDRAWN = "withdrawn"
    PAUSED = "paused"
    FORGOTTEN = "forgotten"  # its key is not known any more (`node.upkeep.retagging`)


class FeedRow(NamedTuple):
    """What a feed (source and list type) last said in one of its rows; tags only.

    A tuple, because a file has a million of them.
    """

    feed: str
    row_tag: bytes
    record_tag: bytes
    content_tag: bytes
    statement_id: bytes
    until: int
    status: str
    held_tag: bytes | None = None
    """Content tag of a newer version of the row that is held."""
    rule: str = ""
    """Why it is held."""


class WriteSession(
    ReadSession, FindingWrites, ReceiptWrites, NoteWrites, OutletWrites, TagWrites, Protocol
):
    """One transaction: all or nothing, durable when the context ends without an exception.

    There is one writer at a time for a store; a second one waits. Reads see the writes made
    before them in the session.
    """

    def add_log(self, origin: Origin, *, ours: bool) -> LogHead:
        """Create a log of size 0, or return the one that exists."""
        ...

    def set_head(self, head: LogHead) -> None:
        """Replace what is kept of a log; `log`, `origin` and `ours` never change."""
        ...

    def put_tiles(self, log: int, level: int, tiles: dict[int, bytes]) -> None:
        """Insert tiles or replace partial ones by longer ones; level -1 are entry tiles."""
        ...

    def replace_tile(self, log: int, level: int, number: int, data: bytes) -> None:
        """Write a hash tile in place of what is stored, whatever that is."""
        ...

    def set_back(self, head: LogHead, size: int) -> None:
        """Forget the leaves of a log from `size` on, a multiple of 256, and what came of them.

        The newest note is forgotten with them, but remembered as seen, so that another history
        would show itself. The journal stays, what our receipts told, and the checkpoints kept.
        """
        ...

    def put_openings(self, log: int, openings: Sequence[StoredOpening]) -> None:
        """Insert openings; one already held is left as it is."""
        ...

    def replace_openings(self, log: int, openings: Sequence[StoredOpening]) -> None:
        """Replace openings that are held by others of the same leaves, sealed anew."""
        ...

    def erase_openings(self, log: int, indices: Sequence[int]) -> None:
        """Delete openings, and what regions said of the subjects that they name."""
        ...

    def insert_rows(self, rows: Sequence[StatementRow]) -> None:
        """Insert rows of new leaves. Bulk path: one call for a batch."""
        ...

    def replace_rows(self, rows: Sequence[StatementRow]) -> None:
        """Replace rows that exist."""
        ...

    def audience_number(self, audience: Audience) -> int:
        """The number of an audience, given one if new."""
        ...

    def append_journal(self, entries: Sequence[JournalEntry]) -> None:
        """Append to the journal what values of `federation.ports.journal` made."""
        ...

    def put_feed_rows(self, rows: Sequence[FeedRow]) -> None:
        """Insert or replace rows of feeds."""
        ...

    def put_request(self, request_id: str, answer: bytes, at: Timestamp) -> None:
        """Remember the answer to a request id."""
        ...

    def put_fork(self, origin: Origin, file: bytes) -> None:
        """Keep a fork file and mark the log as forked."""
        ...

    def put_redeliveries(self, places: Sequence[tuple[int, int]]) -> None:
        """Ask for (log, index) places to be delivered again, as far as they were.

        What was not delivered is left out: it is delivered as it is then.
        """
        ...

    def clear_redeliveries(self, log: int, indices: Sequence[int]) -> None:
        """They have been delivered."""
        ...

    def put_read_by(self, digest: bytes) -> None:
        """All rows are read by these charters now."""
        ...

    def drop_rows(self) -> None:
        """Delete all derived rows and set every `applied_to` to 0, for a rebuild."""
        ...


class Store(Listened, Protocol):
    """Durable storage of logs, openings, rows and journal.

    `write()` raises the adapter's `StoreError` where nothing of the session is kept.
    """

    def read(self) -> AbstractContextManager[ReadSession]:
        """Open a snapshot."""
        ...

    def write(self, *, durable: bool = True) -> AbstractContextManager[WriteSession]:
        """Begin the transaction; commits when the context ends without an exception.

        Args:
            durable: whether it has to outlive a loss of power once the context has ended. Else it
                outlives the process, and becomes durable with the next one that is.
        """
        ...

    @property
    def written(self) -> int:
        """A number that grows with each transaction of this process that may have written."""
        ...

    def truncate(self) -> None:
        """Let go of what the database keeps of overwritten pages, as far as it can be told to.

        Readers in the way are not waited for; the next call does what this one could not.
        """
        ...

    def close(self) -> None:
        """Release connections."""
        ...

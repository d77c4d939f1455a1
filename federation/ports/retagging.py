"""A change of the lookup key, as the store keeps it until the tags of now are replaced together."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, Protocol

from federation.ports.journal.entries import JournalEntry
from federation.rows import StatementRow

Place = tuple[int, int]


class NextTag(NamedTuple):
    """What the tag of a row will be."""

    log: int
    idx: int
    former: bytes
    """What it was when this was made; where it is another now, this counts for nothing."""
    tag: bytes
    sourced: bool
    """Whether it was made of what the tag stands for, which is held."""


class RetagReads(Protocol):
    """The questions."""

    def tagged_under(self) -> tuple[int, bool]:
        """Under which lookup key all tags stand, and whether those under the next are ready."""
        ...

    def untagged(self, after: Place, limit: int) -> Sequence[StatementRow]:
        """Rows with a tag of which it is not known what it will be, by place, from a place on."""
        ...

    def next_tags(self, places: Collection[Place]) -> Sequence[NextTag]:
        """What the tags of rows will be, of those of which it is known."""
        ...

    def next_parts(self, parts: Collection[bytes]) -> Mapping[bytes, bytes]:
        """What records' own parts of tags will be, those that were made of what they stand for.

        Reads the whole table.
        """
        ...

    def count_next_tags(self) -> int:
        """How many there are."""
        ...

    def twins_held(self) -> Sequence[tuple[bytes, int, int, bytes, bytes]]:
        """All twins: tag, relief's log and index, lookup tags of record and subject."""
        ...

    def names_held(self) -> Sequence[tuple[Place, bytes]]:
        """All tags of attested names, by listing."""
        ...

    def feed_rows_forgotten(self, feed: str) -> Sequence[bytes]:
        """Ids of the listings that rows of a feed made of which the key is not known any more."""
        ...


class RetagWrites(RetagReads, Protocol):
    """The changes."""

    def put_tagged_under(self, number: int, *, ready: bool) -> None:
        """Note under which key all tags stand, and whether those under the next are ready."""
        ...

    def put_next_tags(self, tags: Sequence[NextTag]) -> None:
        """Keep what tags will be."""
        ...

    def drop_next_tags(self) -> None:
        """Forget all of that."""
        ...

    def drop_split_tags(self) -> int:
        """Forget what was made without a source where equal tags would not stay equal.

        Returns:
            How many: they are to be made anew.
        """
        ...

    def take_next_tags(self) -> None:
        """Replace the tags of all rows; each has one."""
        ...

    def put_twin_tags(self, twins: Sequence[tuple[bytes, int, int, bytes, bytes]]) -> None:
        """Replace the lookup tags of twins, as `twins_held` gives them."""
        ...

    def drop_names(self, places: Sequence[Place]) -> None:
        """Forget tags of attested names."""
        ...

    def drop_feed_rows(self, feed: str, row_tags: Sequence[bytes]) -> None:
        """Forget rows of a feed."""
        ...

    def replace_entries(self, entries: Sequence[tuple[int, JournalEntry]]) -> None:
        """Replace tag and body of journal entries, by their numbers: keyed tags in them alone."""
        ...

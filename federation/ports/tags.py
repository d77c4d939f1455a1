"""What the store keeps of records that were relieved, as keyed tags."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from federation.ports.retagging import RetagReads, RetagWrites
from federation.rows import StatementRow


class Twin(NamedTuple):
    """The twin of a suppression tag: made of the comparison key (SPEC §6.5)."""

    tag: bytes
    record: bytes
    """Lookup tag of the record that was relieved."""
    subject: bytes
    """Likewise of its subject."""
    log: int
    """With `idx`, the relief that set it."""
    idx: int


class TagReads(RetagReads, Protocol):
    """The questions."""

    def has_suppressions(self) -> bool:
        """Whether any suppression tag stands; spares the tags where there is none."""
        ...

    def has_former_suppressions(self) -> bool:
        """Whether one stands that is of the former form of record keys."""
        ...

    def suppressed(self, tags: Sequence[bytes]) -> Mapping[bytes, Sequence[tuple[int, int]]]:
        """Those of these suppression tags that stand, and the reliefs (log, index) that set each.

        A tag keeps a listing away only where one of its reliefs reaches it (SPEC §6.5).
        """
        ...

    def suppressed_until(self, tags: Sequence[bytes]) -> Mapping[tuple[bytes, int, int], int]:
        """Those of these that stand, by tag and relief (log, index), with the last day of each."""
        ...

    def has_twins(self) -> bool:
        """Whether any twin stands; spares the question for subjects where there is none."""
        ...

    def twins_of(self, subject_tags: Collection[bytes]) -> Sequence[Twin]:
        """The twins that stand for records of these subjects."""
        ...

    def twin_records(self) -> Sequence[bytes]:
        """Lookup tags of all records of which a twin stands."""
        ...

    def told_apart(self, pairs: Sequence[bytes]) -> set[bytes]:
        """Those of these pairs of records (`similar.pair`) that a person called two records."""
        ...

    def rows_by_subject(
        self, subject_tags: Sequence[bytes], kinds: Sequence[int]
    ) -> Sequence[StatementRow]:
        """Rows of these kinds with one of these subject tags."""
        ...

    def active_subjects(self, kinds: Sequence[int]) -> Iterator[bytes]:
        """Subject tags of rows of these kinds that are active, in no order, one for each row.

        Reads the whole table as it goes, so read it within the session.
        """
        ...

    def rows_of_rule(self, rule: str) -> Sequence[StatementRow]:
        """Rows with this rule, by (log, index). Reads the whole table: ask once a day."""
        ...

    def unformed(self) -> dict[int, int]:
        """Logs whose rows have tags of the former form, and up to which leaf no longer."""
        ...

    def feeds(self) -> Sequence[str]:
        """Names of all feeds that have rows."""
        ...


class TagWrites(TagReads, RetagWrites, Protocol):
    """The changes; tags are set and lifted by entries of the journal."""

    def end_suppressions(self, today: int) -> int:
        """End the tags, and their twins, whose last day has passed; returns the tags' number."""
        ...

    def retag(self, tags: Mapping[bytes, bytes]) -> None:
        """Replace lookup tags of rows, the former by the new one."""
        ...

    def retag_subjects(self, tags: Mapping[bytes, bytes]) -> None:
        """Replace those of subjects, also where they begin a record's."""
        ...

    def put_unformed(self, log: int, formed_to: int | None) -> None:
        """Keep up to which leaf tags were formed anew; None: all of the log's were."""
        ...

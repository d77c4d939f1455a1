"""What a transaction changed of what is held of subjects, as those are told who watch some.

Tags, places and ids only. It may name more than changed, and never less: what is not named here
has the same answer as before, as far as rows are what decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, Protocol

from federation.ports.findings import Place
from federation.rows import LISTED_KINDS, StatementRow
from federation.statements import Kind

TOUCHED_MAX: Final = 100_000
"""More than so many are everything: who is told looks at all anyway."""


@dataclass(slots=True)
class Touched:
    """What was touched; told once the transaction is durable, and not changed after."""

    tags: set[bytes] = field(default_factory=set)
    """Of subjects of rows, and of names that regions attested."""
    statements: set[bytes] = field(default_factory=set)
    """Ids of statements that something new or changed is about."""
    listings: set[bytes] = field(default_factory=set)
    """Ids of listings that came or changed, and of commendations."""
    records: set[bytes] = field(default_factory=set)
    """Tags of records of whatever else came or changed: reliefs, relistings, annotations."""
    places: set[Place] = field(default_factory=set)
    """Leaves whose state, finding, decisions or attestation changed, or what is told of them."""
    requests: bool = False
    """A request or an answer to one came, or changed."""
    judged_anew: bool = False
    """All listings, or all that have copies, are to be judged anew: by another catalog, say."""
    everything: bool = False

    def rows(self, rows: Iterable[StatementRow]) -> None:
        """Rows came or changed."""
        if self.everything:
            return
        for row in rows:
            if (tag := row.subject_tag) is not None:
                self.tags.add(tag)
            if row.kind in LISTED_KINDS:
                self.listings.add(row.statement_id)
            elif (record := row.record_tag) is not None:
                self.records.add(record)
            if row.about is not None:
                self.statements.add(row.about)
            if row.kind == Kind.REQUEST:
                self.requests = True
        self._bound()

    def at(self, places: Iterable[Place]) -> None:
        """What is known of listings changed."""
        if not self.everything:
            self.places.update(places)
            self._bound()

    def named(self, tags: Iterable[bytes]) -> None:
        """Regions attested names."""
        if not self.everything:
            self.tags.update(tags)
            self._bound()

    def all(self) -> None:
        """Everything may have changed."""
        self.everything = True
        for some in (self.tags, self.statements, self.listings, self.records, self.places):
            some.clear()

    def add(self, other: Touched) -> None:
        """What another transaction touched was touched too."""
        self.requests |= other.requests
        self.judged_anew |= other.judged_anew
        if other.everything:
            self.all()
        elif not self.everything:
            self.tags |= other.tags
            self.statements |= other.statements
            self.listings |= other.listings
            self.records |= other.records
            self.places |= other.places
            self._bound()

    def __len__(self) -> int:
        """How many tags, statements and places were touched."""
        return len(self.tags) + len(self.statements) + len(self.places)

    def __bool__(self) -> bool:
        """Whether anything was."""
        some = self.everything or self.requests or self.judged_anew or len(self) > 0
        return some or bool(self.listings or self.records)

    def _bound(self) -> None:
        if max(len(self), len(self.listings) + len(self.records)) > TOUCHED_MAX:
            self.all()


class Listened(Protocol):
    """A store that tells what its transactions touched."""

    def listen(self, listener: Callable[[Touched], None]) -> None:
        """Be told of what each later transaction touched, once it is durable.

        Also of one that failed: it may have become durable all the same. The listener is called on
        the thread that wrote, before the next transaction begins: it must be quick, raise nothing,
        and not ask this store.
        """
        ...

"""The catalogs in force in a running node, and how new editions come in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.catalog.editions import read_adopted, read_edition, read_proposal
from federation.errors import RefusedError
from federation.ids import Timestamp
from federation.persons import Sort, confirmation_body, distinct, edition_body
from federation.ports.findings import StoredEdition
from federation.ports.journal import LibraryInForce
from federation.ports.store import ReadSession, Store, WriteSession
from federation.reconcile.catalog import Catalog, Edition
from federation.reconcile.entries import entries_of, items_changed
from federation.reconcile.equivalences import UNSIGNED, check_equivalences, lowering
from federation.reconcile.grounds import check_edition
from federation.reconcile.sources import Certainty
from federation.shown import check_shown, digest, minute
from node.persons.roster import Persons

PERSONS: Final = 2
"""Who adopt an edition: it may widen what is used against subjects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unconfirmed:
    """An entry that counts only once a person has confirmed it."""

    item: str
    """`edition/code`"""
    name: str
    certainty: Certainty
    source: str


class CatalogBook:
    """Keeps the `Catalog` of the moment; replaced as a whole, so it is read without a lock."""

    def __init__(
        self, *, store: Store, now: Callable[[], Timestamp], persons: Persons | None = None
    ) -> None:
        """Load what was adopted; without `persons` names are taken as they are typed."""
        self._store = store
        self._now = now
        self._persons = persons
        with store.read() as session:
            self._catalog = _load(session)
            entry = session.last_entry(LibraryInForce.KIND)
        self._judged_by = "" if entry is None else LibraryInForce.of(entry).library

    @property
    def signed(self) -> bool:
        """Whether the node names persons with keys."""
        return self._persons is not None and bool(self._persons.keys)

    def catalog(self) -> Catalog:
        """The catalog as of now."""
        return self._catalog

    def with_edition(self, text: str) -> tuple[Edition, Catalog]:
        """The catalog as it would be with one more edition, for a dry run.

        Raises:
            RefusedError: `catalog.file`, `catalog.entry-incomplete`, `catalog.regulation`,
                `catalog.ground-missing`, `catalog.widens`.
        """
        edition = read_edition(text)
        return edition, self._beside(edition)

    def _beside(self, edition: Edition) -> Catalog:
        """The catalog as it would be with an edition, which may speak beside the others.

        Raises:
            RefusedError: `catalog.…`.
        """
        others = self._others(edition)
        catalog = Catalog([*others, edition], self._catalog.confirmed - self._void(edition))
        check_equivalences(edition, catalog)
        return catalog

    def _others(self, edition: Edition) -> Sequence[Edition]:
        """The editions adopted that stay beside one; it may speak beside them.

        Raises:
            RefusedError: `catalog.ground-missing`, `catalog.widens`.
        """
        others = [one for one in self._catalog.editions if one.id != edition.id]
        check_edition(edition, others)
        return others

    def _void(self, edition: Edition) -> frozenset[str]:
        """What was confirmed of an edition of this id and is not what it says now (B4)."""
        replaced = (one for one in self._catalog.editions if one.id == edition.id)
        return frozenset().union(*(items_changed(one, edition) for one in replaced))

    def in_force(self) -> str:
        """Digest of the editions that were adopted, which a try is compared with (V10)."""
        return _shown(self.adopted())

    def adopt(
        self, text: str, persons: Sequence[str], note: str = "", *, shown: str = ""
    ) -> Edition:
        """Let an edition take effect; on the writer thread. All listings are judged anew.

        Who proposed it, as its text says, is one of the persons.

        Args:
            text: YAML.
            persons: their names.
            note: their signed word.
            shown: `in_force` as it was when they saw what the edition changes; may be empty (V10).

        Raises:
            RefusedError: `catalog.…`, `person.…`, `seen.changed`.
        """
        edition, proposer = read_proposal(text)
        self._check_signed(edition, self._beside(edition))
        names = distinct((proposer, *persons))
        if len(names) < PERSONS:
            message = f"expected the names of {PERSONS} persons, got {len(names)}"
            raise RefusedError("catalog.persons", message)
        adopted = StoredEdition(id=edition.id, text=text, adopted_at=self._now(), adopted_by=names)
        body = edition_body(edition.id, text)
        with self._store.write() as session:
            before = session.editions()
            check_shown(shown, _shown(before), _last(before))
            replaced = [one.adopted_at for one in before if one.id == edition.id]
            self._keep_word(session, note, Sort.EDITION, body, names, replaced)
            session.put_edition(adopted)
            session.drop_confirmations(self._void(edition))
            session.reconcile_anew()
            catalog = _load(session)
        self._catalog = catalog  # only once it is kept: a full disk may refuse it at the very end
        return edition

    def _check_signed(self, edition: Edition, catalog: Catalog) -> None:
        """Refuse what lowers a bar where nobody signs (GE4)."""
        if not self.signed and (found := lowering(edition, catalog)):
            message = (
                f"{found[0].name}: 此对照放宽条件，须由两人签名采用；请先在 huxin.toml 的 "
                "[persons] 中写明人员 / it lowers the bar, which two persons sign: name them in "
                "[persons] of huxin.toml first"
            )
            raise RefusedError(UNSIGNED, message)

    def confirm(self, items: Sequence[str], person: str, note: str = "") -> None:
        """Keep that a person compared entries with the official text; on the writer thread.

        A word that was signed before an edition came to be as it is says nothing of it (V5).

        Args:
            items: `edition/code` each.
            person: their name.
            note: their signed word.

        Raises:
            RefusedError: `catalog.item`, `catalog.persons`, `person.…`.
        """
        open_ = {one.item for one in self.unconfirmed()}
        if unknown := [item for item in items if item not in open_]:
            message = f"{unknown[0]}: expected an entry that waits; see `huxin catalog check`"
            raise RefusedError("catalog.item", message)
        if not distinct([person]):
            raise RefusedError("catalog.persons", "expected the name of a person, got none")
        person = person.strip()
        with self._store.write() as session:
            compared = [
                one.adopted_at
                for one in session.editions()
                if any(item.startswith(f"{one.id}/") for item in items)
            ]
            body = confirmation_body(items)
            self._keep_word(session, note, Sort.CONFIRMATION, body, [person], compared)
            for item in items:
                session.put_confirmation(item, person)
            session.reconcile_anew()
            catalog = _load(session)
        self._catalog = catalog

    @property
    def judged_by(self) -> str:
        """The base library by which listings are judged: SHA-256 of the file it was made of."""
        return self._judged_by

    def judge_by(self, library: str) -> None:
        """All listings are judged anew, by this base library; on the writer thread."""
        with self._store.write() as session:
            judged = LibraryInForce(at=self._now(), library=library)
            session.append_journal([judged.entry()])
            session.reconcile_anew()
        self._judged_by = library

    def adopted(self) -> Sequence[StoredEdition]:
        """The editions as they were adopted."""
        with self._store.read() as session:
            return session.editions()

    def unconfirmed(self) -> Sequence[Unconfirmed]:
        """Entries that wait for a person."""
        catalog = self._catalog
        entries = [
            (f"{edition.id}/{code}", entry)
            for edition in catalog.editions
            for code, entry in entries_of(edition).items()
        ]
        return [
            Unconfirmed(item=item, name=entry.name, certainty=entry.certainty, source=entry.source)
            for item, entry in entries
            if entry.certainty is not Certainty.CONFIRMED and item not in catalog.confirmed
        ]

    def _keep_word(
        self,
        session: WriteSession,
        note: str,
        sort: Sort,
        body: str,
        persons: Sequence[str],
        before: Sequence[Timestamp],
    ) -> None:
        """Check the word behind a change, and keep it; `before` is when it was changed last."""
        if self._persons is None:
            return
        since = max(before, default=Timestamp(0))
        if kept := self._persons.heard(note, sort, body, persons, since=since):
            session.put_word(self._now(), kept)


def _load(session: ReadSession) -> Catalog:
    editions = [read_adopted(stored.text) for stored in session.editions()]
    return Catalog(editions, frozenset(session.confirmations()))


def _shown(editions: Sequence[StoredEdition]) -> str:
    return digest({one.id: [one.adopted_at, one.text] for one in editions})


def _last(editions: Sequence[StoredEdition]) -> str:
    """Which edition took effect last, by whom and when, in Chinese."""
    last = max(editions, key=lambda one: one.adopted_at, default=None)
    if last is None:
        return ""
    return f"{'、'.join(last.adopted_by)} 于 {minute(last.adopted_at)} 采用 {last.id}"

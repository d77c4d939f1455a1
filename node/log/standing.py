"""Records before something is published about them: relieved, listed, similar; asked at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

from federation.comparison import Spelt
from federation.facts import PayloadFacts
from federation.life.life import STANDING
from federation.life.similar import similar_to
from federation.life.suppression import tag_reaches
from federation.ports.store import ReadSession, Tagger
from federation.record_key import SUBJECT_TAG_SIZE
from federation.rows import LISTED_KINDS, RELIEF_KINDS, State, StatementRow
from federation.statements import Kind
from node.charters.view import TrustView
from node.log.chains import TrustChains, standing_tags

NO_TAGS: Final[Mapping[bytes, bytes]] = MappingProxyType({})


class Standing:
    """Listings and reliefs of a set of records, in our log and in all that we follow."""

    def __init__(
        self,
        session: ReadSession,
        trust: TrustView,
        tagger: Tagger,
        own_log: int,
        listed: Collection[PayloadFacts],
        tags: Mapping[bytes, bytes] = NO_TAGS,
    ) -> None:
        """Ask the store once for the records of all these listings.

        `tags`: of those records, by their keys, that were made already.
        """
        self._listed = {facts.key: facts for facts in listed}
        self._trust = trust
        self._tagger = tagger
        self._own_log = own_log
        self._origins = {head.log: head.origin for head in session.heads()}
        self._tags = {
            key: tags.get(key) or one.spelt.tag(tagger.lookup) for key, one in self._listed.items()
        }
        self._rows: dict[bytes, list[StatementRow]] = defaultdict(list)
        kinds = (*LISTED_KINDS, *RELIEF_KINDS)
        for row in session.rows_by_record(list(self._tags.values()), kinds):
            if row.record_tag is not None:
                self._rows[row.record_tag].append(row)
        self._chains = TrustChains(trust, session.heads())
        spelt = (one.spelt for one in self._listed.values())
        self._suppressed = standing_tags(session, tagger, spelt, self._chains)
        self._similar = self._similar_to(session)
        self._added: set[bytes] = set()

    def _similar_to(self, session: ReadSession) -> dict[bytes, Collection[bytes]]:
        if not session.has_twins():
            return {}

        def reaches(relief: tuple[int, int], key: bytes) -> bool:
            authority = self._listed[key].authority
            return tag_reaches(relief, self._own_log, authority, self._chains, self._trust)

        listed = {key: (tag, tag[:SUBJECT_TAG_SIZE]) for key, tag in self._tags.items()}

        def spell(keys: Collection[bytes]) -> Mapping[bytes, Spelt]:
            return {key: self._listed[key].spelt for key in keys}

        return similar_to(session, self._tagger, listed, spell, reaches)

    def tag(self, key: bytes) -> bytes:
        """The record's lookup tag."""
        return self._tags[key]

    def similar(self, key: bytes) -> Collection[bytes]:
        """Lookup tags of relieved records that this one is like and not told apart from (L14)."""
        return self._similar.get(key, ())

    def knows_nothing(self, key: bytes) -> bool:
        """Whether no listing and no relief is held of a record, as of nearly every one.

        Nor a tag that it matches, nor is it like a relieved one.
        """
        held = key in self._added or key in self._suppressed or key in self._similar
        return not held and self._tags[key] not in self._rows

    def add(self, key: bytes) -> None:
        """A listing of this record is about to be published."""
        self._added.add(key)

    def stands(self, key: bytes) -> bool:
        """Whether a listing of this record stands in our own log."""
        return key in self._added or any(
            row.log == self._own_log and row.state in STANDING
            for row in self._rows.get(self._tags[key], ())
            if row.kind in LISTED_KINDS
        )

    def relieved(self, key: bytes, authority: str) -> str:
        """How a relief ended this record: `repaired`, `withdrawn`, or empty where none stands.

        A listing that stands shows that no relief does: every relief of the record, from
        whatever competent log, would have ended it (federation.life, L2).
        """
        rows = self._rows.get(self._tags[key], ())
        if not rows and key not in self._suppressed:
            return ""  # nothing is held of it, as of nearly every record
        listings = [row for row in rows if row.kind in LISTED_KINDS]
        if any(row.state in STANDING for row in listings):
            return ""
        reliefs = [
            row
            for row in rows
            if row.kind in RELIEF_KINDS
            and self._trust.relief_reaches(
                self._origins[row.log], row.idx, authority, self._origins[self._own_log]
            )
        ]
        states = {row.state for row in listings}
        if State.WITHDRAWN in states or any(row.kind == Kind.WITHDRAWAL for row in reliefs):
            return "withdrawn"
        if State.REPAIRED in states or reliefs or self._tagged(key, authority):
            return "repaired"
        return ""

    def _tagged(self, key: bytes, authority: str) -> bool:
        """Whether a suppression tag keeps this record out of our own log."""
        return any(
            tag_reaches(relief, self._own_log, authority, self._chains, self._trust)
            for relief in self._suppressed.get(key, ())
        )

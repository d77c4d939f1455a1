"""Chains of logs by the charters, and relieved records, for who settles or publishes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from federation.comparison import Spelt
from federation.ids import Origin
from federation.life.suppression import revoked_reliefs
from federation.ports.store import LogHead, ReadSession, Tagger
from node.charters.view import TrustView


class TrustChains:
    """Which logs belong together, by the charters; numbers are those of the store."""

    def __init__(self, trust: TrustView, heads: Iterable[LogHead]) -> None:
        self._trust = trust
        self._origins = {head.log: head.origin for head in heads}
        self._numbers = {origin: log for log, origin in self._origins.items()}
        self._chains: dict[int, frozenset[int]] = {}

    def chain(self, log: int) -> frozenset[int]:
        """See `federation.life.chains.Chains`."""
        if log not in self._chains:
            origins = (*self._trust.chain(self._origins[log]), self._origins[log])
            self._chains[log] = frozenset(
                self._numbers[origin] for origin in origins if origin in self._numbers
            )
        return self._chains[log]

    def speaks_for(self, log: int, index: int) -> frozenset[int]:
        """See `federation.life.chains.Chains`."""
        others = self._trust.acts_for(self._origins[log], index)
        if not others:
            return self.chain(log)
        return self.chain(log) | {self._numbers[o] for o in others if o in self._numbers}

    def erases_for(self, log: int, index: int) -> frozenset[int]:
        """See `federation.life.chains.Chains`."""
        others = self._trust.acts_for_ended(self._origins[log], index)
        return self.chain(log) | {self._numbers[o] for o in others if o in self._numbers}

    def spoke_for(self, log: int, index: int) -> frozenset[int]:
        """See `federation.life.chains.Chains`."""
        others = self._trust.acted_for(self._origins[log], index)
        return frozenset(self._numbers[o] for o in others if o in self._numbers)

    def epoch(self, log: int) -> int:
        """See `federation.life.chains.Chains`."""
        origin = self._origins[log]
        chain = self._trust.chain(origin)
        return chain.index(origin) if origin in chain else 0

    def origin(self, log: int) -> Origin:
        """See `federation.life.chains.Chains`."""
        return self._origins[log]


def standing_tags(
    session: ReadSession, tagger: Tagger, records: Iterable[Spelt], chains: TrustChains
) -> Mapping[bytes, Sequence[tuple[int, int]]]:
    """`suppressed_records`, without reliefs that a RELISTING has revoked (L3)."""
    found = suppressed_records(session, tagger, records)
    places = sorted({place for reliefs in found.values() for place in reliefs})
    revoked = revoked_reliefs(places, session, chains) if places else frozenset()
    return {key: [one for one in found[key] if one not in revoked] for key in found}


def suppressed_records(
    session: ReadSession, tagger: Tagger, records: Iterable[Spelt]
) -> Mapping[bytes, Sequence[tuple[int, int]]]:
    """The record keys that a standing suppression tag matches, under any living key.

    As long as a tag of the former form of record keys stands, that form is asked for too.

    Returns:
        For each of them the reliefs that set the tags, by log and index.
    """
    asked = iter(records)
    first = next(asked, None)
    if first is None or not session.has_suppressions():
        return {}  # and none of the others was spelt
    former = session.has_former_suppressions()
    by_tag: dict[bytes, bytes] = {}
    for record in (first, *asked):
        made = (record.key, record.former) if former else (record.key,)
        by_tag |= {tag: record.key for one in made for tag in tagger.suppression(one)}
    found: dict[bytes, list[tuple[int, int]]] = defaultdict(list)
    for tag, reliefs in session.suppressed(list(by_tag)).items():
        found[by_tag[tag]] += reliefs
    return found

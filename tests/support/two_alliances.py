"""Two alliances that share one city: 川南 with 自贡 and 泸州, 成渝 with 成都, 潼南 and 泸州."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from federation.charters.chain import CharterChain, advance
from federation.charters.draft import next_terms, without_member
from federation.charters.verification import Cut, Entitlements, Role
from federation.ids import Timestamp
from federation.payloads import Audience
from federation.rows import OpeningStatus
from tests.support import charters as build
from tests.support.simulation import Federation, SimNode

ZIGONG, LUZHOU, YIBIN = "510300", "510500", "511500"
CHENGDU, TONGNAN, HUB = "510100", "500152", "510000"
SOUTH, WEST = (ZIGONG, LUZHOU, YIBIN), (CHENGDU, TONGNAN, LUZHOU)


@dataclass
class TwoAlliances:
    """The nodes, and the two charters as they stand; the hub is in both."""

    federation: Federation
    south: CharterChain
    west: CharterChain

    def __getitem__(self, member: str) -> SimNode:
        return self.federation[member]

    def to(self, *chains: CharterChain) -> Audience:
        """What 泸州 says to these alliances alone."""
        purposes = self[LUZHOU].audience().purposes
        return Audience(charters=tuple(chain.id for chain in chains), purposes=purposes)

    def know(self) -> None:
        """Let every node have the charters that name it, as they stand."""
        for node in self.federation.nodes.values():
            node.chains = tuple(
                chain
                for chain, members in ((self.south, SOUTH), (self.west, WEST))
                if node.member in (*members, HUB)
            )
            node.refresh_charters()
            node.exchange.charters_changed()

    def remove_from_south(self, member: str) -> None:
        """A member leaves 川南; its log is cut where it stands."""
        node = self[member]
        served = node.exchange.served()[node.origin]
        cut = Cut(size=served.size, root=node.root_at(served.size), note=served.note)
        now = node.clock.now()
        terms = next_terms(
            self.south.latest, issued_at=now, not_after=Timestamp(now + 300 * 86_400)
        )
        left = without_member(terms, node.member, cut)
        voters = [m.id for m in self.south.latest.terms.members if m.charter_key]
        self.south = advance(self.south, build.sign_all(left, voters))
        self.know()

    def opened(self, reader: str, of: str = LUZHOU) -> list[int]:
        """The openings of a log that a node has."""
        node = self[reader]
        with node.store.read() as session:
            head = session.head(build.origin_of(of))
            if head is None:
                return []
            rows = session.rows_between(head.log, 0, head.size)
            stored = {one.index for one in session.openings(head.log, range(head.size))}
        present = [row.idx for row in rows if row.opening == OpeningStatus.PRESENT]
        assert set(present) == stored
        return present


def two_alliances(
    directory: Path, *, of_luzhou_in_the_west: Entitlements = build.EVERYTHING
) -> TwoAlliances:
    """Make the nodes and charters; nobody is connected yet."""
    hub = build.make_member(HUB, roles=(Role.HUB, Role.WITNESS))
    south = build.make_chain([*map(build.make_member, SOUTH), hub])
    cities = [build.make_member(member) for member in (CHENGDU, TONGNAN)]
    both = build.make_member(LUZHOU, entitlements=of_luzhou_in_the_west)
    west = build.make_chain([*cities, both, hub], name="成渝信用联盟（演示）")
    members = dict.fromkeys((*SOUTH, *WEST, HUB))
    made = TwoAlliances(Federation(directory, members, [south, west]), south, west)
    made.know()
    return made

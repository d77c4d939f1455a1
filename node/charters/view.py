"""The charters as the exchange asks them: our peers by one name each, and what they may have.

`TrustView` is a value like the `Trust` under it; it is built again when a charter changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crypto.keys import VerifierKey
from federation.charters.entitlement import AllianceState, ListingRules
from federation.charters.trust import Alliance, MemberRef, Peer, Trust
from federation.charters.values import Member, Role
from federation.errors import EntitlementError
from federation.ids import CharterId, MemberId, Origin
from federation.payloads import Audience
from federation.ports.store import LogHead
from federation.reconcile.copies import Rank, rank_of
from federation.reconcile.receipts import may_tell
from federation.statements import OPEN_KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPeer:
    """A peer under the name by which logs and status call it."""

    id: MemberId
    peer: Peer
    hub: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestor:
    """A peer that may say what a region's base library knows, and under which charter."""

    peer: MemberId
    origin: Origin
    charter: CharterId


class TrustView:
    """What the charters say, asked by one node about its peers and their logs."""

    def __init__(self, trust: Trust, own: Origin) -> None:
        """Prepare the look-ups for the node with this origin."""
        self.trust = trust
        self._own = own
        self._own_chain = frozenset((*trust.chain(own), own))
        # Of two keys of one name and id the first counts: a member of two alliances could find
        # such a pair, and no note would be read any more (SPEC §3.2).
        cosigners: dict[tuple[str, bytes], VerifierKey] = {}
        for key in (*trust.head_keys(), *trust.witness_keys(), *trust.mirror_keys()):
            cosigners.setdefault((key.name, key.key_id), key)
        self._cosigners = tuple(cosigners.values())
        self.peers: dict[MemberId, KnownPeer] = {}
        self._by_ref: dict[MemberRef, MemberId] = {}
        self._key_owners: dict[VerifierKey, MemberId] = {}
        self._query_logs: dict[Origin, VerifierKey | None] = {}
        """Of peers; None where two charters name two keys for one log."""
        for peer in trust.peers(own):
            name = self._name(peer)
            hub = any(Role.HUB in trust.member(ref).roles for ref in peer.members)
            self.peers[name] = KnownPeer(id=name, peer=peer, hub=hub)
            self._by_ref |= dict.fromkeys(peer.members, name)
            for ref in peer.members:
                keys = trust.member(ref).keys
                said = (*keys.head, *keys.witness, *keys.mirror)
                self._key_owners |= dict.fromkeys(said, name)
                for key in keys.query_log:
                    origin = Origin(key.name)
                    same = self._query_logs.setdefault(origin, key) == key
                    self._query_logs[origin] = key if same else None

    def _name(self, peer: Peer) -> MemberId:
        """The member id where it is unique here, else the node's name."""
        name = peer.members[0].member
        return MemberId(peer.origin or f"{name}#2") if name in self.peers else name

    @property
    def me(self) -> MemberId:
        """Our own member id; the node's name where no charter names us yet."""
        members = self.trust.members(self._own)
        return members[0].member if members else MemberId(self._own)

    def by_certificate(self, der: bytes) -> KnownPeer | None:
        """The peer that has exactly this TLS certificate; None for a stranger."""
        for ref in self.trust.member_by_certificate(der):
            if ref in self._by_ref:
                return self.peers[self._by_ref[ref]]
        return None

    def log_key(self, origin: Origin) -> VerifierKey:
        """The log's key.

        Raises:
            EntitlementError: `log.unknown`: no charter names the origin.
        """
        key = self.trust.log_key(origin)
        if key is None:
            raise EntitlementError("log.unknown", f"{origin} is in no charter of this node")
        return key

    def query_log_key(self, origin: Origin) -> VerifierKey | None:
        """The key of a peer's query log; None where no charter names it, or two differ."""
        return self._query_logs.get(origin)

    def query_logs(self) -> tuple[Origin, ...]:
        """The query logs of peers, as their charters name them."""
        return tuple(self._query_logs)

    def names_query_log(self, key: VerifierKey) -> bool:
        """Whether a charter names this as the key of our own query log."""
        refs = self.trust.members(self._own)
        return any(key in self.trust.member(ref).keys.query_log for ref in refs)

    def cosigner_keys(self) -> tuple[VerifierKey, ...]:
        """Head, witness and mirror keys of all members."""
        return self._cosigners

    def shared_charters(self, peer: MemberId) -> frozenset[CharterId]:
        """Alliances that this peer and we share."""
        return frozenset(ref.charter for ref in self._refs(peer))

    @property
    def voters(self) -> frozenset[MemberId]:
        """The peers that can sign a time: those with a head, witness or mirror key."""
        return frozenset(self._key_owners.values())

    def owner_of_key(self, key: VerifierKey) -> MemberId | None:
        """The peer whose head, witness or mirror key this is; None for our own and strangers'."""
        return self._key_owners.get(key)

    def followed(self) -> tuple[Origin, ...]:
        """Logs that this node follows: all of its charters' but its own."""
        return tuple(o for o in self.trust.origins() if o not in self._own_chain)

    def joining(self) -> tuple[Alliance, ...]:
        """Alliances that this node trusts, and that do not name it: it waits for signatures."""
        named = {ref.charter for ref in self.trust.members(self._own)}
        return tuple(one for one in self.trust.alliances if one.id not in named)

    def waits_to_follow(self, origin: Origin) -> bool:
        """Whether only alliances name this log that do not name this node."""
        joining = {one.id for one in self.joining()}
        charters = {ref.charter for ref in self.trust.members(origin)}
        return bool(charters) and charters <= joining

    def city(self, origin: Origin) -> str:
        """The name of the member whose log this is, as a charter writes it; empty for strangers."""
        names = (self.trust.member(ref).name for ref in self.trust.members(origin))
        return next((name for name in names if name), "")

    def region(self, origin: Origin) -> str:
        """The region of the member whose log this is; empty for strangers."""
        regions = (self.trust.member(ref).region for ref in self.trust.members(origin))
        return next((region for region in regions if region), "")

    def tellers(self) -> tuple[Origin, ...]:
        """The followed logs of members that tell receipts."""
        return tuple(
            origin
            for origin in self.followed()
            if may_tell(
                role for ref in self.trust.members(origin) for role in self.trust.member(ref).roles
            )
        )

    def owners(self, origin: Origin) -> frozenset[MemberId]:
        """The peers whose node's log this is."""
        refs = self.trust.members(origin)
        return frozenset(self._by_ref[ref] for ref in refs if ref in self._by_ref)

    def mirrors(self, peer: MemberId) -> bool:
        """Whether a peer serves mirrors of others' logs: a hub."""
        return peer in self.peers and self.peers[peer].hub

    def rank(self, head: LogHead, authority: str) -> Rank:
        """Order of authority of a log for the records of an authority, by the charters."""
        origin = Origin(head.origin)
        return rank_of(
            ours=head.ours,
            hub=any(self.mirrors(peer) for peer in self.owners(origin)),
            regions=[self.trust.member(ref).region for ref in self.trust.members(origin)],
            authority=authority,
        )

    def offers(self, origin: Origin, peer: MemberId) -> bool:
        """Whether this log may be shown to this peer: they share a charter that names it."""
        return self.trust.same_alliance(origin, self._refs(peer))

    def may_receive(
        self, peer: MemberId, origin: Origin, kind: int, audience: Audience | None
    ) -> bool:
        """Whether an opening of this log may be handed to this peer, in whatever way.

        Every way on which openings leave a node asks this. Whoever said it may have it back
        (`node.log.recovery`); an audience that cannot be read (None) is nobody else's.
        """
        return (
            kind in OPEN_KINDS
            or peer in self.owners(origin)
            or (
                audience is not None
                and self.trust.entitled_reader(self._refs(peer), origin, audience, kind)
            )
        )

    def we_may_keep(self, kind: int, audience: Audience) -> bool:
        """Whether an opening of another's log that somebody handed to us may stay here (R8)."""
        return self.trust.may_keep(self.trust.members(self._own), audience, kind)

    def meant_for_others(self, audience: Audience) -> bool:
        """Whether who handed us an opening of this audience must have known better (R8)."""
        return self.trust.meant_for_others(self.trust.members(self._own), audience)

    # ---- who attests subjects

    def document_keys(self, charter: CharterId, origin: Origin) -> Sequence[VerifierKey]:
        """Keys with which the node of a log seals documents, as one charter names them.

        None where the charter has expired or is forked, or the member has ended: then nothing
        that it says makes anything certain.
        """
        members = self._in_force(charter, origin)
        return tuple(key for member in members for key in member.keys.document)

    def attests(self, charter: CharterId, origin: Origin, registered: str) -> bool:
        """Whether a charter lets the node of a log speak for subjects registered in a region.

        Of a region for which we attest ourselves nobody else speaks: there our library knows.
        """
        ours = self.trust.attests_for(self._own, registered)
        return not ours and charter in self.trust.attests_for(origin, registered)

    def attestors(self, registered: str) -> Sequence[Attestor]:
        """Whom to ask about subjects registered in a region: the nearest home first, then hubs."""
        near: list[Attestor] = []
        far: list[Attestor] = []
        for known in self.peers.values():
            origin = known.peer.origin
            if origin is None:
                continue
            shared = self.shared_charters(known.id)
            for charter in self.trust.attests_for(origin, registered)[:1]:
                if charter in shared and self.attests(charter, origin, registered):
                    made = Attestor(peer=known.id, origin=origin, charter=charter)
                    (far if known.hub else near).append(made)
        return (*near, *far)

    def _in_force(self, charter: CharterId, origin: Origin) -> Sequence[Member]:
        """The node of a log as a member of one charter, where that counts today."""
        states = {alliance.id: alliance.state for alliance in self.trust.alliances}
        if states.get(charter) is not AllianceState.IN_FORCE:
            return ()
        refs = (ref for ref in self.trust.members(origin) if ref.charter == charter)
        return [m for ref in refs if not (m := self.trust.member(ref)).ended]

    def is_ours(self, origin: Origin) -> bool:
        """Whether this is our own log, of any epoch."""
        return origin in self._own_chain

    # ---- what `federation.life.reading.Rights` and the chains of epochs ask

    def listing_rules(self, origin: Origin) -> ListingRules:
        """See `federation.life.reading.Rights`."""
        return self.trust.listing_rules(origin)

    def relief_reaches(self, origin: Origin, index: int, authority: str, copy: Origin) -> bool:
        """See `federation.life.reading.Rights`."""
        copies = self._own_chain if copy in self._own_chain else (copy,)
        return self.trust.relief_reaches(origin, index, authority, copies)

    def competent(self, origin: Origin, index: int, authority: str) -> bool:
        """See `federation.life.reading.Rights`."""
        return bool(self.trust.competence(origin, index, authority))

    def within_cut(self, origin: Origin, index: int) -> bool:
        """See `federation.life.reading.Rights`."""
        return self.trust.within_cut(origin, index)

    def chain(self, origin: Origin) -> tuple[Origin, ...]:
        """The node's chain of epochs."""
        return self.trust.chain(origin)

    def acts_for(self, origin: Origin, index: int) -> tuple[Origin, ...]:
        """Logs of others on whose listings this leaf may act."""
        return self.trust.acts_for(origin, index)

    def acts_for_ended(self, origin: Origin, index: int) -> tuple[Origin, ...]:
        """Those of them whose member has ended."""
        return self.trust.acts_for_ended(origin, index)

    def acted_for(self, origin: Origin, index: int) -> tuple[Origin, ...]:
        """Logs of others whose delegation ended before this leaf."""
        return self.trust.acted_for(origin, index)

    def _refs(self, peer: MemberId) -> tuple[MemberRef, ...]:
        known = self.peers.get(peer)
        return () if known is None else known.peer.members

"""What the charters of one node say together, answered by look-ups (SPEC §7.4).

`Trust` is a value of several charter chains at one time: nothing in it changes, and it reads no
clock. Build it again when a charter changes and at `valid_until`, when one expires.

Where two charters contradict each other about a log's key, the one that the node pinned first
counts, and the other alliance's segments of that origin are left out (`conflicts`): no alliance
can take a log away from another. About who the node's epochs and head keys are, charters add up:
whoever is adopted here is trusted for that. Not so about names to which an audience is narrowed:
each charter of the audience says by itself which nodes its members are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from crypto.keys import VerifierKey
from federation.charters._trust_index import Alliance, MemberRef, OriginPlace, gather, origins_of
from federation.charters._trust_speakers import acting, authorities_of, places_of, relievers
from federation.charters.chain import CharterChain
from federation.charters.entitlement import RELIEVING_KINDS, AllianceState, ListingRules
from federation.charters.epochs import merge_epochs
from federation.charters.members import attested
from federation.charters.values import Member, MemberKeys, Segment
from federation.ids import CharterId, Origin, Timestamp, node_of
from federation.payloads import Audience

__all__ = ["Alliance", "AllianceState", "MemberRef", "Peer", "Standing", "Trust", "is_narrowed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The segment of one charter that judges a leaf."""

    member: MemberRef
    segment: Segment
    state: AllianceState


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Another node with which charters are shared.

    Attributes:
        members: the node in each charter shared with us.
        origin: its current log; None for one without a log, such as an auditor.
        endpoints: `host:port`, those of all charters; empty where the node only dials.
        certificates: DER; exactly these are accepted of it.
    """

    members: tuple[MemberRef, ...]
    region: str
    name: str
    origin: Origin | None
    endpoints: tuple[str, ...]
    certificates: tuple[bytes, ...]


class Trust:
    """The charters of one node at one time. All answers are values; nothing is cached by asking."""

    def __init__(self, chains: Iterable[CharterChain], now: Timestamp) -> None:
        """Take the chains in the order in which the node pinned them, as they stand at `now`."""
        chains = tuple(chains)
        self.alliances: tuple[Alliance, ...] = tuple(
            Alliance(charter=chain.latest, state=_state(chain, now)) for chain in chains
        )
        ends = [a.charter.terms.not_after for a in self.alliances]
        self.valid_until: Timestamp | None = min((end for end in ends if end >= now), default=None)
        """Last second at which these answers hold; None where no charter expires any more."""
        by_id = {alliance.id: alliance for alliance in self.alliances}
        self._states = {alliance.id: alliance.state for alliance in self.alliances}
        self._members: dict[MemberRef, Member] = {
            MemberRef(alliance.id, member.id): member
            for alliance in self.alliances
            for member in alliance.charter.terms.members
        }
        self._since: dict[MemberRef, Timestamp] = {}
        for chain in chains:
            for version in chain.versions:
                for member in version.terms.members:
                    ref = MemberRef(chain.id, member.id)
                    self._since.setdefault(ref, version.terms.issued_at)
        self._facts, self.conflicts = gather(self._members)
        self._epochs = merge_epochs(
            origins_of(ref, member, self._facts) for ref, member in self._members.items()
        )
        self._names: dict[MemberRef, frozenset[str]] = {
            ref: frozenset(map(node_of, origins_of(ref, member, self._facts)))
            for ref, member in self._members.items()
        }
        """Names of each member's node by its charter; several after a change of the name."""
        self._all_names = frozenset[str]().union(*self._names.values())
        self._by_certificate: dict[bytes, tuple[MemberRef, ...]] = {}
        for ref, member in self._members.items():
            for der in member.certificates:
                self._by_certificate[der] = (*self._by_certificate.get(der, ()), ref)
        self._independent = (*self.witness_keys(), *self.mirror_keys())
        """Those of all nodes: asked for at each checkpoint."""
        self._acting = acting(self._members, self._facts)
        self._relievers = relievers(self._members, self._facts, self._acting)
        self._rules = {
            origin: ListingRules(origin, places_of(known, by_id, self._members, self._facts))
            for origin, known in self._facts.items()
        }

    # ---- logs and keys

    def origins(self) -> tuple[Origin, ...]:
        """Every log that a charter names, in the order of the charters."""
        return tuple(self._facts)

    def log_key(self, origin: Origin) -> VerifierKey | None:
        """The log's key; None for an origin that no charter names."""
        facts = self._facts.get(origin)
        return None if facts is None else facts.log_key

    def chain(self, origin: Origin) -> tuple[Origin, ...]:
        """The epochs of the node whose log this is, oldest first; empty for a stranger's."""
        return self._epochs.get(origin, ())

    def members(self, origin: Origin) -> tuple[MemberRef, ...]:
        """The node of this log as a member of each charter that names any of its epochs."""
        places = (place for epoch in self.chain(origin) for place in self._facts[epoch].places)
        return tuple(dict.fromkeys(place.ref for place in places))

    def member(self, ref: MemberRef) -> Member:
        """The member itself.

        Raises:
            KeyError: not a reference that this value has given.
        """
        return self._members[ref]

    def member_since(self, ref: MemberRef) -> Timestamp:
        """When the first version that names a member was issued, as its signers say.

        Raises:
            KeyError: not a reference that this value has given.
        """
        return self._since[ref]

    def head_keys(self, origin: Origin | None = None) -> tuple[VerifierKey, ...]:
        """Keys by which the node of this log says its newest head; of all nodes without one."""
        return self._cosigners(lambda keys: keys.head, origin)

    def witness_keys(self, origin: Origin | None = None) -> tuple[VerifierKey, ...]:
        """Keys by which the node of this log witnesses other logs; of all nodes without one."""
        return self._cosigners(lambda keys: keys.witness, origin)

    def mirror_keys(self, origin: Origin | None = None) -> tuple[VerifierKey, ...]:
        """Keys by which the node of this log says what it holds; of all nodes without one."""
        return self._cosigners(lambda keys: keys.mirror, origin)

    def independent_keys(self, origin: Origin) -> tuple[VerifierKey, ...]:
        """Witness and mirror keys of all other nodes: what judges lateness (SPEC §3.5)."""
        own = {*self.witness_keys(origin), *self.mirror_keys(origin)}
        names = {key.name for key in own}
        return tuple(k for k in self._independent if k.name not in names or k not in own)

    # ---- what a leaf may say

    def segment_at(self, origin: Origin, index: int) -> tuple[Standing, ...]:
        """The segment that judges this leaf, in each charter that has one."""
        facts = self._facts.get(origin)
        if facts is None:
            return ()
        return tuple(
            Standing(member=place.ref, segment=segment, state=self._states[place.ref.charter])
            for place in facts.places
            for segment in place.segments
            if segment.contains(index)
        )

    def within_cut(self, origin: Origin, index: int) -> bool:
        """Whether a segment of any charter contains the leaf.

        Beyond every cut listings never punish, and relief acts as suspension until a person or
        the successor decides.
        """
        return bool(self.segment_at(origin, index))

    def listing_rules(self, origin: Origin) -> ListingRules:
        """What this origin may say, for asking record by record."""
        return self._rules.get(origin) or ListingRules(origin, {})

    def fault(
        self,
        origin: Origin,
        index: int,
        kind: int,
        list_type: str,
        authority: str,
        audience: Audience | None,
    ) -> str:
        """Code for which the leaf may not say this, or empty; see `ListingRules.fault`."""
        return self.listing_rules(origin).fault(index, kind, list_type, authority, audience)

    def may_list(
        self,
        origin: Origin,
        index: int,
        kind: int,
        list_type: str,
        authority: str,
        audience: Audience,
    ) -> None:
        """Check that a listing counts against its subject now.

        Raises:
            EntitlementError: see `ListingRules.check_punishing`.
        """
        self.listing_rules(origin).check_punishing(index, kind, list_type, authority, audience)

    def competence(self, origin: Origin, index: int, authority: str) -> frozenset[CharterId]:
        """The charters by which relief at this leaf ends records of this authority (SPEC §6.2).

        Those, also expired or forked ones, with a segment that contains the leaf and that lists
        the authority under any list type, or belongs to who acts there for a member so entitled.
        """
        standing = self.segment_at(origin, index)
        lent = {
            one.charter
            for one in self._acting.get(origin, ())
            if one.contains(index) and authority in one.authorities
        }
        return frozenset(
            one.member.charter
            for one in standing
            if one.member.charter in lent or authority in authorities_of(one.segment.entitlements)
        )

    def relief_reaches(
        self, origin: Origin, index: int, authority: str, copies: Collection[Origin]
    ) -> bool:
        """Whether relief at this leaf ends a copy of a record of this authority.

        One charter must do both: make the leaf competent, and name the log of the copy. So no
        alliance gives its members a say about the records of another.

        Args:
            origin: the log of the relief.
            index: of the relief.
            authority: of the copy's record.
            copies: the log of the copy; for what our own node holds, the logs of our chain.
        """
        competent = self.competence(origin, index, authority)
        return bool(competent) and any(
            place.ref.charter in competent
            for copy in copies
            if copy in self._facts
            for place in self._facts[copy].places
        )

    def relievers(self, origin: Origin) -> frozenset[Origin]:
        """Other logs in which relief may stand that ends what is listed in this one."""
        return self._relievers.get(origin, frozenset())

    def acts_for(self, origin: Origin, index: int) -> tuple[Origin, ...]:
        """Logs of others on whose listings this leaf may act, as a delegate's or successor's."""
        found = (log for o in self._acting.get(origin, ()) if o.contains(index) for log in o.logs)
        return tuple(dict.fromkeys(found))

    def acts_for_ended(self, origin: Origin, index: int) -> tuple[Origin, ...]:
        """Those of them whose member has ended, and can say nothing more itself."""
        acting = (o for o in self._acting.get(origin, ()) if o.ended and o.contains(index))
        return tuple(dict.fromkeys(log for one in acting for log in one.logs))

    def acted_for(self, origin: Origin, index: int) -> tuple[Origin, ...]:
        """Logs of others whose delegation of this log ended at or before this leaf (L13)."""
        found = (log for o in self._acting.get(origin, ()) if o.ended_at(index) for log in o.logs)
        return tuple(dict.fromkeys(found))

    def read_by(self) -> bytes:
        """SHA-256 of all by which statements are read and settled; a renewal alone changes nothing.

        Neither time nor what stops punishment alone is in it: those are asked at each use.

        It is made of the values as they print, on purpose: a field that a later version adds to
        entitlements may decide how leaves are read, so its first start reads all rows anew.
        """
        said = (
            sorted(
                (origin, self.chain(origin), [_judged(place) for place in known.places])
                for origin, known in self._facts.items()
            ),
            sorted(
                (
                    origin,
                    [
                        (o.charter, o.start, o.end, o.ended, o.logs, sorted(o.authorities))
                        for o in acts
                    ],
                )
                for origin, acts in self._acting.items()
            ),
            [(a.id, a.charter.terms.purposes) for a in self.alliances],
            sorted(  # the order of authority among copies of a record
                (ref.charter, ref.member, member.region, sorted(member.roles))
                for ref, member in self._members.items()
            ),
        )
        return sha256(repr(said).encode()).digest()

    def attests_for(self, origin: Origin, region: str) -> tuple[CharterId, ...]:
        """The charters in force by which the node of this log may attest for a region's subjects.

        A city or county attests for its own region: for 510500 all codes that begin with 5105. A
        hub does so for the regions for which its charter names it, and for no others.

        Args:
            origin: any log of the node.
            region: where the subject is registered, 6 digits.
        """
        return tuple(
            ref.charter
            for ref in self.members(origin)
            if self._states[ref.charter] is AllianceState.IN_FORCE
            and not self._members[ref].ended
            and any(region.startswith(prefix) for prefix in attested(self._members[ref]))
        )

    # ---- who may receive what

    def member_by_certificate(self, der: bytes) -> tuple[MemberRef, ...]:
        """The members that name exactly this certificate; empty for a stranger's."""
        return self._by_certificate.get(der, ())

    def same_alliance(self, origin: Origin, members: Sequence[MemberRef]) -> bool:
        """Whether a log may be offered to a node: a charter of theirs names its origin."""
        facts = self._facts.get(origin)
        charters = {ref.charter for ref in members}
        return facts is not None and any(place.ref.charter in charters for place in facts.places)

    def entitled_reader(
        self, members: Sequence[MemberRef], origin: Origin, audience: Audience, kind: int
    ) -> bool:
        """Whether an opening of a closed kind may be handed to a node.

        True if the node is a member of a charter of the audience that names the log, lets it
        receive this kind for a purpose of the audience and, where the audience is narrowed to
        members, knows it by one of their names. Who is in no charter with the log's node is no
        business of that node's, whatever alliance it writes. While that charter is expired or
        forked, only what relieves a subject is handed on; that is never narrowed, and goes to the
        whole audience.
        """
        facts = self._facts.get(origin)
        naming = {place.ref.charter for place in facts.places} if facts else set()
        return any(
            kind in RELIEVING_KINDS
            or (self._states[ref.charter] is AllianceState.IN_FORCE and ref.charter in naming)
            for ref in self._addressed(members, audience, kind)
        )

    def may_keep(self, members: Sequence[MemberRef], audience: Audience, kind: int) -> bool:
        """Whether a node may keep an opening of a closed kind that somebody handed to it (R8).

        Asks no clock: an alliance that has expired still addresses its members. What relieves a
        subject is kept whoever it was meant for.
        """
        return kind in RELIEVING_KINDS or any(self._addressed(members, audience, kind))

    def meant_for_others(self, members: Sequence[MemberRef], audience: Audience) -> bool:
        """Whether an audience is surely not a node's, whatever version of a charter one holds (R8).

        No charter of it is held here, or each of its members is another node of these charters. A
        name that is in none of them may be a new one of the node itself.
        """
        if self._states.keys().isdisjoint(audience.charters):
            return True
        own = frozenset[str]().union(*(self._names.get(ref, frozenset()) for ref in members))
        others = self._all_names - own
        return bool(audience.members) and others.issuperset(audience.members)

    def _addressed(
        self, members: Sequence[MemberRef], audience: Audience, kind: int
    ) -> Iterator[MemberRef]:
        """The members whom a charter of the audience lets receive this kind for its purposes.

        Where the audience names members, only those; but whoever relieves tells all.
        """
        narrowed = is_narrowed(audience, kind)
        return (
            ref
            for ref in members
            if ref.charter in audience.charters
            and ref in self._members
            and (not narrowed or not self._names[ref].isdisjoint(audience.members))
            and any(
                kind in reception.kinds
                and not set(reception.purposes).isdisjoint(audience.purposes)
                for reception in self._members[ref].receives
            )
        )

    def peers(self, own: Origin) -> tuple[Peer, ...]:
        """The other nodes of our charters, each once, whatever number of charters we share."""
        ours = self.members(own)
        charters = {ref.charter for ref in ours}
        groups: dict[object, list[MemberRef]] = {}
        for ref, member in self._members.items():
            if ref.charter in charters and ref not in ours and member.certificates:
                groups.setdefault(self._node_of(ref), []).append(ref)
        return tuple(self._peer(tuple(refs)) for refs in groups.values())

    def _node_of(self, ref: MemberRef) -> object:
        """What two members share iff they are one node: its first epoch, or certificate."""
        member = self._members[ref]
        origins = origins_of(ref, member, self._facts)
        return self._epochs[origins[0]][0] if origins else member.certificates[0]

    def _peer(self, refs: tuple[MemberRef, ...]) -> Peer:
        members = [self._members[ref] for ref in refs]
        open_origins = [s.origin for m in members for s in m.segments if s.cut is None]
        epochs = next((self._epochs[o] for o in open_origins if o in self._epochs), ())
        return Peer(
            members=refs,
            region=members[0].region,
            name=members[0].name,
            origin=next((o for o in reversed(epochs) if o in open_origins), None),
            endpoints=tuple(dict.fromkeys(e for m in members for e in m.endpoints)),
            certificates=tuple(dict.fromkeys(c for m in members for c in m.certificates)),
        )

    def _cosigners(
        self, which: Callable[[MemberKeys], tuple[VerifierKey, ...]], origin: Origin | None
    ) -> tuple[VerifierKey, ...]:
        refs = self._members if origin is None else self.members(origin)
        return tuple(dict.fromkeys(key for ref in refs for key in which(self._members[ref].keys)))


def is_narrowed(audience: Audience, kind: int) -> bool:
    """Whether only some members of an audience's alliances may have an opening of this kind.

    Relief is for all of them, whatever members its audience names.
    """
    return bool(audience.members) and kind not in RELIEVING_KINDS


def _judged(place: OriginPlace) -> tuple[object, ...]:
    """What of a log's place in a charter decides how its leaves are read."""
    return place.ref, [(s.from_size, s.to_size, repr(s.entitlements)) for s in place.segments]


def _state(chain: CharterChain, now: Timestamp) -> AllianceState:
    if chain.forks:
        return AllianceState.FORKED
    return AllianceState.EXPIRED if chain.latest.expired(now) else AllianceState.IN_FORCE

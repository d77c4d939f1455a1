"""Packets 数据包: the frames of a stream in signed and sealed files, where no line is allowed.

What a stream would send goes into a packet, planned by the same `Exchange.plan`; what a packet
brings is taken by the same `Exchange.prepare` and `handle`. The header is signed with the head
key: it says "this is what I have now", with a time, and the log's key signs checkpoints alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Protocol

from crypto.cosignature import cosign, verify_cosignatures
from crypto.errors import CryptoError
from crypto.hpke import (
    X25519_SUITE,
    seal_to,
    sealing_key_id,
    sealing_public,
)
from crypto.keys import Signer
from crypto.notes import Note, parse_note
from federation.charters.values import SealingKey
from federation.errors import RefusedError, ReplicationError
from federation.ids import CharterId, MemberId, Origin, Timestamp
from federation.peers.frames import (
    AttestAnswer,
    AttestQuestion,
    CharterFrame,
    Cursor,
    ForkFrame,
    Frame,
    Subscribe,
)
from federation.peers.packets import ID_SIZE, MAX_LOGS, PacketHeader, Span, open_body, parse_header
from federation.peers.replication import DeliveredBatch
from federation.peers.sealing import packet_info
from federation.ports.store import Store
from node.charters.view import KnownPeer, TrustView
from node.codec.packets import (
    frame_to_bytes,
    frames_from_bytes,
    packet_from_bytes,
    packet_to_bytes,
)
from node.log.cosigning import FUTURE_SECONDS
from node.log.writer import OnWriter
from node.peers.exchange import Exchange
from node.peers.packet_state import PacketState, Taken
from node.peers.session import Session

PART_BYTES: Final = 2 * 1024 * 1024
"""Of frames after which a part is closed; the last of them may have 1 MiB and a little."""


class CarriedFrames(Protocol):
    """Questions about subjects and answers (`node.attestation.packets`), as packets carry them."""

    def frames(self, peer: MemberId) -> Iterator[AttestQuestion | AttestAnswer]:
        """What goes into a packet to a peer."""

    def take(self, peer: MemberId, frames: Iterable[AttestQuestion | AttestAnswer]) -> None:
        """Take what a packet brought."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One file of a packet."""

    header: PacketHeader
    data: bytes


class Packets:
    """Makes packets for other members, and takes theirs."""

    def __init__(  # noqa: PLR0913 - wired once, in node.app.wiring
        self,
        *,
        own: Origin,
        store: Store,
        exchange: Exchange,
        trust: Callable[[], TrustView],
        envelopes: Callable[[MemberId], Any],
        state: PacketState,
        attestations: CarriedFrames,
        head_signer: Signer,
        sealing: Sequence[bytes],
        on_writer: OnWriter,
        now: Callable[[], Timestamp],
        token: Callable[[int], bytes],
    ) -> None:
        """Wire the packets.

        Args:
            own: our current log.
            store: read for fork files.
            exchange: plans what is sent, takes what arrives.
            trust: the charters in force.
            envelopes: all charter versions that a peer and we share.
            state: what was taken before.
            attestations: questions about subjects, and answers.
            head_signer: signs headers.
            sealing: our X25519 secrets; a packet names the one that it is sealed to.
            on_writer: runs a job on the store's writer thread and waits for it.
            now: seconds UTC.
            token: the source of randomness.
        """
        self._own = own
        self._store = store
        self._exchange = exchange
        self._trust = trust
        self._envelopes = envelopes
        self._state = state
        self._attestations = attestations
        self._signer = head_signer
        self._sealing = {
            sealing_key_id(X25519_SUITE, sealing_public(secret)): secret for secret in sealing
        }
        self._on_writer = on_writer
        self._now = now
        self._token = token

    # ---- export

    def export(self, member: MemberId, since: Mapping[Origin, int]) -> Iterator[Part]:
        """Make the parts of a packet; blocks.

        Args:
            member: the receiver.
            since: leaves of a log that the receiver is known to hold, where it is said by hand.

        Raises:
            RefusedError: `packet.member`: nobody to whom a packet can be sealed.
        """
        trust = self._trust()
        peer = trust.peers.get(member)
        sealing = None if peer is None else _sealed_to(trust, peer)
        if peer is None or peer.peer.origin is None or sealing is None:
            message = (
                f"{member}: expected a member of a shared charter with a log and a sealing key; "
                "see `huxin charter show`"
            )
            raise RefusedError("packet.member", message)
        return self._parts(peer.peer.origin, sealing, self._frames(peer, since))

    def _frames(self, peer: KnownPeer, since: Mapping[Origin, int]) -> Iterator[Frame]:
        trust = self._trust()
        owns = tuple(o for o in trust.followed() if peer.id in trust.owners(o))
        session = Session(peer=peer.id, owns=owns)
        holds = Subscribe(
            cursors=tuple(
                Cursor(origin=origin, size=replica.size)
                for origin, replica in self._exchange.replicas().items()
                if trust.offers(origin, peer.id)
            )
        )
        yield from holds.divided()
        yield from (CharterFrame(envelope=envelope) for envelope in self._envelopes(peer.id))
        with self._store.read() as snapshot:
            forks = [file for origin, file in snapshot.forks() if trust.offers(origin, peer.id)]
        yield from (ForkFrame(file=file) for file in forks)
        cursors = self._held_by(trust, peer) | dict(since)
        asked = tuple(Cursor(origin=o, size=s) for o, s in cursors.items() if o not in owns)
        self._exchange.handle(session, Subscribe(cursors=asked))
        while frames := self._exchange.plan(session):
            yield from frames
        yield from self._attestations.frames(peer.id)

    def _held_by(self, trust: TrustView, peer: KnownPeer) -> dict[Origin, int]:
        """What a node is known to hold: by its newest receipt, or by its mirror's cosignature."""
        taken = None if peer.peer.origin is None else self._state.taken(peer.peer.origin)
        receipt = {} if taken is None else taken.holds
        keys = [key for ref in peer.peer.members for key in trust.trust.member(ref).keys.mirror]
        held: dict[Origin, int] = {}
        for origin, served in self._exchange.served().items():
            if trust.offers(origin, peer.id):
                mirrored = verify_cosignatures(parse_note(served.note), keys)
                held[origin] = served.size if mirrored else receipt.get(origin, 0)
        return held

    def _parts(
        self, receiver: Origin, sealing: tuple[CharterId, SealingKey], frames: Iterator[Frame]
    ) -> Iterator[Part]:
        charter, key = sealing
        packet, created = self._token(ID_SIZE), self._now()
        number = 1
        body, spans = bytearray(), dict[Origin, Span]()

        def close(*, last: bool) -> Part:
            info = packet_info(charter, self._own, receiver, packet, number)
            sealed = seal_to(key.suite, key.key, info, bytes(body))
            header = PacketHeader(
                sender=self._own,
                receiver=receiver,
                charter=charter,
                packet=packet,
                part=number,
                last=last,
                leaves=sum(span.end - span.start for span in spans.values()),
                suite=key.suite,
                key=key.id,
                body=len(sealed),
                digest=sha256(sealed).digest(),
                spans=tuple(spans.values()),
            )
            text = header.to_text()
            note = Note(text=text, signatures=(cosign(text, self._signer, created),))
            return Part(header=header, data=packet_to_bytes(note, sealed))

        for frame in frames:
            if len(body) > PART_BYTES or len(spans) == MAX_LOGS:
                yield close(last=False)
                number += 1
                body.clear()
                spans.clear()
            body += frame_to_bytes(frame)
            if isinstance(frame, DeliveredBatch):
                before = spans.get(frame.origin)
                start = frame.first_index if before is None else before.start
                end = frame.first_index + len(frame.leaves)
                spans[frame.origin] = Span(origin=frame.origin, start=start, end=end)
        yield close(last=True)

    # ---- import

    def take(self, data: bytes) -> dict[str, Any]:
        """Take one part; blocks. The same part again changes nothing.

        Returns:
            Packet, sender, part, whether it is the last, leaves in it and leaves that were new.

        Raises:
            RefusedError: `packet.…`, nothing was stored; or the code of a frame that its sender
                signed and that is false: what was proved before it stays, as on a stream.
        """
        note, body = packet_from_bytes(data)
        header = parse_header(note.text)
        sender, created = self._verified(header, note)
        frames = frames_from_bytes(open_body(header, body, self._sealing))
        self._check_place(header, created)
        before = self._sizes()
        session = Session(peer=sender.id, carried=True)
        attested = [f for f in frames if isinstance(f, AttestQuestion | AttestAnswer)]
        for frame in frames:
            if not isinstance(frame, Subscribe | AttestQuestion | AttestAnswer):
                self._take_frame(session, frame)
        self._attestations.take(sender.id, attested)
        self._remember(header, created, frames)
        after = self._sizes()
        return {
            "packet": header.packet.hex(),
            "sender": header.sender,
            "part": header.part,
            "last": header.last,
            "created_at": created,
            "leaves": header.leaves,
            "new_leaves": sum(size - before.get(origin, 0) for origin, size in after.items()),
        }

    def _verified(self, header: PacketHeader, note: Note) -> tuple[KnownPeer, int]:
        """Whose packet this is, and its time; by its signature alone."""
        trust = self._trust()
        if header.receiver != self._own:
            message = f"it is for {header.receiver}, and this is {self._own}; carry it there"
            raise RefusedError("packet.other-receiver", message)
        sender = next((p for p in trust.peers.values() if p.peer.origin == header.sender), None)
        if sender is None or header.charter not in trust.shared_charters(sender.id):
            message = (
                f"{header.sender} is no current log of a member of the alliance "
                f"{header.charter.hex()}, in which we are; see `huxin charter show`"
            )
            raise RefusedError("packet.sender", message)
        keys = [key for ref in sender.peer.members for key in trust.trust.member(ref).keys.head]
        try:
            signed = verify_cosignatures(note, keys)
        except CryptoError:
            signed = ()
        if not signed:
            message = f"its header is not signed by the head key of {header.sender}; it was altered"
            raise RefusedError("packet.signature", message)
        return sender, max(one.timestamp for one in signed)

    def _check_place(self, header: PacketHeader, created: int) -> None:
        taken = self._state.taken(header.sender)
        if taken and taken.packet != header.packet.hex() and created <= taken.created:
            message = f"a newer packet of {header.sender} was taken before; nothing is missing"
            raise RefusedError("packet.replayed", message)
        sizes = self._sizes()
        for span in header.spans:
            held = sizes.get(span.origin, 0)
            if span.start > held:
                message = (
                    f"it has {span.origin} from {span.start}, and {held} leaves are held: import "
                    "the parts before it first, or send a packet back as receipt"
                )
                raise RefusedError("packet.gap", message)

    def _take_frame(self, session: Session, frame: Frame) -> None:
        trust = self._trust()
        session.subscribed |= {o for o in trust.followed() if trust.offers(o, session.peer)}
        prepared = self._exchange.prepare(session, frame)
        try:
            self._on_writer(lambda: self._exchange.handle(session, prepared))
        except ReplicationError as error:
            raise RefusedError(
                error.code, f"{session.peer} signed what is false: {error}"
            ) from error

    def _remember(self, header: PacketHeader, created: int, frames: list[Frame]) -> None:
        taken = self._state.taken(header.sender)
        receipt = [frame for frame in frames if isinstance(frame, Subscribe)]
        holds = taken.holds if taken and not receipt else {}
        for frame in receipt:
            holds |= {cursor.origin: cursor.size for cursor in frame.cursors}
        self._state.put(
            header.sender,
            Taken(
                packet=header.packet.hex(),
                # Of a sender whose clock was ahead the later packets, with relief, are taken too.
                created=min(created, self._now() + FUTURE_SECONDS),
                holds=holds,
            ),
        )

    def _sizes(self) -> dict[Origin, int]:
        return {origin: replica.size for origin, replica in self._exchange.replicas().items()}


def _sealed_to(trust: TrustView, peer: KnownPeer) -> tuple[CharterId, SealingKey] | None:
    """The alliance and the key to which a packet for a peer is sealed."""
    keys = ((ref.charter, trust.trust.member(ref).sealing_key) for ref in peer.peer.members)
    return next(((charter, key) for charter, key in keys if key is not None), None)

"""A member that lies: a log whose keys sign whatever a test wants, and a stream to a real node."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field

from crypto.checkpoint import Checkpoint, sign_checkpoint
from crypto.commitment import Committer
from crypto.cosignature import cosign
from crypto.fork import ForkProof
from crypto.keys import Signer
from crypto.merkle import Frontier, NodeReader, consistency_proof, leaf_hash
from crypto.notes import Note, SignatureLine
from federation.errors import ReplicationError
from federation.ids import NO_STATEMENT, MemberId, StatementId, Timestamp
from federation.payloads import Listing, Payload
from federation.peers.frames import Frame, HeadFrame, LateOpening
from federation.peers.openings import PENDING, DeliveredOpening
from federation.peers.replication import DeliveredBatch
from federation.rows import OpeningStatus, StatementRow
from federation.statements import Header, Kind
from node.codec import ProtobufPayloads
from node.peers.session import Session
from node.records.proofs import Proofs
from node.records.records import Records
from tests.support import charters as build
from tests.support.simulation import SimNode, listing, relief_payload

LIAR = "510300"
PAYLOADS = ProtobufPayloads()


def raw_note(text: str, signer: Signer) -> bytes:
    """Any text at all, signed, without the checks of `crypto.notes`."""
    line = SignatureLine(
        name=signer.name,
        key_id=signer.verifier.key_id,
        signature=signer.sign_raw(text.encode()),
    )
    return f"{text}\n{line}".encode()


def checkpoint_text(origin: str, size: int | str, root: bytes | str) -> str:
    """Three lines, in whatever spelling."""
    written = root if isinstance(root, str) else base64.b64encode(root).decode()
    return f"{origin}\n{size}\n{written}\n"


@dataclass
class HostileLog:
    """A log in memory that says and signs anything, with the keys of a member."""

    member: str = LIAR
    leaves: list[bytes] = field(default_factory=list)
    openings: list[DeliveredOpening] = field(default_factory=list)
    statements: int = 0

    def __post_init__(self) -> None:
        self.origin = build.origin_of(self.member)
        self.signer = build.log_signer(self.member)

    # ---- what it says

    def put(self, leaf: bytes, opening: DeliveredOpening = PENDING) -> int:
        """Add any bytes as a leaf; returns its index."""
        self.leaves.append(leaf)
        self.openings.append(opening)
        return len(self.leaves) - 1

    def fresh_id(self) -> StatementId:
        """An id that this log has not used."""
        self.statements += 1
        return StatementId(build.seed(self.member, "statement", self.statements)[:16])

    def say(
        self,
        kind: int,
        payload: Payload | bytes,
        *,
        action: int = 0,
        flags: int = 0,
        about: bytes = NO_STATEMENT,
        statement_id: bytes = b"",
        version: int = 1,
        issued_at: int = build.NOW,
    ) -> StatementId:
        """Say something, with its true opening."""
        named = StatementId(statement_id) if statement_id else self.fresh_id()
        raw = payload if isinstance(payload, bytes) else PAYLOADS.encode(payload)
        header = Header(
            version=version,
            kind=kind,
            action=action,
            flags=flags,
            issued_at=Timestamp(issued_at),
            statement_id=named,
            about=StatementId(about),
        ).pack()
        salt = build.seed(self.member, "salt", len(self.leaves))
        leaf = header + Committer(self.origin).commit(salt, header, raw)
        self.put(leaf, DeliveredOpening(OpeningStatus.PRESENT, salt, raw))
        return named

    def list_(self, content: Listing) -> StatementId:
        """Say a listing."""
        return self.say(Kind.LISTING, content)

    def relieve(self, content: Listing, about: bytes, kind: int = Kind.REPAIR) -> StatementId:
        """Say that a record is relieved, whoever may."""
        return self.say(kind, relief_payload(content, content.audience), about=about)

    def statement_id(self, index: int) -> StatementId:
        """The id in a leaf's header."""
        return StatementId(self.leaves[index][12:28])

    def branch(self, size: int) -> HostileLog:
        """Another history with the same first leaves."""
        other = HostileLog(self.member, self.leaves[:size], self.openings[:size])
        other.statements = self.statements + 1000
        return other

    # ---- what it signs

    @property
    def size(self) -> int:
        return len(self.leaves)

    def _node(self, level: int, index: int) -> bytes:
        part = self.leaves[index << level : (index + 1) << level]
        return Frontier.empty().extend([leaf_hash(leaf) for leaf in part]).root()

    @property
    def nodes(self) -> NodeReader:
        return lambda places: [self._node(level, index) for level, index in places]

    def root(self, size: int | None = None) -> bytes:
        part = self.leaves if size is None else self.leaves[:size]
        return Frontier.empty().extend([leaf_hash(leaf) for leaf in part]).root()

    def note(self, size: int | None = None, *, root: bytes = b"", at: int | None = None) -> bytes:
        """A checkpoint of a size, with the head's cosignature of a time."""
        size = self.size if size is None else size
        checkpoint = Checkpoint(origin=self.origin, size=size, root=root or self.root(size))
        note = sign_checkpoint(checkpoint, self.signer)
        lines = [] if at is None else [self.head_line(note.text, at)]
        return Note(text=note.text, signatures=(*note.signatures, *lines)).to_bytes()

    def head_line(self, text: str, at: int) -> SignatureLine:
        """The head key's word at a time."""
        return cosign(text, build.cosigner(self.member, "head"), at)

    def fork_file(self, other: HostileLog, smaller: int, larger: int) -> bytes:
        """The proof that this log's root at `smaller` contradicts the other's `larger`."""
        if smaller == larger:
            proof = ForkProof(
                smaller=self.note(smaller), larger=other.note(larger), prefix=None, path=()
            )
        else:
            proof = ForkProof(
                smaller=self.note(smaller),
                larger=other.note(larger),
                prefix=other.root(smaller),
                path=tuple(consistency_proof(smaller, larger, other.nodes)),
            )
        return proof.to_bytes()

    # ---- what it sends

    def batch(
        self,
        start: int = 0,
        end: int | None = None,
        size: int | None = None,
        note: bytes | None = None,
    ) -> DeliveredBatch:
        """A true batch of this history."""
        end = self.size if end is None else end
        size = self.size if size is None else size
        return DeliveredBatch(
            origin=self.origin,
            first_index=start,
            leaves=tuple(self.leaves[start:end]),
            openings=tuple(self.openings[start:end]),
            checkpoint=self.note(size) if note is None else note,
            path=tuple(consistency_proof(end, size, self.nodes)) if end else (),
        )

    def head(self, size: int | None = None, *, at: int | None = None) -> HeadFrame:
        """A checkpoint without leaves."""
        return HeadFrame(origin=self.origin, checkpoint=self.note(size, at=at))

    def late(self, index: int) -> LateOpening:
        """The true opening of a leaf."""
        return LateOpening(origin=self.origin, index=index, opening=self.openings[index])


class Stream:
    """A stream from a lying peer to a real node, which dials again after each end."""

    def __init__(self, node: SimNode, peer: str = LIAR) -> None:
        self.node = node
        self.peer = MemberId(peer)
        self.ended: list[str] = []
        self.session: Session = self._open()

    def _open(self) -> Session:
        session = self.node.exchange.open_session(self.peer)
        self.node.exchange.subscription(session)
        return session

    def send(self, *frames: Frame) -> str:
        """Send frames; the code for which the node ended the stream, or nothing."""
        for frame in frames:
            try:
                prepared = self.node.exchange.prepare(self.session, frame)
                self.node.exchange.handle(self.session, prepared)
            except ReplicationError as error:
                self.ended.append(error.code)
                self.close()
                self.session = self._open()
                return error.code
        return ""

    def heads(self, notes: Sequence[bytes], forks: Sequence[bytes] = ()) -> str:
        """Answer ListHeads with these."""
        try:
            self.node.exchange.take_heads(self.session, notes, forks)
        except ReplicationError as error:
            return error.code
        return ""

    def sent(self) -> list[Frame]:
        """What the node says on this stream now."""
        return self.node.exchange.plan(self.session)

    def close(self) -> None:
        self.node.exchange.close_session(self.session)


def row(node: SimNode, statement_id: bytes, member: str = LIAR) -> StatementRow:
    """The first row with this id in a member's log."""
    with node.store.read() as session:
        head = session.head(build.origin_of(member))
        assert head is not None
        return min(session.rows_by_id([head.log], [statement_id]), key=lambda found: found.idx)


def rows(node: SimNode, member: str = LIAR) -> list[StatementRow]:
    """All rows of a member's log, in order."""
    with node.store.read() as session:
        head = session.head(build.origin_of(member))
        return [] if head is None else list(session.rows_between(head.log, 0, head.size))


def stored_leaves(node: SimNode, member: str = LIAR) -> list[bytes]:
    """The leaves that a node holds of a member's log."""
    with node.store.read() as session:
        head = session.head(build.origin_of(member))
        return [] if head is None else list(session.leaves(head.log, 0, head.size))


def stored_payload(node: SimNode, statement_id: bytes, member: str = LIAR) -> bytes | None:
    """The payload that a node holds of a statement."""
    found = row(node, statement_id, member)
    with node.store.read() as session:
        for sealed in session.openings(found.log, [found.idx]):
            return node.keyring.open_opening(build.origin_of(member), sealed).payload
    return None


def served_note(node: SimNode, member: str = LIAR) -> bytes:
    """The note that a node shows of a member's log."""
    served = node.exchange.served().get(build.origin_of(member))
    return b"" if served is None else served.note


def records_of(node: SimNode) -> Records:
    """The reader of records, as the program wires it."""
    return Records(
        store=node.store,
        keyring=node.keyring,
        payloads=node.payloads,
        trust=lambda: node.view,
        today=node.clock.today,
        doubts=node.doubts,
    )


def invented(node: SimNode, number: int = 1) -> Listing:
    """A listing for the alliances of a node."""
    return listing(number, audience=node.audience())


def proofs_of(node: SimNode) -> Proofs:
    """The maker of proofs, as the program wires it."""
    return Proofs(
        store=node.store,
        keyring=node.keyring,
        trust=lambda: node.view,
        own_keys=(build.log_signer(node.member).verifier,),
        own=node.origin,
    )

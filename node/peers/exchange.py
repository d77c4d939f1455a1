"""The exchange with peers, without network: frames in, frames out, everything in the store.

`Exchange` is synchronous and knows no sockets: the gRPC driver (`node.network.follow`) and the fake
network of the scenario tests call the same methods. Methods that write run on the store's writer
thread; `plan` and `openings_for` only read and may run beside them.

A peer is trusted with availability only: what it delivers is proved against checkpoints signed by
the log's own key from the charter, whoever delivers it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from federation.errors import ReplicationError
from federation.ids import MemberId, Origin, Timestamp
from federation.peers.frames import (
    AttestAnswer,
    AttestQuestion,
    CharterFrame,
    ForkFrame,
    Frame,
    HeadFrame,
    LateOpening,
    Refusal,
    Subscribe,
)
from federation.peers.openings import DeliveredOpening
from federation.peers.replica import Replica
from federation.peers.replication import DeliveredBatch
from federation.peers.sealing import KeyCopy
from federation.ports.store import Store
from node.charters.book import Offered
from node.charters.view import TrustView
from node.log.cosigning import Cosigning
from node.log.ledger import Ledger
from node.log.publisher import Publisher
from node.log.recovery import Recovery
from node.peers.blame import Blame
from node.peers.charter_changes import CharterChanges
from node.peers.disk_pressure import DiskPressure
from node.peers.fork_relief import ForkRelief
from node.peers.forks import Forks
from node.peers.incoming import Incoming, refused
from node.peers.late_openings import LateOpenings
from node.peers.mirrors import Mirrors
from node.peers.offers import Offers
from node.peers.own_log_claims import OwnLogClaims, first_word
from node.peers.plan import Plan
from node.peers.prepared import PreparedBatch, PreparedRun
from node.peers.serving import Served, Serving
from node.peers.session import Session
from node.peers.streams import Streams
from node.peers.subscriptions import Subscriptions
from node.peers.tile_refetch import TileRefetch
from node.peers.witnessing import Witnessing
from node.system.failpoints import Failpoints

MAX_WAITING: Final = 2048
"""Frames waiting to be sent on one stream when a peer asks for more; who asks must also read."""


class Exchange:
    """Serves logs to peers and follows theirs."""

    def __init__(  # noqa: PLR0913 - wired once, in node.app.wiring
        self,
        *,
        own_origin: Origin,
        store: Store,
        ledger: Ledger,
        publisher: Publisher,
        recovery: Recovery,
        serving: Serving,
        trust: Callable[[], TrustView],
        envelopes: Callable[[MemberId], Sequence[bytes]],
        judge: Callable[[bytes], Offered],
        adopt: Callable[[bytes], bool],
        cosigning: Cosigning,
        tight: Callable[[], bool],
        now: Callable[[], Timestamp],
        failpoints: Failpoints,
        changed: Callable[[], None],
    ) -> None:
        """Wire the exchange.

        Args:
            own_origin: our current epoch.
            store: logs, openings, rows.
            ledger: appends proved leaves.
            publisher: our own log, told when peers show that we lost part of it.
            recovery: takes our own log back from peers, where it was begun.
            serving: reads what peers may be shown.
            trust: the charters in force, asked anew each time.
            envelopes: all charter versions that a peer and we share.
            judge: says what a charter envelope is, and adopts nothing; on any thread.
            adopt: offers a charter envelope; says whether it was new and valid.
            cosigning: our witness and mirror keys.
            tight: whether the disk has so little room that what can wait is not followed.
            now: seconds UTC.
            failpoints: for the crash tests.
            changed: called when some log can be served further; from any thread.
        """
        self._own = own_origin
        self._store = store
        self._serving = serving
        self._trust = trust
        self._envelopes = envelopes
        self._judge = judge
        self._adopt = adopt
        self._now = now
        self._failpoints = failpoints
        self._changed = changed
        self._streams = Streams()
        self._blame = Blame()
        self._forks = Forks(
            store=store,
            trust=trust,
            tell=lambda file: self._streams.tell(ForkFrame(file=file)),
            changed=changed,
        )
        self._mirrors = Mirrors(
            store=store,
            ledger=ledger,
            trust=trust,
            cosigning=cosigning,
            failpoints=failpoints,
            forks=self._forks,
            blame=self._blame,
            changed=changed,
        )
        self._offers = Offers(
            store=store,
            serving=serving,
            trust=trust,
            served=self._mirrors.served,
            replicas=self._mirrors.replicas,
        )
        self._plan = Plan(
            served=self._mirrors.served,
            serving=serving,
            offers=lambda origin, peer: trust().offers(origin, peer),
            now=now,
        )
        self._late = LateOpenings(
            store=store,
            ledger=ledger,
            blame=self._blame,
            served=self._mirrors.served,
            serving=serving,
            streams=self._streams,
            changed=changed,
        )
        self._room = DiskPressure(tight, self._mirrors.replicas)
        replicas = self._mirrors.replicas
        self._mending = TileRefetch(store, lambda: {o: r.size for o, r in replicas.copy().items()})
        self._others = ForkRelief(
            store=store,
            ledger=ledger,
            trust=trust,
            forked=self._forks.origins,
            replicas=self._mirrors.replicas,
        )
        self._beside = (self._mending, self._others)
        self._wants = Subscriptions(
            own=own_origin,
            trust=trust,
            replicas=self._mirrors.replicas,
            recovery=recovery,
            room=self._room,
            beside=self._beside,
        )
        self._rereading = CharterChanges(store=store, ledger=ledger, trust=trust, changed=changed)
        self._heard = OwnLogClaims(
            own=own_origin,
            mirrors=self._mirrors,
            forks=self._forks,
            blame=self._blame,
            publisher=publisher,
            recovery=recovery,
            published=self.published,
        )
        self._witnessing = Witnessing(
            store=store,
            trust=trust,
            cosigning=cosigning,
            forks=self._forks,
            mirrors=self._mirrors,
            failpoints=failpoints,
        )
        self._incoming = Incoming(
            own=own_origin,
            mirrors=self._mirrors,
            forks=self._forks,
            blame=self._blame,
            heard=self._heard,
            beside=self._beside,
            room=self._room,
            now=now,
        )

    def start(self) -> None:
        """Load what is held; call after the publisher has started."""
        self._mirrors.load()
        self._rereading.catch_up()

    # ------------------------------------------------------------------ sessions

    def open_session(self, peer: MemberId) -> Session:
        """Begin a stream with a peer; what must be said first is in the session's outbox."""
        trust = self._trust()
        owns = tuple(o for o in trust.followed() if peer in trust.owners(o))
        session = Session(peer=peer, owns=owns)
        session.outbox.extend(first_word(self._mirrors.replicas, owns))
        with self._store.read() as snapshot:
            session.outbox.extend(ForkFrame(file=file) for _, file in snapshot.forks())
        session.outbox.extend(CharterFrame(envelope=envelope) for envelope in self._envelopes(peer))
        self._streams.add(session)
        return session

    def close_session(self, session: Session) -> None:
        """Forget a stream."""
        self._streams.remove(session)

    def subscription(self, session: Session) -> Subscribe | None:
        """What to ask this peer for (`node.peers.subscriptions`)."""
        return self._wants.subscription(session, self._streams.peers())

    def plan(self, session: Session, *, read: bool = True) -> list[Frame]:
        """Decide what to send next on a stream (`node.peers.plan`)."""
        return self._plan.frames(session, read=read)

    def is_quiet(self, session: Session) -> bool:
        """Whether `plan` would have nothing to look at."""
        return self._plan.is_quiet(session)

    def damaged(self) -> dict[Origin, str]:
        """Logs of which stored bytes were found changed since the start, and which."""
        return {**self._forks.damaged, **self._serving.damaged}

    def mend(self, origin: Origin, tile: int) -> None:
        """Ask peers again for the leaves of a tile of a mirror (`node.upkeep.scrub`)."""
        self._mending.want(origin, tile)
        self._changed()

    def sound_again(self, origin: Origin) -> None:
        """All that is stored of a log was read and found sound (`node.upkeep.scrub`)."""
        self._forks.damaged.pop(origin, None)
        self._serving.damaged.pop(origin, None)

    def prepare(self, session: Session, frame: Frame) -> Frame | PreparedBatch | None:
        """Do beforehand what of a frame's work needs no store (`node.peers.incoming`).

        None where nothing is left to do: a charter version that is held, or that is refused.
        """
        if not isinstance(frame, CharterFrame):
            return self._incoming.prepare(session, frame)
        offered = self._judge(frame.envelope)
        if offered is Offered.REFUSED:
            session.wasted += len(frame.envelope)
        return frame if offered is Offered.NEW else None

    def take_head_frames(
        self, heads: Sequence[tuple[Session, HeadFrame]]
    ) -> Sequence[Exception | None]:
        """Take checkpoints of several streams together (`node.peers.incoming`).

        Returns:
            Of each what `handle` would raise, or None.

        Raises:
            StoreError: the database failed.
        """
        return self._incoming.heads(heads)

    def handle(self, session: Session, frame: Frame | PreparedBatch | PreparedRun | None) -> None:
        """Take a frame from a peer, as `prepare` left it; answers go to the session's outbox.

        Raises:
            ReplicationError: the peer delivered something false; the driver closes the stream.
            StoreError: the database failed; nothing of the frame was kept.
        """
        match frame:
            case Subscribe():
                self._subscribe(session, frame)
            case DeliveredBatch() | PreparedBatch() | PreparedRun():
                self._incoming.receive(session, frame)
            case HeadFrame():
                self._incoming.head(session, frame)
            case LateOpening():
                self.take_openings(frame.origin, [(frame.index, frame.opening)], session.peer)
            case ForkFrame():
                self._forks.take(frame.file)
                self._heard.heed_fork()
            case CharterFrame():
                before = self._trust()
                if self._adopt(frame.envelope):
                    self._streams.tell_members(frame, before, self._trust())
                    self.charters_changed()
            case KeyCopy() | AttestQuestion() | AttestAnswer():
                # This node uses no audience keys: what is sealed under one counts as pending. On
                # a stream subjects are asked about by a call; in packets see `node.peers.packets`.
                pass
            case Refusal():
                refused(session, frame)

    # ------------------------------------------------------------------ following

    def missing_openings(self, limit: int, *, reliefs: bool = False) -> dict[Origin, list[int]]:
        """Openings that this node should have and does not: of reliefs alone, or reliefs first.

        At most `limit` of one log.
        """
        return self._late.missing(limit, reliefs=reliefs)

    def take_openings(
        self, origin: Origin, openings: Sequence[tuple[int, DeliveredOpening]], peer: MemberId
    ) -> int:
        """Take openings that were asked for, and pass them on; the number that opened."""
        return self._late.take(origin, openings, peer)

    def take_not_for_us(self, origin: Origin, indices: Sequence[int]) -> None:
        """Believe that openings are not for us; on the writer thread."""
        self._late.take_not_for_us(origin, indices)

    def add_checkpoint(self, body: bytes) -> bytes:
        """Answer add-checkpoint (C2SP tlog-witness).

        Raises:
            WitnessError: refused, with the status of the specification.
        """
        return self._witnessing.add_checkpoint(body)

    @property
    def shown(self) -> Mapping[Origin, Served]:
        """What peers are shown of each log; changes."""
        return self._mirrors.served

    def cosigned_last(self, origin: Origin) -> bytes | None:
        """The checkpoint of a log that we cosigned last as a witness; on any thread."""
        return self._witnessing.latest(origin)

    def take_heads(self, session: Session, notes: Iterable[bytes], forks: Iterable[bytes]) -> None:
        """Take the answer of ListHeads (`node.peers.incoming`).

        Raises:
            ReplicationError: the peer's fault.
        """
        self._incoming.listed(session, notes, forks)

    # ------------------------------------------------------------------ serving

    def openings_for(
        self, peer: MemberId, origin: Origin, indices: Sequence[int]
    ) -> list[DeliveredOpening]:
        """Answer GetOpenings (`node.peers.offers`).

        Raises:
            RefusedError: `log.unknown`.
        """
        return self._offers.openings(peer, origin, indices)

    def heads_for(self, peer: MemberId) -> tuple[list[bytes], list[bytes]]:
        """Answer ListHeads: newest notes, and fork files (`node.peers.offers`)."""
        return self._offers.heads(peer)

    def published(self) -> None:
        """Our own log has a new note: show it."""
        with self._failpoints.at("publish.show"), self._store.read() as snapshot:
            head = snapshot.head(self._own)
            if head is not None:
                self._mirrors.show(head)
        self._rereading.catch_up()

    def charters_changed(self) -> None:
        """The charters are others now: read again what they had set aside, or cut off."""
        self._others.charters_changed()
        self._rereading.charters_changed()

    def charters_read(self) -> None:
        """The charters were read from disk again: each peer is told those that it shares.

        SPEC §9.3, CharterNotice; what a peer has already, it passes over.
        """
        self._streams.tell_each(
            lambda peer: [CharterFrame(envelope=one) for one in self._envelopes(peer)]
        )
        self.charters_changed()

    # ------------------------------------------------------------------ looking in

    def served(self) -> dict[Origin, Served]:
        """What is shown of each log."""
        return dict(self._mirrors.served)

    def replicas(self) -> dict[Origin, Replica]:
        """What is held of each followed log."""
        return dict(self._mirrors.replicas)

    def forked(self) -> frozenset[Origin]:
        """Logs of which a fork proof is held."""
        return frozenset(self._forks.origins)

    @property
    def reads_by_old_charters(self) -> bool:
        """Whether what the newest charters cut off may still stand as before; not for long."""
        return self._rereading.owed

    def blame(self, peer: MemberId, error: ReplicationError) -> None:
        """Count what a peer sent that is no frame, or was too much."""
        self._blame.peer(peer, error)

    def blamed(self) -> dict[tuple[MemberId, str], int]:
        """How often each peer delivered something false, by reason code."""
        return dict(self._blame.counts)

    def peers(self) -> frozenset[MemberId]:
        """Peers with which there is a stream now."""
        return self._streams.peers()

    def left(self) -> frozenset[Origin]:
        """Logs of which leaves stay with a peer until the disk has room."""
        return self._streams.left()

    # ------------------------------------------------------------------ inner parts

    def _subscribe(self, session: Session, frame: Subscribe) -> None:
        if len(session.outbox) > MAX_WAITING:
            message = f"{session.peer} asks on and on, and takes no answer"
            raise self._blame.peer(session.peer, ReplicationError("frame.invalid", message))
        trust = self._trust()
        for cursor in frame.cursors:
            if not trust.offers(cursor.origin, session.peer):
                session.outbox.append(
                    Refusal(
                        origin=cursor.origin,
                        reason="log.unknown",
                        message=f"{cursor.origin} is not a log offered to {session.peer}",
                    )
                )
                continue
            session.cursors[cursor.origin] = cursor.size
            session.due[cursor.origin] = None
        self._heard.cursors(session.peer, frame.cursors)

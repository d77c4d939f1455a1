"""Our own log on disk: durable before visible (SPEC §2.5).

One order, a failpoint at each step:

    commit to the database → advance the high-water mark → sign → write the note → show it

Commit and mark are durable before the next step. The note is not: what is lost of it with the power
is signed anew at the next start, at the mark's size, where the database must have the mark's root;
the same size and root are the same statement. Nothing larger is signed anew before members were
asked, unless it relieves, and no head line over less than the mark (ADR 0015).

A database *behind* the mark was restored from a backup or rolled back: then nothing is signed until
the newer database is back, or `node.log.recovery` has refilled this one from peers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from adapters.errors import HighWaterError, MarkUnreachableError
from crypto.checkpoint import Checkpoint, peek_checkpoint, sign_checkpoint
from crypto.cosignature import cosign
from crypto.keys import Signer
from crypto.merkle import Frontier, frontier_at, leaf_hashes
from crypto.notes import Note, parse_note
from federation.errors import RefusedError
from federation.ids import MemberId, Origin, Timestamp
from federation.own_log import Draft, Sealed, make_leaves
from federation.peers.openings import DeliveredOpening
from federation.persons import Sort, go_on_body
from federation.ports.highwater import HighWater
from federation.ports.journal import GoOn, JournalEntry
from federation.ports.store import LogHead, ReadSession, Store, WriteSession
from federation.rows import OpeningStatus
from federation.statements import SALT_SIZE
from node.log.cosigning import signed_on
from node.log.held_mark import HeldMark
from node.log.ledger import Ledger
from node.log.mark_check import MISSING, compare, forked, other_root, relieves_beyond
from node.log.startup_check import PATIENCE_SECONDS, PERSONS_WITHOUT_MARK, StartupCheck, waits
from node.log.tiles import frontier_of, tile_nodes
from node.log.units import Placed, Unit
from node.persons.roster import Persons
from node.system.disk import Reserve
from node.system.failpoints import Failpoints

GROUP_MAX: Final = 1024
"""Statements in one transaction of our own log; the size of a batch on the wire."""

REPLACED: Final = "high-water.moved"
UNREACHABLE: Final = MarkUnreachableError.code
"""The mark's server did not answer at the start; the next head line begins anew."""

_BEHIND: Final = ("high-water.ahead", MISSING, "own-log.behind")
"""Refusals of a database that may hold less than was signed; peers may then show more."""

_UNKNOWN: Final = (*_BEHIND, REPLACED, UNREACHABLE)
"""Refusals beside which another host may have relieved what this database lists."""


class Publisher:
    """Appends to our own log, signs its checkpoints and keeps its head fresh.

    All methods run on the store's writer thread, one at a time.
    """

    def __init__(  # noqa: PLR0913 - wired once, in node.app.wiring
        self,
        *,
        origin: Origin,
        store: Store,
        ledger: Ledger,
        high_water: HighWater,
        log_signer: Signer,
        head_signer: Signer,
        reserve: Reserve,
        asking: StartupCheck,
        persons: Persons,
        now: Callable[[], Timestamp],
        token: Callable[[int], bytes],
        failpoints: Failpoints,
    ) -> None:
        """Wire the publisher; call `start` before anything else."""
        self._origin = origin
        self._store = store
        self._ledger = ledger
        self._mark = HeldMark(high_water)
        self._log_signer = log_signer
        self._head_signer = head_signer
        self._reserve = reserve
        self._asking = asking
        self._persons = persons
        self._now = now
        self._token = token
        self._failpoints = failpoints
        self._frontier = Frontier.empty()
        self._attempted: Frontier | None = None
        """Of a commit whose end was not told: the connection broke; it stands or it does not."""
        self._begun_at = 0
        """Leaves held at the start: what members are asked to compare with."""
        self._held_back = False
        """Whether there are leaves beyond the mark which wait for members' answers."""
        self._refusal: RefusedError | None = None

    @property
    def trouble(self) -> HighWaterError | None:
        """Why the mark could not be moved or compared the last time; nothing was signed then."""
        return self._mark.trouble

    @property
    def refusal(self) -> RefusedError | None:
        """Why nothing is signed, or None while relief at least is."""
        return self._refusal

    @property
    def behind(self) -> bool:
        """Whether more of our log was signed than this database has, as far as is known.

        Also where another process signs it, or the mark cannot be read: what it relieved, this
        database does not have.
        """
        return self._refusal is not None and self._refusal.code in _UNKNOWN

    @property
    def replaced(self) -> bool:
        """Whether another process signs for this log: peers are to follow that one."""
        return self._refusal is not None and self._refusal.code == REPLACED

    @property
    def waiting(self) -> RefusedError | None:
        """Why all but relief waits, or None while nothing does."""
        return None if self._asking.over else self._asking.refusal()

    @property
    def mark(self) -> tuple[int, bytes]:
        """Size and root of what was signed, as far as this process knows."""
        return self._mark.known

    def shown_larger(self, peer: str, size: int, root: bytes) -> None:
        """A peer shows our own signature on more leaves than we hold: never sign again.

        The mark moves to what was signed, so that a restart does not forget it.
        """
        held = self._frontier.size
        if size <= max(held, self.mark[0]):
            return
        if self._refusal is not None and self._refusal.code == UNREACHABLE:
            self._mark.shown = (peer, size, root)  # until the mark is known
        if self._refusal is not None and self._refusal.code not in _BEHIND:
            return
        self._refusal = RefusedError(
            "own-log.behind",
            f"{peer} shows our own signature on {size} leaves; this node holds {held}; nothing is "
            "signed until huxin recover has refilled it, or the newer database is back",
        )
        self._advance((size, root))

    def shown_forked(self) -> None:
        """A proof is held that two histories of our own log were signed: never sign again.

        It says more than any other refusal: nothing that can be brought back ends it.
        """
        self._refusal = forked(self._origin)

    def heard(self, peer: MemberId, size: int) -> bool:
        """A peer says, perhaps without proof, how many leaves of our log it holds.

        What it says goes no further than to end our waiting: a larger number ends nothing, and
        its checkpoint, under our own signature, is what stops us.

        Returns:
            Whether what waited for it was signed, and is to be shown.
        """
        if size > self._begun_at:
            return False
        self._asking.answer(peer)
        if self._refusal is not None:
            if self._refusal.code == MISSING and self._asking.answered:
                self._make_mark()
            return self._refusal is None
        if not self._held_back or self._must_wait():
            return False
        self._sign(self._frontier)
        return True

    def go_on(self, by: Sequence[str], reason: str, note: str = "") -> None:
        """Persons take it on themselves that no member holds more than we do; journalled.

        Raises:
            RefusedError: `recover.not-needed`, `recover.two-persons`, `recover.no-name`,
                `person.…`, or the refusal that no word of persons ends.
        """
        missing = self._refusal is not None and self._refusal.code == MISSING
        if self._refusal is not None and not missing:
            raise self._refusal
        if not missing and self._asking.over:
            raise RefusedError("recover.not-needed", "nothing waits for an answer of members")
        code = "recover.two-persons" if missing else "recover.no-name"
        if missing and not reason.strip():
            message = "without the mark, two persons and a reason are needed: --reason TEXT"
            raise RefusedError(code, message)
        size = self._frontier.size
        with self._store.write() as session:
            agreed = self._persons.agreed(
                by,
                note,
                Sort.GO_ON,
                go_on_body(size, reason, mark=not missing),
                code=code,
                needed=PERSONS_WITHOUT_MARK if missing else 1,
                words=session.words(),
            )
            said = GoOn(
                at=self._now(), size=size, by=agreed.persons, reason=reason, mark=not missing
            )
            session.append_journal([said.entry()])
            if agreed.note:
                session.put_word(self._now(), agreed.note)
        self._asking.end()
        if missing:
            self._make_mark()

    def start(self) -> None:
        """Compare mark and database; sign what the mark says was signed, and what more may be."""
        with self._store.write() as session:
            head = session.add_log(self._origin, ours=True)
        with self._store.read() as snapshot:
            self._frontier = frontier_of(snapshot, head)
            self._begun_at = head.size
            nodes = tile_nodes(snapshot, head.log, head.size)
            try:
                self._mark.read()
            except MarkUnreachableError as error:
                self._refusal = RefusedError(UNREACHABLE, str(error))
                return
            mark = self._mark.found
            self._refusal = (
                forked(self._origin)
                if head.forked
                else compare(
                    mark, self._mark.remains, head, lambda size: frontier_at(size, nodes).root()
                )
            )
            if mark is None:
                self._asking.without_mark()
            if self._mark.shown is not None:
                self.shown_larger(*self._mark.shown)
            if self._refusal is not None or mark is None:
                return
            if _still_counts(snapshot.last_entry(GoOn.KIND), self._now()):
                self._asking.end()
            beyond = mark[0] < head.size and not self._asking.over
            self._held_back = beyond and not relieves_beyond(snapshot, head, mark[0])
            signed = frontier_at(mark[0], nodes) if self._held_back else self._frontier
        if head.note_size < signed.size or not head.note:
            self._sign(signed)

    def publish(self, units: Sequence[Unit]) -> list[list[Placed] | RefusedError]:
        """Publish a group of units in one transaction and one checkpoint.

        Returns:
            For each unit the places of its statements, or why it was refused; a refused unit
            leaves no trace and does not harm the others.

        Raises:
            RefusedError: nothing may be signed at all (`refusal`).
            StoreError: the database failed; nothing was published.
        """
        if self._refusal is not None:
            raise self._refusal
        results: list[list[Placed] | RefusedError] = []
        with self._failpoints.at("publish.commit"), self._store.write() as session:
            head = session.head(self._origin)
            if head is None:
                message = "own log is missing; restore the database that belongs to the mark"
                raise RefusedError("high-water.ahead", message)
            self._settle(session, head)
            frontier, first = self._frontier, head.size
            if first != frontier.size:
                self._refusal = RefusedError(
                    "high-water.moved",
                    f"own log has {head.size} leaves in the database, this process knows of "
                    f"{frontier.size}: another process writes it; stop one of the two",
                )
                raise self._refusal
            for unit in units:
                try:
                    # All of it is checked before the first leaf is written.
                    drafts = unit.drafts(session)
                    for kind in {draft.kind for draft in drafts}:
                        self._reserve.check(kind)
                    # An empty unit is a repeated request, whose answer says that it is signed.
                    if any(waits(draft.kind, draft.action) for draft in drafts) or (
                        self._held_back and not drafts
                    ):
                        self._see_that_all_may_be_signed()
                    groups = self._seal(drafts)
                except RefusedError as error:
                    results.append(error)
                    continue
                head, frontier, placed = self._append(session, head, frontier, groups)
                unit.record(session, placed)
                results.append(placed)
            self._attempted = frontier
        self._frontier, self._attempted = frontier, None
        # Also what an earlier call committed and could not sign: a repeated request finds its
        # answer, and that answer says that the statement is signed.
        if head.note_size < head.size and (head.size > first or not self._must_wait()):
            self._sign(frontier)
        return results

    def renew_head(self) -> bytes | None:
        """Sign on: a fresh head cosignature over the newest checkpoint (at least every minute).

        Its time is taken before the mark is compared: that this head is the newest one is true of
        that moment, whatever another host signs later.
        """
        if self._refusal is not None and self._refusal.code == UNREACHABLE:
            self.start()
        at = self._now()
        if self._refusal is not None:
            return None
        with self._store.read() as snapshot:
            known = snapshot.head(self._origin)
            if known is not None:
                self._settle(snapshot, known)
        unsigned = known is not None and known.note_size < known.size == self._frontier.size
        if unsigned and not self._must_wait():
            self._sign(self._frontier)  # what was committed and could not be signed then
        if not self._holds():
            return None
        with (
            self._failpoints.at("checkpoint.head"),
            self._store.write(durable=False) as session,
        ):
            head = session.head(self._origin)
            if head is None or not head.note or head.note_size < self.mark[0]:
                return None  # a head line over less than was signed would take it back
            note = self._with_head_cosignature(parse_note(head.note), at)
            session.set_head(replace(head, note=note.to_bytes()))
        return note.to_bytes()

    def _settle(self, session: ReadSession, head: LogHead) -> None:
        """Take up what we committed without being told so; what another process wrote is not that.

        Where the database still holds the old size, the commit may yet end: a writing session
        waits for the lock that it holds.
        """
        attempted = self._attempted
        if attempted is None or head.size != attempted.size:
            return
        if frontier_of(session, head).root() == attempted.root():
            self._frontier, self._attempted = attempted, None

    def _must_wait(self) -> bool:
        """Whether what is unsigned was found at the start, and waits for members' answers."""
        return self._held_back and self.waiting is not None

    def _see_that_all_may_be_signed(self) -> None:
        if self.waiting is not None:
            raise self.waiting
        self._asking.end()

    def _make_mark(self) -> None:
        """Make the missing mark again, at what the database holds, and compare as at a start."""
        with self._store.read() as snapshot:
            head = snapshot.head(self._origin)
            if head is not None and head.note:
                signed = peek_checkpoint(head.note)
                nodes = tile_nodes(snapshot, head.log, head.size)
                if frontier_at(signed.size, nodes).root() != signed.root:
                    self._refusal = other_root(signed.size)
                    return
        self._advance((self._frontier.size, self._frontier.root()))
        self.start()

    def _seal(self, drafts: Sequence[Draft]) -> list[list[Sealed]]:
        groups = [drafts[begin : begin + GROUP_MAX] for begin in range(0, len(drafts), GROUP_MAX)]
        return [
            make_leaves(self._origin, group, self._token(SALT_SIZE * len(group)), self._now())
            for group in groups
        ]

    def _append(
        self,
        session: WriteSession,
        head: LogHead,
        frontier: Frontier,
        groups: Sequence[Sequence[Sealed]],
    ) -> tuple[LogHead, Frontier, list[Placed]]:
        placed: list[Placed] = []
        for sealed in groups:
            placed += [Placed.of(s.draft, head.size + offset) for offset, s in enumerate(sealed)]
            leaves = [s.leaf for s in sealed]
            openings = [
                DeliveredOpening(OpeningStatus.PRESENT, s.opening.salt, s.opening.payload)
                for s in sealed
            ]
            hashes = leaf_hashes(leaves)
            said = [(s.draft.facts, s.draft.tag) for s in sealed]
            prepared = self._ledger.prepare(self._origin, head.size, leaves, openings, said=said)
            head = self._ledger.append(session, head, leaves, hashes, openings, prepared)
            frontier = frontier.extend(hashes)
            session.set_head(head)
        return head, frontier, placed

    def _sign(self, at: Frontier) -> None:
        """Mark → sign → write the note, for all that the database holds, or its beginning."""
        checkpoint = Checkpoint(origin=self._origin, size=at.size, root=at.root())
        now = self._now()  # before the mark moves: see `renew_head`
        with self._failpoints.at("publish.mark"):
            self._advance((checkpoint.size, checkpoint.root))
        with self._failpoints.at("publish.sign"):
            note = sign_checkpoint(checkpoint, self._log_signer)
            note = self._with_head_cosignature(note, now)
        with self._failpoints.at("publish.note"), self._store.write(durable=False) as session:
            head = session.add_log(self._origin, ours=True)
            session.set_head(replace(head, note=note.to_bytes(), note_size=checkpoint.size))
            self._held_back = checkpoint.size < head.size

    def _advance(self, new: tuple[int, bytes]) -> None:
        try:
            self._mark.advance(new)
        except RefusedError as error:
            self._refusal = error
            raise

    def _holds(self) -> bool:
        """Whether no other process has moved the mark."""
        try:
            self._mark.hold()
        except RefusedError as error:
            self._refusal = error
        return self._refusal is None

    def _with_head_cosignature(self, note: Note, at: Timestamp) -> Note:
        line = cosign(note.text, self._head_signer, at)
        return signed_on(note, line)


def _still_counts(entry: JournalEntry | None, now: Timestamp) -> bool:
    """Whether an operator's word was given not longer ago than we wait.

    It outlives the process: a node that is started again while the line is down is not asked again.
    """
    return entry is not None and 0 <= now - entry.at < PATIENCE_SECONDS

"""A log watched without a copy of it: what was seen, in a few hundred bytes, and what comes next.

    MO1 nothing counts but what the log's key signed, and the leaves seen before with those that
        come give its root
    MO2 what was seen never goes back: a smaller checkpoint changes nothing
    MO3 a signed checkpoint that does not begin with what was seen, or with which that does not
        begin, is proved to be a fork, and the watched history stays as it is
    MO4 each leaf is read once, as an audit reads it (AD3-AD5); that its clock was ahead is said
        only where every other node that vouched for it says so, that it is dated back only by what
        its own node had said before
    MO5 what two watchers saw is compared: two checkpoints of one log, of which neither begins with
        the other, prove a fork, whoever showed them; what nobody shows any more proves nothing
    MO10 a time that our clock has not reached is said by the node whose clock it is: of one alone
        it is no word about the log

A source is believed in nothing. What it shows wrongly raises, and is no word about the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from crypto.checkpoint import SignedCheckpoint, open_checkpoint, peek_checkpoint
from crypto.commitment import Committer
from crypto.cosignature import only_known, verify_cosignatures
from crypto.errors import CryptoError, FormatError, ProofError
from crypto.fork import ForkProof, bare_fork
from crypto.keys import VerifierKey
from crypto.merkle import (
    EMPTY_ROOT,
    Frontier,
    NodeReader,
    consistency_proof,
    frontier_at,
    leaf_hashes,
    verify_consistency,
)
from crypto.notes import Note, parse_note
from crypto.tiles import TILE_WIDTH
from federation.audit._tiles import is_open, judge_opening, note_leaves
from federation.audit.export_names import (
    MAX_OPENING_FILE,
    opening_path,
    parse_opening,
)
from federation.audit.following import Source, What, new_leaves, proved_fork, source_tree
from federation.audit.found import Found
from federation.audit.log_facts import AHEAD_SECONDS, KeptNote, LogReader
from federation.audit.months import LATEST
from federation.charters.trust import Trust
from federation.facts import PayloadReader
from federation.ids import Origin, Timestamp

SEEN_MAX: Final = 64
"""Checkpoints of a log that are remembered, by the log's own line: the newest, and some before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What was seen of a log.

    Attributes:
        frontier: of the leaves seen.
        note: the newest checkpoint, with the lines of known keys; empty before the first.
        seen: checkpoints of this history with no other line than the log's own, by size.
        vouched: newest time at which anybody vouched for it that our clock has reached; 0 for none.
        latest: newest time on the newest checkpoint, whether our clock has reached it or not.
        missing: openings of open kinds that no source had.
    """

    origin: Origin
    frontier: Frontier
    note: bytes = b""
    seen: tuple[bytes, ...] = ()
    vouched: Timestamp = Timestamp(0)
    latest: Timestamp = Timestamp(0)
    missing: int = 0

    @property
    def size(self) -> int:
        """Leaves seen."""
        return self.frontier.size


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What one look at a source brought.

    Attributes:
        watched: as it is now.
        shown: leaves of the source's checkpoint.
        found: what is wrong with the leaves that came.
        kinds: of those leaves that something is wrong with, by index.
        fork: where two histories are signed.
    """

    what: What
    watched: Watched
    shown: int
    found: tuple[Found, ...] = ()
    kinds: tuple[tuple[int, int], ...] = ()
    fork: ForkProof | None = None


def begin(origin: Origin) -> Watched:
    """Nothing was seen of a log yet."""
    return Watched(origin=origin, frontier=Frontier.empty())


def visit(
    watched: Watched,
    data: bytes,
    source: Source,
    *,
    others: Sequence[Source] = (),
    trust: Trust,
    payloads: PayloadReader,
    now: Timestamp,
) -> Visit:
    """Look at a source of a log.

    Args:
        watched: what was seen before.
        data: the checkpoint that the source shows.
        source: below the log's prefix.
        others: sources of the same log, which may show a larger tree.
        trust: of the pinned charters; it names the log.
        payloads: reads openings of open kinds.
        now: by our clock.

    Raises:
        CryptoError: the source shows what the log's key did not sign, or not all of it.
    """
    key = _key(trust, watched.origin)
    signed = open_checkpoint(data, key)
    size, shown = watched.size, signed.checkpoint.size
    if shown < size:
        return _older(watched, signed, (*others, source), key)
    if shown == size and watched.note:
        if signed.checkpoint.root != watched.frontier.root():
            fork = _same_size(watched.note, data, key)
            return Visit(what=What.FORKED, watched=watched, shown=shown, fork=fork)
        return Visit(what=What.SAME, watched=_seen(watched, signed, trust, now), shown=shown)
    notes = _notes(watched, signed, trust, now)
    coming = _Coming(watched, source, trust, payloads, notes, shown)
    frontier = coming.take()
    if frontier.root() != signed.checkpoint.root:
        fork = proved_fork(source, watched.note or None, data, key, size, shown)
        return Visit(what=What.FORKED, watched=watched, shown=shown, fork=fork)
    grown = replace(watched, frontier=frontier, missing=watched.missing + coming.missing)
    return Visit(
        what=What.GROWN,
        watched=_seen(grown, signed, trust, now),
        shown=shown,
        found=tuple(coming.reader.finish().found),
        kinds=tuple(coming.kinds.items()),
    )


def compare(
    watched: Watched, others: Iterable[bytes], sources: Sequence[Source], key: VerifierKey
) -> tuple[list[ForkProof], int]:
    """Compare what was seen of a log with what somebody else saw (MO5).

    Args:
        watched: seen here.
        others: signed checkpoints of the same log, in any order.
        sources: that may show the larger tree; believed in nothing.
        key: of the log.

    Returns:
        Proofs of two histories, and how many checkpoints could not be compared: not signed by the
        log, or of a tree that no source shows.
    """
    known = {peek_checkpoint(note).size: note for note in (*watched.seen, *_newest(watched))}
    forks: list[ForkProof] = []
    left: list[SignedCheckpoint] = []
    unknown = 0
    for data in others:
        try:
            signed = open_checkpoint(data, key)
        except CryptoError:
            unknown += 1
            continue
        point = signed.checkpoint
        if (mine := known.get(point.size)) is None:
            left.append(signed)
        elif peek_checkpoint(mine).root != point.root:
            forks.append(_same_size(mine, data, key))
    if left:
        mine_newest = [open_checkpoint(note, key) for note in _newest(watched)]
        more = _by_tree([*mine_newest, *left], sources, key)
        forks += more or ()
        unknown += len(left) if more is None else 0
    return forks, unknown


class _Coming:
    """The leaves that a source shows beyond those seen, hashed and read."""

    def __init__(
        self,
        watched: Watched,
        source: Source,
        trust: Trust,
        payloads: PayloadReader,
        notes: Sequence[KeptNote],
        shown: int,
    ) -> None:
        self._watched = watched
        self._source = source
        self._shown = shown
        self._commit = Committer(watched.origin)
        self.reader = LogReader(
            watched.origin,
            0,
            shown,
            notes=notes,
            trust=trust,
            payloads=payloads,
        )
        self.kinds: dict[int, int] = {}
        self.missing = 0

    def take(self) -> Frontier:
        """Hash and read all of them."""
        frontier = self._watched.frontier
        for number, leaves in new_leaves(self._source, self._watched.size, self._shown):
            first = max(number * TILE_WIDTH, self._watched.size)
            frontier = frontier.extend(leaf_hashes(leaves))
            payloads = [
                (index, payload)
                for index, leaf in enumerate(leaves, first)
                if is_open(leaf) and (payload := self._opening(index, leaf)) is not None
            ]
            before = len(self.reader.facts.found)
            noted = note_leaves(first, leaves, payloads)
            self.reader.add(noted)
            for one in self.reader.facts.found[before:]:
                if one.index is not None:
                    self.kinds[one.index] = noted.kinds[one.index - first]
        return frontier

    def _opening(self, index: int, leaf: bytes) -> bytes | None:
        path = opening_path(index)
        data = self._source.read(path, MAX_OPENING_FILE)
        if data is None:
            self.missing += 1
            return None
        wrong = judge_opening(self._commit, path, data, leaf)
        if wrong is not None:
            message = f"{path}: {wrong.message}"
            raise ProofError(message)
        return parse_opening(data).payload


def _older(
    watched: Watched, signed: SignedCheckpoint, sources: Sequence[Source], key: VerifierKey
) -> Visit:
    """A smaller checkpoint: one that was seen, or one that some source shows to be of a history."""
    point = signed.checkpoint
    forks, unknown = compare(watched, [signed.note.to_bytes()], sources, key)
    if forks:
        return Visit(what=What.FORKED, watched=watched, shown=point.size, fork=forks[0])
    if not unknown:
        watched = replace(watched, seen=_remembered(watched.seen, signed))
    return Visit(what=What.OLDER, watched=watched, shown=point.size)


def _by_tree(
    points: Sequence[SignedCheckpoint], sources: Sequence[Source], key: VerifierKey
) -> list[ForkProof] | None:
    """Compare checkpoints with the tree of the largest of them; None where nobody shows that."""
    *smaller, largest = sorted(points, key=lambda one: one.checkpoint.size)
    for source in sources:
        tree = source_tree(source, largest.checkpoint.size)
        try:
            found = [_differs(one, largest, tree, key) for one in smaller]
        except CryptoError:
            continue  # what it shows is no tree of this checkpoint
        return [one for one in found if one is not None]
    return None


def _differs(
    one: SignedCheckpoint, largest: SignedCheckpoint, tree: NodeReader, key: VerifierKey
) -> ForkProof | None:
    """The proof that a checkpoint is not of the history of a larger one; None where it is.

    Raises:
        CryptoError: the tree shown proves neither.
    """
    mine, theirs = one.checkpoint, largest.checkpoint
    if mine.size == theirs.size:
        if mine.root == theirs.root:
            return None
        return _same_size(one.note.to_bytes(), largest.note.to_bytes(), key)
    path = consistency_proof(mine.size, theirs.size, tree) if mine.size else []
    try:
        verify_consistency(
            old_size=mine.size,
            new_size=theirs.size,
            old_root=mine.root,
            new_root=theirs.root,
            proof=path,
        )
    except ProofError:
        prefix = frontier_at(mine.size, tree).root() if mine.size else EMPTY_ROOT
        proof = ForkProof(
            smaller=one.note.to_bytes(),
            larger=largest.note.to_bytes(),
            prefix=prefix,
            path=tuple(path),
        )
        return bare_fork(proof, key)
    return None


def _same_size(one: bytes, other: bytes, key: VerifierKey) -> ForkProof:
    return bare_fork(ForkProof(smaller=one, larger=other, prefix=None, path=()), key)


def _key(trust: Trust, origin: Origin) -> VerifierKey:
    key = trust.log_key(origin)
    if key is None:
        message = f"no charter of a pinned alliance names the log {origin}"
        raise FormatError(message)
    return key


def _newest(watched: Watched) -> tuple[bytes, ...]:
    return (watched.note,) if watched.note else ()


def _seen(watched: Watched, signed: SignedCheckpoint, trust: Trust, now: Timestamp) -> Watched:
    """Take a checkpoint of this history, of the size that was seen.

    Raises:
        CryptoError: a line of a known key is bad.
    """
    key = _key(trust, watched.origin)
    cosigners = (*trust.head_keys(watched.origin), *trust.independent_keys(watched.origin))
    note = only_known(signed.note, (key, *cosigners))
    times = [one.timestamp for one in verify_cosignatures(note, cosigners)]
    reached = [one for one in times if one <= now + AHEAD_SECONDS]
    return replace(
        watched,
        note=note.to_bytes(),
        seen=_remembered(watched.seen, signed),
        vouched=Timestamp(max([watched.vouched, *reached])),
        latest=Timestamp(min(max(times, default=0), LATEST)),
    )


def clocks_ahead(watched: Watched, trust: Trust, now: Timestamp) -> dict[str, int]:
    """Nodes whose line on the newest checkpoint is of a time that our clock has not reached (MO10).

    Returns:
        Seconds by the name of the node; the keys of one node have one clock.
    """
    if watched.latest <= now + AHEAD_SECONDS:
        return {}
    cosigners = (*trust.head_keys(watched.origin), *trust.independent_keys(watched.origin))
    found: dict[str, int] = {}
    for one in verify_cosignatures(parse_note(watched.note), cosigners):
        seconds = one.timestamp - now
        if seconds > AHEAD_SECONDS:
            node = one.key.name.rpartition("/")[0]
            found[node] = max(seconds, found.get(node, 0))
    return found


def _remembered(seen: tuple[bytes, ...], signed: SignedCheckpoint) -> tuple[bytes, ...]:
    size = signed.checkpoint.size
    if any(peek_checkpoint(one).size == size for one in seen):
        return seen
    every = sorted(
        (*seen, signed.bare().note.to_bytes()), key=lambda one: peek_checkpoint(one).size
    )
    if len(every) <= SEEN_MAX:
        return tuple(every)
    half = SEEN_MAX // 2
    return (*every[:-half:2], *every[-half:])


def _times(
    note: Note, keys: Sequence[VerifierKey], trust: Trust, origin: Origin, now: Timestamp
) -> list[Timestamp]:
    """When keys vouched for a checkpoint; nothing that our clock has not reached."""
    known = only_known(note, (_key(trust, origin), *keys))
    times = [one.timestamp for one in verify_cosignatures(known, keys)]
    return [Timestamp(one) for one in times if one <= now + AHEAD_SECONDS]


def _notes(
    watched: Watched, shown: SignedCheckpoint, trust: Trust, now: Timestamp
) -> list[KeptNote]:
    """The checkpoints between which the new leaves came (MO4).

    When they were not there yet the log's own node says, by its head key; as the time by which they
    were there the last counts that anybody else says.
    """
    notes = []
    origin = watched.origin
    if watched.note:
        held = parse_note(watched.note)
        own = _times(held, trust.head_keys(origin), trust, origin, now)
        at = max(own, default=Timestamp(0))
        notes.append(KeptNote(watched.size, at, at, at))
    others = _times(shown.note, trust.independent_keys(origin), trust, origin, now)
    if others:
        at = max(others)
        notes.append(KeptNote(shown.checkpoint.size, at, at, Timestamp(0)))
    return notes

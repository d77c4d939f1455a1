"""What was said, and what follows from it, written a second time and as simply as can be.

The model knows what every statement means from the moment at which it was meant to be said, and
reads from each origin's own database only which leaves came to stand there. A node is judged by
the leaves and openings that it holds, in whatever order they came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from federation.ids import Origin
from federation.rows import State
from federation.statements import AnnotationAction, Kind

RELIEFS = (Kind.REPAIR, Kind.WITHDRAWAL)


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """What only the speaker knew before it spoke."""

    record: int = 0
    names: tuple[bytes, ...] = ()
    """Reliefs that a RELISTING revokes, or the leaf that an annotation ends."""
    readable: bool = True
    """Readers of this version understand the payload."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """A leaf where it stands."""

    origin: Origin
    index: int
    kind: int
    action: int
    flags: int
    id: bytes
    about: bytes
    hash: bytes
    meaning: Meaning


@dataclass(frozen=True, kw_only=True)
class View:
    """What one node holds: sizes, places of the openings it has, and cuts that it knows."""

    sizes: Mapping[Origin, int]
    opened: frozenset[tuple[Origin, int]]
    cuts: Mapping[Origin, int]

    def within(self, said: Said) -> bool:
        return said.index < self.cuts.get(said.origin, said.index + 1)

    def reads(self, said: Said) -> bool:
        return said.meaning.readable and (said.origin, said.index) in self.opened


@dataclass
class Model:
    """Everything said so far, by log."""

    meanings: dict[bytes, Meaning] = field(default_factory=dict)
    logs: dict[Origin, list[Said]] = field(default_factory=dict)
    leaves: dict[Origin, list[bytes]] = field(default_factory=dict)

    def learn(self, origin: Origin, leaves: Sequence[bytes]) -> None:
        """Take leaves that came to stand at the end of a log."""
        log = self.logs.setdefault(origin, [])
        self.leaves.setdefault(origin, []).extend(leaves)
        for leaf in leaves:
            log.append(
                Said(
                    origin=origin,
                    index=len(log),
                    kind=leaf[1],
                    action=leaf[2],
                    flags=leaf[3],
                    id=leaf[12:28],
                    about=leaf[28:44],
                    hash=sha256(b"\0" + leaf).digest(),
                    meaning=self.meanings[leaf[12:28]],
                )
            )

    def size(self, origin: Origin) -> int:
        return len(self.logs.get(origin, ()))

    def root(self, origin: Origin, size: int) -> bytes:
        """Root of the first leaves of a log, by RFC 9162, section 2.1.1."""
        return _root([said.hash for said in self.logs.get(origin, ())[:size]])

    def held(self, view: View) -> list[Said]:
        return [s for origin, size in view.sizes.items() for s in self.logs.get(origin, ())[:size]]

    def listings(self) -> list[Said]:
        return [s for log in self.logs.values() for s in log if s.kind == Kind.LISTING]


def reliefs_of(listing: Said, held: Sequence[Said], view: View) -> list[Said]:
    """Reliefs that reach a listing and are not revoked.

    Beyond a cut its origin is competent for nothing: there a relief reaches only what it names.
    """
    targets = {(s.origin, s.id): s for s in held if s.kind == Kind.LISTING}
    revoked = {
        (s.origin, name)
        for s in held
        if s.kind == Kind.RELISTING and view.reads(s)
        if s.meaning.record == listing.meaning.record
        for name in s.meaning.names
    }
    standing: list[Said] = []
    for relief in held:
        if relief.kind not in RELIEFS or (relief.origin, relief.id) in revoked:
            continue
        target = targets.get((relief.origin, relief.about))
        known = view.reads(relief) or (target is not None and view.reads(target))
        same = relief.meaning.record == listing.meaning.record and view.within(relief)
        if target is listing or (known and same and view.reads(listing)):
            standing.append(relief)
    return standing


def expected(listing: Said, held: Sequence[Said], view: View) -> tuple[State, bool]:
    """The state that a listing must have at a node, and whether it might punish."""
    reliefs = reliefs_of(listing, held, view)
    acting = [s for s in reliefs if view.within(s)]
    about = [s for s in held if s.about == listing.id and s.origin == listing.origin]
    doubts = [s for s in about if s.flags & 1 and s.kind not in set(Kind)]
    sure = view.reads(listing) and view.within(listing) and not doubts and not reliefs
    if any(s.kind == Kind.WITHDRAWAL for s in acting):
        return State.WITHDRAWN, False
    if acting:
        return State.REPAIRED, False
    if _begun(about, AnnotationAction.MASKING_BEGUN, AnnotationAction.MASKING_ENDED, view):
        return State.MASKED, False
    if _begun(about, AnnotationAction.PAUSED, AnnotationAction.RESUMED, view):
        return State.PAUSED, False
    return State.ACTIVE, sure


def _begun(about: Sequence[Said], begins: int, ends: int, view: View) -> bool:
    notes = [s for s in about if s.kind == Kind.ANNOTATION]
    ended = {name for s in notes if s.action == ends and view.reads(s) for name in s.meaning.names}
    return any(s.action == begins and s.hash not in ended for s in notes)


def _root(hashes: Sequence[bytes]) -> bytes:
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << ((len(hashes) - 1).bit_length() - 1)
    return sha256(b"\1" + _root(hashes[:split]) + _root(hashes[split:])).digest()

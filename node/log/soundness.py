"""Damage of one stored tile: leaves, hashes and root proved against each other.

A tile of 256 leaves is proved upwards: its leaves by its hashes, these by the hash that the next
level has of them, and so on to a level that is not full, which the root of the log covers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.errors import KeyRingError
from adapters.state.keyring import KeyRing
from crypto.checkpoint import Checkpoint, open_checkpoint, peek_checkpoint
from crypto.commitment import Committer
from crypto.cosignature import verify_cosignatures
from crypto.errors import CryptoError, SealError
from crypto.keys import VerifierKey
from crypto.merkle import HASH_SIZE, frontier_at, leaf_hashes, root_of
from crypto.tiles import TILE_SIZE, TILE_WIDTH, parse_entry_tile
from federation.ids import Origin
from federation.ports.store import LogHead, ReadSession, StoredOpening
from federation.statements import HEADER_SIZE, LEAF_SIZE
from node.log.tiles import ENTRIES, tile_nodes

HASHES: Final = 0
LEAVES, HASH_TILES, OPENINGS, NOTE = "leaves", "hashes", "openings", "note"
ROWS: Final = "rows"
NOT_SIGNED: Final = "the newest note is not what was signed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """What was found changed in one log."""

    origin: Origin
    part: str
    """`leaves`, `hashes`, `note`, `openings` or `rows`."""
    first: int
    """Index of the first leaf concerned."""
    count: int
    """Leaves, tiles, openings or rows concerned."""
    message: str


def tile_damages(session: ReadSession, keyring: KeyRing, head: LogHead, n: int) -> list[Damage]:
    """Prove one tile of leaves, its hashes, and, where the leaves are sound, its openings."""
    begin, width = n * TILE_WIDTH, min(TILE_WIDTH, head.size - n * TILE_WIDTH)
    leaves = stored_leaves(session, head.log, n, width)
    kept = stored_hashes(session, head.log, n, width)
    found: list[Damage] = []
    if not leaves or leaf_hashes(leaves) != kept:
        sound = bool(leaves) and leads_up(session, head, n, leaf_hashes(leaves))
        part = HASH_TILES if sound else LEAVES
        text = "leaves and their hashes disagree"
        found.append(_damage(head, part, begin, 1 if sound else width, text))
        if not sound:
            return found
    elif not leads_up(session, head, n, kept):
        text = "hashes are not those of the level above"
        found.append(_damage(head, HASH_TILES, begin, 1, text))
    stored = session.openings_between(head.log, begin, begin + width)
    if lost := list(unopened(keyring, head.origin, begin, leaves, stored)):
        text = "openings do not open their leaves"
        found.append(_damage(head, OPENINGS, lost[0], len(lost), text))
    return found


def root_damages(session: ReadSession, head: LogHead, keys: Sequence[VerifierKey]) -> list[Damage]:
    """Verify the newest note, and compare the root that the stored hashes give with it.

    Args:
        session: a snapshot.
        head: the log in it.
        keys: see `signed_checkpoint`.
    """
    if not head.note:
        return []
    note = signed_checkpoint(head, keys)
    if note is None:
        return [_damage(head, NOTE, 0, 1, NOT_SIGNED)]
    try:
        nodes = tile_nodes(session, head.log, head.size)
        if frontier_at(note.size, nodes).root() == note.root:
            return []
    except (CryptoError, KeyError):
        pass
    return [_damage(head, HASH_TILES, 0, 1, "hashes do not lead to the signed root")]


def signed_checkpoint(head: LogHead, keys: Sequence[VerifierKey]) -> Checkpoint | None:
    """What the newest note says; None where there is none, or it is not the log's.

    Args:
        head: the log.
        keys: its key and those of its cosigners. The key of a log that no charter names any more
            is not known: its note is taken as it is.
    """
    try:
        if not keys:
            return peek_checkpoint(head.note)
        signed = open_checkpoint(head.note, keys[0])
        verify_cosignatures(signed.note, keys[1:])
    except CryptoError:
        return None
    return signed.checkpoint


def leads_up(session: ReadSession, head: LogHead, n: int, hashes: Sequence[bytes]) -> bool:
    """Whether these hashes of a tile are those that the level above has, and so on upwards.

    A tile that is not full is compared with the signed root.
    """
    if len(hashes) < TILE_WIDTH:
        return _leads_to_note(session, head, n, hashes)
    level, data = HASHES, b"".join(hashes)
    while len(data) == TILE_SIZE:
        number, place = divmod(n, TILE_WIDTH)
        above = stored_tile(session, head.log, level + 1, number)
        split = [data[i : i + HASH_SIZE] for i in range(0, TILE_SIZE, HASH_SIZE)]
        if above[place * HASH_SIZE : (place + 1) * HASH_SIZE] != root_of(split):
            return False
        if place != TILE_WIDTH - 1:  # a level is looked at with its last tile
            return True
        level, n, data = level + 1, number, above
    return True


def unopened(
    keyring: KeyRing,
    origin: Origin,
    first: int,
    leaves: Sequence[bytes],
    stored: Sequence[StoredOpening],
) -> Iterator[int]:
    """Indices of openings that do not open their leaf, though their key is held.

    Args:
        keyring: opens them.
        origin: the log.
        first: index of the first leaf.
        leaves: exact bytes.
        stored: openings of these leaves.
    """
    commit = Committer(origin).commit
    for one in stored:
        leaf = leaves[one.index - first]
        try:
            opening = keyring.open_opening(origin, one)
        except KeyRingError:
            continue
        except SealError:
            yield one.index
            continue
        header, commitment = leaf[:HEADER_SIZE], leaf[HEADER_SIZE:LEAF_SIZE]
        if commit(opening.salt, header, opening.payload) != commitment:
            yield one.index


def stored_tile(session: ReadSession, log: int, level: int, number: int) -> bytes:
    """A stored tile, empty where it is missing."""
    try:
        (data,) = session.tiles(log, level, [number])
    except KeyError:
        return b""
    return data


def stored_leaves(session: ReadSession, log: int, n: int, width: int) -> list[bytes]:
    """The first leaves of an entry tile; none where so many cannot be read."""
    try:
        leaves = parse_entry_tile(stored_tile(session, log, ENTRIES, n))[:width]
    except CryptoError:
        return []
    return leaves if len(leaves) == width else []


def stored_hashes(session: ReadSession, log: int, n: int, width: int) -> list[bytes]:
    """The first leaf hashes of a tile, as many as are stored."""
    data = stored_tile(session, log, HASHES, n)[: width * HASH_SIZE]
    return [data[i : i + HASH_SIZE] for i in range(0, len(data), HASH_SIZE)]


def _leads_to_note(session: ReadSession, head: LogHead, n: int, hashes: Sequence[bytes]) -> bool:
    """Whether the last hashes of a log lead to its signed root, as far as that reaches."""
    begin = n * TILE_WIDTH
    try:
        note = peek_checkpoint(head.note) if head.note else None
        if note is None or note.size <= begin:
            return True
        nodes = tile_nodes(session, head.log, head.size)
        before = frontier_at(begin, nodes)
        return before.extend(hashes[: note.size - begin]).root() == note.root
    except (CryptoError, KeyError):
        return False


def _damage(head: LogHead, part: str, first: int, count: int, message: str) -> Damage:
    return Damage(origin=head.origin, part=part, first=first, count=count, message=message)

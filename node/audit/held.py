"""What a node holds, read as an audit reads an export: the same files, out of the store.

So a node's own figures are those of whoever has its export (`federation.audit.alliance_report`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Final

from adapters.state.keyring import KeyRing
from crypto.cosignature import only_known, verify_cosignatures
from crypto.errors import FormatError
from crypto.keys import VerifierKey
from crypto.merkle import HASH_SIZE
from crypto.notes import MAX_NOTE_SIZE, parse_note
from crypto.tiles import TILE_WIDTH, format_entry_tile, parse_entry_tile, parse_tile_path
from federation.audit.export_names import (
    CHECKPOINT,
    OPENINGS,
    VKEY,
    directory_name,
    format_opening,
    note_path,
    parse_opening_path,
    query_note_path,
)
from federation.audit.found import Found, Weight
from federation.audit.histories import Seen, open_seen
from federation.audit.pinned import Pinned, logs_of
from federation.audit.verification import is_open
from federation.charters.chain import CharterChain
from federation.charters.trust import Trust
from federation.ids import CharterId, Origin
from federation.ports.store import LogHead, ReadSession
from node.audit.exporting import kept_notes, keys_of, query_notes
from node.audit.log_seen import LogSeen, Reading, read_log
from node.audit.reading import query_log_keys
from node.audit.verifying import Step
from node.log.tiles import ENTRIES

_EXPORT: Final = 1


class HeldFiles:
    """The files of one log, as an export of it has them; of closed kinds no opening."""

    def __init__(
        self, session: ReadSession, keyring: KeyRing, head: LogHead, keys: Sequence[VerifierKey]
    ) -> None:
        """Name the log.

        Args:
            session: of what is held.
            keyring: opens what is sealed in it.
            head: the log, with a checkpoint.
            keys: its key, then those of all who may cosign it.
        """
        self._session = session
        self._keyring = keyring
        self._head = head
        note = only_known(parse_note(head.note), keys)
        cosigned = {one.key for one in verify_cosignatures(note, keys)}
        named = (keys[0], *(key for key in keys[1:] if key in cosigned))
        self._small = {
            CHECKPOINT: note.to_bytes(),
            VKEY: "".join(f"{key}\n" for key in named).encode(),
        }
        self._tile = -1
        self._openings: Mapping[int, bytes] = {}

    def paths(self) -> Iterable[str]:
        """Nothing lies beside what is asked for."""
        return ()

    def read(self, path: str, limit: int) -> bytes | None:
        """The bytes of a file."""
        if path in self._small:
            return self._small[path][: limit + 1]
        try:
            if path.startswith(f"{OPENINGS}/"):
                return self._opening(parse_opening_path(path))
            level, number, width = parse_tile_path(path)
        except FormatError:
            return None
        with suppress(KeyError):
            where = ENTRIES if level == "entries" else level
            (data,) = self._session.tiles(self._head.log, where, [number])
            if where == ENTRIES:
                return format_entry_tile(parse_entry_tile(data)[:width])
            return data[: width * HASH_SIZE]
        return None

    def _opening(self, index: int) -> bytes | None:
        tile = index // TILE_WIDTH
        if tile != self._tile:  # those of one tile are asked for one after the other
            first = tile * TILE_WIDTH
            stored = self._session.openings(self._head.log, self._open_kinds(tile, first))
            found = self._keyring.held_openings(self._head.origin, stored)
            self._openings = {one.index: format_opening(opening) for one, opening in found}
            self._tile = tile
        return self._openings.get(index)

    def _open_kinds(self, tile: int, first: int) -> list[int]:
        (data,) = self._session.tiles(self._head.log, ENTRIES, [tile])
        leaves = parse_entry_tile(data)
        return [index for index, leaf in enumerate(leaves, first) if is_open(leaf)]


class HeldSource:
    """A node's logs and charters, as `node.audit.verifying.Source`."""

    def __init__(
        self,
        session: ReadSession,
        keyring: KeyRing,
        chains: Sequence[CharterChain],
        *,
        reading: Reading,
        queries: Iterable[tuple[Origin, int, bytes]] = (),
    ) -> None:
        """Name what is held; see `node.audit.exporting.AuditExport`."""
        self._session = session
        self._keyring = keyring
        self._chains = chains
        self._reading = reading
        self._query_notes = queries
        self.found: list[Found] = []
        self.copies: list[LogSeen] = []
        self.queries: list[tuple[VerifierKey, Seen]] = []
        self.unread: list[Origin] = []
        self.not_looked_at: list[tuple[str, str]] = []

    def begun(self, pins: Sequence[CharterId]) -> Pinned:
        """Its charters of these alliances; they were verified when they were adopted."""
        chains = tuple(chain for chain in self._chains if chain.id in pins)
        others = [chain for chain in self._chains if chain.id not in pins]
        return Pinned(
            chains=chains,
            others=(),
            found=(),
            elsewhere=frozenset(one for chain in others for one in logs_of(chain)),
        )

    def read(self, trust: Trust, step: Step, elsewhere: Collection[Origin]) -> None:
        """Read the logs with a checkpoint."""
        heads = [head for head in self._session.heads() if head.note and trust.members(head.origin)]
        for place, head in enumerate(heads):
            step(head.origin, place, len(heads))
            self._log(head, trust, elsewhere)
        keys = {Origin(key.name): key for key in query_log_keys(trust)}
        for origin, size, note in query_notes(self._query_notes, trust):
            seen = open_seen(note, keys[origin], _EXPORT, query_note_path(origin, size))
            self.queries.append((keys[origin], seen))

    def _log(self, head: LogHead, trust: Trust, elsewhere: Collection[Origin]) -> None:
        keys = keys_of(trust, head.origin)
        key = keys[0]
        files = HeldFiles(self._session, self._keyring, head, keys)
        seen, wrong = read_log(
            files,
            export=_EXPORT,
            folder=directory_name(head.origin),
            key=key,
            head=open_seen(files.read(CHECKPOINT, MAX_NOTE_SIZE), key, _EXPORT, CHECKPOINT),
            notes=tuple(
                open_seen(note.note, key, _EXPORT, note_path(head.origin, note.size))
                for note in kept_notes(self._session, head)
            ),
            trust=trust,
            reading=self._reading,
            elsewhere=elsewhere,
        )
        self.found += (
            Found(
                weight=Weight.FINDING,
                code=one.code,
                message=one.message,
                export=_EXPORT,
                origin=head.origin,
                path=one.path,
            )
            for one in wrong
        )
        self.copies.append(seen)

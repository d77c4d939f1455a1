"""`huxin audit export`: all logs held, with what a stranger needs to judge them.

No opening of a closed kind is in it, so that nothing in it is about a subject.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from adapters.export.audit_export import AuditFolder, audit_folder
from adapters.export.export_files import ExportFolder
from adapters.export.tile_export import TileExport
from adapters.state.keyring import KeyRing
from crypto.checkpoint import open_checkpoint
from crypto.cosignature import only_known, verify_cosignatures
from crypto.errors import CryptoError
from crypto.keys import VerifierKey
from crypto.merkle import frontier_at
from crypto.notes import MAX_NOTE_SIZE
from crypto.strict import b64
from crypto.tiles import TILE_WIDTH
from federation.audit.export_names import (
    CHARTERS,
    CHECKPOINT,
    FORKS,
    LOGS,
    POLICIES,
    charter_name,
    directory_name,
    note_path,
    query_note_path,
)
from federation.charters.chain import CharterChain
from federation.charters.policy import tlog_policy
from federation.charters.trust import Trust
from federation.errors import RefusedError
from federation.ids import Origin, Timestamp
from federation.peers.first_notes import FirstNote
from federation.ports.store import LogHead, ReadSession
from node.audit.reading import query_log_keys
from node.log.tiles import tile_nodes

Since = Callable[[LogHead, VerifierKey], int]
"""Of how many first leaves of a log, signed by this key, an earlier export has the files."""


class AuditExport:
    """Writes the export of one snapshot."""

    def __init__(
        self,
        session: ReadSession,
        keyring: KeyRing,
        chains: Sequence[CharterChain],
        now: Timestamp,
        *,
        queries: Iterable[tuple[Origin, int, bytes]] = (),
        since: Since = lambda _head, _key: 0,
    ) -> None:
        """Take the snapshot, and the charters in force.

        Args:
            session: the snapshot.
            keyring: opens what is sealed in it.
            chains: the charters.
            now: of the clock.
            queries: the checkpoints of query logs that are kept: origin, size, note.
            since: of how many first leaves of a log an earlier export has the files.
        """
        self._session = session
        self._keyring = keyring
        self._chains = chains
        self._now = now
        self._queries = queries
        self._since = since

    def write(self, out: Path) -> list[dict[str, Any]]:
        """Write everything; what was written of each log.

        Raises:
            RefusedError: `export.in-the-way`; `own-log.missing`: there is nothing to export.
            OSError: the disk.
        """
        trust = Trust(self._chains, self._now)
        heads = [head for head in self._session.heads() if head.note]
        if not heads:
            message = "no log with a checkpoint is held here yet; run `huxin serve`"
            raise RefusedError("own-log.missing", message)
        with audit_folder(out) as folder:
            for chain in self._chains:
                for path, envelope in _envelopes(chain):
                    folder.write(path, envelope)
                alliance = Trust([chain], self._now)
                policy = tlog_policy(alliance, alliance.origins())
                folder.write(f"{POLICIES}/{chain.id.hex()}.txt", policy)
            self._forks(folder)
            self._query_logs(folder, trust)
            exporter = TileExport(self._session, folder.logs, self._keyring.held_openings)
            return [self._log(folder, exporter, trust, head) for head in heads]

    def _log(
        self, folder: AuditFolder, exporter: TileExport, trust: Trust, head: LogHead
    ) -> dict[str, Any]:
        origin = Origin(head.origin)
        keys = keys_of(trust, origin)
        since = self._since(head, keys[0]) // TILE_WIDTH * TILE_WIDTH
        written = exporter.write(head, keys, flat=False, since=since)
        notes = 0
        for note in kept_notes(self._session, head):
            folder.write(note_path(head.origin, note.size), note.note)
            notes += 1
        return {
            "origin": head.origin,
            "size": written.size,
            "since": since,
            "root": b64(written.root),
            "openings": written.openings,
            "missing": written.missing,
            "notes": notes,
        }

    def _query_logs(self, folder: AuditFolder, trust: Trust) -> None:
        """Checkpoints of query logs whose key a charter names, with the lines of witnesses."""
        for origin, size, note in query_notes(self._queries, trust):
            folder.write(query_note_path(origin, size), note)

    def _forks(self, folder: AuditFolder) -> None:
        numbers: dict[Origin, int] = {}
        for origin, file in self._session.forks():
            numbers[origin] = numbers.get(origin, 0) + 1
            folder.write(f"{FORKS}/{directory_name(origin)}.{numbers[origin]}", file)


def kept_notes(session: ReadSession, head: LogHead) -> Iterator[FirstNote]:
    """The checkpoints kept of a log, by size, up to the one that is exported."""
    note = session.first_note(head.log, 0)
    while note is not None and note.size <= head.note_size:
        yield note
        note = session.first_note(head.log, note.size)


def query_notes(
    kept: Iterable[tuple[Origin, int, bytes]], trust: Trust
) -> Iterator[tuple[Origin, int, bytes]]:
    """Checkpoints of query logs that a charter names, with the lines of witnesses and no others.

    Args:
        kept: origin, size and note, as they are stored.
        trust: of the charters.
    """
    keys = {Origin(key.name): key for key in query_log_keys(trust)}
    given: set[tuple[Origin, int]] = set()
    for origin, size, data in kept:
        key = keys.get(origin)
        if key is None or (origin, size) in given:
            continue
        known = (key, *trust.witness_keys())
        with suppress(CryptoError):  # of an earlier key: nobody could verify it
            note = open_checkpoint(data, key)
            lines = only_known(note.note, known)
            with suppress(CryptoError):  # a line that came with what we cosigned as a witness
                verify_cosignatures(lines, known)
                given.add((origin, size))
                yield origin, size, lines.to_bytes()
                continue
            given.add((origin, size))
            yield origin, size, note.bare().note.to_bytes()


def since_export(session: ReadSession, earlier: Path) -> Since:
    """Leave out what an earlier export has of each log, as far as it is of the history held.

    Args:
        session: of what is held.
        earlier: the folder of the export.
    """

    def since(head: LogHead, key: VerifierKey) -> int:
        folder = ExportFolder(earlier / LOGS / directory_name(head.origin))
        try:
            point = open_checkpoint(folder.read(CHECKPOINT, MAX_NOTE_SIZE) or b"", key).checkpoint
        except CryptoError:
            return 0
        if not 0 < point.size <= head.note_size:
            return 0
        held = frontier_at(point.size, tile_nodes(session, head.log, head.note_size)).root()
        return point.size if point.root == held else 0

    return since


def since_day(session: ReadSession, begins: Timestamp) -> Since:
    """Leave out the leaves for which others had vouched before a time."""

    def since(head: LogHead, _key: VerifierKey) -> int:
        size = 0
        while (note := session.first_note(head.log, size)) is not None:
            if note.cosigned_at >= begins or note.size > head.note_size:
                break
            size = note.size
        return size

    return since


def keys_of(trust: Trust, origin: Origin) -> tuple[VerifierKey, ...]:
    """The key of a log, then those of all who may cosign it; the log's own head key too.

    Raises:
        RefusedError: `log.unknown`: no charter names the log.
    """
    key = trust.log_key(origin)
    if key is None:
        message = f"no charter in force names the log {origin}"
        raise RefusedError("log.unknown", message)
    others = (*trust.head_keys(origin), *trust.witness_keys(), *trust.mirror_keys())
    return (key, *dict.fromkeys(others))


def _envelopes(chain: CharterChain) -> Iterable[tuple[str, bytes]]:
    folder = f"{CHARTERS}/{chain.id.hex()}"
    for charter in chain.versions:
        yield f"{folder}/{charter_name(charter.terms.version)}", charter.envelope
    for fork in chain.forks:
        for charter in fork.other:
            name = charter_name(charter.terms.version, charter.digest)
            yield f"{folder}/{name}", charter.envelope

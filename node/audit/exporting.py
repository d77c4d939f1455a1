"""`huxin audit export`: all logs held, with what a stranger needs to judge them.

No opening of a closed kind is in it, so that nothing in it is about a subject.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from adapters.export.audit_export import AuditFolder, audit_folder
from adapters.export.tile_export import TileExport
from adapters.state.keyring import KeyRing
from crypto.keys import VerifierKey
from crypto.strict import b64
from federation.audit.export_names import (
    CHARTERS,
    FORKS,
    POLICIES,
    charter_name,
    directory_name,
    note_path,
)
from federation.charters.chain import CharterChain
from federation.charters.policy import tlog_policy
from federation.charters.trust import Trust
from federation.errors import RefusedError
from federation.ids import Origin, Timestamp
from federation.peers.first_notes import FirstNote
from federation.ports.store import LogHead, ReadSession


class AuditExport:
    """Writes the export of one snapshot."""

    def __init__(
        self,
        session: ReadSession,
        keyring: KeyRing,
        chains: Sequence[CharterChain],
        now: Timestamp,
    ) -> None:
        """Take the snapshot, and the charters in force."""
        self._session = session
        self._keyring = keyring
        self._chains = chains
        self._now = now

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
            exporter = TileExport(self._session, folder.logs, self._keyring.held_openings)
            return [self._log(folder, exporter, trust, head) for head in heads]

    def _log(
        self, folder: AuditFolder, exporter: TileExport, trust: Trust, head: LogHead
    ) -> dict[str, Any]:
        origin = Origin(head.origin)
        written = exporter.write(head, keys_of(trust, origin), flat=False)
        notes = 0
        for note in self._notes(head):
            folder.write(note_path(head.origin, note.size), note.note)
            notes += 1
        return {
            "origin": head.origin,
            "size": written.size,
            "root": b64(written.root),
            "openings": written.openings,
            "missing": written.missing,
            "notes": notes,
        }

    def _notes(self, head: LogHead) -> Iterator[FirstNote]:
        """The checkpoints kept of a log, by size, up to the one that is exported."""
        note = self._session.first_note(head.log, 0)
        while note is not None and note.size <= head.note_size:
            yield note
            note = self._session.first_note(head.log, note.size)

    def _forks(self, folder: AuditFolder) -> None:
        numbers: dict[Origin, int] = {}
        for origin, file in self._session.forks():
            numbers[origin] = numbers.get(origin, 0) + 1
            folder.write(f"{FORKS}/{directory_name(origin)}.{numbers[origin]}", file)


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

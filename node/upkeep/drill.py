"""Drills 演练: a backup is brought back into a folder of its own, proved and deleted (BK5).

A drill that was killed leaves its folder `DIR/.drill-…`: the next one sweeps it. One drill at a
time holds the lock of the directory itself, so that a folder that is there belongs to nobody.

Proved is what `huxin doctor` proves of a node: leaves against hashes, hashes against the signed
note, openings under their keys against the commitments in their leaves, rows against the log.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from adapters.files.atomic import write_atomically
from adapters.sql import open_store
from adapters.sql.copies import (
    POSTGRESQL,
    copy_sqlite,
    empty_again,
    is_empty,
    load_postgresql,
    prove_sqlite,
)
from adapters.state.keyring import KeyRing
from crypto.keys import VerifierKey
from federation.errors import RefusedError
from federation.facts import PayloadReader
from federation.ids import Origin, Timestamp
from node.log.ledger import Ledger
from node.log.soundness import Damage
from node.system.failpoints import Failpoints
from node.upkeep.backups import DATABASE, DUMP, QUERIES, Backup
from node.upkeep.doctor import Doctor
from node.upkeep.lookup_switch import LookupSwitch
from node.upkeep.row_check import check_rows

HISTORY: Final = "backups.json"
"""In the node's directory: when the last backup was made, and the last drill passed."""
_LARGEST: Final = 65_536
_PREFIX: Final = ".drill-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drilled:
    """What a drill found."""

    logs: Sequence[tuple[str, int]]
    """Origin and leaves of each log in the backup."""
    damages: Sequence[Damage]

    @property
    def passed(self) -> bool:
        """Whether all of it is sound."""
        return not self.damages


def drill(
    backup: Backup,
    *,
    place: Path,
    scratch: str,
    keyring: KeyRing,
    payloads: PayloadReader,
    ledger: Ledger,
    keys: Callable[[Origin], Sequence[VerifierKey]],
    progress: Callable[[Origin, int, int], None],
) -> Drilled:
    """Bring a backup back and prove it; nothing of it is left.

    Args:
        backup: read and compared (`read_backup`).
        place: below which a folder is made for it.
        scratch: URL of an empty PostgreSQL database, where the backup is a dump.
        keyring: of the node.
        payloads: reads openings.
        ledger: derives rows.
        keys: of a log, and of who may cosign it.
        progress: told origin, leaves read and leaves in all.

    Raises:
        RefusedError: `drill.running`, `drill.no-scratch`, `restore.not-empty`.
        StoreError, ProcessError: the backup cannot be brought back.
    """
    with _alone(place), _brought_back(backup, place, scratch) as url:
        store = open_store(url)
        try:
            LookupSwitch(
                store=store,
                keyring=keyring,
                payloads=payloads,
                ledger=ledger,
                failpoints=Failpoints(),
            ).restored()  # as the start of a node that was restored does
            doctor = Doctor(store=store, keyring=keyring, ledger=ledger, keys=keys)
            damages = doctor.examine(progress)
            damages += check_rows(store, ledger, whole=False, progress=progress)
            with store.read() as session:
                logs = [(str(head.origin), head.size) for head in session.heads()]
        finally:
            store.close()
    return Drilled(logs=logs, damages=damages)


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """Be the one drill here, and sweep what killed ones left; the lock ends with the process."""
    descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = "another drill of this node runs: wait for its end"
            raise RefusedError("drill.running", message) from None
        for left in place.glob(f"{_PREFIX}*"):
            state = left.lstat()
            if stat.S_ISDIR(state.st_mode) and state.st_uid == os.geteuid():
                shutil.rmtree(left)  # follows no link
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _brought_back(backup: Backup, place: Path, scratch: str) -> Iterator[str]:
    if backup.database != POSTGRESQL:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
        try:
            if QUERIES in backup.files:
                prove_sqlite(backup.folder / QUERIES)
            prove_sqlite(backup.folder / DATABASE)
            copy_sqlite(backup.folder / DATABASE, folder / DATABASE)
            yield f"sqlite:///{folder / DATABASE}"
        finally:
            shutil.rmtree(folder)
        return
    if not scratch:
        message = "expected --scratch URL of an empty PostgreSQL database for this backup"
        raise RefusedError("drill.no-scratch", message)
    if not is_empty(scratch):
        message = "expected an empty database in --scratch, got one with tables"
        raise RefusedError("restore.not-empty", message)
    try:
        load_postgresql(scratch, backup.folder / DUMP)
        yield scratch
    finally:
        empty_again(scratch)


def history(directory: Path) -> dict[str, Any]:
    """What is remembered of backups and drills; empty where nothing is, or it cannot be read."""
    with suppress(OSError, ValueError), (directory / HISTORY).open("rb") as file:
        found = json.loads(file.read(_LARGEST))
        if isinstance(found, dict):
            return found
    return {}


def remember(directory: Path, what: str, at: Timestamp, **more: str | int | bool) -> None:
    """Remember the last `backup` or `drill`.

    Raises:
        OSError: it cannot be written.
    """
    document = history(directory) | {what: {"at": at, **more}}
    data = json.dumps(document, ensure_ascii=False).encode() + b"\n"
    write_atomically(directory / HISTORY, data, mode=0o600)

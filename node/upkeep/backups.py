"""Backups 备份 of a node: made while it serves, brought back without a second history, drilled.

Rules:

    BK1  A backup holds the databases, the configuration, charters, tables of working days and
         mappings; never `keys/`, never `state/`: a mark brought back with an old database would
         let the node sign a second history, a key ring in a backup would undo every erasure.
    BK2  `manifest.json` is written last and names every file with its SHA-256; a folder without
         it, or with a file that is not as it says, is no backup and brings nothing back.
    BK3  A backup is brought back only into the directory of the node that made it (its origin),
         beside its keys and key ring, while nobody works there, and over nothing: a database that
         is there is first laid aside by name.
    BK4  What was brought back knows nothing since then. Until a log shows a head that was signed
         after that moment, and each other log in which relief of what it lists may stand has done
         so, its listings do not punish (`node.records.doubts`); our own log is asked of members
         before anything is signed (`node.log.startup_check`).
    BK5  A drill brings a backup back into a folder of its own, proves it and deletes it.
    BK6  What stands beside the databases (BK1) is brought back only where it is not there: what is
         there is newer, and counts.
    BK7  Where the node's database is not there (its disk is not mounted) no backup is made: one
         without it would pass for a backup night after night, until no other is left.

When that was stands in `state/restored-at` (`node.directory.restored`).
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from adapters.catalog.working_days import FOLDER as WORKING_DAYS
from adapters.files.atomic import sync_directory, write_atomically
from adapters.sql.copies import (
    POSTGRESQL,
    copy_sqlite,
    dump_postgresql,
    is_empty,
    kind_of,
    load_postgresql,
    prove_sqlite,
)
from federation.errors import RefusedError
from federation.ids import Origin, Timestamp
from node.access.wiring import query_database_url
from node.directory.config import FILE_NAME, Config
from node.directory.creation import KEY_RING_FILE, MEMBER_FILE
from node.directory.restored import note_restored
from node.intake.sources import SAVED

MANIFEST: Final = "manifest.json"
FORM: Final = 1
DATABASE: Final = "huxin.db"
QUERIES: Final = "queries.db"
DUMP: Final = "database.dump"
STATE: Final = "state"
_LARGEST_MANIFEST: Final = 16 * 2**20
_BLOCK: Final = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """What a backup says of itself; every file is as it says."""

    folder: Path
    origin: Origin
    made_at: Timestamp
    version: str
    database: str
    """`sqlite` or `postgresql`."""
    files: dict[str, tuple[int, str]]
    """Bytes and SHA-256 in hex, by name within the folder."""

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(size for size, _ in self.files.values())


def make_backup(
    config: Config,
    folder: Path,
    *,
    now: Timestamp,
    version: str,
    progress: Callable[[str], None],
) -> Backup:
    """Make a backup of a node, which may serve meanwhile (BK1, BK2).

    Args:
        config: of the node.
        folder: is made; its parent must be there.
        now: seconds UTC.
        version: of the program.
        progress: told the name of each file before it is copied.

    Raises:
        RefusedError: `backup.exists`, the folder is there; `backup.no-place`, the one above is not;
            `backup.no-database`, what is to be backed up is not.
        StoreError, ProcessError: a database cannot be copied.
    """
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        message = f"{folder} is there already; expected the name of a folder to be made"
        raise RefusedError("backup.exists", message) from None
    except FileNotFoundError:
        message = (
            f"{folder.parent}: 没有这个目录：先挂载介质、建好目录，再备份 / "
            "expected a directory that is there, got none: mount the medium, make it, then back up"
        )
        raise RefusedError("backup.no-place", message) from None
    try:
        return _filled(config, folder, now=now, version=version, progress=progress)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)  # no half of one that a next try would meet
        raise


def _filled(
    config: Config,
    folder: Path,
    *,
    now: Timestamp,
    version: str,
    progress: Callable[[str], None],
) -> Backup:
    kind = kind_of(config.database_url)
    if kind == POSTGRESQL:
        progress(DUMP)
        dump_postgresql(config.database_url, folder / DUMP)
    else:
        # What departments asked is copied first: an outcome that it knows is in the log that
        # follows, and one that only the log knows is found there again.
        for url, name in ((query_database_url(config), QUERIES), (config.database_url, DATABASE)):
            source = Path(url.removeprefix("sqlite:///"))
            if source.exists():
                progress(name)
                copy_sqlite(source, folder / name)
            elif name == DATABASE:
                raise _no_database(source)
    for path in _beside(config):
        name = str(path.relative_to(config.directory))
        progress(name)
        target = folder / name
        for above in reversed(target.relative_to(folder).parents):
            (folder / above).mkdir(mode=0o700, exist_ok=True)
        write_atomically(target, path.read_bytes(), mode=0o600)
    files = {str(path.relative_to(folder)): _digest(path) for path in _files(folder)}
    document = {
        "form": FORM,
        "origin": config.origin,
        "made_at": now,
        "version": version,
        "database": kind,
        "files": {name: {"size": s, "sha256": d} for name, (s, d) in sorted(files.items())},
    }
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    write_atomically(folder / MANIFEST, text.encode(), mode=0o600)
    sync_directory(folder.parent)
    return Backup(
        folder=folder,
        origin=config.origin,
        made_at=now,
        version=version,
        database=kind,
        files=files,
    )


def _no_database(source: Path) -> RefusedError:
    """See BK7."""
    message = (
        f"{source}: 没有数据库：节点还没有启动过，或者它的盘没有挂载；备份没有写 / "
        "expected the node's database, got none: the node never ran, or its disk is not mounted; "
        "no backup was written"
    )
    return RefusedError("backup.no-database", message)


def read_backup(folder: Path) -> Backup:
    """Read a backup and compare each of its files with what it says (BK2).

    Raises:
        RefusedError: `backup.damaged`, it is none, or not as it was made.
    """
    try:
        with (folder / MANIFEST).open("rb") as file:
            document = json.loads(file.read(_LARGEST_MANIFEST))
        backup = _parse(folder, document)
    except FileNotFoundError:
        message = (
            f"{folder}: 不是备份，或者没有写完：缺 {MANIFEST} / "
            f"expected a backup, got no {MANIFEST}: it is none, or was cut short"
            if folder.is_dir()
            else f"{folder}: 没有这个备份文件夹 / expected the folder of a backup, got none"
        )
        raise RefusedError("backup.damaged", message) from None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        message = f"{folder / MANIFEST}: expected form {FORM} of a backup, got: {error!r}"
        raise RefusedError("backup.damaged", message) from error
    there = {str(path.relative_to(folder)) for path in _files(folder)} - {MANIFEST}
    for name in sorted(there ^ backup.files.keys()):
        message = f"{folder / name}: " + (
            "is in no list of this backup" if name in there else "is missing"
        )
        raise RefusedError("backup.damaged", message)
    for name, expected in sorted(backup.files.items()):
        if _digest(folder / name) != expected:
            message = f"{folder / name}: is not as it was when the backup was made"
            raise RefusedError("backup.damaged", message)
    return backup


def check_fits(config: Config, backup: Backup) -> None:
    """See that a backup may be brought back here (BK3); changes nothing.

    Raises:
        RefusedError: `backup.other-node`, `backup.other-database`, `restore.no-ring`,
            `restore.not-empty`.
    """
    check_origin(config, backup)
    kind = kind_of(config.database_url)
    if backup.database != kind:
        message = f"expected a backup of {kind}, as [database] says, got one of {backup.database}"
        raise RefusedError("backup.other-database", message)
    _check_ring(config.state_directory / KEY_RING_FILE)
    if kind == POSTGRESQL and not is_empty(config.database_url):
        message = "expected an empty database in [database] url, got one with tables"
        raise RefusedError("restore.not-empty", message)


def bring_beside(directory: Path, backup: Backup) -> list[str]:
    """Bring back what stands beside the databases and is not there (BK6), as on another machine.

    Returns:
        The names of what was brought.

    Raises:
        RefusedError: `restore.no-ring`: nothing is brought where the key ring is not.
    """
    _check_ring(directory / STATE / KEY_RING_FILE)
    brought = []
    for name in sorted(backup.files.keys() - {DATABASE, QUERIES, DUMP}):
        target = directory / name
        if target.exists():
            continue
        for above in reversed(target.relative_to(directory).parents):
            (directory / above).mkdir(mode=0o700, exist_ok=True)
        write_atomically(target, (backup.folder / name).read_bytes(), mode=0o600)
        brought.append(name)
    return brought


def _check_ring(ring: Path) -> None:
    if not ring.exists():
        message = (
            f"{ring}: 没有密钥环，什么都读不出：从托管处放回；换了机器的先放回 keys/ 和 state/，见 "
            "docs/operations/running.md#on-another-machine / expected the key ring, got none: "
            "nothing can be read without it. Lay its escrow there, on another machine keys/ and "
            "state/ first: docs/operations/running.md#on-another-machine"
        )
        raise RefusedError("restore.no-ring", message)


def check_origin(config: Config, backup: Backup) -> None:
    """See that it is a backup of this node.

    Raises:
        RefusedError: `backup.other-node`.
    """
    if backup.origin != config.origin:
        message = f"expected a backup of {config.origin}, got one of {backup.origin}"
        raise RefusedError("backup.other-node", message)


def restore(config: Config, backup: Backup, *, now: Timestamp) -> list[Path]:
    """Bring a backup back; the directory is locked by the caller (BK3, BK4).

    Charters and configuration stay as they are: those of today count (`bring_beside`). The moment
    is written first: a restore that is cut short leaves a node that doubts, none that does not.

    Returns:
        What was laid aside.

    Raises:
        RefusedError: see `check_fits`.
        StoreError, ProcessError: the database does not take it.
    """
    check_fits(config, backup)
    note_restored(config.state_directory, now, backup.made_at)
    if backup.database == POSTGRESQL:
        load_postgresql(config.database_url, backup.folder / DUMP)
        return []
    aside: list[Path] = []
    for url, name in ((query_database_url(config), QUERIES), (config.database_url, DATABASE)):
        if name in backup.files:
            aside += _replace(Path(url.removeprefix("sqlite:///")), backup.folder / name, now)
    return aside


def _replace(path: Path, source: Path, now: Timestamp) -> list[Path]:
    """Lay what stands at a path aside, and a proved copy of a database there.

    Laid aside is the database with its write-ahead log, under names that belong together: each has
    both names before the first name goes, and the database's own goes last, to the copy. Cut short
    anywhere, what was there is whole under one of its names, and the restore may be run again.
    """
    prove_sqlite(source)
    part = path.with_name(f".{path.name}.restored")
    part.unlink(missing_ok=True)
    copy_sqlite(source, part)
    there = [e for e in ("", "-wal") if path.with_name(path.name + e).exists()]
    aside = [path.with_name(f"{path.name}.before-{now}{ending}") for ending in there]
    for ending, kept in zip(there, aside, strict=True):
        kept.unlink(missing_ok=True)  # of the same second, cut short
        kept.hardlink_to(path.with_name(path.name + ending))
    sync_directory(path.parent)
    for ending in ("-wal", "-shm"):  # what begins beside the copy must not be another's
        path.with_name(path.name + ending).unlink(missing_ok=True)
    sync_directory(path.parent)
    part.rename(path)
    sync_directory(path.parent)
    return aside


def _beside(config: Config) -> Iterator[Path]:
    """What a node's directory holds beside the databases and is no secret.

    What a link leads to counts by where it is: nothing from elsewhere, and no key by another name.
    """
    directory = config.directory
    mappings = {source.mapping for source in config.files.sources.values() if source.mapping}
    for name in (FILE_NAME, MEMBER_FILE, *sorted(mappings)):
        if _is_kept(config, directory / name):
            yield directory / name
    for folder in (config.charters_directory, directory / WORKING_DAYS, directory / SAVED):
        yield from sorted(path for path in folder.rglob("*") if _is_kept(config, path))


def _is_kept(config: Config, path: Path) -> bool:
    place = path.resolve()
    return (
        place.is_file()
        and place.is_relative_to(config.directory.resolve())
        and not any(
            place.is_relative_to(secret.resolve())
            for secret in (config.keys_directory, config.state_directory)
        )
    )


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_dir():
            yield path


def _digest(path: Path) -> tuple[int, str]:
    """Size and SHA-256; a link is followed by nobody (0, empty)."""
    if path.is_symlink() or not path.is_file():
        return 0, ""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            size += len(block)
    return size, digest.hexdigest()


def _parse(folder: Path, document: Mapping[str, Any]) -> Backup:
    if document["form"] != FORM:
        message = f"form {document['form']!r}"
        raise ValueError(message)
    files = {
        str(name): (int(one["size"]), str(one["sha256"])) for name, one in document["files"].items()
    }
    if any(Path(name).is_absolute() or ".." in Path(name).parts for name in files):
        message = "a name outside of the folder"
        raise ValueError(message)
    return Backup(
        folder=folder,
        origin=Origin(str(document["origin"])),
        made_at=Timestamp(int(document["made_at"])),
        version=str(document["version"]),
        database=str(document["database"]),
        files=files,
    )

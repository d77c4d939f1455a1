"""`huxin doctor` beside the logs: mark, fork files, modes of files, folders and mappings.

Modes are those of secret files, folders and mappings those of the sources.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from adapters.errors import HighWaterError
from adapters.files.dropfolder import REFUSED, TAKEN
from adapters.files.errors import MappingError
from adapters.files.folders import Folder
from crypto.checkpoint import peek_checkpoint
from crypto.errors import CryptoError
from crypto.fork import parse_fork, verify_fork
from crypto.keys import VerifierKey
from crypto.merkle import frontier_at
from federation.ids import Origin, Timestamp
from federation.ports.store import ReadSession, Store
from node.charters.expiring_certificates import ending_certificates
from node.charters.view import TrustView
from node.directory.config import Config
from node.directory.creation import CHARTER_KEY_FILE
from node.directory.marks import Mark, Marks
from node.intake.files import READING
from node.intake.sources import Sources, is_declared
from node.log.tiles import tile_nodes
from node.network.tls_keys import in_order, load_tls_keys, named_certificates

_DAMAGED: Final = ("mapping.unreadable", "mapping.invalid")
_LOOSE: Final = 0o077
"""Bits that group and others must not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is not right; `code` is stable."""

    code: str
    message: str


def check_up(
    config: Config,
    store: Store,
    keys: Callable[[Origin], tuple[VerifierKey, ...]],
    view: TrustView,
    now: Timestamp,
    marks: Marks,
) -> list[Finding]:
    """Look at what lies beside the logs; changes nothing.

    Args:
        config: of the node.
        store: its database.
        keys: of a log, its own first; none where no charter names it.
        view: the charters.
        now: seconds, UTC.
        marks: of the node's logs.
    """
    return [
        *_mark(marks.own, store, config.origin),
        *_forks(store, keys),
        *_modes(config),
        *_sources(config),
        *_certificate(config, view, now),
    ]


def _certificate(config: Config, view: TrustView, now: Timestamp) -> Iterator[Finding]:
    """Our own TLS certificate, where its end is near."""
    keys = load_tls_keys(config.keys_directory)
    shown = in_order(keys, named_certificates(view, config.origin))[0]
    for ending in ending_certificates(shown.certificate, (), now):
        chinese, _, english = ending.told(now).partition(" / ")
        if shown != keys[0]:
            chinese += "；新证书已备，待章程写明"
            english += "; a new one waits for a charter"
        yield Finding(code=ending.code, message=f"{chinese} / {english}")


def _mark(find: Callable[[], Mark], store: Store, own: Origin) -> Iterator[Finding]:
    """Compare the mark with our own log; it is read first, since a running node moves it after."""
    try:
        mark = find()
        marked, damage = mark.load(), mark.damage()
    except HighWaterError as error:
        yield Finding(code=error.code, message=str(error))
        return
    with store.read() as session:
        head = session.head(own)
        size = 0 if head is None else head.size
        if marked is None:
            if damage:
                yield Finding(code="high-water.corrupt", message=f"the high-water mark: {damage}")
            elif size:
                text = f"there is no high-water mark beside {size} leaves of our own log"
                yield Finding(code="high-water.missing", message=text)
            return
        if marked[0] > size:
            text = f"our own log has {size} leaves, {marked[0]} were signed: huxin recover"
            yield Finding(code="high-water.ahead", message=text)
        elif head is not None and _root(session, head.log, size, marked[0]) != marked[1]:
            text = f"our own log has another root at size {marked[0]} than was signed"
            yield Finding(code="high-water.other-root", message=text)


def _root(session: ReadSession, log: int, size: int, at: int) -> bytes:
    """The root of a log at a size; empty where its hashes cannot be read."""
    try:
        return frontier_at(at, tile_nodes(session, log, size)).root()
    except (CryptoError, KeyError):
        return b""


def _forks(store: Store, keys: Callable[[Origin], tuple[VerifierKey, ...]]) -> Iterator[Finding]:
    """Each fork file must still prove what it was kept for."""
    with store.read() as session:
        files = list(session.forks())
    for origin, file in files:
        try:
            fork = parse_fork(file)
            if peek_checkpoint(fork.smaller).origin != origin:
                text = f"{origin}: the fork file is of another log"
                yield Finding(code="fork.damaged", message=text)
            elif known := keys(origin):
                verify_fork(fork, known[0])
        except CryptoError as error:
            text = f"{origin}: the fork file kept does not prove two histories: {error}"
            yield Finding(code="fork.damaged", message=text)


def _modes(config: Config) -> Iterator[Finding]:
    """Files of secrets, and what names subjects, are for the node's own user only."""
    for path in _secrets(config):
        try:
            status = path.lstat()
        except FileNotFoundError:
            continue  # of a running node: told, or put into the database meanwhile
        mode = stat.S_IMODE(status.st_mode)
        if mode & _LOOSE:
            right = "0700" if stat.S_ISDIR(status.st_mode) else "0600"
            text = f"{path}: expected mode {right}, got {mode:04o}; chmod {right} {path}"
            yield Finding(code="keys.mode", message=text)


def _sources(config: Config) -> Iterator[Finding]:
    """Each source's folders and mapping can be used (F26, F28); a folder may not be there yet."""
    sources = Sources(config.directory, config.files.sources)
    for name, section in config.files.sources.items():
        for path in (config.inbox / name, *(config.inbox / name / end for end in (TAKEN, REFUSED))):
            try:
                with Folder.at(path):
                    pass
            except FileNotFoundError:
                continue
            except OSError as error:
                text = f"{name}: expected a directory that is no link and may be used: {error}"
                yield Finding(code="inbox.folder", message=text)
                break
        if config.files.consent_required and section.list_types and not is_declared(section):
            text = (
                f"{name}: expected sharing and consent (共享属性, 同意转交的文书) in huxin.toml, "
                "got none of them or one; its lists are not published"
            )
            yield Finding(code="source.no-consent", message=text)
        for list_type in section.list_types:
            try:
                sources.layout(sources.find(name, list_type), publishes=False)
            except MappingError as error:
                if error.code not in _DAMAGED:
                    continue  # it may give reliefs alone
                yield Finding(code=error.code, message=f"{name}: {error}")


def _secrets(config: Config) -> Iterator[Path]:
    directory = config.directory
    folders = [
        config.keys_directory,
        config.state_directory,
        directory / "platform",
        directory / READING,
    ]
    single = [directory / CHARTER_KEY_FILE, *directory.glob("*.db*")]
    if config.state.mark_password_file:
        single.append(directory / config.state.mark_password_file)
    single += [directory / p.password_file for p in config.platform.values() if p.password_file]
    if config.keys.escrow:
        single.append(Path(config.keys.escrow))
    for folder in folders:
        if folder.exists():
            yield from (folder, *sorted(folder.rglob("*")))
    yield from single

"""Charters on disk: DIR/charters/<alliance>/<version>.json, DSSE envelopes as received.

Files are evidence, never truth: every start verifies them again from the pin in `huxin.toml`. A
rival version of a fork lies beside as `<version>.<digest>.json`. Who writes here can at most hide
versions from this node.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Final

from adapters.files.atomic import sync_directory, write_atomically
from crypto.dsse import parse_envelope
from federation.charters.chain import CharterChain, advance, begin_chain
from federation.errors import CharterError
from federation.ids import CharterId

_DIGITS: Final = 16
"""Hexadecimal digits of a rival's digest in its file name."""


def load_chains(directory: Path, pins: Iterable[CharterId]) -> tuple[CharterChain, ...]:
    """Load and verify the chain of every pinned alliance, in the order of the pins.

    Args:
        directory: DIR/charters.
        pins: from the configuration.

    Raises:
        CharterError: version 1 is missing (`charter.missing`), or a file does not verify; a node
            does not start with half of what it was told to trust.
    """
    return tuple(load_chain(directory, pin) for pin in pins)


def load_chain(directory: Path, pin: CharterId) -> CharterChain:
    """Load and verify the chain of one alliance.

    Raises:
        CharterError: as `load_chains`.
    """
    folder = directory / pin.hex()
    files = sorted(folder.glob("*.json"), key=_order)
    if not files or files[0].name != "1.json":
        message = (
            f"{folder / '1.json'}: expected version 1 of the pinned charter, got no file; "
            "huxin charter adopt FILE"
        )
        raise CharterError("charter.missing", message)
    envelopes = {file.read_bytes(): file for file in reversed(files)}
    chain, left = advance_all(begin_chain(files[0].read_bytes(), pin), reversed(envelopes))
    for envelope, error in left.items():
        # A rival that follows nothing any more belongs to a branch that was set aside.
        if envelopes[envelope].stem.isdigit():
            message = f"{envelopes[envelope]}: {error}"
            raise CharterError(error.code, message) from error
    return chain


def advance_all(
    chain: CharterChain, envelopes: Iterable[bytes]
) -> tuple[CharterChain, dict[bytes, CharterError]]:
    """Take envelopes in whatever order they come, such as from files or from a peer.

    Returns:
        The chain, and the envelopes that were refused, each with its error.
    """
    refused = dict.fromkeys(envelopes, CharterError("charter.version", "not yet tried"))
    progress = True
    while progress and refused:
        before = len(refused)
        for envelope in tuple(refused):
            try:
                chain = advance(chain, envelope)
                del refused[envelope]
            except CharterError as error:
                refused[envelope] = error
        progress = len(refused) < before
    return chain, refused


def store_chain(directory: Path, chain: CharterChain) -> None:
    """Write every version of a chain durably.

    Rivals, and versions that others replace, are written first under their digest: at a crash in
    between every envelope is still there, and the proof of a fork is kept when it is settled.
    """
    folder = directory / chain.id.hex()
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    for fork in chain.forks:
        for charter in fork.other:
            _write(_rival_path(folder, charter.terms.version, charter.digest), charter.envelope)
    paths = {folder / f"{charter.terms.version}.json": charter for charter in chain.versions}
    for path, charter in paths.items():
        if path.exists() and path.read_bytes() != charter.envelope:
            old = path.read_bytes()
            digest = sha256(parse_envelope(old).payload).digest()
            if digest != charter.digest:
                _write(_rival_path(folder, charter.terms.version, digest), old)
    for path, charter in paths.items():
        _write(path, charter.envelope)
    for place in (folder, directory, directory.parent):
        sync_directory(place)


def _rival_path(folder: Path, version: int, digest: bytes) -> Path:
    return folder / f"{version}.{digest.hex()[:_DIGITS]}.json"


def _write(path: Path, envelope: bytes) -> None:
    if not path.exists() or path.read_bytes() != envelope:
        write_atomically(path, envelope)


def _order(path: Path) -> tuple[int, bool, str]:
    """By version, the one in force before its rivals, which is then kept as the trunk."""
    version = path.name.partition(".")[0]
    number = int(version) if version.isascii() and version.isdigit() else 0
    return (number, path.name != f"{number}.json", path.name)

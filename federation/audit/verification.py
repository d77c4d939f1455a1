"""Offline verification of an exported log: every byte of every file is accounted for.

    A1  `vkey` holds the log's key, then cosigners', each once
    A2  the checkpoint is signed by the log's key, every other line by a listed cosigner
    A3  the entry tiles hold exactly the leaves of the checkpoint's size
    A4  every hash tile is what the leaves give, and so is the checkpoint's root
    A5  every opening opens its leaf; those of open kinds are all there
    A6  no other file lies among them

Streams: one stretch of tiles at a time is in memory. Stretches are judged by `_audit_tiles`, which
needs nothing but the files, here or wherever `spread` has it done; what they give is put together
in the order of the log, so that the findings are the same. What a key is worth is not said here:
who hands out an export chooses its `vkey`, so compare the log's key with one known from elsewhere
(`trusted`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Final, Protocol, TypeAlias

from crypto.checkpoint import Checkpoint, open_checkpoint
from crypto.commitment import Committer
from crypto.cosignature import verify_cosignatures
from crypto.errors import CryptoError, FormatError
from crypto.keys import KeyType, VerifierKey
from crypto.notes import MAX_NOTE_SIZE, Note, SignatureLine
from crypto.tiles import TILE_WIDTH, parse_tile_path, tile_path
from federation.audit._tiles import (
    MAX_ENTRY_TILE,
    Finding,
    Noted,
    Read,
    TileFacts,
    is_open,
    judge_opening,
    judge_tiles,
    parse_leaves,
    statement_ids,
)
from federation.audit._tree import TreeAudit, tile_expected
from federation.audit.export_names import (
    CHECKPOINT,
    MAX_OPENING_FILE,
    OPENINGS,
    TILES,
    VKEY,
    directory_name,
    parse_opening,
    parse_opening_path,
)
from federation.ids import ORIGIN_FORM
from federation.statements import HEADER_SIZE

__all__ = [
    "MAX_ENTRY_TILE",
    "STRETCH",
    "ExportFiles",
    "Finding",
    "LogAudit",
    "Noted",
    "Spread",
    "is_open",
    "parse_leaves",
    "statement_ids",
]

STRETCH: Final = 64
"""Entry tiles that are judged together, 16,384 leaves: some 20 ms of work."""

Spread: TypeAlias = Callable[[Callable[[int], list[TileFacts]], range], Iterable[list[TileFacts]]]
"""Calls a function for each number and gives what it returned in their order, as `map` does.

The function only reads files: it may be called in other processes, ahead of what was asked for,
but boundedly, for there may be more numbers than anyone will ask for.
"""

MAX_KEYS_FILE: Final = 64 * 1024
MAX_FINDINGS: Final = 1000
"""An export in which more than this is wrong is not looked at further."""
_STRETCH_LEAVES: Final = STRETCH * TILE_WIDTH
_CACHED_TILES: Final = 8
"""A folder of openings covers a thousand leaves: four or five entry tiles."""


class ExportFiles(Protocol):
    """The files of one exported log, named by their path below its folder."""

    def paths(self) -> Iterable[str]:
        """Every file that lies there, whatever it is, the files of one folder together."""
        ...

    def read(self, path: str, limit: int) -> bytes | None:
        """The bytes of a file, at most one more than `limit`; None where there is no such file."""
        ...


class LogAudit:
    """Verifies one exported log; after `run` the attributes say what was verified."""

    def __init__(
        self,
        files: ExportFiles,
        *,
        directory: str = "",
        trusted: Sequence[VerifierKey] = (),
        spread: Spread = map,
        noted: Callable[[Noted], None] | None = None,
        handed: Callable[[int, bytes, bytes], None] | None = None,
    ) -> None:
        """Prepare.

        Args:
            files: the export.
            directory: the folder's name, to be that of the origin; empty where it lies flat.
            trusted: log keys known from elsewhere; where given, the log's must be among them.
            spread: has the stretches of the log judged; `map` does it here, one by one.
            noted: is given what the leaves of each tile say, in the order of the log, before it is
                known whether they are the log's.
            handed: is given index, header and payload of each opening of a closed kind that opens
                its leaf.
        """
        self._files = files
        self._directory = directory
        self._trusted = trusted
        self._spread = spread
        self._noted = noted
        self._handed = handed
        self._leaves: dict[int, Sequence[bytes]] = {}
        self.checkpoint: Checkpoint | None = None
        self.cosigners: tuple[str, ...] = ()
        self.openings = 0

    def run(self) -> Iterator[Finding]:
        """Verify everything; an export without a finding is exactly what its log's key signed."""
        for number, finding in enumerate(self._all()):
            if number == MAX_FINDINGS:
                message = f"more than {MAX_FINDINGS} findings; the rest was not looked at"
                yield Finding(code="export.too-much-wrong", path="", message=message)
                return
            yield finding

    def _all(self) -> Iterator[Finding]:
        yield from self._head()
        if self.checkpoint is not None:  # else nothing says how large the log is
            yield from self._tree(self.checkpoint)
            yield from self._others(self.checkpoint)

    # ------------------------------------------------------------------ A1, A2

    def _head(self) -> Iterator[Finding]:
        try:
            keys = _parse_keys(self._files.read(VKEY, MAX_KEYS_FILE))
        except FormatError as error:
            yield Finding(code="vkey.malformed", path=VKEY, message=str(error))
            return
        if self._trusted and keys[0] not in self._trusted:
            message = f"the log's key {keys[0]} is none of those that are trusted"
            yield Finding(code="vkey.untrusted", path=VKEY, message=message)
        data = self._files.read(CHECKPOINT, MAX_NOTE_SIZE)
        try:
            signed = open_checkpoint(b"" if data is None else data, keys[0])
            _check_origin(signed.checkpoint.origin)
        except CryptoError as error:
            yield Finding(code="checkpoint.invalid", path=CHECKPOINT, message=str(error))
            return
        self.checkpoint = signed.checkpoint
        if self._directory not in ("", directory_name(signed.checkpoint.origin)):
            message = f"expected the folder {directory_name(signed.checkpoint.origin)}"
            yield Finding(code="export.misnamed", path=CHECKPOINT, message=message)
        cosigners: list[str] = []
        for line in signed.note.signatures:
            if (line.name, line.key_id) == (keys[0].name, keys[0].key_id):
                continue
            try:
                cosigners.append(_cosigner(signed.note.text, line, keys))
            except CryptoError as error:
                yield Finding(code="checkpoint.cosignature", path=CHECKPOINT, message=str(error))
        self.cosigners = tuple(dict.fromkeys(cosigners))

    # ------------------------------------------------------------------ A3, A4, A5 (open kinds)

    def _tree(self, checkpoint: Checkpoint) -> Iterator[Finding]:
        tree = TreeAudit(self._files.read, checkpoint)
        judge = partial(
            _judge_stretch,
            self._files.read,
            checkpoint.origin,
            checkpoint.size,
            noting=self._noted is not None,
        )
        for tiles in self._spread(judge, range(-(-checkpoint.size // _STRETCH_LEAVES))):
            for tile in tiles:
                self.openings += tile.openings
                if self._noted is not None and tile.noted is not None:
                    self._noted(tile.noted)
                yield from tree.add(tile)
        yield from tree.finish()

    # ------------------------------------------------------------------ A5 (closed kinds), A6

    def _others(self, checkpoint: Checkpoint) -> Iterator[Finding]:
        commit = Committer(checkpoint.origin)
        for path in self._files.paths():
            top = path.partition("/")[0]
            if path in (CHECKPOINT, VKEY) or (
                top == TILES and _tile_belongs(path, checkpoint.size)
            ):
                continue
            index = _opening_index(path, checkpoint.size) if top == OPENINGS else None
            leaf = None if index is None else self._leaf(index, checkpoint.size)
            if index is None:
                message = "this file is no part of the log at this size"
                yield Finding(code="file.unexpected", path=path, message=message)
            elif leaf is not None and not is_open(leaf):
                data = self._files.read(path, MAX_OPENING_FILE)
                wrong = judge_opening(commit, path, b"" if data is None else data, leaf)
                if wrong is None:
                    self.openings += 1
                    if self._handed is not None and data is not None:
                        self._handed(index, leaf[:HEADER_SIZE], parse_opening(data).payload)
                else:
                    yield wrong

    def _leaf(self, index: int, size: int) -> bytes | None:
        """The leaf of an opening; None where its entry tile is broken, which was said before."""
        number, offset = divmod(index, TILE_WIDTH)
        if number not in self._leaves:
            width = min(TILE_WIDTH, size - number * TILE_WIDTH)
            data = self._files.read(tile_path("entries", number, width), MAX_ENTRY_TILE)
            while len(self._leaves) >= _CACHED_TILES:
                self._leaves.pop(next(iter(self._leaves)))
            try:
                self._leaves[number] = parse_leaves(data or b"", width)
            except FormatError:
                self._leaves[number] = ()
        leaves = self._leaves[number]
        return leaves[offset] if leaves else None


def _judge_stretch(
    read: Read,
    origin: str,
    size: int,
    number: int,
    *,
    noting: bool,
) -> list[TileFacts]:
    """Judge the tiles of one stretch of a log of this size, the last of which may be partial."""
    first = number * STRETCH
    count = min(STRETCH, -(-size // TILE_WIDTH) - first)
    tiles = [
        (tile, min(TILE_WIDTH, size - tile * TILE_WIDTH)) for tile in range(first, first + count)
    ]
    return judge_tiles(read, origin, tiles, noting=noting)


def _check_origin(origin: str) -> None:
    """Check that a log is named as a log may be named (SPEC §2.4).

    Raises:
        FormatError: it is not.
    """
    if not ORIGIN_FORM.fullmatch(origin):
        message = f"expected an origin such as name.example/1, got {origin[:200]!r}"
        raise FormatError(message)


def _parse_keys(data: bytes | None) -> list[VerifierKey]:
    if data is None or len(data) > MAX_KEYS_FILE or not data.endswith(b"\n"):
        message = "expected verifier keys, one a line"
        raise FormatError(message)
    try:
        lines = data.decode().removesuffix("\n").split("\n")
    except UnicodeDecodeError as error:
        message = "verifier keys are not UTF-8"
        raise FormatError(message) from error
    keys = [VerifierKey.parse(line) for line in lines]
    if keys[0].type is not KeyType.NOTE or len(set(keys)) != len(keys):
        message = "expected the log's key first, and each key once"
        raise FormatError(message)
    if any(key.type is not KeyType.COSIGNATURE for key in keys[1:]):
        message = "expected keys of cosigners after the log's"
        raise FormatError(message)
    return keys


def _cosigner(text: str, line: SignatureLine, keys: Sequence[VerifierKey]) -> str:
    """Verify one line under the log's own; a line of no listed key could be anything."""
    cosignatures = verify_cosignatures(Note(text=text, signatures=(line,)), keys[1:])
    if not cosignatures:
        message = f"signature of {line.name} {line.key_id.hex()}, whose key is not in {VKEY}"
        raise FormatError(message)
    return cosignatures[0].key.name


def _tile_belongs(path: str, size: int) -> bool:
    try:
        return tile_expected(size, *parse_tile_path(path))
    except FormatError:
        return False


def _opening_index(path: str, size: int) -> int | None:
    try:
        index = parse_opening_path(path)
    except FormatError:
        return None
    return index if index < size else None

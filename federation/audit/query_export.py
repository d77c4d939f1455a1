"""A query log that was exported (`huxin access export`), verified by somebody who trusts no node.

    QX1 the key is the one that a charter names for the log; who brings no charter has only the
        folder's own word for it
    QX2 the newest checkpoint is signed by the key, its root is that of the tree which the entries
        make, and so is every hash tile; every entry is a leaf of a query log
    QX3 every other checkpoint that the key signed, of the folder or as another member kept it, has
        the root that this tree had at its size: a larger one says that entries were taken away
    QX4 a promise is signed by the key, says of the query what stands beside it in the asker's file,
        and its leaf stands in the tree and says the same query and time: else one entry could be
        shown for several questions
    QX5 it stood there by the time at which another member first cosigned a checkpoint that covers
        it; where none did, that it was asked is proved, and by when is not

What was asked and answered is not in an export: only the node's own check opens it
(`huxin access verify`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from crypto.checkpoint import SignedCheckpoint, open_checkpoint
from crypto.cosignature import verify_cosignatures
from crypto.errors import CryptoError
from crypto.keys import VerifierKey
from crypto.merkle import EMPTY_ROOT, Frontier, leaf_hash, leaf_hashes, root_of
from crypto.notes import MAX_NOTE_SIZE
from crypto.strict import b64_strict
from crypto.tiles import (
    TILE_SIZE,
    TILE_WIDTH,
    entry_tiles_for_size,
    parse_entry_tile,
    tile_path,
    tiles_for_size,
)
from federation.audit.verification import ExportFiles
from federation.errors import RefusedError
from federation.ids import Timestamp
from federation.screening.query_log import (
    LEAF_SIZE,
    EntryKind,
    LeafHeader,
    Promised,
    parse_leaf,
    parse_promise,
    verify_promise,
)

CHECKPOINT: Final = "checkpoint"
KEPT: Final = "checkpoints/"
MAX_NOTE: Final = MAX_NOTE_SIZE
_MAX_TILE: Final = TILE_WIDTH * (LEAF_SIZE + 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that does not hold; the message is `中文 / English`."""

    code: str
    where: str
    """File, or what the auditor called it."""
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseSeen:
    """A promise that holds."""

    name: str
    query_id: bytes
    at: Timestamp
    """As the node says, in what it signed."""
    index: int
    by: Timestamp | None
    """When others vouched for a checkpoint with it (QX5)."""


@dataclass(slots=True, kw_only=True)
class QueryExport:
    """What an export shows."""

    key: VerifierKey
    size: int = 0
    root: bytes = EMPTY_ROOT
    headers: list[tuple[bytes, Timestamp]] = field(default_factory=list)
    """Query and time of each entry, in their places."""
    vouched: list[tuple[int, Timestamp]] = field(default_factory=list)
    """Sizes that other members cosigned, each with its earliest time."""
    promises: list[PromiseSeen] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def found(self, code: str, where: str, zh: str, en: str) -> None:
        """Keep a finding."""
        self.findings.append(Finding(code=code, where=where, message=f"{zh} / {en}"))


def audit_query_export(
    files: ExportFiles,
    key: VerifierKey,
    *,
    witnesses: Sequence[VerifierKey] = (),
    promises: Mapping[str, bytes] | None = None,
    seen: Mapping[str, bytes] | None = None,
) -> QueryExport:
    """Verify an export (QX2–QX5).

    Args:
        files: of its folder.
        key: of the query log.
        witnesses: keys of other members.
        promises: what askers hold, by the name of its file: the note, or the answer's `promise`.
        seen: checkpoints of this log as other members kept them, by the name of the file.
    """
    export = QueryExport(key=key)
    newest = _opened(export, CHECKPOINT, files.read(CHECKPOINT, MAX_NOTE), witnesses)
    if newest is None:
        return export
    export.size, export.root = newest.checkpoint.size, newest.checkpoint.root
    signed = [(CHECKPOINT, newest)]
    for path in sorted(files.paths()):
        if path.startswith(KEPT):
            one = _opened(export, path, files.read(path, MAX_NOTE), witnesses)
            signed += [] if one is None else [(path, one)]
    for name, data in sorted((seen or {}).items()):
        one = _opened(export, name, data, witnesses)
        signed += [] if one is None else [(name, one)]
    export.vouched.sort()
    wanted = {one.checkpoint.size for _, one in signed}
    places, roots = _tree(export, files, wanted)
    if places is None:
        return export
    for name, one in signed:
        _compare(export, name, one, roots)
    for name, data in sorted((promises or {}).items()):
        _promise(export, name, data, places)
    return export


def _opened(
    export: QueryExport, name: str, data: bytes | None, witnesses: Sequence[VerifierKey]
) -> SignedCheckpoint | None:
    """A checkpoint that the log's key signed, and when others cosigned it."""
    if data is None:
        export.found("queries.checkpoint", name, "没有这个文件", "expected this file, got none")
        return None
    try:
        signed = open_checkpoint(data, export.key)
    except CryptoError as error:
        zh = f"不是 {export.key.name} 的日志签名"
        export.found("queries.checkpoint", name, zh, f"no checkpoint of {export.key.name}: {error}")
        return None
    try:
        lines = verify_cosignatures(signed.note, witnesses)
    except CryptoError as error:
        export.found("queries.cosignature", name, "见证签名无效", f"a cosignature is bad: {error}")
        return signed
    if lines:
        first = min(line.timestamp for line in lines)
        export.vouched.append((signed.checkpoint.size, Timestamp(first)))
    return signed


def _tree(
    export: QueryExport, files: ExportFiles, wanted: set[int]
) -> tuple[dict[bytes, int] | None, dict[int, bytes]]:
    """Place of each leaf by its hash, and the roots at the sizes asked for (QX2)."""
    frontier, roots = Frontier.empty(), {0: EMPTY_ROOT}
    hashes: list[bytes] = []
    for number, width in entry_tiles_for_size(export.size):
        path = tile_path("entries", number, width)
        leaves = _entries(files.read(path, _MAX_TILE))
        if len(leaves) != width:
            zh = f"应有 {width} 个条目，实有 {len(leaves)}"
            en = f"expected {width} entries, got {len(leaves)}"
            export.found("queries.tile", path, zh, en)
            return None, roots
        for leaf, one in zip(leaves, leaf_hashes(leaves), strict=True):
            _said_openly(export, path, leaf)
            frontier = frontier.extend([one])
            hashes.append(one)
            if frontier.size in wanted:
                roots[frontier.size] = frontier.root()
    below = hashes
    for level, tiles in _by_level(export.size):
        for number, width in tiles:
            path = tile_path(level, number, width)
            right = below[number * TILE_WIDTH : number * TILE_WIDTH + width]
            if files.read(path, TILE_SIZE) != b"".join(right):
                zh, en = "不是各条目算出的哈希", "these are not the hashes that the entries give"
                export.found("queries.tile", path, zh, en)
        full = len(below) // TILE_WIDTH
        below = [root_of(below[n * TILE_WIDTH : (n + 1) * TILE_WIDTH]) for n in range(full)]
    places: dict[bytes, int] = {}
    for index, one in enumerate(hashes):
        places.setdefault(one, index)  # QL3: it has its place once
    return places, roots


def _said_openly(export: QueryExport, path: str, leaf: bytes) -> None:
    """Keep what an entry says openly (QX2)."""
    try:
        header, _ = parse_leaf(leaf)
    except RefusedError:
        if not export.findings or export.findings[-1].where != path:  # a tile is named once
            index = len(export.headers)
            zh, en = f"第 {index} 条不是查询日志的叶", f"entry {index} is no leaf of a query log"
            export.found("queries.leaf", path, zh, en)
        export.headers.append((b"", Timestamp(0)))
    else:
        export.headers.append((header.query_id, header.at))


def _by_level(size: int) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    levels: dict[int, list[tuple[int, int]]] = {}
    for level, number, width in tiles_for_size(size):
        levels.setdefault(level, []).append((number, width))
    yield from sorted(levels.items())


def _entries(data: bytes | None) -> list[bytes]:
    try:
        return parse_entry_tile(data or b"")
    except CryptoError:
        return []


def _compare(
    export: QueryExport, name: str, signed: SignedCheckpoint, roots: Mapping[int, bytes]
) -> None:
    """QX3."""
    size = signed.checkpoint.size
    if size > export.size:
        zh = f"已签到 {size} 条，导出只有 {export.size} 条：条目被拿掉，或者导出较旧"
        en = (
            f"{size} entries were signed, the export has {export.size}: entries were taken away, "
            "or the export is older"
        )
        export.found("queries.behind", name, zh, en)
    elif signed.checkpoint.root != roots[size]:
        zh = f"{size} 条时的根不是各条目算出的根：签过两份历史，或者条目被改动"
        en = (
            f"at {size} entries the tree has not the root that was signed: two histories were "
            "signed, or an entry was changed"
        )
        export.found("queries.root", name, zh, en)


def _promise(export: QueryExport, name: str, data: bytes, places: Mapping[bytes, int]) -> None:
    """QX4, QX5."""
    try:
        promised = read_promise(data, export.key)
    except (RefusedError, CryptoError) as error:
        text = str(error)
        zh, divided, en = text.partition(" / ")
        if not divided:
            zh, en = f"不是 {export.key.name} 签署的承诺，或者签后改过", text
        export.found("queries.promise", name, zh, en)
        return
    index = places.get(promised.leaf_hash)
    if index is None:
        zh = f"承诺的查询 {promised.query_id.hex()} 不在日志的 {export.size} 条中"
        en = f"query {promised.query_id.hex()} was promised, and is not among {export.size} entries"
        export.found("queries.promise-broken", name, zh, en)
        return
    if export.headers[index] != (promised.query_id, promised.at):
        zh = f"所承诺的叶（第 {index} 条）是另一次查询的：一个条目被当作几次查询的记录"
        en = (
            f"the leaf that was promised, entry {index}, is of another query: one entry was shown "
            "for several"
        )
        export.found("queries.promise-broken", name, zh, en)
        return
    by = min((time for size, time in export.vouched if size > index), default=None)
    export.promises.append(
        PromiseSeen(name=name, query_id=promised.query_id, at=promised.at, index=index, by=by)
    )


def read_promise(data: bytes, key: VerifierKey) -> Promised:
    """Read what an asker holds, and check who signed it (QX4).

    Raises:
        RefusedError: `queries.promise`: another log's, or another text beside the note.
        CryptoError: the note is none, or not signed by the key.
    """
    said = _said(data)
    note = data if said is None else str(said.get("note", "")).encode()
    promised = verify_promise(note, key)
    promise_note(data)
    return promised


def promise_note(data: bytes) -> bytes:
    """The signed note of what an asker holds: the note itself, or the promise that an answer has.

    What stands beside the note must say the same: it is what people read, and nobody signed it.

    Raises:
        RefusedError: `queries.promise`: it says something else.
        CryptoError: there is no signed note.
    """
    said = _said(data)
    if said is None:
        return data
    note = str(said.get("note", "")).encode()
    promised = parse_promise(note)
    signed = {"origin": promised.origin, "query_id": promised.query_id.hex(), "at": promised.at}
    wrong = [name for name, value in signed.items() if name in said and said[name] != value]
    if "commitment" in said and not _commits(promised, said["commitment"]):
        wrong.append("commitment")
    if wrong:
        listed = ", ".join(wrong)
        message = (
            f"{listed} 与所签的不同，签后改过 / {listed}: not what was signed, changed afterwards"
        )
        raise RefusedError("queries.promise", message)
    return note


def _said(data: bytes) -> Mapping[str, Any] | None:
    """What stands in an asker's file: `promise` of an answer, or the answer; None: a bare note."""
    try:
        said = json.loads(data)
    except ValueError:
        return None
    if isinstance(said, dict) and isinstance(said.get("promise"), dict):
        said = said["promise"]
    return said if isinstance(said, dict) else {}


def _commits(promised: Promised, commitment: object) -> bool:
    """Whether the leaf that was promised has this commitment."""
    try:
        committed = b64_strict(str(commitment))
    except CryptoError:
        return False
    headers = (
        LeafHeader(kind=kind, query_id=promised.query_id, at=promised.at) for kind in EntryKind
    )
    return any(leaf_hash(one.to_bytes() + committed) == promised.leaf_hash for one in headers)

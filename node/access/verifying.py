"""Whether the query log is what was signed (`huxin access verify`): rows, tiles, notes, promises.

The tree is computed again from the entry tiles and compared with every checkpoint that is kept,
each row with its leaf, what it holds with its commitment, the tags with what it holds. A finding
names a code, the place in the log and the query's id; what is gone is known by the leaf alone.

    queries.checkpoint        the signed checkpoint is missing, false, or of another size
    queries.behind            the store holds less than the mark says was signed
    queries.root              the tree has another root than a checkpoint says
    queries.tile              a tile is missing, or is not what its leaves make
    queries.row-missing       a leaf without its row: it was removed
    queries.row-changed       a row that is not its leaf's, or one that says a place beyond the log
    queries.content-missing   content erased before its term
    queries.content-changed   content that is not what the leaf committed to, or does not open
    queries.tags-changed      by what a row is found is not what it holds
    queries.waiting           a row that has waited for its place for more than a minute
    queries.cosignature       a line of a witness that does not hold
    queries.promise-broken    a promise whose leaf is not in the log, or is of another query
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from adapters.sql.query_logs import QueryLogHead, QueryTiles, query_log_head, query_notes_of
from adapters.sql.query_rows import QueryRow, rows_between, rows_outside, subject_tags
from adapters.sql.query_store import QueryReads, QueryStore
from crypto.checkpoint import open_checkpoint
from crypto.cosignature import verify_cosignatures
from crypto.errors import CryptoError
from crypto.keys import VerifierKey
from crypto.merkle import EMPTY_ROOT, Frontier, leaf_hashes
from crypto.tiles import TILE_WIDTH, parse_entry_tile
from federation.errors import RefusedError
from federation.ids import Origin, Timestamp
from federation.ports.highwater import HighWater
from federation.screening.query_log import Promised, parse_leaf, verify_promise
from node.access.query_log import QueryLog, epoch_of
from node.log.cosigning import named_in
from node.log.tiles import ENTRIES

FINDINGS_MAX: Final = 1000
"""Named one by one; of more there is a count."""
WAIT_SECONDS: Final = 60


@dataclass(slots=True)
class _Report:
    findings: list[dict[str, Any]] = field(default_factory=list)
    more: int = 0
    rows: int = 0
    erased: int = 0
    waiting: int = 0
    promised: dict[bytes, bytes] = field(default_factory=dict)
    """The leaves that are looked for, by their hashes."""

    def found(self, code: str, message: str, *, index: int | None = None, query: str = "") -> None:
        if len(self.findings) == FINDINGS_MAX:
            self.more += 1
            return
        self.findings.append({"code": code, "index": index, "query_id": query, "message": message})


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """An epoch of the query log: its key, and its mark."""

    key: VerifierKey
    high_water: HighWater

    @property
    def origin(self) -> Origin:
        """`queries.<node>/<epoch>`."""
        return Origin(self.key.name)


class QueryAudit:
    """Compares the query store with what was signed; only reads."""

    def __init__(
        self,
        *,
        log: QueryLog,
        epochs: Sequence[Epoch],
        store: QueryStore,
        cosigners: Callable[[], Sequence[VerifierKey]],
        now: Callable[[], Timestamp],
        keep_seconds: int,
    ) -> None:
        """Wire it.

        Args:
            log: opens rows.
            epochs: of the query log, the one that goes on last.
            store: the query store.
            cosigners: keys of other members, by today's charters.
            now: trusted time.
            keep_seconds: how long content is kept.
        """
        self._log = log
        self._epochs = epochs
        self._store = store
        self._cosigners = cosigners
        self._now = now
        self._keep_seconds = keep_seconds

    def verify(self, promises: Sequence[bytes] = ()) -> dict[str, Any]:
        """Look through all of it, each epoch in one snapshot.

        Args:
            promises: signed notes that askers were given.
        """
        *former, last = self._epochs
        own: dict[VerifierKey, list[bytes]] = {one.key: [] for one in self._epochs}
        for note in promises:
            own[self._signer_of(note)].append(note)
        ended = [self._verified(one, own[one.key]) for one in former]
        report = self._verified(last, own[last.key])
        ok = report["ok"] and all(one["ok"] for one in ended)
        return report | {"promises": len(promises), "former": ended, "ok": ok}

    def _signer_of(self, note: bytes) -> VerifierKey:
        """The epoch whose key is named in a promise; the last for what names none."""
        text = note.decode(errors="replace")
        named = (one.key for one in self._epochs if f"\n{one.origin}\n" in text)
        return next(named, self._epochs[-1].key)

    def _verified(self, one: Epoch, promises: Sequence[bytes]) -> dict[str, Any]:
        report = _Report()
        wanted = self._promised(report, one.key, promises)
        epoch = epoch_of(one.origin)
        with self._store.read() as reads:
            head = query_log_head(reads, epoch) or QueryLogHead(log=epoch, origin=one.origin)
            notes = self._notes(reads, one.key, head, report)
            signed = {size: root for size, root, _ in notes}
            mark = one.high_water.load()
            if mark is not None:
                if mark[0] > head.size:
                    text = f"{mark[0]} leaves were signed, the store holds {head.size}"
                    report.found("queries.behind", text)
                signed.setdefault(*mark)
            self._tree(reads, head, report, signed, wanted)
            for row in rows_outside(reads, epoch, head.size):
                self._outside(row, report)
        for one_promised in wanted:
            name = one_promised.query_id.hex()
            leaf = report.promised.get(one_promised.leaf_hash)
            if leaf is None:
                report.found("queries.promise-broken", "promised, and not in the log", query=name)
            elif not _keeps(one_promised, leaf):
                text = f"the leaf that was promised is of another query, {_id(leaf)}"
                report.found("queries.promise-broken", text, query=name)
        return {
            "origin": one.origin,
            "key": str(one.key),
            "size": head.size,
            "signed": head.note_size,
            "rows": report.rows,
            "erased": report.erased,
            "waiting": report.waiting,
            "cosigned": [{"size": size, "by": by} for size, _, by in notes if by],
            "promises": len(promises),
            "findings": report.findings,
            "more": report.more,
            "ok": not report.findings,
        }

    def _promised(
        self, report: _Report, key: VerifierKey, promises: Sequence[bytes]
    ) -> list[Promised]:
        found: list[Promised] = []
        for note in promises:
            try:
                found.append(verify_promise(note, key))
            except (RefusedError, CryptoError) as error:
                report.found("queries.promise", str(error))
        return found

    def _notes(
        self, reads: QueryReads, key: VerifierKey, head: QueryLogHead, report: _Report
    ) -> list[tuple[int, bytes, list[str]]]:
        """Size, root and witnesses of the checkpoints whose signatures hold."""
        kept = [(size, note) for size, _, note in query_notes_of(reads, head.log)]
        if head.note or head.size:
            kept.append((head.note_size, head.note))
        keys, found = self._cosigners(), []
        for size, note in kept:
            try:
                signed = open_checkpoint(note, key)
            except CryptoError as error:
                report.found("queries.checkpoint", f"checkpoint of size {size}: {error}")
                continue
            if signed.checkpoint.size != size:
                text = f"the checkpoint of size {size} says {signed.checkpoint.size}"
                report.found("queries.checkpoint", text)
            by: list[str] = []
            try:
                lines = verify_cosignatures(signed.note, named_in([signed.note], keys))
                by = sorted({line.key.name for line in lines})
            except CryptoError as error:
                report.found("queries.cosignature", f"checkpoint of size {size}: {error}")
            found.append((signed.checkpoint.size, signed.checkpoint.root, by))
        return found

    def _tree(
        self,
        reads: QueryReads,
        head: QueryLogHead,
        report: _Report,
        signed: dict[int, bytes],
        wanted: Sequence[Promised],
    ) -> None:
        frontier, sought = Frontier.empty(), {one.leaf_hash for one in wanted}
        self._root_at(frontier, signed, report)
        for number, leaves in self._entries(reads, head, report):
            begin = number * TILE_WIDTH
            hashes = leaf_hashes(leaves)
            at = dict(zip(hashes, leaves, strict=True))
            report.promised |= {one: at[one] for one in sought & at.keys()}
            if not self._tile(reads, head.log, 0, number).startswith(b"".join(hashes)):
                report.found("queries.tile", f"hash tile {number} is not its entries'", index=begin)
            self._rows(reads, head.log, begin, leaves, report)
            for one in hashes:
                frontier = frontier.extend([one])
                self._root_at(frontier, signed, report)

    def _entries(
        self, reads: QueryReads, head: QueryLogHead, report: _Report
    ) -> Iterator[tuple[int, list[bytes]]]:
        for number in range(-(-head.size // TILE_WIDTH)):
            width = min(TILE_WIDTH, head.size - number * TILE_WIDTH)
            try:
                leaves = parse_entry_tile(self._tile(reads, head.log, ENTRIES, number))[:width]
            except CryptoError:
                leaves = []
            if len(leaves) < width:
                text = f"entry tile {number}: {len(leaves)} of {width} entries"
                report.found("queries.tile", text, index=number * TILE_WIDTH)
                return
            yield number, leaves

    def _tile(self, reads: QueryReads, log: int, level: int, number: int) -> bytes:
        try:
            return QueryTiles(reads).tiles(log, level, [number])[0]
        except KeyError:
            return b""

    def _root_at(self, frontier: Frontier, signed: dict[int, bytes], report: _Report) -> None:
        root = signed.get(frontier.size)
        if root is not None and root != (frontier.root() if frontier.size else EMPTY_ROOT):
            text = f"at size {frontier.size} the tree has not the root that was signed"
            report.found("queries.root", text, index=frontier.size)

    def _rows(
        self, reads: QueryReads, log: int, begin: int, leaves: Sequence[bytes], report: _Report
    ) -> None:
        held = {row.index: row for row in rows_between(reads, log, begin, begin + len(leaves))}
        tags = subject_tags(reads, [row.place for row in held.values()])
        for offset, leaf in enumerate(leaves):
            index = begin + offset
            row = held.get(index)
            if row is None:
                report.found(
                    "queries.row-missing",
                    f"the row of {_said(leaf)} was removed",
                    index=index,
                    query=_id(leaf),
                )
                continue
            report.rows += 1
            if not _is_of(row, leaf):
                report.found(
                    "queries.row-changed",
                    f"the row of {_said(leaf)} was changed",
                    index=index,
                    query=_id(leaf),
                )
                continue
            self._content(row, tags.get(row.place, frozenset()), report, reads)

    def _content(
        self, row: QueryRow, tags: frozenset[bytes], report: _Report, reads: QueryReads
    ) -> None:
        name = row.query_id.hex()
        try:
            entry = self._log.entry(row)
        except (CryptoError, RefusedError) as error:
            report.found("queries.content-changed", str(error), index=row.index, query=name)
            return
        if entry is None:
            report.erased += 1
            if row.at + self._keep_seconds > self._now():
                text = f"what was recorded at {row.at} was erased before its term"
                report.found("queries.content-missing", text, index=row.index, query=name)
        elif (self._log.tags(entry), self._log.department(entry.department)) != (
            tags,
            row.department,
        ):
            text = "the row is found by other subjects or departments than it holds"
            report.found("queries.tags-changed", text, index=row.index, query=name)
        elif not self._log.holds_asked(reads, row, entry):
            text = "the set of those asked about is not the one that the row names"
            report.found("queries.tags-changed", text, index=row.index, query=name)

    def _outside(self, row: QueryRow, report: _Report) -> None:
        name = row.query_id.hex()
        if row.index is not None:
            text = f"a row says the place {row.index}, which the log does not have"
            report.found("queries.row-changed", text, index=row.index, query=name)
            return
        report.waiting += 1
        if row.at + WAIT_SECONDS < self._now():
            text = f"recorded at {row.at}, and not in the log yet"
            report.found("queries.waiting", text, query=name)


def _is_of(row: QueryRow, leaf: bytes) -> bool:
    """Whether a row is the one of its leaf."""
    try:
        header, _ = parse_leaf(leaf)
    except RefusedError:
        return False
    said = header.query_id, int(header.kind), int(header.at)
    return row.leaf == leaf and (row.query_id, row.kind, row.at) == said


def _id(leaf: bytes) -> str:
    try:
        return parse_leaf(leaf)[0].query_id.hex()
    except RefusedError:
        return ""


def _keeps(promised: Promised, leaf: bytes) -> bool:
    """Whether a leaf is the record of the query of which it was promised (QX4)."""
    try:
        header, _ = parse_leaf(leaf)
    except RefusedError:
        return False
    return (header.query_id, header.at) == (promised.query_id, promised.at)


def _said(leaf: bytes) -> str:
    try:
        header, _ = parse_leaf(leaf)
    except RefusedError:
        return "a leaf that cannot be read"
    return f"query {header.query_id.hex()}, recorded at {header.at}"

"""Rows of the tables as values of the ports, and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row

from federation.ids import CharterId, Origin, Timestamp
from federation.payloads import Audience
from federation.ports.journal import JournalEntry
from federation.ports.store import LogHead

HEAD_CHANGES: Final = (
    "size",
    "applied_to",
    "reconciled_to",
    "delivered_to",
    "receipted_to",
    "note",
    "note_size",
    "witnessed_size",
    "witnessed_root",
    "seen",
)
"""Columns of `logs` that change; a field of `LogHead` each."""
HEAD_COLUMNS: Final = ", ".join(("log", "origin", "ours", *HEAD_CHANGES))
"""Those of `logs`, as `head_from_row` reads them."""


def head_from_row(row: Sequence[Any]) -> LogHead:
    """Read `HEAD_COLUMNS` and `forked`, which is whether `forks` holds a file for the log."""
    log, origin, ours, size, applied_to, reconciled_to, delivered_to, receipted_to, *rest = row
    note, note_size, witnessed_size, witnessed_root, seen, forked = rest
    return LogHead(
        log=log,
        origin=Origin(origin),
        ours=bool(ours),
        size=size,
        applied_to=applied_to,
        reconciled_to=reconciled_to,
        delivered_to=delivered_to,
        receipted_to=receipted_to,
        note=note,
        note_size=note_size,
        witnessed_size=witnessed_size,
        witnessed_root=witnessed_root,
        seen=seen,
        forked=bool(forked),
    )


def head_to_row(head: LogHead) -> dict[str, object]:
    """Give the columns of a head that change; `forked` follows from `forks`."""
    return {name: getattr(head, name) for name in HEAD_CHANGES}


def encode_audience(audience: Audience) -> tuple[bytes, str]:
    """Give the one encoding of an audience, and the SHA-256 by which it is found.

    Members stand there only where there are any: what was kept before there could be keeps both.
    """
    charters = [charter.hex() for charter in audience.charters]
    parts = [charters, list(audience.purposes)]
    if audience.members:
        parts.append(list(audience.members))
    encoded = json.dumps(parts, separators=(",", ":"))
    return hashlib.sha256(encoded.encode()).digest(), encoded


def decode_audience(encoded: str) -> Audience:
    """Read what `encode_audience` wrote."""
    charters, purposes, *members = json.loads(encoded)
    return Audience(
        charters=tuple(CharterId(bytes.fromhex(charter)) for charter in charters),
        purposes=tuple(purposes),
        members=tuple(members[0]) if members else (),
    )


def entry_from_row(row: Row[tuple[object, ...]]) -> JournalEntry:
    """Read a row of `journal`."""
    return JournalEntry(
        at=Timestamp(row.at),
        kind=row.kind,
        log=row.log,
        index=row.idx,
        tag=row.tag,
        until=row.until,
        body=row.body,
    )


def entry_to_row(entry: JournalEntry) -> dict[str, object]:
    """Give the columns of a journal entry; its number is given by the database."""
    return {
        "at": entry.at,
        "kind": entry.kind,
        "log": entry.log,
        "idx": entry.index,
        "tag": entry.tag,
        "until": entry.until,
        "body": entry.body,
    }

"""What the high-water mark says of the database beside it (ADR 0015); decides, and does nothing.

    the mark, or what remains of it, is beyond the database   `high-water.ahead`
    the database has another root there                       `high-water.other-root`
    no mark, or a damaged one                                 `high-water.missing`
    else                                                      signing goes on

What was committed beyond the mark and never signed is signed at once where any of it relieves or
spares a subject, else when all else may be signed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from crypto.checkpoint import peek_checkpoint
from crypto.merkle import EMPTY_ROOT
from federation.errors import RefusedError
from federation.ids import Origin
from federation.ports.store import LogHead, ReadSession
from node.log.startup_check import waits

MISSING: Final = "high-water.missing"
PAGE: Final = 1024
"""Rows looked at together."""


def compare(
    mark: tuple[int, bytes] | None,
    remains: tuple[int, bytes] | None,
    head: LogHead,
    root_at: Callable[[int], bytes],
) -> RefusedError | None:
    """Why nothing may be signed, or None.

    Args:
        mark: None where it is missing or damaged.
        remains: what a damaged mark still shows. It says what was signed at the least: persons and
            members may make the mark again, but not below it.
        head: of our own log in the database.
        root_at: the database's root at a size of at most the head's.
    """
    known = mark or remains
    if known is not None:
        size, root = known
        if size > head.size:
            return RefusedError(
                "high-water.ahead",
                f"this node signed {size} leaves, but its database holds {head.size} (a restored "
                "backup?); nothing is signed until huxin recover has refilled it, or the newer "
                "database is back",
            )
        if size == 0 and root != EMPTY_ROOT:
            return RefusedError("high-water.corrupt", "the mark of size 0 has not the empty root")
        if root_at(size) != root:
            return other_root(size)
    if mark is None:
        return RefusedError(
            MISSING,
            "the high-water mark is missing or damaged beside a used key; nothing is signed until "
            "state/high-water is back, two members have said how much of our log they hold, "
            "or two persons say: huxin recover --go-on",
        )
    if head.note and peek_checkpoint(head.note).size > head.size:
        return RefusedError("high-water.ahead", "the stored note is larger than the database")
    return None


def relieves_beyond(session: ReadSession, head: LogHead, size: int) -> bool:
    """Whether any leaf from `size` on relieves or spares a subject, so that none of it may wait."""
    return any(
        not waits(row.kind, row.action)
        for begin in range(size, head.size, PAGE)
        for row in session.rows_between(head.log, begin, min(begin + PAGE, head.size))
    )


def forked(origin: Origin) -> RefusedError:
    """Of a log with two histories."""
    return RefusedError(
        "own-log.forked",
        f"a proof is held that two histories of {origin} were signed; nothing is signed in this "
        "epoch any more; the members must be told",
    )


def other_root(size: int) -> RefusedError:
    """Of a database that holds another history than was signed."""
    return RefusedError(
        "high-water.other-root",
        f"the database's root at size {size} is not the one that was signed; restore the database "
        "that belongs to it",
    )

"""Our own log: statements become leaves, leaves become a checkpoint.

Pure part of publishing. The order (commit → high-water mark → sign → persist the note → show) is
kept by `node.log.publisher`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from crypto.commitment import Committer
from federation.errors import RefusedError
from federation.facts import PayloadFacts
from federation.ids import NO_STATEMENT, Origin, StatementId, Timestamp
from federation.statements import MAX_PAYLOAD, SALT_SIZE, Header, Opening


class Draft(NamedTuple):
    """A statement about to be said; `payload` is serialised once, here for ever."""

    kind: int
    statement_id: StatementId
    payload: bytes
    action: int = 0
    flags: int = 0
    about: StatementId = NO_STATEMENT
    facts: PayloadFacts | None = None
    """What was found in the payload when it was serialised; None where it is to be read."""
    tag: bytes | None = None
    """`StatementRow.tag`, where it was made already."""


class Sealed(NamedTuple):
    """A statement as it will stand in the log: leaf bytes and opening."""

    draft: Draft
    leaf: bytes
    opening: Opening


def make_leaves(
    origin: Origin, drafts: Sequence[Draft], salts: bytes, issued_at: Timestamp
) -> list[Sealed]:
    """Turn drafts into leaves, in order.

    Args:
        origin: our current epoch.
        drafts: statements with fresh random ids.
        salts: 32 fresh random bytes for each draft, joined.
        issued_at: the claimed time.

    Raises:
        RefusedError: `payload.long`, a payload over 32 KiB; `salts`, their number is wrong.
    """
    if len(salts) != SALT_SIZE * len(drafts):
        message = f"expected {SALT_SIZE * len(drafts)} bytes of salts, got {len(salts)}"
        raise RefusedError("salts", message)
    commit = Committer(origin).commit
    sealed: list[Sealed] = []
    for number, draft in enumerate(drafts):
        if len(draft.payload) > MAX_PAYLOAD:
            message = f"expected a payload of at most {MAX_PAYLOAD} bytes, got {len(draft.payload)}"
            raise RefusedError("payload.long", message)
        header = Header(
            kind=draft.kind,
            action=draft.action,
            flags=draft.flags,
            issued_at=issued_at,
            statement_id=draft.statement_id,
            about=draft.about,
        ).pack()
        salt = salts[number * SALT_SIZE : (number + 1) * SALT_SIZE]
        sealed.append(
            Sealed(
                draft=draft,
                leaf=header + commit(salt, header, draft.payload),
                opening=Opening(salt=salt, payload=draft.payload),
            )
        )
    return sealed

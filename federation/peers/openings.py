"""Openings as peers deliver them, and what their absence means.

    R7  an opening opens the commitment of its leaf; else the deliverer is blamed, the opening is
        dropped and asked for by another path, and the leaf stands

Absent openings are claims of the deliverer (SPEC §9.5, ADR 0009):

    E1  of an open kind, and of a relief, an absent opening is a pending one
    E2  ERASED is a pending one: that it is erased follows from the origin's own ERASURE alone
        (`federation.life.settling`)
    E3  NOT_FOR_YOU is believed of the origin's own node; of anybody else it is a pending one, until
        the origin's own node was asked (`node.network.pull`)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, Protocol, TypeAlias

from crypto.commitment import Committer
from crypto.errors import CryptoError
from federation.ids import Origin
from federation.rows import RELIEF_KINDS, OpeningStatus
from federation.statements import HEADER_SIZE, LEAF_SIZE, LEAF_VERSION, OPEN_KINDS

Commit: TypeAlias = Callable[[bytes, bytes, bytes], bytes]


class DeliveredOpening(NamedTuple):
    """An opening as delivered: its status on the wire, and salt and payload where present."""

    status: int
    salt: bytes = b""
    payload: bytes = b""
    erased_by: int = 0
    """Index of the ERASURE leaf plus one where it is erased; 0 not known. Decides nothing (E2)."""


_NEVER_ABSENT: Final = OPEN_KINDS | frozenset(RELIEF_KINDS)

PENDING: Final = DeliveredOpening(OpeningStatus.PENDING)
_NOT_FOR_US: Final = DeliveredOpening(OpeningStatus.NOT_FOR_US)


class OpeningCheck(Protocol):
    """`check_openings`."""

    def __call__(
        self,
        origin: Origin,
        first_index: int,
        leaves: Sequence[bytes],
        openings: Sequence[DeliveredOpening],
        *,
        by_origin: bool,
    ) -> tuple[tuple[DeliveredOpening, ...], tuple[int, ...]]:
        """Check openings of proved leaves."""
        ...


def check_openings(
    origin: Origin,
    first_index: int,
    leaves: Sequence[bytes],
    openings: Sequence[DeliveredOpening],
    *,
    by_origin: bool = False,
) -> tuple[tuple[DeliveredOpening, ...], tuple[int, ...]]:
    """Check delivered openings against their leaves (R7, E1-E3).

    Args:
        origin: the log.
        first_index: of the first leaf.
        leaves: exact bytes.
        openings: one for each, as delivered.
        by_origin: whether the origin's own node delivered them.

    Returns:
        The openings, with `PENDING` where one did not open or its absence is not believed, and
        the indices of those that did not open.
    """
    commit = Committer(origin).commit
    checked: list[DeliveredOpening] = []
    misopened: list[int] = []
    for offset, (leaf, opening) in enumerate(zip(leaves, openings, strict=True)):
        status = opening.status
        if len(leaf) != LEAF_SIZE or leaf[0] != LEAF_VERSION or status != OpeningStatus.PRESENT:
            checked.append(absent(leaf, status, by_origin=by_origin))
        elif _opens(commit, leaf, opening):
            checked.append(opening)
        else:
            misopened.append(first_index + offset)
            checked.append(PENDING)
    return tuple(checked), tuple(misopened)


def _opens(commit: Commit, leaf: bytes, opening: DeliveredOpening) -> bool:
    try:
        computed = commit(opening.salt, leaf[:HEADER_SIZE], opening.payload)
    except CryptoError:
        return False
    return computed == leaf[HEADER_SIZE:]


def absent(leaf: bytes, status: int, *, by_origin: bool) -> DeliveredOpening:
    """What an absent opening means (E1-E3).

    Open kinds are for everyone and never erased; reliefs are kept for every node until the
    longest period ends, and a deliverer that says otherwise could keep a relief from a record.
    """
    if status == OpeningStatus.NOT_FOR_US and by_origin and may_be_absent(leaf):
        return _NOT_FOR_US
    return PENDING


def may_be_absent(leaf: bytes) -> bool:
    """Whether an opening of this leaf's kind may be kept from a reader at all (E1)."""
    return len(leaf) <= 1 or leaf[1] not in _NEVER_ABSENT

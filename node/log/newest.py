"""The leaves that were appended last, so that peers can be sent them without reading them again.

A single statement is what peers wait for; each of twenty would else read, open and prove it anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from federation.ids import Origin
from federation.life.reading import Examined
from federation.payloads import Audience
from federation.peers.openings import DeliveredOpening
from federation.rows import OpeningStatus
from federation.statements import Kind

FEW: Final = 4
"""More leaves than this are read from the store."""
SHORT: Final = 16 * 1024
"""Bytes of payloads, likewise: those of each log are kept until its next checkpoint."""
_KNOWN: Final = (OpeningStatus.PRESENT, OpeningStatus.PENDING, OpeningStatus.NOT_FOR_US)


class NewOpening(NamedTuple):
    """An opening as it came, and what decides who may have it."""

    opening: DeliveredOpening
    kind: int
    audience: Audience | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    """Leaves of one transaction.

    Attributes:
        first: index of the first.
        leaves: exact bytes.
        openings: of each.
        written: `Store.written` when they were shown; they are as they were until it grows.
    """

    first: int
    leaves: tuple[bytes, ...]
    openings: tuple[NewOpening, ...]
    written: int = -1


class Newest:
    """What the ledger appended last; on the writer thread."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._origin = Origin("")
        self._appended: Appended | None = None

    def keep(
        self,
        origin: Origin,
        first: int,
        leaves: Sequence[bytes],
        openings: Sequence[DeliveredOpening],
        examined: Sequence[Examined],
    ) -> None:
        """Keep what is being appended, where it is little; its transaction may yet fail.

        Nothing is kept that an ERASURE came with: what comes back of a log of ours may bring the
        opening that it says is erased, and the transaction that appends both erases it.
        """
        self._origin, self._appended = origin, None
        if len(leaves) > FEW or sum(len(opening.payload) for opening in openings) > SHORT:
            return
        if any(one.opening not in _KNOWN or one.header is None for one in examined):
            return
        kinds = [0 if one.header is None else one.header.kind for one in examined]
        if len(kinds) > 1 and Kind.ERASURE in kinds:  # alone it is about what came before
            return
        self._appended = Appended(
            first=first,
            leaves=tuple(leaves),
            openings=tuple(
                NewOpening(
                    opening
                    if one.opening == OpeningStatus.PRESENT
                    else opening._replace(status=one.opening, salt=b"", payload=b""),
                    0 if one.header is None else one.header.kind,
                    one.facts.audience,
                )
                for opening, one in zip(openings, examined, strict=True)
            ),
        )

    def shown(self, origin: Origin, size: int, written: int) -> Appended | None:
        """What was appended last, where it is of this log and ends at the size that is shown.

        A transaction that failed left the log shorter, and the next one is kept in its place. It is
        shown once: when the same size is shown again, as with each new head, what was written
        since may have erased an opening.
        """
        last = self._appended
        if last is None or self._origin != origin or last.first + len(last.leaves) != size:
            return None
        self._appended = None
        return replace(last, written=written)

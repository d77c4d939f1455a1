"""Who said of a log that it had less than others had vouched for long before.

AD17 a mirror line says what its node holds. Where it names a size although others had vouched for
     a larger one a day before, its node was behind by then: it is named with both times, and
     accused of nothing, for a line that was down looks like a hub that delays or withholds
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from crypto.cosignature import claimed_time
from crypto.keys import VerifierKey
from federation.audit.histories import Seen
from federation.audit.months import LATEST
from federation.ids import Timestamp

BEHIND_SECONDS: Final = 86_400
"""So long a member may be without what others have."""


class Behind(NamedTuple):
    """That a member was behind with a log."""

    member: str
    size: int
    at: Timestamp
    """When it said that it held so many leaves."""
    others: int
    since: Timestamp
    """When others first vouched for more, and for how many."""


class _Line(NamedTuple):
    at: int
    size: int
    member: str
    mirror: bool


def behind(
    seen: Iterable[Seen],
    mirrors: Mapping[VerifierKey, str],
    witnesses: Mapping[VerifierKey, str],
) -> list[Behind]:
    """Of each member the longest time by which it was behind with a log.

    Args:
        seen: checkpoints of one history, with lines that were verified.
        mirrors: of other nodes than the log's, each with the member whose key it is.
        witnesses: likewise.
    """
    lines = sorted(set(_lines(seen, mirrors, witnesses)))
    firsts = _firsts(lines)
    worst: dict[str, Behind] = {}
    for line in lines:
        if not line.mirror:
            continue
        later = bisect_right(firsts, line.size, key=lambda one: one.size)
        if later == len(firsts) or firsts[later].at + BEHIND_SECONDS > line.at:
            continue
        more = firsts[later]
        found = Behind(line.member, line.size, Timestamp(line.at), more.size, Timestamp(more.at))
        held = worst.get(line.member)
        if held is None or found.at - found.since > held.at - held.since:
            worst[line.member] = found
    return [worst[member] for member in sorted(worst)]


def _lines(
    seen: Iterable[Seen],
    mirrors: Mapping[VerifierKey, str],
    witnesses: Mapping[VerifierKey, str],
) -> Iterable[_Line]:
    by_id = {(key.name, key.key_id): (who, False) for key, who in witnesses.items()}
    by_id |= {(key.name, key.key_id): (who, True) for key, who in mirrors.items()}
    for one in seen:
        for line in one.signed.note.signatures:
            if (known := by_id.get((line.name, line.key_id))) is not None:
                at = min(claimed_time(line), LATEST)
                yield _Line(at, one.signed.checkpoint.size, *known)


def _firsts(lines: Iterable[_Line]) -> list[_Line]:
    """The lines by which the log first was larger than ever before, by size and time."""
    found: list[_Line] = []
    for line in lines:
        if not found or line.size > found[-1].size:
            found.append(line)
    return found

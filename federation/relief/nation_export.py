"""What an export of 信用中国 says against what stands here: wrong and missed repairs 错修、漏修.

An export is a table that a city downloads; it is compared, and nothing in it is a statement.

    NE1 what a row says has ended, and is in force here, is stopped here at once: of our own log by
        an annotation that pauses it, of another city's by holding it from use in this city until
        persons decide, of which the origin is told. Once for a listing: what persons resumed or
        decided to use afterwards stays as they said
    NE2 what a row shows still, and a relief has ended here, is a line of the letter to 信用中国
    NE3 no row lists, resumes, releases or revives anything, whatever it says
    NE4 absence says something only in an export that is marked as full, of our own listings, on
        the lists that it names, and only up to a share of those; beyond it none of the absent is
        paused until two persons say that they are right
    NE5 a row finds listings by subject, document and, where it names one, list; where it names
        another subject than the listing does it counts for nothing (F21)
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from enum import StrEnum
from typing import Final

from federation.errors import RefusedError
from federation.life.life import STANDING
from federation.record_key import RecordKey, normalise_document, same_subject
from federation.rows import State

TOO_MUCH_ABSENT: Final = "comparison.too-much-absent"
STOPPED: Final = "comparison.ended-there"
STILL_SHOWN: Final = "comparison.still-shown-there"

RELIEVED: Final = (State.REPAIRED, State.WITHDRAWN)


class Step(StrEnum):
    """What follows for one listing; the value is the word in the result."""

    PAUSE = "paused"
    """Ended there, in force in our log: paused."""
    HOLD = "held"
    """Ended there, in force in another city's: not used here until persons decide."""
    WAITS = "stopped-before"
    """Ended there, and paused or held before; or persons decided after that."""
    LETTER = "still-shown"
    """Shown there, relieved here."""
    AGREES = "agrees"


def step(*, ended: bool, state: State, ours: bool, stopped: bool) -> Step:
    """Say what follows from a row for a listing that it finds (NE1-NE3).

    Args:
        ended: the row says so; else that it is shown.
        state: of the listing today.
        ours: it stands in our own log.
        stopped: it is paused, or a comparison stopped it before, whatever persons said then.
    """
    if state in RELIEVED:
        return Step.AGREES if ended else Step.LETTER
    if not ended or state not in STANDING:
        return Step.AGREES
    if stopped:
        return Step.WAITS
    return Step.PAUSE if ours else Step.HOLD


def fits(
    record: RecordKey, names: Iterable[tuple[str, str]], document: str, list_type: str
) -> bool:
    """Whether a row is about a record (NE5).

    Args:
        record: of a listing.
        names: scheme and code of the row's subject, by which else it is known.
        document: number of the listing's document as the row has it.
        list_type: id; empty where the row names none.
    """
    return (
        same_subject(record.scheme, record.code) in {same_subject(*name) for name in names}
        and normalise_document(record.document) == normalise_document(document)
        and list_type in ("", record.list_type)
    )


def check_absent(absent: Collection[object], standing: Sequence[object], share_max: float) -> None:
    """Refuse to pause what is absent from a full export where it is too much (NE4).

    Args:
        absent: our listings that no row names.
        standing: all of ours that stand on the lists of the export.
        share_max: share allowed, 0 to 1.

    Raises:
        RefusedError: `comparison.too-much-absent`.
    """
    if len(absent) > share_max * len(standing):
        message = (
            f"全量导出缺少本地在列 {len(standing)} 条中的 {len(absent)} 条，超过 {share_max:.0%}："
            "缺少的一条也未暂停；导出若完整无误，由两人确认（--much-absent） / "
            f"{len(absent)} of {len(standing)} listings are absent from the full export, expected "
            f"at most {share_max:.0%}: none of them was paused. If the export is whole, two "
            "persons say so: --much-absent"
        )
        raise RefusedError(TOO_MUCH_ABSENT, message)

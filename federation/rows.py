"""The derived row of a statement, as the rules write it and the store keeps it.

One row for each leaf of each log held, whatever its kind. Rows are derived: they can be dropped
and computed again from leaves, openings and journal. They hold no name and no code in clear:
subjects and records stand in them as keyed tags (`federation.record_key.record_tag`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from enum import IntEnum
from operator import itemgetter
from typing import Final, NamedTuple

from federation.record_key import SUBJECT_TAG_SIZE
from federation.statements import OPEN_KINDS, AnnotationAction, Kind


class State(IntEnum):
    """State of a row. 1-5 are the codes of `log_state` (SPEC §6.6)."""

    ACTIVE = 1
    MASKED = 2
    PAUSED = 3
    REPAIRED = 4
    WITHDRAWN = 5
    EXPIRED = 6
    """Given by the clock when a record is read; stored only where the origin's ERASURE says it
    (L15)."""
    HELD = 7
    REJECTED = 8
    SET_ASIDE = 9
    IN_FORCE = 10
    """A statement that is no listing, and acts."""
    SUPERSEDED = 11
    """A scenario that a later one replaced or closed; given when it is shown, never stored."""


class OpeningStatus(IntEnum):
    """Whether this node holds the opening of a leaf. 1-4 as on the wire."""

    PRESENT = 1
    NOT_FOR_US = 2
    ERASED = 3
    PENDING = 4


LISTED_KINDS: Final = (Kind.LISTING, Kind.COMMENDATION, Kind.PENALTY)
"""Kinds that have a life of their own."""

ADVERSE_KINDS: Final = (Kind.LISTING, Kind.PENALTY)
"""What stands against a subject: judged by the reader's catalog, told in `log_state`. Only a
LISTING may ever punish; a PENALTY is a note."""

JUDGED_KINDS: Final = LISTED_KINDS
"""What a reader judges by its own catalog before it uses it: against its subject, or for it."""

RELIEF_KINDS: Final = (Kind.REPAIR, Kind.WITHDRAWAL)

NOT_YOURS: Final = "about.not-yours"
"""Rule of an act in force whose speaker may not act on what it names (SPEC §5.3): it reaches
nothing by that name. A relief among them still ends the copies of its record (L2)."""

_NEVER_ERASED: Final = frozenset({0, *RELIEF_KINDS, *OPEN_KINDS})
"""Kinds of which no absent opening is believed to be erased; 0 where a leaf has no header."""

ACT_KINDS: Final = (
    Kind.CORRECTION,
    Kind.ANNOTATION,
    Kind.REPAIR,
    Kind.WITHDRAWAL,
    Kind.RELISTING,
)
"""Kinds that act on another statement by `about`."""


class StatementRow(NamedTuple):
    """One leaf as the rules see it. Tuples, because a batch has a thousand of them."""

    log: int
    idx: int
    statement_id: bytes
    kind: int
    action: int
    flags: int
    about: bytes | None
    """None where the leaf has zeros."""
    opening: int
    """`OpeningStatus`."""
    tag: bytes | None
    """Of the record (24 bytes), or of the subject alone (16) where there is no more."""
    audience: int | None
    """Number under which the store keeps the audience; None for open kinds and unopened leaves."""
    list_type: str
    authority: str
    decided_on: int
    until: int
    """Last day of publication, YYYYMMDD; 0 not stated or not known."""
    state: int
    rule: str
    """Stable code of the rule behind `state`, or of the doubt for which nothing is punished."""
    header_state: int
    """Of `ADVERSE_KINDS`: the state that the headers of the own log alone give (`log_state`)."""
    names: bytes | None
    current: int
    """For listed kinds: index (own log) of the leaf whose payload is in force."""

    @property
    def record_tag(self) -> bytes | None:
        """Lookup tag of the record, where one is known."""
        tag = self.tag
        return tag if tag is not None and len(tag) > SUBJECT_TAG_SIZE else None

    @property
    def subject_tag(self) -> bytes | None:
        """Likewise of the subject."""
        return None if self.tag is None else self.tag[:SUBJECT_TAG_SIZE]


def is_act(row: StatementRow) -> bool:
    """Whether a row says something about another statement that its life depends on."""
    return row.about is not None and (
        row.kind in ACT_KINDS or row.kind == Kind.ERASURE or row.rule in UNKNOWN_RULES
    )


def suspends_late(row: StatementRow) -> bool:
    """Whether a row, said under a delegation that had ended, still suspends what it names (L13).

    What is in the subject's favour: a relief, the beginning of a masking or of a pause.
    """
    return row.kind in RELIEF_KINDS or (
        row.kind == Kind.ANNOTATION
        and row.action in (AnnotationAction.MASKING_BEGUN, AnnotationAction.PAUSED)
    )


def proves_erasure(row: StatementRow) -> bool:
    """Whether a row is an opened ERASURE, which its origin may say.

    It has a ground: S5 lets none without one be in force.
    """
    return (
        row.kind == Kind.ERASURE
        and row.state == State.IN_FORCE
        and row.opening == OpeningStatus.PRESENT
    )


def was_read(row: StatementRow) -> bool:
    """Whether what an act's opening says counts: it is held, or this node read and erased it.

    Of one that was erased before it came here nothing is known, neither names.
    """
    return row.opening == OpeningStatus.PRESENT or (
        row.opening == OpeningStatus.ERASED and row.names is not None
    )


def may_be_erased(row: StatementRow) -> bool:
    """Whether a row's opening is absent, and the origin's ERASURE would be believed of it (E2)."""
    return (
        row.opening in (OpeningStatus.PENDING, OpeningStatus.NOT_FOR_US)
        and row.kind not in _NEVER_ERASED
    )


UNKNOWN_RULES: Final = frozenset({"kind.unknown", "action.unknown", "leaf.version"})
"""Rules that set an unreadable statement aside; with flag bit 0 it suspends what it is about."""


def by_log(places: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    """Group (log, index) places, because a set-based question is about one log."""
    grouped: dict[int, list[int]] = defaultdict(list)
    for log, index in sorted(places, key=itemgetter(0)):
        grouped[log].append(index)
    return grouped

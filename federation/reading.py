"""Leaves and openings become rows: what each statement is, and whether its speaker may say it.

Rules (stable codes stand in `rule` of the row):

    S1  leaf.short            fewer than 44 bytes: only mirrored
    S2  leaf.version          another version: set aside, flag bit 0 still read (design §4)
    S3  kind.unknown          set aside, never applied, never a reason to stop
    S4  action.unknown        likewise
    S5  payload.*             opened, but not a valid payload of its kind: set aside
    S6  payload.min-reader    this reader is too old for it: held, never applied
    S7  entitlement.*         the speaker may not say this here: set aside; relief never is
    S8  about.missing         a kind that acts on another statement names none: set aside
    S9  relisting.about       a RELISTING whose `about` is not the first relief that it names

A listing whose opening is not held has the rule `opening.missing`: it does not punish (L10).

Relief (REPAIR, WITHDRAWAL) and the beginnings of masking and pause act on the header alone, so
S5 and S6 do not stop them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, Protocol

from federation.errors import StatementError
from federation.facts import PayloadFacts, PayloadReader
from federation.ids import NO_STATEMENT, Origin
from federation.life import OPENING_MISSING
from federation.payloads import Audience
from federation.ports import Tagger
from federation.replication import DeliveredOpening
from federation.rows import (
    ACT_KINDS,
    LISTED_KINDS,
    RELIEF_KINDS,
    OpeningStatus,
    State,
    StatementRow,
)
from federation.statements import (
    ACTIONS,
    HEADER_SIZE,
    LEAF_SIZE,
    LEAF_VERSION,
    AnnotationAction,
    Header,
    Kind,
    parse_header,
)

_NO_FACTS: Final = PayloadFacts()
_HEADER_ONLY_ANNOTATIONS: Final = (
    AnnotationAction.OBJECTION_OPENED,
    AnnotationAction.MASKING_BEGUN,
    AnnotationAction.PAUSED,
)


class Rights(Protocol):
    """What the charters allow; answered by `federation.trust`."""

    def fault(
        self,
        origin: Origin,
        index: int,
        kind: int,
        list_type: str,
        authority: str,
        audience: Audience | None,
    ) -> str:
        """Code for which the origin may not issue this statement, or empty where it may.

        Takes no clock: an expired charter stops punishment, not reading.
        """
        ...

    def relief_reaches(self, origin: Origin, index: int, authority: str) -> bool:
        """Whether a charter of the reader makes the origin competent for this authority."""
        ...

    def within_cut(self, origin: Origin, index: int) -> bool:
        """Whether the leaf lies within a segment of its origin in any charter."""
        ...


class ReadStatement(NamedTuple):
    """A row and the record key from which its tag was made (empty where not opened)."""

    row: StatementRow
    key: bytes


class StatementReading:
    """Reads the statements of one log; keeps the answers of the charters it has asked for."""

    def __init__(
        self,
        *,
        log: int,
        origin: Origin,
        payloads: PayloadReader,
        tagger: Tagger,
        rights: Rights,
        audience_number: Callable[[Audience], int],
    ) -> None:
        self._log = log
        self._origin = origin
        self._payloads = payloads
        self._tagger = tagger
        self._rights = rights
        self._audience_number = audience_number

    def read(
        self,
        first_index: int,
        leaves: Sequence[bytes],
        openings: Sequence[DeliveredOpening],
    ) -> list[ReadStatement]:
        """Read consecutive leaves with their checked openings."""
        return [
            self._read_one(first_index + offset, leaf, opening)
            for offset, (leaf, opening) in enumerate(zip(leaves, openings, strict=True))
        ]

    def _read_one(self, index: int, leaf: bytes, opening: DeliveredOpening) -> ReadStatement:
        if len(leaf) < HEADER_SIZE:
            return ReadStatement(self._short(index), b"")
        header = parse_header(leaf)
        kind = header.kind
        about = None if header.about == NO_STATEMENT else header.about
        rule, state, facts = _header_rule(header, leaf), State.SET_ASIDE, _NO_FACTS
        if not rule:
            rule, state, facts = self._opened(index, header, opening)
        key = facts.key
        row = StatementRow(
            self._log,
            index,
            header.statement_id,
            kind,
            header.action,
            header.flags,
            about,
            opening.status,
            self._tagger.lookup(key) if key else None,
            self._tagger.lookup(facts.subject) if facts.subject else None,
            None if facts.audience is None else self._audience_number(facts.audience),
            facts.list_type,
            facts.authority,
            facts.decided_on,
            facts.publish_until,
            state,
            rule,
            State.ACTIVE,
            facts.names or None,
            index,
        )
        return ReadStatement(row, key)

    def _opened(
        self, index: int, header: Header, opening: DeliveredOpening
    ) -> tuple[str, State, PayloadFacts]:
        """Rule, state and facts of a statement whose header is known (S5-S7)."""
        kind = header.kind
        standing = State.ACTIVE if kind in LISTED_KINDS else State.IN_FORCE
        if opening.status != OpeningStatus.PRESENT:
            return OPENING_MISSING if kind in LISTED_KINDS else "", standing, _NO_FACTS
        try:
            facts = self._payloads.facts(kind, opening.payload)
        except StatementError as error:
            if _acts_on_header(kind, header.action):
                return "", standing, _NO_FACTS
            held = error.code == "payload.min-reader"
            return error.code, State.HELD if held else State.SET_ASIDE, _NO_FACTS
        if kind in RELIEF_KINDS:
            return "", standing, facts
        if kind == Kind.RELISTING and facts.names[:16] != header.about:
            return "relisting.about", State.SET_ASIDE, facts
        rule = self._rights.fault(
            self._origin, index, kind, facts.list_type, facts.authority, facts.audience
        )
        return rule, State.SET_ASIDE if rule else standing, facts

    def _short(self, index: int) -> StatementRow:
        return StatementRow(
            log=self._log,
            idx=index,
            statement_id=bytes(NO_STATEMENT),
            kind=0,
            action=0,
            flags=0,
            about=None,
            opening=OpeningStatus.NOT_FOR_US,
            record_tag=None,
            subject_tag=None,
            audience=None,
            list_type="",
            authority="",
            decided_on=0,
            until=0,
            state=State.SET_ASIDE,
            rule="leaf.short",
            header_state=State.ACTIVE,
            names=None,
            current=index,
        )


def _header_rule(header: Header, leaf: bytes) -> str:
    """Code for which a statement is set aside by its header alone, or empty (S2-S4, S8)."""
    if header.version != LEAF_VERSION or len(leaf) != LEAF_SIZE:
        return "leaf.version"
    if header.kind not in ACTIONS:
        return "kind.unknown"
    if header.action not in ACTIONS[header.kind]:
        return "action.unknown"
    if header.kind in ACT_KINDS and header.about == NO_STATEMENT:
        return "about.missing"
    return ""


def _acts_on_header(kind: int, action: int) -> bool:
    """Whether a statement takes effect on the proved leaf alone (design §3)."""
    return kind in RELIEF_KINDS or (kind == Kind.ANNOTATION and action in _HEADER_ONLY_ANNOTATIONS)

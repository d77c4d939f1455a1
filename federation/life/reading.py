"""Leaves and openings become rows: what each statement is, and whether its speaker may say it.

Rules (stable codes stand in `rule` of the row):

    S1  leaf.short            fewer than 44 bytes: only mirrored
    S2  leaf.version          another version: set aside, flag bit 0 still read (SPEC §5.3)
    S3  kind.unknown          set aside, never applied, never a reason to stop
    S4  action.unknown        likewise
    S5  payload.*             opened, but not a valid payload of its kind: set aside
    S6  payload.min-reader    this reader is too old for it: held, never applied
    S7  entitlement.*         the speaker may not say this here: set aside; relief never is
    S8  about.missing         a kind that acts on another statement names none: set aside
    S9  relisting.about       a RELISTING whose `about` is not the first relief that it names
    S11 request.body          a REQUEST whose payload does not fit its action: set aside

A listing whose opening is not held has the rule `opening.missing`: it does not punish (L10).

Relief (REPAIR, WITHDRAWAL) and the beginnings of masking and pause act on the header alone, so
S5 and S6 do not stop them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Final, NamedTuple, Protocol

from federation.charters.entitlement import ListingRules
from federation.errors import StatementError
from federation.facts import PayloadFacts, PayloadReader, RequestBody
from federation.ids import NO_STATEMENT, Origin, Timestamp
from federation.life.life import OPENING_MISSING
from federation.payloads import Audience
from federation.peers.openings import DeliveredOpening
from federation.ports.store import Lookup
from federation.record_key import record_tag
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
    RequestAction,
    parse_header,
)

_NO_FACTS: Final = PayloadFacts()
_HEADER_ONLY_ANNOTATIONS: Final = (
    AnnotationAction.OBJECTION_OPENED,
    AnnotationAction.MASKING_BEGUN,
    AnnotationAction.PAUSED,
)


_ANSWERS: Final = (RequestBody.ANSWER, RequestBody.REASONED_ANSWER)
_BODIES: Final[dict[int, tuple[RequestBody, ...]]] = {
    **dict.fromkeys(RequestAction, _ANSWERS),
    RequestAction.FORWARDED: (RequestBody.SUBMISSION,),
    RequestAction.DECLINED: (RequestBody.REASONED_ANSWER,),
}
"""What the payload of a REQUEST may be, by its action (S11)."""


class Rights(Protocol):
    """What the charters allow; answered by `federation.charters.trust`."""

    def listing_rules(self, origin: Origin) -> ListingRules:
        """What this origin may say; its `fault` is asked for each statement (S7)."""
        ...

    def relief_reaches(self, origin: Origin, index: int, authority: str, copy: Origin) -> bool:
        """Whether one charter makes the leaf competent for the authority and names the copy's log.

        For the reader's own logs, and what it imports, that it names the reader's node is enough.
        """
        ...

    def competent(self, origin: Origin, index: int, authority: str) -> bool:
        """Whether a charter of the reader makes the leaf competent for this authority."""
        ...

    def within_cut(self, origin: Origin, index: int) -> bool:
        """Whether the leaf lies within a segment of its origin in any charter."""
        ...


class Examined(NamedTuple):
    """What a leaf and its opening say by themselves, and whether its speaker may say it."""

    header: Header | None
    """None where the leaf is too short to have one."""
    opening: int
    """`OpeningStatus`."""
    rule: str
    state: int
    facts: PayloadFacts
    tag: bytes | None
    """`StatementRow.tag`."""


class ReadStatement(NamedTuple):
    """A row and what the opened payload says (nothing where it is not opened)."""

    row: StatementRow
    facts: PayloadFacts

    @property
    def key(self) -> bytes:
        """The record key from which the row's tag was made; empty where not opened."""
        return self.facts.key


UNASKED: Final = "?"
"""Rule of a statement that was read without the charters: S7 is still to be asked. Never stored."""


def _unasked(*_statement: object) -> str:
    return UNASKED


Said = tuple[PayloadFacts | None, bytes | None]
"""Facts and tag of a payload that was made here; None of what is to be found out."""
_NOTHING_SAID: Final[Said] = (None, None)


class StatementReading:
    """Examines the statements of one log; needs no store, so it can run ahead of it.

    Without the charters (`rights` is None) what they are to be asked for has the rule `UNASKED`.
    """

    def __init__(
        self, *, origin: Origin, payloads: PayloadReader, tagger: Lookup, rights: Rights | None
    ) -> None:
        self._payloads = payloads
        self._lookup = tagger.lookup
        self._fault = _unasked if rights is None else rights.listing_rules(origin).fault

    def examine(
        self,
        first_index: int,
        leaves: Sequence[bytes],
        openings: Sequence[DeliveredOpening],
        said: Sequence[Said] = (),
    ) -> list[Examined]:
        """Examine consecutive leaves with their checked openings.

        Args:
            first_index: of the first leaf.
            leaves: exact bytes.
            openings: checked against the leaves.
            said: of statements of our own, what was found in their payloads when they were
                serialised, by this same reader, and is not read again. All rules are asked.
        """
        known = said or repeat(_NOTHING_SAID, len(leaves))
        return [
            self._examine_one(index, leaf, opening, *one)
            for index, (leaf, opening, one) in enumerate(
                zip(leaves, openings, known, strict=True), first_index
            )
        ]

    def _examine_one(
        self,
        index: int,
        leaf: bytes,
        opening: DeliveredOpening,
        said: PayloadFacts | None,
        tag: bytes | None,
    ) -> Examined:
        if len(leaf) < HEADER_SIZE:
            return _SHORT
        header = parse_header(leaf)
        rule, state, facts = _header_rule(header, leaf), State.SET_ASIDE, _NO_FACTS
        if not rule:
            rule, state, facts = self._opened(index, header, opening, said)
        elif rule in _KIND_IS_KNOWN and opening.status == OpeningStatus.PRESENT:
            facts = self._addressed(header.kind, opening.payload)
        return Examined(
            header,
            opening.status,
            rule,
            state,
            facts,
            (tag or self._tag(facts)) if facts.subject else None,
        )

    def _tag(self, facts: PayloadFacts) -> bytes:
        if facts.key:
            return record_tag(self._lookup, facts.subject, facts.key)
        return self._lookup(facts.subject)

    def _opened(
        self, index: int, header: Header, opening: DeliveredOpening, said: PayloadFacts | None
    ) -> tuple[str, State, PayloadFacts]:
        """Rule, state and facts of a statement whose header is known (S5-S7)."""
        kind = header.kind
        standing = State.ACTIVE if kind in LISTED_KINDS else State.IN_FORCE
        if opening.status != OpeningStatus.PRESENT:
            return OPENING_MISSING if kind in LISTED_KINDS else "", standing, _NO_FACTS
        try:
            facts = self._payloads.facts(kind, opening.payload) if said is None else said
        except StatementError as error:
            held = error.code == "payload.min-reader"
            facts = self._addressed(kind, opening.payload)
            if _acts_on_header(kind, header.action):
                return "", standing, facts
            return error.code, State.HELD if held else State.SET_ASIDE, facts
        if kind in RELIEF_KINDS:
            return "", standing, facts
        if kind == Kind.RELISTING and facts.names[:16] != header.about:
            return "relisting.about", State.SET_ASIDE, facts
        if kind == Kind.REQUEST and not fits_action(header.action, facts.body):
            return "request.body", State.SET_ASIDE, facts
        return *self.entitled(index, kind, facts), facts

    def entitled(self, index: int, kind: int, facts: PayloadFacts) -> tuple[str, State]:
        """Rule and state of a statement of which all but its speaker's right is known (S7)."""
        rule = self._fault(index, kind, facts.list_type, facts.authority, facts.audience)
        if rule:
            return rule, State.SET_ASIDE
        return "", State.ACTIVE if kind in LISTED_KINDS else State.IN_FORCE

    def _addressed(self, kind: int, payload: bytes) -> PayloadFacts:
        """What is known of a payload that is not read: whom it is for.

        Others, newer than this reader, may read it; and it stays and goes on by R8 and §7.5 like
        any other.
        """
        return PayloadFacts(audience=self._payloads.audience(kind, payload))


def fits_action(action: int, body: int) -> bool:
    """Whether the payload of a REQUEST (`RequestBody`) fits its action (S11)."""
    return body in _BODIES.get(action, ())


def misdirected(
    may_keep: Callable[[int, Audience], bool], first_index: int, examined: Sequence[Examined]
) -> dict[int, Audience]:
    """Find openings that a peer should not have handed to us (R8).

    Args:
        may_keep: whether one of this kind and audience may stay here.
        first_index: of the first statement.
        examined: consecutive statements.

    Returns:
        Index and audience of each opening that must be left out.
    """
    found: dict[int, Audience] = {}
    case: tuple[int, Audience] | None = None
    kept = True
    for index, one in enumerate(examined, first_index):
        audience = one.facts.audience
        if audience is None or one.header is None:
            continue
        if case is None or case[1] is not audience or case[0] != one.header.kind:
            case = (one.header.kind, audience)  # asked only where it changes
            kept = may_keep(*case)
        if not kept:
            found[index] = audience
    return found


_KIND_IS_KNOWN: Final = frozenset({"action.unknown", "about.missing"})
"""Codes of a header for which a statement is set aside though its payload could be read."""

_SHORT: Final = Examined(
    None, OpeningStatus.NOT_FOR_US, "leaf.short", State.SET_ASIDE, _NO_FACTS, None
)
_NO_HEADER: Final = Header(kind=0, issued_at=Timestamp(0), statement_id=NO_STATEMENT)


_ACTIVE: Final = int(State.ACTIVE)


def rows_of(
    log: int,
    first_index: int,
    examined: Sequence[Examined],
    audience_number: Callable[[Audience], int],
) -> list[ReadStatement]:
    """Make the rows of consecutive leaves of a log, by its number in the store.

    With bare numbers, as they come back from it: for others a driver looks for an adapter.
    """
    statements: list[ReadStatement] = []
    audience: Audience | None = None
    number: int | None = None
    for index, (header, opening, rule, state, facts, tag) in enumerate(examined, first_index):
        kind, _, statement_id, action, flags, about, _ = header or _NO_HEADER
        if facts.audience is not audience:  # hashing an audience costs more than the rest of a row
            audience = facts.audience
            number = None if audience is None else audience_number(audience)
        row = StatementRow(
            log,
            index,
            statement_id,
            kind,
            action,
            flags,
            None if about == NO_STATEMENT else about,
            int(opening),
            tag,
            number,
            facts.list_type,
            facts.authority,
            facts.decided_on,
            facts.publish_until,
            int(state),
            rule,
            _ACTIVE,
            facts.names or None,
            index,
        )
        statements.append(ReadStatement(row, facts))
    return statements


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
    """Whether a statement takes effect on the proved leaf alone (SPEC §5.3)."""
    return kind in RELIEF_KINDS or (kind == Kind.ANNOTATION and action in _HEADER_ONLY_ANNOTATIONS)

"""The story of one record across all logs held: who said what when, and what proves it.

From the listing, or anything said about it, to all copies of the record, all that was said about
them, when each relief arrived at each member (RP2), and the receipts of members. A time is that at
which others vouched (RP1), for an arrival the member itself, else only what the speaker claims.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from federation.errors import RefusedError
from federation.ids import Origin, StatementId, Timestamp
from federation.names import ANNOTATION_ACTIONS, KINDS
from federation.ports.store import LogHead, ReadSession
from federation.reconcile.receipts import ReceiptOutcome
from federation.relief.progress import is_relief
from federation.rows import LISTED_KINDS, RELIEF_KINDS, StatementRow
from federation.statements import HEADER_SIZE, Kind, parse_header
from node.charters.view import TrustView
from node.log.first_notes import first_note_of
from node.relief.member_words import Notes

ARRIVAL = "arrival"
COPIES = 1000
"""Copies of a record, and statements about them, that are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One thing that was said.

    Attributes:
        kind: its English name; `receipt` for what a member's receipt says, `arrival` for a
            member's own signature on a checkpoint with the statement (then `origin` and `index`
            are of the statement, `city` is the member).
        word: action of an annotation, outcome of a receipt; empty for none.
        about: of a receipt or an act: which statement it is about.
        claimed_at: by its speaker.
        proved_at: by when others vouched for it; None where that is not known.
        proof_size: size of the checkpoint by which they did; 0 where there is none.
    """

    origin: Origin
    city: str
    index: int
    kind: str
    word: str
    statement_id: str
    about: str
    claimed_at: Timestamp
    proved_at: Timestamp | None
    proof_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Everything that was said, in the order in which it was.

    Attributes:
        missing: (relief, log, city) of members of which no receipt says that they lifted what the
            relief ended.
    """

    told: tuple[Told, ...]
    missing: tuple[tuple[str, Origin, str], ...]


def story(session: ReadSession, trust: TrustView, statement: StatementId) -> Story:
    """Tell the story of the record that a statement is or is about.

    Raises:
        RefusedError: `record.unknown`: no such statement is held; `record.unlisted`: it is about
            no listing.
    """
    heads = {head.log: head for head in session.heads()}
    listings = _copies(session, _listings(session, statement))
    acts = _acts(session, listings)
    told = [*_said(session, heads, trust, (*listings, *acts))]
    reliefs = [row for row in acts if is_relief(row.kind, row.action)]
    told += _heard(session, heads, trust, (*listings, *reliefs))
    told += _arrived(session, heads, trust, reliefs)
    return Story(
        told=tuple(sorted(told, key=lambda one: (one.proved_at or one.claimed_at, one.index))),
        missing=tuple(_missing(session, heads, trust, listings, acts)),
    )


def whole_id(session: ReadSession, prefix: str) -> StatementId:
    """The one statement held whose id begins so.

    Args:
        session: what is held.
        prefix: 6 to 32 hexadecimal digits, in lower case.

    Raises:
        RefusedError: `record.unknown`, `record.ambiguous`.
    """
    least, greatest = (bytes.fromhex(prefix.ljust(32, digit)) for digit in "0f")
    found = session.ids_from_to(least, greatest, 2)
    if len(found) == 1:
        return StatementId(found[0])
    if found:
        message = f"{prefix}: several statements begin so; give more digits"
        raise RefusedError("record.ambiguous", message)
    message = f"no statement that begins with {prefix} is held here"
    raise RefusedError("record.unknown", message)


def _listings(session: ReadSession, statement: StatementId) -> list[StatementRow]:
    found = list(session.rows_by_id(None, [statement]))
    if not found:
        message = f"no statement {statement.hex()} is held here"
        raise RefusedError("record.unknown", message)
    for _ in range(2):  # a RELISTING is about a relief, which is about a listing
        about = [row.about for row in found if row.kind not in LISTED_KINDS and row.about]
        if about:
            found = list(session.rows_by_id(None, about))
    listings = [row for row in found if row.kind in LISTED_KINDS]
    if not listings:
        message = f"{statement.hex()} is about no listing that is held here"
        raise RefusedError("record.unlisted", message)
    return listings


def _copies(session: ReadSession, listings: Sequence[StatementRow]) -> list[StatementRow]:
    """The listings with all copies of their records."""
    tags = [row.record_tag for row in listings if row.record_tag is not None]
    same = session.rows_by_record(tags, LISTED_KINDS) if tags else ()
    rows = {(row.log, row.idx): row for row in (*listings, *same)}
    return [rows[place] for place in sorted(rows)][:COPIES]


def _acts(session: ReadSession, listings: Sequence[StatementRow]) -> list[StatementRow]:
    """What was said about them, about what was said, and of their records by others."""
    first = list(session.rows_about([row.statement_id for row in listings]))
    tags = [row.record_tag for row in listings if row.record_tag is not None]
    first += session.rows_by_record(tags, RELIEF_KINDS) if tags else ()
    reliefs = [row.statement_id for row in first if row.kind in RELIEF_KINDS]
    second = session.rows_about(reliefs) if reliefs else ()
    rows = {(row.log, row.idx): row for row in (*first, *second)}
    return [rows[place] for place in sorted(rows)][:COPIES]


def _said(
    session: ReadSession,
    heads: dict[int, LogHead],
    trust: TrustView,
    rows: Sequence[StatementRow],
) -> Iterator[Told]:
    leaves = session.leaves_at([(row.log, row.idx) for row in rows])
    for row, leaf in zip(rows, leaves, strict=True):
        head = heads[row.log]
        note = first_note_of(session, head, row)
        annotation = row.kind == Kind.ANNOTATION
        yield Told(
            origin=Origin(head.origin),
            city=trust.city(Origin(head.origin)),
            index=row.idx,
            kind=KINDS.name(row.kind),
            word=ANNOTATION_ACTIONS.name(row.action) if annotation else "",
            statement_id=row.statement_id.hex(),
            about=row.about.hex() if row.about else "",
            claimed_at=_claimed(leaf),
            proved_at=note.cosigned_at if note else None,
            proof_size=note.size if note else 0,
        )


def _heard(
    session: ReadSession,
    heads: dict[int, LogHead],
    trust: TrustView,
    rows: Sequence[StatementRow],
) -> Iterator[Told]:
    """What receipts say of listings and reliefs."""
    for row in rows:
        for one in session.heard(row.log, [row.idx]):
            head = heads[one.speaker]
            (receipt,) = session.rows_at([(one.speaker, one.place)])
            (leaf,) = session.leaves_at([(one.speaker, one.place)])
            note = first_note_of(session, head, receipt)
            yield Told(
                origin=Origin(head.origin),
                city=trust.city(Origin(head.origin)),
                index=one.place,
                kind=KINDS.name(Kind.RECEIPT),
                word=ReceiptOutcome(one.outcome).name.lower(),
                statement_id=receipt.statement_id.hex(),
                about=row.statement_id.hex(),
                claimed_at=_claimed(leaf),
                proved_at=note.cosigned_at if note else None,
                proof_size=note.size if note else 0,
            )


def _arrived(
    session: ReadSession,
    heads: dict[int, LogHead],
    trust: TrustView,
    reliefs: Sequence[StatementRow],
) -> Iterator[Told]:
    """By when members that tell receipts had each relief, as their mirror keys say."""
    notes = Notes(session, heads, [(row.log, row.idx) for row in reliefs])
    for row in reliefs:
        head = heads[row.log]
        (leaf,) = session.leaves_at([(row.log, row.idx)])
        for member in trust.tellers():
            if member in trust.trust.chain(Origin(head.origin)) or member == head.origin:
                continue
            keys = {(key.name, key.key_id) for key in trust.trust.mirror_keys(member)}
            said = notes.mirrored((row.log, row.idx), keys)
            if said is None or said.by is None:
                continue
            yield Told(
                origin=Origin(head.origin),
                city=trust.city(member),
                index=row.idx,
                kind=ARRIVAL,
                word="",
                statement_id=row.statement_id.hex(),
                about=row.statement_id.hex(),
                claimed_at=_claimed(leaf),
                proved_at=said.by,
                proof_size=0,
            )


def _missing(
    session: ReadSession,
    heads: dict[int, LogHead],
    trust: TrustView,
    listings: Sequence[StatementRow],
    acts: Sequence[StatementRow],
) -> Iterator[tuple[str, Origin, str]]:
    """Members that have not said that they lifted what a repair or withdrawal ended."""
    origins = {head.origin: head.log for head in heads.values()}
    for listing in listings:
        ended = [
            row for row in acts if row.kind in RELIEF_KINDS and row.about == listing.statement_id
        ]
        lifted = {
            one.speaker
            for one in session.heard(listing.log, [listing.idx])
            if one.outcome == ReceiptOutcome.LIFTED
        }
        for relief in ended:
            for origin in trust.tellers():
                log = origins.get(origin)
                if log != listing.log and log not in lifted:
                    yield relief.statement_id.hex(), origin, trust.city(origin)


def _claimed(leaf: bytes) -> Timestamp:
    return parse_header(leaf).issued_at if len(leaf) >= HEADER_SIZE else Timestamp(0)

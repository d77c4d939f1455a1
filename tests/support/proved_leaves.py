"""Leaves of every kind with their openings, good and bad, as a worker is asked about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crypto.commitment import commit
from federation.ids import Origin, StatementId, Timestamp
from federation.peers.openings import DeliveredOpening
from federation.rows import OpeningStatus
from federation.statements import ACTIONS, Header, Kind
from node.codec import ProtobufPayloads
from node.workers.form import Question
from tests.support.payload_kinds import EXAMPLES

ORIGIN = Origin("510500.huxin.example/1")
PAYLOADS = ProtobufPayloads()


def opened(
    number: int, kind: int, payload: bytes, action: int = 0, about: bytes = b"a" * 16
) -> tuple[bytes, DeliveredOpening]:
    """A leaf of a kind with the opening that fits it."""
    header = Header(
        kind=kind,
        action=action,
        issued_at=Timestamp(number),
        statement_id=StatementId(number.to_bytes(16, "big")),
        about=StatementId(about),
    ).pack()
    salt = number.to_bytes(32, "big")
    leaf = header + commit(salt=salt, origin=ORIGIN, header=header, payload=payload)
    return leaf, DeliveredOpening(OpeningStatus.PRESENT, salt, payload)


def of_every_kind() -> Iterator[tuple[bytes, DeliveredOpening]]:
    """Every kind and action, then what is wrong with a leaf or an opening in one way each."""
    number = 0
    for kind in Kind:
        for action in (*sorted(ACTIONS[kind]), 99):
            number += 1
            yield opened(number, kind, PAYLOADS.encode(EXAMPLES[kind]), action)
    listing = PAYLOADS.encode(EXAMPLES[Kind.LISTING])
    relief = PAYLOADS.encode(EXAMPLES[Kind.REPAIR])
    for payload in (b"", b"\xff", listing[:-1], b"\x08\x63" + listing[2:], relief, bytes(32_000)):
        number += 1
        yield opened(number, Kind.LISTING, payload)
        yield opened(number, Kind.REPAIR, payload)
    leaf, opening = opened(number, Kind.LISTING, listing)
    for other in (
        opening._replace(salt=bytes(32)),
        opening._replace(salt=b"short"),
        opening._replace(payload=listing + b"\x00"),
        opening._replace(payload=bytes(40_000)),
        DeliveredOpening(OpeningStatus.NOT_FOR_US),
        DeliveredOpening(OpeningStatus.ERASED, erased_by=7),
        DeliveredOpening(OpeningStatus.PENDING),
        DeliveredOpening(9),
    ):
        yield leaf, other
    for strange in (b"", leaf[:20], leaf[:44], leaf + b"more", b"\x02" + leaf[1:], bytes(1024)):
        yield strange, opening
    yield opened(number, 200, listing)
    yield opened(number, Kind.REPAIR, relief, about=bytes(16))


def question(
    leaves: Sequence[tuple[bytes, DeliveredOpening]], first: int = 7, *, by_origin: bool = False
) -> Question:
    """What a worker is asked about these leaves."""
    return Question(
        origin=ORIGIN,
        first=first,
        leaves=tuple(leaf for leaf, _ in leaves),
        openings=tuple(opening for _, opening in leaves),
        by_origin=by_origin,
    )

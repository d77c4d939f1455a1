"""Reading leaves of kind 16 (S4, S11), and of kinds, actions and members of a newer writer."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from federation.ids import Origin, StatementId, Timestamp
from federation.life.reading import Examined, StatementReading
from federation.payloads import Annotation, Answer, Payload, Relief, Request
from federation.peers.openings import DeliveredOpening
from federation.rows import OpeningStatus, State
from federation.statements import OPEN_KINDS, Header, Kind, RequestAction
from node.codec import ProtobufPayloads
from node.codec.forms import FORMS
from tests.support.payload_kinds import EXAMPLES, NARROWED, REFERENCE, SUBMISSION

ORIGIN = Origin("510500.huxin.example/1")
PAYLOADS = ProtobufPayloads()
READING = StatementReading(
    origin=ORIGIN,
    payloads=PAYLOADS,
    tagger=SimpleNamespace(lookup=lambda value: value[:16]),
    rights=SimpleNamespace(listing_rules=lambda _: SimpleNamespace(fault=lambda *_: "")),
)
ANSWER = Answer(request=REFERENCE)
REASONED = replace(ANSWER, reason="request.no-ground")


def examined(kind: int, raw: bytes, action: int = 0) -> Examined:
    """How an opened leaf is read by one whom every charter allows everything."""
    header = Header(
        kind=kind,
        action=action,
        issued_at=Timestamp(1),
        statement_id=StatementId(b"s" * 16),
        about=StatementId(b"a" * 16),
    )
    opening = DeliveredOpening(OpeningStatus.PRESENT, bytes(32), raw)
    (found,) = READING.examine(0, [header.pack() + bytes(32)], [opening])
    return found


def read(action: int, body: Any) -> tuple[State, str]:
    """State and rule of a REQUEST."""
    raw = PAYLOADS.encode(Request(audience=NARROWED, body=body))
    found = examined(Kind.REQUEST, raw, action)
    return State(found.state), found.rule


ASIDE = (State.SET_ASIDE, "request.body")


@pytest.mark.parametrize("action", RequestAction)
def test_s11_the_payload_of_a_request_fits_its_action(action: RequestAction) -> None:
    fits = {RequestAction.FORWARDED: SUBMISSION}.get(action, REASONED)
    unfit = {RequestAction.FORWARDED: REASONED}.get(action, SUBMISSION)
    assert read(action, fits) == (State.IN_FORCE, "")
    assert read(action, unfit) == ASIDE


def test_s11_declined_alone_needs_a_reason() -> None:
    silent = {action for action in list(RequestAction)[1:] if read(action, ANSWER) == ASIDE}
    assert silent == {RequestAction.DECLINED}


@pytest.mark.parametrize("action", [0, 7])
def test_s4_other_actions_of_a_request_are_set_aside(action: int) -> None:
    assert read(action, SUBMISSION) == (State.SET_ASIDE, "action.unknown")


ACTIONS = {Kind.ANNOTATION: 3, Kind.SCENARIO: 1, Kind.RECOGNITION: 1, Kind.CONTINUATION: 1}
ACTIONS |= {Kind.REQUEST: 1}


def newer(kind: Kind, payload: Payload, **fields: Any) -> bytes:
    """The payload as a node one version up writes it: with members that are not known here."""
    message = FORMS[kind].to_proto(payload)
    for name, value in fields.items():
        setattr(message, name, value)
    raw: bytes = message.SerializeToString() + b"\xfa\x7f\x05later"
    return raw


@pytest.mark.parametrize("kind", Kind)
def test_fields_of_a_newer_writer_are_ignored(kind: Kind) -> None:
    found = examined(kind, newer(kind, EXAMPLES[kind]), ACTIONS.get(kind, 0))
    assert found.rule in ("", "relisting.about")  # no example is about the relief that it names
    assert (found.facts.audience is None) == (kind in OPEN_KINDS)


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        (Kind.LISTING, "tier"),
        (Kind.LISTING, "term"),
        (Kind.ERASURE, "ground"),
        (Kind.OUTCOME, "result"),
        (Kind.PENALTY, "grade"),
        (Kind.PENALTY, "procedure"),
    ],
)
def test_members_of_a_newer_writer_set_aside_what_decides(kind: Kind, field: str) -> None:
    found = examined(kind, newer(kind, EXAMPLES[kind], **{field: 99}))
    assert (found.state, found.rule) == (State.SET_ASIDE, "payload.invalid")


@pytest.mark.parametrize("kind", [Kind.REPAIR, Kind.WITHDRAWAL, Kind.ANNOTATION])
def test_grounds_of_a_newer_writer_do_not_keep_relief_away(kind: Kind) -> None:
    found = examined(kind, newer(kind, EXAMPLES[kind], ground=99), ACTIONS.get(kind, 0))
    assert (found.state, found.rule) == (State.IN_FORCE, "")
    assert found.tag is not None
    said = PAYLOADS.decode(kind, newer(kind, EXAMPLES[kind], ground=99))
    assert isinstance(said, (Relief, Annotation))
    assert said.ground == 0

"""Drafts: what a department asks its node to publish.

A draft may leave out the audience, or name only its members; the node then sets the rest. Apart
from that its payload obeys the rules of `node.codec.checks`. A message that holds drafts must
therefore not be validated as a whole: `draft_from_proto` does it.

    D1  action.unknown    the kind has no such action
    D2  about.missing     a CORRECTION, or a SCENARIO amended or closed, names what it is about
    D3  about.unexpected  nothing else names anything
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from google.protobuf.message import Message
from huxin.v1 import payload_pb2 as pb
from huxin.v1 import registry_pb2

from federation.errors import StatementError
from federation.ids import NO_STATEMENT, StatementId
from federation.payloads import Payload
from federation.statements import ACTIONS, Kind, ScenarioAction
from node.codec.checks import check_bounds, check_reader, check_values
from node.codec.forms import FORMS
from node.codec.shared import statement_id_from_wire

_KINDS: Final = {
    "listing": Kind.LISTING,
    "commendation": Kind.COMMENDATION,
    "scenario": Kind.SCENARIO,
    "recognition": Kind.RECOGNITION,
    "commitment": Kind.COMMITMENT,
    "outcome": Kind.OUTCOME,
    "request": Kind.REQUEST,
    "correction": Kind.CORRECTION,
    "penalty": Kind.PENALTY,
}
_STAND_IN: Final = pb.Audience(charters=[bytes(32)], purposes=["-"])
"""Takes the place of charters and purposes left out, while the bounds of the rest are checked."""


class DraftStatement(NamedTuple):
    """A statement before it has a leaf; an audience that was not given has at most members."""

    kind: Kind
    action: int
    about: StatementId
    payload: Payload


def draft_from_proto(draft: registry_pb2.Draft) -> DraftStatement:
    """Read and check a draft.

    Raises:
        StatementError: a code `payload.*` of `node.codec.checks`, `id.malformed`, or one of the
            rules above; the department's fault.
    """
    field = draft.WhichOneof("payload")
    if field is None:
        message = f"payload: expected one of {', '.join(_KINDS)}, got none"
        raise StatementError("payload.invalid", message)
    kind, action = _KINDS[field], draft.action
    payload = draft_payload_from_proto(kind, getattr(draft, field))
    if action not in ACTIONS[kind]:
        message = f"action: expected one of {sorted(ACTIONS[kind])}, got {action}"
        raise StatementError("action.unknown", message)
    about = statement_id_from_wire(draft.about) if draft.about else NO_STATEMENT
    _check_about(kind, action, about)
    return DraftStatement(kind, action, about, payload)


def draft_payload_from_proto(kind: Kind, message: Message) -> Payload:
    """Read and check the payload of a draft; charters and purposes may be left out.

    Raises:
        StatementError: a code `payload.*` of `node.codec.checks`; the department's fault.
    """
    form = FORMS[kind]
    check_reader(message)
    addressed = form.message()
    addressed.CopyFrom(message)
    for part in (addressed, *_inner(addressed)):
        if "audience" in part.DESCRIPTOR.fields_by_name and not (
            part.audience.charters or part.audience.purposes
        ):
            part.audience.MergeFrom(_STAND_IN)
    check_bounds(addressed)
    payload: Payload = form.from_proto(message)
    check_values(payload)
    return payload


def _inner(message: Message) -> list[Any]:
    """The payload within a CORRECTION, in a list."""
    if isinstance(message, pb.Correction) and (field := message.WhichOneof("payload")):
        return [getattr(message, field)]
    return []


def _check_about(kind: Kind, action: int, about: StatementId) -> None:
    later = kind == Kind.SCENARIO and action != ScenarioAction.OPENED
    needed = kind == Kind.CORRECTION or later
    if needed and about == NO_STATEMENT:
        raise StatementError("about.missing", "about: expected a statement id, got none")
    if not needed and about != NO_STATEMENT:
        raise StatementError("about.unexpected", f"about: expected none, got {about.hex()}")

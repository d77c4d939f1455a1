"""Payloads out of the JSON that `huxin records show -o json` writes: nothing is lost or guessed."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from federation.errors import StatementError
from federation.statements import Kind
from node.codec import draft_from_json, draft_from_proto, payload_to_json
from node.codec.forms import FORMS
from node.codec.from_json import message_from_json
from tests.support.payload_examples import LISTING
from tests.support.payload_kinds import EXAMPLES


@pytest.mark.parametrize(
    "kind",
    [
        Kind.LISTING,
        Kind.COMMENDATION,
        Kind.COMMITMENT,
        Kind.OUTCOME,
        Kind.PENALTY,
    ],
)
def test_what_is_shown_of_a_payload_is_read_back(kind: Kind) -> None:
    payload = EXAMPLES[kind]
    document = payload_to_json(payload)
    read = message_from_json(FORMS[kind].message(), document, "x")
    assert FORMS[kind].from_proto(read) == payload


def shown(message: Message) -> dict[str, Any]:
    """The message as JSON may have it, by its descriptor alone."""
    return {field.name: shown_value(field, value) for field, value in message.ListFields()}


def shown_value(field: FieldDescriptor, value: Any) -> Any:
    if field.is_repeated:
        return [shown_one(field, one) for one in value]
    return shown_one(field, value)


def shown_one(field: FieldDescriptor, value: Any) -> Any:
    if field.message_type:
        return shown(value)
    if field.enum_type:
        return field.enum_type.values_by_number[value].name
    return value.hex() if isinstance(value, bytes) else value


@pytest.mark.parametrize("kind", sorted(FORMS))
def test_every_field_of_every_kind_has_its_form(kind: int) -> None:
    message = FORMS[kind].to_proto(EXAMPLES[Kind(kind)])
    assert message_from_json(FORMS[kind].message(), shown(message), "x") == message


def test_a_draft_is_a_payload_under_the_name_of_its_kind() -> None:
    document = {"listing": payload_to_json(LISTING)}
    assert draft_from_proto(draft_from_json(document)).payload == LISTING
    corrected = {"correction": {"listing": payload_to_json(LISTING)}, "about": "ab" * 16}
    draft = draft_from_json(corrected)
    assert draft.about == bytes.fromhex("ab" * 16)
    assert draft.correction.listing.document == LISTING.document
    message = FORMS[Kind.SCENARIO].to_proto(EXAMPLES[Kind.SCENARIO])
    scenario = {"scenario": shown(message), "action": "opened"}
    assert draft_from_json(scenario).action == 1


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"subject": []}, "listing.subject"),
        ({"subject": {"code": 91510500}}, "listing.subject.code"),
        ({"subject": {"kind": "firm"}}, "listing.subject.kind"),
        ({"decided_on": "20260105"}, "listing.decided_on"),
        ({"decided_on": True}, "listing.decided_on"),
        ({"decided_on": -1}, "listing.decided_on"),
        ({"decided_on": 2**40}, "listing.decided_on"),
        ({"tier": 1}, "listing.tier"),
        ({"tier": ["severe"]}, "listing.tier"),
        ({"measures": "A01"}, "listing.measures"),
        ({"measures": [1]}, "listing.measures.0"),
        ({"exits": ["x"]}, "listing.exits.0"),
        ({"audience": {"charters": ["zz"]}}, "listing.audience.charters.0"),
        ({"audience": {"charters": [7]}}, "listing.audience.charters.0"),
        ({"document": "\ud800"}, "listing.document"),
        ({"secret": "91510500ZZ00000018"}, "listing.secret"),
    ],
)
def test_what_does_not_fit_is_named_by_its_place_alone(change: dict[str, Any], place: str) -> None:
    with pytest.raises(StatementError) as refused:
        draft_from_json({"listing": payload_to_json(LISTING) | change}, "draft")
    assert refused.value.code == "payload.invalid"
    assert str(refused.value).startswith(f"draft.{place}: expected ")
    assert "9151" not in str(refused.value)


@pytest.mark.parametrize("document", [None, [], "x", {"other": {}}, {"about": "ab"}])
def test_what_is_no_draft_is_refused(document: object) -> None:
    with pytest.raises(StatementError):
        draft_from_proto(draft_from_json(document))
    with pytest.raises(StatementError):
        draft_from_json({"scenario": {}, "action": 1})

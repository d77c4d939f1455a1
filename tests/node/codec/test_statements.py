"""Payloads and records through protobuf and back, and in JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from huxin.v1 import payload_pb2 as pb
from huxin.v1 import registry_pb2
from hypothesis import given
from hypothesis import strategies as st

from federation.ids import Origin, StatementId, Timestamp
from federation.payloads import (
    Audience,
    Payload,
    Receipt,
    ReceiptBatch,
    SubjectKind,
)
from federation.reconcile.views import RecordView
from federation.statements import Kind
from node.codec import (
    ProtobufPayloads,
    payload_to_json,
    record_from_proto,
    record_to_json,
    record_to_proto,
)
from node.codec.forms import FORMS
from node.codec.listed import listing_to_proto
from tests.support.payload_examples import LISTING, SUBJECT, code_of
from tests.support.payload_strategies import ANY, BY_KIND

PAYLOADS = ProtobufPayloads()
NO_AUDIENCE = Audience(charters=(), purposes=())


def test_every_kind_has_a_form_and_a_strategy() -> None:
    assert set(FORMS) == set(BY_KIND) == set(Kind)


@given(ANY)
def test_payloads_come_back_as_they_were(drawn: tuple[Kind, Payload]) -> None:
    kind, payload = drawn
    raw = PAYLOADS.encode(payload)
    assert PAYLOADS.decode(kind, raw) == payload
    assert raw[:2] == b"\x08\x01", "min_reader comes first"
    json.dumps(payload_to_json(payload))


def test_a_listing_of_another_vendor_is_read_whatever_the_order_of_its_fields() -> None:
    message = listing_to_proto(LISTING)
    audience = message.audience.SerializeToString()
    message.ClearField("audience")
    late = message.SerializeToString() + b"\x12" + bytes([len(audience)]) + audience
    assert PAYLOADS.decode(Kind.LISTING, late) == LISTING


def test_unknown_fields_are_a_newer_writers() -> None:
    raw = PAYLOADS.encode(LISTING) + b"\xfa\x7f\x03new"
    assert PAYLOADS.decode(Kind.LISTING, raw) == LISTING


def test_of_a_repeated_field_the_last_counts() -> None:
    raw = PAYLOADS.encode(LISTING) + pb.Listing(list_type="later").SerializeToString()
    assert PAYLOADS.decode(Kind.LISTING, raw) == replace(LISTING, list_type="later")


VIEW = RecordView(
    statement_id=StatementId(b"s" * 16),
    kind=Kind.LISTING,
    origin=Origin("510500.huxin.example/1"),
    index=7,
    list_type=LISTING.list_type,
    subject=SUBJECT,
    authority=LISTING.authority,
    authority_name=LISTING.authority_name,
    document=LISTING.document,
    decided_on=LISTING.decided_on,
    publish_until=LISTING.publish_until,
    state="active",
    annotations=("objection-opened",),
    repair_possible=("履行完毕后可申请修复",),
    payload_json='{"a": 1}',
    issued_at=Timestamp(1_767_600_000),
)


@given(
    st.builds(
        RecordView,
        statement_id=st.binary(min_size=16, max_size=16).map(StatementId),
        kind=st.integers(0, 255),
        action=st.integers(0, 255),
        about=st.binary(min_size=16, max_size=16).map(StatementId),
        origin=st.just(VIEW.origin),
        index=st.integers(0, 2**64 - 1),
        subject=st.sampled_from([None, SUBJECT]),
        state=st.sampled_from(["active", "set-aside"]),
        annotations=st.lists(st.text("abc"), max_size=3).map(tuple),
        rule=st.sampled_from(["", "payload.date"]),
        issued_at=st.integers(0, 2**64 - 1).map(Timestamp),
    )
)
def test_records_come_back_as_they_were(view: RecordView) -> None:
    assert record_from_proto(record_to_proto(view)) == view


def test_a_whole_record_comes_back_as_it_was() -> None:
    assert record_from_proto(record_to_proto(VIEW)) == VIEW
    assert record_to_proto(VIEW).about == b""


@pytest.mark.parametrize("name", [SUBJECT.name, ""])
def test_the_subject_of_a_relief_states_no_kind_and_perhaps_no_name(name: str) -> None:
    subject = replace(SUBJECT, kind=SubjectKind.UNSPECIFIED, name=name)
    view = replace(VIEW, kind=Kind.REPAIR, subject=subject)
    assert record_from_proto(record_to_proto(view)) == view


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"statement_id": b"s"}, "id.malformed statement id"),
        ({"about": b"s"}, "id.malformed statement id"),
        ({"kind": "list"}, "name.unknown kind"),
        ({"action": "opened"}, "name.unknown action"),
        ({"subject": pb.Subject(scheme="uscc")}, "payload.invalid subject.code"),
    ],
)
def test_records_that_are_none_are_refused(changes: dict[str, Any], code: str) -> None:
    message = record_to_proto(VIEW)
    message.MergeFrom(registry_pb2.Record(**changes))
    if "subject" in changes:
        message.subject.CopyFrom(changes["subject"])
    assert code_of(record_from_proto, message) == code


def test_a_record_in_json() -> None:
    assert record_to_json(VIEW) == {
        "statement_id": "73" * 16,
        "kind": "listing",
        "action": "",
        "about": None,
        "origin": "510500.huxin.example/1",
        "index": 7,
        "list_type": "court-judgment-defaulter",
        "subject": {
            "scheme": "uscc",
            "code": SUBJECT.code,
            "name": SUBJECT.name,
            "kind": "enterprise",
        },
        "authority": LISTING.authority,
        "authority_name": LISTING.authority_name,
        "document": LISTING.document,
        "decided_on": 20260105,
        "publish_until": 20280105,
        "state": "active",
        "annotations": ["objection-opened"],
        "repair_possible": ["履行完毕后可申请修复"],
        "rule": "",
        "issued_at": 1_767_600_000,
        "payload": {"a": 1},
    }
    erased = replace(
        VIEW,
        kind=Kind.AUDIENCE_KEY,
        subject=None,
        about=StatementId(b"a" * 16),
        payload_json="",
    )
    document = record_to_json(erased)
    assert document["subject"] is None
    assert document["about"] == "61" * 16
    assert document["kind"] == "audience-key"
    assert "payload" not in document


def test_a_payload_in_json() -> None:
    document = payload_to_json(LISTING)
    assert document["tier"] == "severe"
    assert document["subject"]["kind"] == "enterprise"
    assert document["audience"] == {
        "charters": ["63" * 32],
        "purposes": ["joint-punishment"],
        "members": [],
    }
    assert document["measures"] == ["A01", "B02"]
    assert document["decided_on"] == 20260105
    batch = ReceiptBatch(outcome=6, reason="identity.name-mismatch", indices=(1, 2))
    receipt = payload_to_json(Receipt(origin=Origin("peer.example/1"), batches=(batch,)))
    assert receipt["batches"] == [
        {"outcome": "rejected", "reason": "identity.name-mismatch", "indices": [1, 2]}
    ]

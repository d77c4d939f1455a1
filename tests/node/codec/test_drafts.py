"""Drafts of a department: what they may leave out, and what they may not say.

Covers node/codec/listed.py.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from huxin.v1 import payload_pb2 as pb
from huxin.v1 import registry_pb2

from federation.ids import NO_STATEMENT, LeafHash
from federation.payloads import (
    Audience,
    Correction,
)
from federation.statements import Kind
from node.codec import (
    ProtobufPayloads,
    draft_from_proto,
    draft_payload_from_proto,
)
from node.codec.listed import listing_to_proto
from tests.support.payload_examples import LISTING, changed, code_of

PAYLOADS = ProtobufPayloads()
NO_AUDIENCE = Audience(charters=(), purposes=())


def test_drafts_may_leave_the_audience_to_the_node() -> None:
    message = changed(audience=None)
    read = draft_from_proto(registry_pb2.Draft(listing=message))
    assert read == (Kind.LISTING, 0, NO_STATEMENT, replace(LISTING, audience=NO_AUDIENCE))
    given_one = draft_from_proto(registry_pb2.Draft(listing=listing_to_proto(LISTING)))
    assert given_one.payload == LISTING
    assert draft_payload_from_proto(Kind.LISTING, message) == replace(LISTING, audience=NO_AUDIENCE)


def test_drafts_may_name_only_the_members_of_their_audience() -> None:
    message = changed(audience=None)
    message.audience.members.append("510300.huxin.example")
    named = replace(NO_AUDIENCE, members=("510300.huxin.example",))
    read = draft_from_proto(registry_pb2.Draft(listing=message))
    assert read.payload == replace(LISTING, audience=named)
    message.audience.members.append("")
    refused = code_of(draft_from_proto, registry_pb2.Draft(listing=message))
    assert refused.startswith("payload.invalid audience.members")


def test_a_draft_of_a_correction_may_leave_out_both_audiences() -> None:
    draft = registry_pb2.Draft(about=b"a" * 16)
    draft.correction.CopyFrom(
        pb.Correction(min_reader=1, replaces=bytes(32), listing=changed(audience=None))
    )
    read = draft_from_proto(draft)
    inner = replace(LISTING, audience=NO_AUDIENCE)
    expected = Correction(audience=NO_AUDIENCE, replaces=LeafHash(bytes(32)), payload=inner)
    assert read == (Kind.CORRECTION, 0, b"a" * 16, expected)
    assert draft.correction.audience.ByteSize() == 0, "the draft itself is left as it was"


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        (registry_pb2.Draft(), "payload.invalid payload"),
        (registry_pb2.Draft(listing=changed(subject__code="")), "payload.invalid subject.code"),
        (
            registry_pb2.Draft(listing=changed(audience__charters=[])),
            "payload.invalid audience.charters",
        ),
        (registry_pb2.Draft(listing=changed(min_reader=2)), "payload.min-reader min_reader"),
        (registry_pb2.Draft(listing=changed(listed_on=20260230)), "payload.date listed_on"),
        (registry_pb2.Draft(listing=changed(document="\0")), "payload.text document"),
        (registry_pb2.Draft(listing=changed(), action=1), "action.unknown action"),
        (registry_pb2.Draft(listing=changed(), about=b"a" * 16), "about.unexpected about"),
        (registry_pb2.Draft(listing=changed(), about=b"a" * 15), "id.malformed statement id"),
        (
            registry_pb2.Draft(
                correction=pb.Correction(min_reader=1, replaces=bytes(32), listing=changed())
            ),
            "about.missing about",
        ),
    ],
)
def test_drafts_that_break_a_rule_are_refused(draft: registry_pb2.Draft, code: str) -> None:
    assert code_of(draft_from_proto, draft) == code


def test_a_scenario_names_its_earlier_version_unless_it_is_new() -> None:
    scenario = pb.Scenario(
        min_reader=1,
        scenario_type="信易贷",
        title="（演示）",
        provider="p",
        benefits=[pb.Benefit(text="免押金")],
        subject_kinds=[pb.SUBJECT_KIND_ENTERPRISE],
    )
    new, about = registry_pb2.Draft(scenario=scenario, action=1), b"a" * 16
    assert draft_from_proto(new).action == 1
    assert code_of(draft_from_proto, registry_pb2.Draft(scenario=scenario)).startswith("action.")
    for action in (2, 3):
        draft = registry_pb2.Draft(scenario=scenario, action=action)
        assert code_of(draft_from_proto, draft) == "about.missing about"
        draft.about = about
        assert draft_from_proto(draft)[:3] == (Kind.SCENARIO, action, about)
    new.about = about
    assert code_of(draft_from_proto, new) == "about.unexpected about"

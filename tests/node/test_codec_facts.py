"""Facts: those of each kind, the same by `facts` and by `decode`, whatever the bytes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from google.protobuf.message import DecodeError
from huxin.v1 import payload_pb2 as pb
from hypothesis import given
from hypothesis import strategies as st

from federation import payloads as p
from federation.errors import StatementError
from federation.facts import PayloadFacts, PayloadReader
from federation.ids import Date, LeafHash, Origin, StatementId
from federation.payloads import Payload
from federation.statements import OPEN_KINDS, Kind
from node.codec import ProtobufPayloads
from node.codec.extraction import facts_of
from node.codec.listed import listing_to_proto
from tests.support.payload_examples import AUDIENCE, LISTING, RECORD, SUBJECT
from tests.support.payload_strategies import ANY, BY_KIND, listings

READER: PayloadReader = ProtobufPayloads()
HASH = LeafHash(b"h" * 32)
REFERENCE = p.Reference(origin=Origin("peer.example/1"), index=9, leaf_hash=HASH)
SUBJECT_KEY = b"\x00\x11organisation-code\x00\x09" + SUBJECT.code[8:17].encode()
OF_RECORD = PayloadFacts(
    audience=AUDIENCE,
    key=RECORD.pack(),
    subject=SUBJECT_KEY,
    list_type=LISTING.list_type,
    authority=LISTING.authority,
)


def outcome(read: Any, kind: int, raw: bytes) -> object:
    """What a reading gives: its value, or the code of its error."""
    try:
        return read(kind, raw)
    except StatementError as error:
        return error.code


def decoded_facts(kind: int, raw: bytes) -> PayloadFacts:
    """Facts by the long way."""
    return facts_of(READER.decode(kind, raw))


@given(ANY)
def test_facts_are_those_of_the_decoded_payload(drawn: tuple[Kind, Payload]) -> None:
    kind, payload = drawn
    facts = READER.facts(kind, READER.encode(payload))
    assert facts == facts_of(payload)
    assert (facts.audience is None) == (kind in OPEN_KINDS)
    assert facts.key.startswith(facts.subject) or kind == Kind.COMMITMENT
    assert bool(facts.key) == (kind in (1, 2, 3, 4, 5, 6, 9, 16))


@given(listings(), st.data())
def test_mutated_listings_mean_the_same_both_ways(listing: p.Listing, data: st.DataObject) -> None:
    raw = mutated(data, READER.encode(listing))
    assert outcome(READER.facts, Kind.LISTING, raw) == outcome(decoded_facts, Kind.LISTING, raw)


@given(ANY, st.data())
def test_mutated_payloads_raise_nothing_else(
    drawn: tuple[Kind, Payload], data: st.DataObject
) -> None:
    kind, payload = drawn
    raw = mutated(data, READER.encode(payload))
    first = outcome(READER.decode, kind, raw)
    assert isinstance(outcome(READER.facts, kind, raw), str) == isinstance(first, str)


@given(st.sampled_from([*Kind, 0, 18, 255]), st.binary(max_size=200))
def test_any_bytes_raise_nothing_else(kind: int, raw: bytes) -> None:
    outcome(READER.facts, kind, raw)


def mutated(data: st.DataObject, raw: bytes) -> bytes:
    """The bytes with some replaced, or cut off, or with others put between or after them."""
    at = data.draw(st.integers(0, len(raw) - 1))
    end = data.draw(st.sampled_from([at, min(at + 1, len(raw)), len(raw)]))
    return raw[:at] + data.draw(st.binary(max_size=8)) + raw[end:]


def test_equal_audiences_are_one_object() -> None:
    raw = READER.encode(LISTING)
    other = listing_to_proto(replace(LISTING, document="another")).SerializeToString()
    unknown_field = pb.Audience.FromString(b"\xfa\x7f\x03new").SerializeToString()
    newer = raw + b"\x12" + bytes([len(unknown_field)]) + unknown_field
    first = READER.facts(Kind.LISTING, raw).audience
    assert first is READER.facts(Kind.LISTING, other).audience
    assert first is READER.facts(Kind.LISTING, newer).audience
    relief = pb.Relief(min_reader=1, audience=listing_to_proto(LISTING).audience)
    relief.record.CopyFrom(pb.RecordKey(scheme="s", code="c", list_type="l", authority="a"))
    assert first is READER.facts(Kind.REPAIR, relief.SerializeToString()).audience


COMMENDATION = p.Commendation(
    audience=AUDIENCE,
    subject=SUBJECT,
    list_type=LISTING.list_type,
    authority=LISTING.authority,
    authority_name="",
    document=LISTING.document,
    decided_on=Date(20260105),
    valid_until=Date(20270105),
    source=LISTING.source,
)
RELIEF = p.Relief(
    audience=AUDIENCE,
    record=RECORD,
    subject_name=SUBJECT.name,
    authority="another",
    document="d",
    decided_on=Date(20260301),
    publish_until=Date(20280105),
)
LISTED = OF_RECORD._replace(decided_on=20260105, publish_until=20280105)
EXPECTED: dict[Kind, tuple[Payload, PayloadFacts]] = {
    Kind.LISTING: (LISTING, LISTED),
    Kind.CORRECTION: (
        p.Correction(audience=AUDIENCE, replaces=HASH, payload=LISTING),
        LISTED._replace(names=HASH),
    ),
    Kind.ANNOTATION: (
        p.Annotation(
            audience=AUDIENCE,
            record=RECORD,
            authority="another",
            document="d",
            decided_on=Date(20260301),
            ends=HASH,
        ),
        OF_RECORD._replace(decided_on=20260301, names=HASH),
    ),
    Kind.REPAIR: (RELIEF, OF_RECORD._replace(decided_on=20260301, publish_until=20280105)),
    Kind.WITHDRAWAL: (RELIEF, OF_RECORD._replace(decided_on=20260301, publish_until=20280105)),
    Kind.RELISTING: (
        p.Relisting(
            audience=AUDIENCE,
            reliefs=(StatementId(b"1" * 16), StatementId(b"2" * 16)),
            document="d",
            decided_on=Date(20260401),
            ground=p.RelistingGround.FRAUD,
            approvals=2,
            listing=LISTING,
        ),
        LISTED._replace(decided_on=20260401, names=b"1" * 16 + b"2" * 16, approvals=2),
    ),
    Kind.COMMENDATION: (
        COMMENDATION,
        OF_RECORD._replace(decided_on=20260105, publish_until=20270105),
    ),
    Kind.RECOGNITION: (
        p.Recognition(
            scenario=REFERENCE, authority="a", authority_name="", decided_on=Date(20260301)
        ),
        PayloadFacts(
            authority="a",
            decided_on=20260301,
            refers_origin="peer.example/1",
            refers_index=9,
            refers_hash=HASH,
        ),
    ),
    Kind.OUTCOME: (
        p.Outcome(
            audience=AUDIENCE,
            listing=REFERENCE,
            department="d",
            matter="m",
            applied=True,
            decided_on=Date(20260301),
        ),
        PayloadFacts(
            audience=AUDIENCE,
            decided_on=20260301,
            refers_origin="peer.example/1",
            refers_index=9,
            refers_hash=HASH,
        ),
    ),
    Kind.REQUEST: (
        p.Request(
            audience=AUDIENCE,
            request_type=p.RequestType.OBJECTION,
            listing=REFERENCE,
            record=RECORD,
            received_on=Date(20260301),
            due_on=Date(20260308),
            text="",
        ),
        PayloadFacts(
            audience=AUDIENCE,
            key=RECORD.pack(),
            subject=SUBJECT_KEY,
            refers_origin="peer.example/1",
            refers_index=9,
            refers_hash=HASH,
        ),
    ),
    Kind.COMMITMENT: (
        p.Commitment(
            audience=AUDIENCE,
            subject=SUBJECT,
            commitment_type="t",
            text="",
            made_on=Date(20260301),
            self_declared=False,
            source=LISTING.source,
        ),
        PayloadFacts(audience=AUDIENCE, subject=SUBJECT_KEY),
    ),
}


@pytest.mark.parametrize("kind", EXPECTED, ids=lambda kind: kind.name)
def test_known_facts(kind: Kind) -> None:
    payload, facts = EXPECTED[kind]
    assert READER.facts(kind, READER.encode(payload)) == facts


def test_a_corrected_commendation_has_the_facts_of_the_commendation() -> None:
    correction = p.Correction(audience=AUDIENCE, replaces=HASH, payload=COMMENDATION)
    facts = READER.facts(Kind.CORRECTION, READER.encode(correction))
    assert facts == EXPECTED[Kind.COMMENDATION][1]._replace(names=HASH)


@pytest.mark.parametrize("kind", sorted(set(BY_KIND) - set(EXPECTED)), ids=lambda kind: kind.name)
@given(data=st.data())
def test_the_other_open_kinds_have_no_facts(kind: Kind, data: st.DataObject) -> None:
    raw = READER.encode(data.draw(BY_KIND[kind]))
    assert READER.facts(kind, raw) == PayloadFacts()


def test_what_is_malformed_names_the_kind_and_no_more() -> None:
    with pytest.raises(DecodeError):
        pb.Listing.FromString(b"\x22\x03\xffab")
    with pytest.raises(StatementError, match="LISTING"):
        READER.facts(Kind.LISTING, b"\x22\x03\xffab")

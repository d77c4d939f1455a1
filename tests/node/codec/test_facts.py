"""Facts: those of each kind, the same by `facts` and by `decode`, whatever the bytes.

Covers node/codec/listing_writer.py.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from google.protobuf.message import DecodeError
from huxin.v1 import payload_pb2 as pb
from hypothesis import given, settings
from hypothesis import strategies as st

from federation import payloads as p
from federation.errors import StatementError
from federation.facts import PayloadFacts, PayloadReader, RequestBody, Written
from federation.ids import Date
from federation.payloads import Payload
from federation.statements import OPEN_KINDS, Kind
from node.codec import ProtobufPayloads, listing_writer
from node.codec.extraction import facts_of
from node.codec.listed import listing_to_proto
from tests.support.payload_examples import AUDIENCE, LISTING, RECORD, SUBJECT
from tests.support.payload_kinds import (
    COMMENDATION,
    EXAMPLES,
    HASH,
    NARROWED,
    PENALTY,
    REFERENCE,
    RELIEF,
    RELISTING,
)
from tests.support.payload_strategies import ANY, BY_KIND, listings

READER: PayloadReader = ProtobufPayloads()
SUBJECT_KEY = b"\x00\x11organisation-code\x00\x09" + SUBJECT.code[8:17].encode()
OF_A_ROW = (
    "subject",
    "authority",
    "authority_name",
    "document",
    "decided_on",
    "listed_on",
    "prior_notice_on",
    "publish_until",
    "term",
    "basis",
    "reason",
)
"""Fields in which the rows of a file differ."""
OF_RECORD = PayloadFacts(
    audience=AUDIENCE,
    key=RECORD.pack(),
    subject=SUBJECT_KEY,
    list_type=LISTING.list_type,
    authority=LISTING.authority,
    scheme=RECORD.scheme,
    code=RECORD.code,
    document=RECORD.document,
)


def outcome(read: Any, kind: int, raw: bytes) -> object:
    """What a reading gives: its value, or the code of its error."""
    try:
        return read(kind, raw)
    except StatementError as error:
        return error.code


def refused_or(write: Callable[[p.Listing], Written], listing: p.Listing) -> Written | str:
    try:
        return write(listing)
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
    without_record = isinstance(payload, p.Relief | p.Annotation) and payload.record is None
    answer = isinstance(payload, p.Request) and isinstance(payload.body, p.Answer)
    if not without_record and not answer:
        assert bool(facts.key) == (kind in (1, 2, 3, 4, 5, 6, 9, 16, 18))
    else:
        assert not facts.key


@given(ANY)
def test_what_is_found_in_writing_is_what_a_reader_finds(drawn: tuple[Kind, Payload]) -> None:
    kind, payload = drawn
    written = READER.written(payload)
    assert written.payload == READER.encode(payload)
    assert written.facts == READER.facts(kind, written.payload)


@settings(max_examples=400 if os.environ.get("HUXIN_SOAK") else 25)
@given(st.lists(listings(), max_size=4), st.data())
def test_many_listings_are_written_as_each_alone(
    drawn: list[p.Listing], data: st.DataObject
) -> None:
    write = READER.listing_writer()
    for listing in drawn:
        rows = [listing, *(data.draw(listings()) for _ in range(2))]
        like = [replace(listing, **{name: getattr(row, name) for name in OF_A_ROW}) for row in rows]
        for one in (*like, replace(listing, source=replace(listing.source, row=7, key="k"))):
            assert refused_or(write, one) == refused_or(READER.written, one)


@pytest.mark.parametrize(
    "change",
    [
        {"document": "a\0"},
        {"document": "d" * 257},
        {"decided_on": Date(20260231)},
        {"publish_until": Date(0)},
        {"basis": "b" * 2049},
        {"reason": "r" * 4097},
        {"authority": ""},
        {"authority_name": "\ud800"},
        {"source": replace(LISTING.source, row=-1)},
        {"source": replace(LISTING.source, key="k" * 513)},
        {"min_reader": 2},
        {"list_type": "administrative-penalty"},
    ],
)
def test_a_bad_listing_among_many_is_refused_as_alone(change: dict[str, Any]) -> None:
    write = READER.listing_writer()
    assert write(LISTING) == READER.written(LISTING)
    bad = replace(LISTING, **change)
    with pytest.raises(StatementError) as alone:
        READER.encode(bad)
    with pytest.raises(StatementError) as among:
        write(bad)
    assert among.value.code == alone.value.code
    other = replace(LISTING, document="another")
    assert write(other) == READER.written(other)


def test_a_message_is_not_filled_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was once put into a message is not given back before the message is."""
    made: list[p.Listing] = []

    def noted(listing: p.Listing) -> pb.Listing:
        made.append(listing)
        return listing_to_proto(listing)

    monkeypatch.setattr(listing_writer, "listing_to_proto", noted)
    write = READER.listing_writer()
    rows = [replace(LISTING, document=str(n)) for n in range(2 * listing_writer.ROWS + 1)]
    for row in rows:
        assert write(row).payload
    assert made == rows[:: listing_writer.ROWS]


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


@given(st.sampled_from([*Kind, 0, 19, 255]), st.binary(max_size=200))
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
    relief.record.CopyFrom(pb.RecordKey(scheme="uscc", code="c", list_type="l", authority="a"))
    assert first is READER.facts(Kind.REPAIR, relief.SerializeToString()).audience


LISTED = OF_RECORD._replace(decided_on=20260105, publish_until=20280105)
ENDED = OF_RECORD._replace(decided_on=20260301, publish_until=20280105)
OF_PENALTY = OF_RECORD._replace(
    key=PENALTY.key.pack(),
    list_type="administrative-penalty",
    decided_on=20260105,
    publish_until=20270105,
)
REFERRING = PayloadFacts(refers_origin="peer.example/1", refers_index=9, refers_hash=HASH)
EXPECTED: dict[Kind, PayloadFacts] = {
    Kind.LISTING: LISTED,
    Kind.CORRECTION: LISTED._replace(names=HASH + b"\x01"),
    Kind.ANNOTATION: OF_RECORD._replace(decided_on=20260301, names=HASH),
    Kind.REPAIR: ENDED,
    Kind.WITHDRAWAL: ENDED,
    Kind.RELISTING: LISTED._replace(
        decided_on=20260401, names=b"1" * 16 + b"2" * 16 + b"\x01", approvals=2
    ),
    Kind.COMMENDATION: OF_RECORD._replace(decided_on=20260105, publish_until=20270105),
    Kind.RECOGNITION: REFERRING._replace(authority="a", decided_on=20260301),
    Kind.OUTCOME: REFERRING._replace(audience=NARROWED, decided_on=20260301),
    Kind.REQUEST: REFERRING._replace(
        audience=NARROWED,
        key=RECORD.pack(),
        subject=SUBJECT_KEY,
        body=RequestBody.SUBMISSION,
        scheme=RECORD.scheme,
        code=RECORD.code,
        document=RECORD.document,
    ),
    Kind.COMMITMENT: PayloadFacts(
        audience=AUDIENCE, subject=SUBJECT_KEY, scheme=SUBJECT.scheme, code=SUBJECT.code
    ),
    Kind.PENALTY: OF_PENALTY,
}


@pytest.mark.parametrize("kind", EXPECTED, ids=lambda kind: kind.name)
def test_known_facts(kind: Kind) -> None:
    assert READER.facts(kind, READER.encode(EXAMPLES[kind])) == EXPECTED[kind]


def test_a_corrected_commendation_has_the_facts_of_the_commendation() -> None:
    correction = p.Correction(audience=AUDIENCE, replaces=HASH, payload=COMMENDATION)
    facts = READER.facts(Kind.CORRECTION, READER.encode(correction))
    assert facts == EXPECTED[Kind.COMMENDATION]._replace(names=HASH + b"\x09")


def test_facts_of_an_act_on_a_penalty_are_those_of_the_penalty() -> None:
    facts = OF_PENALTY
    correction = p.Correction(audience=AUDIENCE, replaces=HASH, payload=PENALTY)
    assert READER.facts(Kind.CORRECTION, READER.encode(correction)) == facts._replace(
        names=HASH + b"\x12"
    )
    relisting = replace(RELISTING, payload=PENALTY)
    found = READER.facts(Kind.RELISTING, READER.encode(relisting))
    assert (found.key, found.list_type, found.publish_until) == (
        facts.key,
        facts.list_type,
        facts.publish_until,
    )


def test_a_relief_without_its_record_names_none() -> None:
    relief = replace(RELIEF, record=None)
    expected = PayloadFacts(audience=AUDIENCE, decided_on=20260301, publish_until=20280105)
    assert READER.facts(Kind.REPAIR, READER.encode(relief)) == expected


@pytest.mark.parametrize(
    ("reason", "body"),
    [("", RequestBody.ANSWER), ("request.no-ground", RequestBody.REASONED_ANSWER)],
)
def test_an_answer_refers_to_its_request(reason: str, body: RequestBody) -> None:
    answer = p.Request(
        audience=NARROWED, body=p.Answer(request=REFERENCE, reason=reason, result=REFERENCE)
    )
    assert READER.facts(Kind.REQUEST, READER.encode(answer)) == PayloadFacts(
        audience=NARROWED,
        refers_origin="peer.example/1",
        refers_index=9,
        refers_hash=HASH,
        body=body,
    )


def test_an_outcome_may_be_of_a_scenario() -> None:
    outcome = p.Outcome(
        audience=NARROWED,
        case_id=bytes(16),
        result=p.OutcomeResult.BENEFIT_USED,
        scenario=REFERENCE,
        department="d",
        decided_on=Date(20260301),
    )
    facts = READER.facts(Kind.OUTCOME, READER.encode(outcome))
    assert (facts.refers_origin, facts.refers_index) == ("peer.example/1", 9)


@given(said=BY_KIND[Kind.ERASURE])
def test_an_erasure_has_its_ground(said: p.Erasure) -> None:
    facts = READER.facts(Kind.ERASURE, READER.encode(said))
    assert facts == PayloadFacts(names=bytes([said.ground]))


_WITHOUT = sorted(set(BY_KIND) - {*EXPECTED, Kind.ERASURE})


@pytest.mark.parametrize("kind", _WITHOUT, ids=lambda kind: kind.name)
@given(data=st.data())
def test_the_other_open_kinds_have_no_facts(kind: Kind, data: st.DataObject) -> None:
    raw = READER.encode(data.draw(BY_KIND[kind]))
    assert READER.facts(kind, raw) == PayloadFacts()


def test_what_is_malformed_names_the_kind_and_no_more() -> None:
    with pytest.raises(DecodeError):
        pb.Listing.FromString(b"\x22\x03\xffab")
    with pytest.raises(StatementError, match="LISTING"):
        READER.facts(Kind.LISTING, b"\x22\x03\xffab")

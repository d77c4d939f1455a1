"""The short way of a LISTING: taken by every valid one, by no other, and with the same facts.

Covers node/codec/extraction.py.
"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from buf.validate import validate_pb2
from huxin.v1 import payload_pb2 as pb
from hypothesis import given

from federation import payloads as p
from federation.errors import StatementError
from federation.facts import PayloadFacts
from federation.ids import Date
from federation.statements import Kind
from node.codec import ProtobufPayloads
from node.codec.extraction import facts_of
from node.codec.listing_facts import SMALL, listing_facts
from tests.support.payload_examples import LISTING
from tests.support.payload_strategies import listings

READER = ProtobufPayloads()


def short_facts(raw: bytes) -> PayloadFacts | None:
    """Facts by the short way, None where it leaves the payload to the long way."""
    return listing_facts(pb.Listing.FromString(raw), len(raw))


@given(listings())
def test_every_valid_listing_takes_the_short_way(listing: p.Listing) -> None:
    raw = READER.encode(listing)
    facts = short_facts(raw)
    assert facts == facts_of(listing)
    assert facts is not None
    assert facts.key == listing.key.pack()


WRONG: list[pb.Listing] = [
    pb.Listing(subject=pb.Subject(code="\x7f")),
    pb.Listing(subject=pb.Subject(name="甲\u0085")),
    pb.Listing(list_type="x" * 65),
    pb.Listing(tier=pb.Tier.ValueType(3)),
    pb.Listing(listed_on=20260230),
    pb.Listing(prior_notice_on=20260230),
    pb.Listing(publish_until=20260104),
    pb.Listing(publish_until=20300230),
    pb.Listing(measures=["x" * 65]),
    pb.Listing(audience=pb.Audience(charters=[b"short"])),
    pb.Listing(audience=pb.Audience(purposes=[""])),
    pb.Listing(audience=pb.Audience(members=[""])),
    pb.Listing(source=pb.Source(key="x" * 513)),
    pb.Listing(basis="x" * 2049),
    pb.Listing(min_reader=2),
    pb.Listing(term=pb.TERM_QUALITY_UNKNOWN),
    pb.Listing(term=pb.TermQuality.ValueType(9)),
    pb.Listing(notice_number="x" * 257),
    pb.Listing(notice_served_on=20260230),
    pb.Listing(exits=[pb.Exit()]),
    pb.Listing(exits=[pb.Exit(kind=pb.ExitKind.ValueType(9))]),
    pb.Listing(exits=[pb.Exit(kind=pb.EXIT_KIND_PERFORMED, months=1)]),
    pb.Listing(exits=[pb.Exit(kind=pb.EXIT_KIND_LISTED_FOR)]),
    pb.Listing(exits=[pb.Exit(kind=pb.EXIT_KIND_LISTED_FOR, months=121)]),
    pb.Listing(exits=[pb.Exit(kind=pb.EXIT_KIND_PERFORMED)] * 9),
]
ATTESTED = pb.NoticeAttestation(
    authority="a", document="d", scope="s", decided_from=20260101, decided_to=20261231
)
"""Beside the date that the LISTING of these tests states; wrong for that alone."""
WRONG.append(pb.Listing(prior_notice_attested=ATTESTED))
WRONG_ATTESTATIONS = [
    pb.NoticeAttestation(authority="x" * 65),
    pb.NoticeAttestation(authority="\x7f"),
    pb.NoticeAttestation(document="x" * 257),
    pb.NoticeAttestation(scope="x" * 1025),
    pb.NoticeAttestation(decided_from=20260230),
    pb.NoticeAttestation(decided_to=20260230),
    pb.NoticeAttestation(decided_to=20251231),
    pb.NoticeAttestation(decided_from=19481231),
]
UNDATED = pb.Listing.FromString(READER.encode(replace(LISTING, prior_notice_on=Date(0))))


@pytest.mark.parametrize("change", WRONG_ATTESTATIONS, ids=range(len(WRONG_ATTESTATIONS)))
def test_the_short_way_leaves_a_wrong_attestation_to_the_rules(
    change: pb.NoticeAttestation,
) -> None:
    right = pb.Listing(prior_notice_attested=ATTESTED)
    right.MergeFrom(UNDATED)
    assert short_facts(right.SerializeToString()) is not None
    wrong = pb.Listing(prior_notice_attested=change)
    raw = right.SerializeToString() + wrong.SerializeToString()
    assert short_facts(raw) is None
    with pytest.raises(StatementError, match=r"^prior_notice_attested"):
        READER.facts(Kind.LISTING, raw)


@pytest.mark.parametrize("change", WRONG, ids=range(len(WRONG)))
def test_the_short_way_leaves_what_is_wrong_to_the_rules(change: pb.Listing) -> None:
    raw = READER.encode(LISTING) + change.SerializeToString()
    assert short_facts(raw) is None
    with pytest.raises(StatementError, match=r"^[a-z_.0-9\[\]]+: "):
        READER.facts(Kind.LISTING, raw)


def test_the_short_way_knows_every_rule_of_the_proto_file() -> None:
    """A rule added to these messages must be added to the short way too."""
    rules: dict[str, str] = {}
    conditions: dict[str, list[str]] = {}
    for message in (pb.Listing, pb.Subject, pb.Source, pb.Exit, pb.NoticeAttestation):
        for field in message.DESCRIPTOR.fields:
            found = field.GetOptions().Extensions[validate_pb2.field]
            rules[f"{message.DESCRIPTOR.name}.{field.name}"] = " ".join(
                re.findall(r"[a-z_0-9]+(?=:)", str(found))
            )
        options = message.DESCRIPTOR.GetOptions().Extensions[validate_pb2.message]
        conditions[message.DESCRIPTOR.name] = [one.id for one in options.cel]
    assert {name: found for name, found in conditions.items() if found} == {
        "Listing": ["listing.prior_notice", "listing.term"],
        "Exit": ["exit.months"],
    }
    bounded = {"max_len"}
    named = {"min_len", "max_len"}
    assert {name: set(rule.split()) for name, rule in rules.items() if rule} == {
        "Listing.min_reader": {"gte"},
        "Listing.audience": {"required"},
        "Listing.subject": {"required"},
        "Listing.list_type": named,
        "Listing.tier": {"defined_only", "not_in"},
        "Listing.authority": named,
        "Listing.authority_name": named,
        "Listing.document": named,
        "Listing.document_type": bounded,
        "Listing.decided_on": {"gte", "lte"},
        "Listing.listed_on": {"gte", "lte"},
        "Listing.basis": bounded,
        "Listing.reason": bounded,
        "Listing.exit_path": bounded,
        "Listing.remedy": bounded,
        "Listing.measures": {"max_items", "max_len"},
        "Listing.source": {"required"},
        "Listing.notice_number": bounded,
        "Listing.exits": {"max_items"},
        "Listing.term": {"defined_only", "not_in"},
        "Exit.kind": {"defined_only", "not_in"},
        "Exit.months": {"lte"},
        "NoticeAttestation.authority": named,
        "NoticeAttestation.document": named,
        "NoticeAttestation.scope": named,
        "NoticeAttestation.decided_from": {"gte", "lte"},
        "NoticeAttestation.decided_to": {"gte", "lte"},
        "Subject.scheme": {"in"},
        "Subject.code": named,
        "Subject.name": named,
        "Subject.kind": {"defined_only", "not_in"},
        "Source.department": bounded,
        "Source.batch": bounded,
        "Source.key": bounded,
    }


def test_the_short_way_reads_long_texts_too() -> None:
    long = replace(LISTING, basis="据" * 2048, measures=("x" * 64,) * 64)
    raw = READER.encode(long)
    assert len(raw) > SMALL
    assert short_facts(raw) == facts_of(long)

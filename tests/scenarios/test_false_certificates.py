"""Evidence of a certificate of repair that somebody made to deceive, or that proves less.

Covers federation/relief/certificate.py (CT6-CT15), federation/relief/audit_note.py and
federation/relief/evidence.py (CT1).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from crypto.checkpoint import peek_checkpoint, sign_checkpoint
from crypto.keys import Signer
from crypto.notes import parse_note, sign_note
from crypto.proof import ProofFile
from federation.charters.chain import CharterChain, advance
from federation.charters.values import MemberKeys
from federation.errors import RefusedError
from federation.ids import Origin, Timestamp
from federation.reconcile.receipts import ReceiptOutcome
from federation.relief.audit_note import MAX_NOTE, AuditNote, format_audit_note
from federation.relief.certificate import Proved, verify_certificate
from federation.relief.document_keys import document_keys
from federation.relief.evidence import Disclosed, Evidence, read_evidence, write_evidence
from federation.statements import Kind, parse_header
from node.codec import ProtobufPayloads
from node.relief.certificate_words import fields_of
from tests.support import charters as build
from tests.support.certified import CITY, OTHER, PAGE, PEER, SUBJECT, certificates, repaired, say
from tests.support.simulation import Federation, listing, relief_payload

Federate = Callable[..., Federation]
ALL = (CITY, PEER, OTHER)


@pytest.fixture
def databases(tmp_path: Path) -> Callable[[str], str]:
    """Which database it is makes no difference here."""
    return lambda name: f"sqlite:///{tmp_path / name}.db"


@pytest.fixture
def federation(federate: Federate) -> Federation:
    made = federate(*ALL)
    made.connect(CITY, PEER)
    made.connect(CITY, OTHER)
    made.connect(PEER, OTHER)
    return made


@pytest.fixture
def good(federation: Federation) -> Evidence:
    statement = repaired(federation)
    return certificates(federation[CITY]).evidence(statement, SUBJECT, PAGE)


def refusal(evidence: Evidence) -> str:
    with pytest.raises(RefusedError) as refused:
        verify_certificate(evidence, ProtobufPayloads())
    return refused.value.code.removeprefix("repair-certificate.")


def disclosed(federation: Federation, where: str, statement: bytes) -> Disclosed:
    """A leaf of a node with its opening, as its certificates show one."""
    maker = certificates(federation[where])
    with federation[where].store.read() as session:
        (row,) = session.rows_by_id(None, [statement])
    return maker._disclosed(row)


def with_proof(one: Disclosed, proof: ProofFile) -> Disclosed:
    return replace(one, disclosure=replace(one.disclosure, proof=proof))


def bare(one: Disclosed) -> Disclosed:
    """The same with no line but the log's own."""
    proof = one.disclosure.proof
    note = parse_note(proof.checkpoint)
    origin = peek_checkpoint(proof.checkpoint).origin
    own = tuple(line for line in note.signatures if line.name == origin)
    return with_proof(one, replace(proof, checkpoint=replace(note, signatures=own).to_bytes()))


def charter_of(*members: object) -> tuple[tuple[bytes, ...], ...]:
    return (build.make_chain(members).envelopes,)  # type: ignore[arg-type]


def test_another_spelling_or_number_is_refused(good: Evidence) -> None:
    data = write_evidence(good)
    value = json.loads(data)
    number = value["certificate"]["number"]
    for changed in (
        data.replace(b'":', b'": ', 1),
        data + b"\n",
        data.removesuffix(b"\n"),
        data.replace(number.encode(), b"HX0123456789ABCDEF"),
    ):
        with pytest.raises(RefusedError) as refused:
            read_evidence(changed)
        assert refused.value.code == "repair-certificate.malformed"


def test_a_receipt_is_no_relief(good: Evidence) -> None:
    assert refusal(replace(good, relief=good.receipts[0])) == "not-relief"


def test_a_listing_that_says_it_is_a_relief_is_none(federation: Federation, good: Evidence) -> None:
    city = federation[CITY]
    payload = relief_payload(listing(1, audience=city.audience()), city.audience())
    about = city.say(city.draft(Kind.LISTING, payload))[0].statement_id
    federation.settle()
    lie = replace(good, relief=disclosed(federation, CITY, about))
    assert refusal(lie) == "not-relief"


def test_only_its_own_node_or_who_acts_for_it_relieves(
    federation: Federation, good: Evidence
) -> None:
    about = parse_header(good.relief.leaf).about
    peer = federation[PEER]
    payload = relief_payload(listing(1, audience=peer.audience()), peer.audience())
    said = peer.say(peer.draft(Kind.REPAIR, payload, about=about))[0]
    federation.settle()
    lie = replace(good, relief=disclosed(federation, PEER, said.statement_id), receipts=())
    assert refusal(lie) == "not-competent"
    span = build.make_delegation(PEER, said.index, said.index + 1)
    before = build.make_delegation(PEER, 0, said.index)
    others = [build.make_member(one) for one in (PEER, OTHER)]
    lent = charter_of(build.make_member(CITY, delegations=[span]), *others)
    facts = verify_certificate(replace(lie, charters=lent), ProtobufPayloads())
    assert facts.relief_origin == peer.origin
    ended = charter_of(build.make_member(CITY, delegations=[before]), *others)
    assert refusal(replace(lie, charters=ended)) == "not-competent"


def test_beyond_the_cut_nothing_is_relieved(good: Evidence) -> None:
    cut = build.make_segment(CITY, cut=build.make_cut(CITY, 1))
    later = build.make_segment(CITY, 2, from_size=0)
    others = [build.make_member(one) for one in (PEER, OTHER)]
    charters = charter_of(build.make_member(CITY, segments=[cut, later]), *others)
    assert refusal(replace(good, charters=charters, receipts=())) == "not-competent"


def test_no_node_executes_its_own_relief(federation: Federation, good: Evidence) -> None:
    city = federation[CITY]
    said = say(city, city, ReceiptOutcome.APPLIED, 1)
    federation.settle()
    lie = replace(good, receipts=(disclosed(federation, CITY, said),))
    assert refusal(lie) == "receipt"


def test_two_histories_of_one_log_are_refused(good: Evidence) -> None:
    proof = good.listing.proof
    checkpoint = peek_checkpoint(good.relief.disclosure.proof.checkpoint)
    forked = sign_checkpoint(replace(checkpoint, root=bytes(32)), build.log_signer(CITY))
    lie = replace(proof, checkpoint=forked.to_bytes())
    assert refusal(replace(good, listing=replace(good.listing, proof=lie))) == "forked"


def test_what_nobody_else_cosigned_is_incomplete(good: Evidence) -> None:
    evidence = replace(good, receipts=tuple(bare(one) for one in good.receipts))
    facts = verify_certificate(evidence, ProtobufPayloads())
    regions = {one.origin: one for one in facts.regions}
    peer = regions[build.origin_of(PEER)]
    assert peer.status is Proved.INCOMPLETE
    assert peer in facts.outstanding
    assert verify_certificate(good, ProtobufPayloads()).outstanding != facts.outstanding


def test_the_earliest_of_several_words_counts(federation: Federation, good: Evidence) -> None:
    peer, city = federation[PEER], federation[CITY]
    first = verify_certificate(good, ProtobufPayloads())
    federation.clock.advance(600)
    again = say(peer, city, ReceiptOutcome.LIFTED, 0)
    federation.settle()
    more = disclosed(federation, PEER, again)
    for receipts in ((more, *good.receipts), (*good.receipts, more)):
        facts = verify_certificate(replace(good, receipts=receipts), ProtobufPayloads())
        assert facts.regions == first.regions
        assert facts.last_proved_at != first.last_proved_at


def dropped() -> CharterChain:
    """A chain of which version 2 names no document key of the city any more."""
    chain = build.make_chain([build.make_member(one) for one in ALL])
    members = tuple(
        replace(one, keys=replace_document(one.keys)) if one.id == CITY else one
        for one in chain.latest.terms.members
    )
    return advance(chain, build.sign_all(build.next_version(chain.latest, members=members)))


def replace_document(keys: MemberKeys) -> MemberKeys:
    return replace(keys, document=())


def test_a_document_key_that_was_dropped() -> None:
    chain, by = dropped(), build.origin_of(CITY)
    key = build.document_signer(CITY).verifier
    at = chain.latest.terms.issued_at
    assert document_keys([chain], by, Timestamp(at - 1)) == ((key,), ())
    for proved in (Timestamp(at), Timestamp(at + 1), None):
        assert document_keys([chain], by, proved) == ((), (key,))


def cited(
    good: Evidence, signer: Signer, *, size: int = 0, text: str = "", root: bytes = b""
) -> Evidence:
    """The evidence with the note of an audit of the relief's log."""
    point = peek_checkpoint(good.relief.disclosure.proof.checkpoint)
    note = AuditNote(
        result="clean",
        as_of=good.at,
        logs={Origin(point.origin): (size or point.size, root or point.root)},
        files={"report.json": bytes(32)},
    )
    signed = sign_note(text or format_audit_note(note), [signer])
    return replace(good, report=signed.to_bytes())


def test_an_audit_that_is_cited_says_who_looked_how_far(good: Evidence) -> None:
    evidence = cited(good, build.document_signer(OTHER))
    facts = verify_certificate(read_evidence(write_evidence(evidence)), ProtobufPayloads())
    point = peek_checkpoint(good.relief.disclosure.proof.checkpoint)
    assert facts.audit is not None
    assert (facts.audit.origin, facts.audit.size) == (point.origin, point.size)
    assert facts.audit.auditor == build.make_member(OTHER).name
    told = dict(fields_of(facts))["审计", "audited"]
    assert f"前 {point.size} 条" in told
    assert ("审计", "audited") not in dict(fields_of(verify_certificate(good, ProtobufPayloads())))


def test_an_audit_that_says_nothing_of_the_relief_is_refused(good: Evidence) -> None:
    signer = build.document_signer(OTHER)
    before = peek_checkpoint(good.listing.proof.checkpoint).size
    index = verify_certificate(good, ProtobufPayloads()).relief_index
    assert before > index
    assert refusal(cited(good, signer, size=index)) == "audit"
    assert refusal(cited(good, build.document_signer("999999"))) == "audit"
    assert refusal(cited(good, build.charter_signer(OTHER))) == "audit"
    assert refusal(cited(good, signer, root=bytes(32))) == "forked"
    assert refusal(replace(good, report=b"x")) == "audit"
    assert refusal(replace(good, report=bytes(MAX_NOTE + 1))) == "audit"
    whole = parse_note(cited(good, signer).report).text
    for changed in (
        whole.replace("clean", "spotless"),
        whole.replace("as-of ", "as-of 0"),
        whole + "more\n",
        whole.replace("audit-report@v1", "audit-report@v2"),
        "huxin/audit-report@v1\n",
    ):
        assert refusal(cited(good, signer, text=changed)) == "audit"

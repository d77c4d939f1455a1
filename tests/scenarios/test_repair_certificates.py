"""Certificates of repair, made of what a federation did, verified from their evidence alone.

Covers federation/relief/certificate.py (CT1-CT12, CT15), node/relief/certificates.py,
node/relief/certificate_check.py (CT13, CT14), node/relief/certificate_words.py and
node/relief/typesetting.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest
from typer.testing import CliRunner

from adapters.files.mapping import built_in_mappings, find_mapping
from crypto.document import seal_document
from federation.errors import RefusedError
from federation.ids import CharterId, Origin, StatementId
from federation.reconcile.receipts import ReceiptOutcome
from federation.relief.certificate import (
    CertificateFacts,
    Proved,
    tlog_policy,
    verify_certificate,
)
from federation.relief.evidence import Evidence, read_evidence, write_evidence
from federation.rows import State
from federation.statements import Kind
from node.cli.repairs import app
from node.codec import ProtobufPayloads
from node.relief import typesetting
from node.relief.certificate_check import Checked, Page, check_file
from node.relief.certificate_words import fields_of, listed_of, page_of
from node.relief.typesetting import font_file, qr_text, set_page
from tests.support import charters as build
from tests.support.certified import (
    CITY,
    OTHER,
    PAGE,
    PEER,
    SUBJECT,
    certificates,
    listed,
    repaired,
    say,
)
from tests.support.simulation import Federation, listing
from tests.support.two_alliances import CHENGDU, LUZHOU, TONGNAN, YIBIN, ZIGONG, two_alliances

Federate = Callable[..., Federation]
PAYLOADS = ProtobufPayloads()


@pytest.fixture
def databases(tmp_path: Path) -> Callable[[str], str]:
    """Which database it is makes no difference here."""
    return lambda name: f"sqlite:///{tmp_path / name}.db"


@pytest.fixture
def federation(federate: Federate) -> Federation:
    made = federate(CITY, PEER, OTHER)
    made.connect(CITY, PEER)
    made.connect(CITY, OTHER)
    made.connect(PEER, OTHER)
    return made


def evidence_at(federation: Federation, member: str, statement: StatementId) -> Evidence:
    made = certificates(federation[member]).evidence(statement, SUBJECT, PAGE)
    return read_evidence(write_evidence(made))


def code_of_refusal(call: Callable[[], object]) -> str:
    with pytest.raises(RefusedError) as refused:
        call()
    return refused.value.code


def verified(evidence: Evidence, *pins: CharterId) -> CertificateFacts:
    return verify_certificate(evidence, PAYLOADS, pins)


def test_every_member_says_what_was_executed_where(federation: Federation) -> None:
    statement = repaired(federation)
    at = federation.clock.now()
    for member in (CITY, PEER, OTHER):
        facts = verified(evidence_at(federation, member, statement))
        assert (facts.kind, facts.relief.subject_name) == (Kind.REPAIR, listing(
            1, audience=facts.relief.audience).subject.name)  # fmt: skip
        assert (facts.listing_index, facts.relief_index) == (0, 1)
        assert facts.proved_at == at - 120
        regions = {one.origin: one for one in facts.regions}
        peer, other = (regions[build.origin_of(one)] for one in (PEER, OTHER))
        assert (peer.status, other.status) == (Proved.PROVED, Proved.NOT_PROVED)
        assert peer.lifted is not None
        assert other.applied is not None
        assert (peer.lifted.proved_at, other.applied.proved_at) == (at, at - 60)
        assert other in facts.outstanding
        assert Origin(build.origin_of(CITY)) not in regions
        assert facts.evidence.by == build.origin_of(member)


def test_what_is_refused_when_it_is_made(federation: Federation) -> None:
    statement = listed(federation)
    maker = certificates(federation[CITY])

    def make(subject: str = SUBJECT, what: StatementId = statement) -> Callable[[], object]:
        return lambda: maker.evidence(what, subject, PAGE)

    assert code_of_refusal(make()) == "repair-certificate.not-relieved"
    assert code_of_refusal(make(what=StatementId(bytes(16)))) == "record.unknown"
    relief = federation[CITY].relieve(Kind.REPAIR, statement)
    assert code_of_refusal(make()) == "repair-certificate.not-cosigned"
    federation.settle()
    assert code_of_refusal(make(subject="91510500MA6000000X")) == "repair-certificate.other-subject"
    assert maker.evidence(relief, SUBJECT, PAGE).number == maker.evidence(
        statement, SUBJECT, PAGE).number  # fmt: skip
    with federation[CITY].store.write() as session:
        (row,) = session.rows_by_id(None, [statement])
        session.replace_rows([row._replace(state=State.ACTIVE)])
    assert code_of_refusal(make()) == "repair-certificate.not-relieved"
    with federation[CITY].store.write() as session:
        session.replace_rows([row])
        session.put_fork(federation[CITY].origin, b"proof")
    assert code_of_refusal(make()) == "repair-certificate.forked"


def test_it_is_made_after_everything_else_was_erased(federation: Federation) -> None:
    statement = repaired(federation)
    node = federation[PEER]
    with node.store.write() as session:
        head = session.head(build.origin_of(CITY))
        assert head is not None
        session.erase_openings(head.log, [0])
    facts = verified(evidence_at(federation, PEER, statement))
    assert facts.proved_at is not None


def test_the_same_trust_is_a_policy(federation: Federation) -> None:
    facts = verified(evidence_at(federation, CITY, repaired(federation)))
    lines = tlog_policy(facts).decode().splitlines()
    assert f"log {build.log_signer(CITY).verifier}" in lines
    assert lines[-1] == "quorum others"
    assert any(str(build.cosigner(PEER, "mirror").verifier) in line for line in lines)


def test_only_alliances_that_are_pinned_count(federation: Federation) -> None:
    evidence = evidence_at(federation, CITY, repaired(federation))
    (chain,) = {facts[0] for facts in verified(evidence).alliances}
    assert verified(evidence, chain).pinned
    other = CharterId(bytes(32))
    assert code_of_refusal(lambda: verified(evidence, other)) == "repair-certificate.pin"


def test_ct15_of_alliances_that_are_not_pinned_nothing_is_proved(tmp_path: Path) -> None:
    both = two_alliances(tmp_path / "nodes")
    luzhou = both[LUZHOU]
    for member in (ZIGONG, CHENGDU):
        both.federation.connect(LUZHOU, member)
    about = luzhou.list_(listing(1, audience=both.to(both.south, both.west)))
    both.federation.settle()
    luzhou.relieve(Kind.REPAIR, about)
    both.federation.settle()
    for member in (ZIGONG, CHENGDU):
        say(both[member], luzhou, ReceiptOutcome.LIFTED, 0)
    both.federation.settle()
    data = certificates(luzhou).certificate(about, SUBJECT).pdf
    for node in both.federation.nodes.values():
        node.store.close()

    def statuses(*pins: CharterId) -> dict[str, str]:
        return {one.region: one.status.value for one in checked(data, *pins).facts.regions}

    south = {ZIGONG: "proved", YIBIN: "not-proved"}
    west = {CHENGDU: "proved", TONGNAN: "not-proved"}
    assert statuses() == statuses(both.south.id, both.west.id) == south | west
    assert statuses(both.south.id) == south | dict.fromkeys(west, "not-pinned")
    assert statuses(both.west.id) == west | dict.fromkeys(south, "not-pinned")
    path = tmp_path / "both.pdf"
    path.write_bytes(data)
    said = CliRunner().invoke(app, ["verify", str(path), "--pin", both.south.id.hex()])
    assert (said.exit_code, "不在所给信任之内" in said.output) == (0, True), said.output
    assert "每个各给一次 --pin" in said.output


def test_the_authority_is_named_as_its_maker_knows_it(federation: Federation) -> None:
    evidence = evidence_at(federation, CITY, repaired(federation))
    said = listing(1, audience=federation[CITY].audience())
    assert evidence.authority == said.authority_name != ""
    shown = dict(fields_of(verified(evidence)))
    assert shown["决定单位", "authority"] == f"{said.authority_name}（{said.authority}）"
    unnamed = replace(evidence, authority="")
    shown = dict(fields_of(verified(unnamed)))
    assert shown["决定单位", "authority"] == f"名称未载 name not stated（{said.authority}）"
    assert read_evidence(write_evidence(unnamed)) == unnamed
    for wrong in ("", "名" * 201, 1):
        document = json.loads(write_evidence(evidence))
        document["certificate"]["authority"] = wrong
        spelt = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        refused = code_of_refusal(partial(read_evidence, spelt.encode() + b"\n"))
        assert refused == "repair-certificate.malformed"


def test_the_page_does_not_tell_the_listing_again(federation: Federation) -> None:
    facts = verified(evidence_at(federation, CITY, repaired(federation)))
    record = facts.relief.record
    assert record is not None
    page = json.dumps(page_of(facts), ensure_ascii=False)
    assert record.code in page
    assert [word for word in (record.list_type, record.document) if word in page] == []
    assert [value for _, value in listed_of(facts)][1] == record.document


def test_a_byte_changed_anywhere_is_found(federation: Federation) -> None:
    evidence = evidence_at(federation, CITY, repaired(federation))
    data = write_evidence(replace(evidence, authority=""))  # a name that only the seal binds
    step = len(data) // 150
    for place in range(3, len(data) - 2, step):
        changed = bytearray(data)
        changed[place] = ord("A") if changed[place] != ord("A") else ord("B")
        with pytest.raises(RefusedError, match=r".") as refused:
            verified(read_evidence(bytes(changed)))
        assert refused.value.code.startswith("repair-certificate.")


def test_lies_are_refused_each_by_its_code(federation: Federation) -> None:
    city = federation[CITY]
    good = evidence_at(federation, CITY, repaired(federation))
    second = city.list_(listing(2, audience=city.audience()))
    city.relieve(Kind.REPAIR, second)
    federation.settle()
    code = listing(2, audience=city.audience()).subject.code
    other = certificates(city).evidence(second, code, PAGE)
    foreign = build.make_chain([build.make_member(m) for m in (PEER, OTHER)]).envelopes
    salted = replace(good.relief.disclosure, salt=bytes(32))
    own = replace(good, receipts=(good.relief,))
    for lie, wrong in (
        (replace(good, charters=((b"{}",),)), "charter"),
        (replace(good, charters=(*good.charters, *good.charters)), "charter"),
        (replace(good, charters=(foreign,)), "log"),
        (replace(good, relief=replace(good.relief, disclosure=salted)), "proof"),
        (replace(good, listing=replace(good.listing, leaf=other.listing.leaf)), "proof"),
        (replace(good, relief=good.receipts[0]), "not-relief"),
        (replace(good, listing=other.listing), "listing"),
        (replace(other, receipts=good.receipts), "receipt"),
        (own, "receipt"),
    ):
        assert code_of_refusal(partial(verified, lie)) == f"repair-certificate.{wrong}"


def checked(data: bytes, *pins: CharterId, subject: str = "") -> Checked:
    return check_file(data, PAYLOADS, pins, subject)


def resealed(data: bytes) -> bytes:
    """What a member that lies makes of a file: changed, and sealed by its own key."""
    return seal_document(data, build.document_signer(CITY))


def test_a_document_is_made_and_verified_with_nothing_else(federation: Federation) -> None:
    statement = repaired(federation)
    made = certificates(federation[CITY]).certificate(statement, SUBJECT, "https://a.example")
    found = checked(made.pdf, subject=SUBJECT)
    assert (found.page, found.seal_in_time) == (Page.SAME, True)
    assert found.facts.evidence.number == made.number
    assert "自贡" in made.html.decode() or "510300" in made.html.decode()
    assert len(qr_text(found.facts).encode()) <= 300
    name = found.facts.relief.subject_name
    assert name in made.html.decode()
    assert code_of_refusal(
        partial(checked, made.pdf, subject="91510500MA6000000X")
    ) == "repair-certificate.other-subject"  # fmt: skip
    assert code_of_refusal(partial(checked, made.pdf + b"\n")) == "repair-certificate.seal"
    assert code_of_refusal(
        partial(checked, made.pdf.replace(b"/Catalog", b"/Katalog"))
    ) == "repair-certificate.seal"  # fmt: skip
    # The same evidence under a page that names another firm, sealed by the member itself.
    facts = found.facts
    lie = replace(facts, relief=replace(facts.relief, subject_name="另一家（演示）"))
    swapped = resealed(set_page(lie, write_evidence(facts.evidence)))
    assert code_of_refusal(partial(checked, swapped)) == "repair-certificate.page"
    stranger = seal_document(
        set_page(facts, write_evidence(facts.evidence)), build.document_signer(PEER)
    )
    assert code_of_refusal(partial(checked, stranger)) == "repair-certificate.seal"
    # Set by another template, it says of itself that it was not compared.
    older = replace(facts, evidence=replace(facts.evidence, page=PAGE))
    old = resealed(set_page(older, write_evidence(older.evidence)))
    assert checked(old).page is Page.NOT_COMPARED


def test_what_the_font_does_not_draw_is_written_out(federation: Federation) -> None:
    facts = verified(evidence_at(federation, CITY, repaired(federation)))

    def page(name: str) -> bytes:
        named = replace(facts, relief=replace(facts.relief, subject_name=name))
        return set_page(named, write_evidence(facts.evidence))

    assert page("𠮷\u202e（演示）") == page("<U+20BB7><U+202E>（演示）")
    assert page("吉（演示）") != page("<U+5409>（演示）")


def test_a_template_has_its_number() -> None:
    """Where the page says something else, older certificates must not be taken for false ones.

    Raise `TEMPLATE` then, and write its digest here.
    """
    said = sha256()
    folder = Path(typesetting.__file__).parent
    for path in (folder / "templates/certificate.typ", folder / "certificate_words.py"):
        said.update(path.read_bytes())
    for name in built_in_mappings():
        said.update(f"{name}={find_mapping(name).title}\n".encode())
    assert (typesetting.TEMPLATE, said.hexdigest()[:16]) == ("6", "5be1f6025aeaf9b4")


def test_a_node_without_a_document_key_makes_none(federation: Federation) -> None:
    statement = repaired(federation)
    without = certificates(federation[CITY], sealing=False)
    assert code_of_refusal(
        partial(without.certificate, statement, SUBJECT)
    ) == "repair-certificate.no-document-key"  # fmt: skip


def test_a_font_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("node.relief.typesetting.find_spec", lambda _: None)
    assert code_of_refusal(font_file) == "repair-certificate.no-font"

"""Answers about subjects: their text, what they answer, and what the vectors say of both."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.keys import VerifierKey
from federation.charters.values import Role
from federation.errors import FederationError, ReplicationError, StatementError
from federation.ids import CharterId, Date, Origin, Timestamp
from federation.reconcile.attestation import (
    Agreement,
    Asked,
    Attested,
    Item,
    LeafDisclosure,
    Question,
    Registration,
    Said,
    attest,
    read_attestation,
    sign_attestation,
    verify_attestation,
)
from federation.reconcile.findings import RULES
from federation.reconcile.identity import BaseSubject, Status
from federation.reconcile.rules import judge
from federation.regions import lies_within, registered_in
from node.codec.attestations import question_from_bytes, question_to_bytes
from tests.federation.reconcile.test_rules import RIGHT
from tests.support import charters as build
from tests.support.attestation_cases import (
    CHARTER,
    FILE,
    HOME,
    LEAF,
    SAID,
    attestation,
    document,
)
from tests.support.catalogs import catalog_of, edition_text
from tests.support.invented import code_of

VECTORS = json.loads(FILE.read_text("utf-8"))
SUBJECT = BaseSubject(code_of(1), "虚构企业（演示）", former_names=("旧名虚构（演示）",))


def of(what: str) -> list[Any]:
    return [
        pytest.param(case, id=case["name"]) for case in VECTORS["cases"] if case["what"] == what
    ]


def keys(_: CharterId, origin: Origin) -> list[VerifierKey]:
    return [VerifierKey.parse(vkey) for vkey in VECTORS["keys"].get(origin, ())]


# ---------------------------------------------------------------- the vectors


def test_the_file_is_what_the_cases_give() -> None:
    assert document() == VECTORS
    names = [(case["what"], case["name"]) for case in VECTORS["cases"]]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("case", of("answer"))
def test_answers(case: dict[str, Any]) -> None:
    said = VECTORS["asked"]
    asked = Asked(
        answerer=said["from"],
        asker=said["to"],
        charter=CharterId(bytes.fromhex(said["charter"])),
        question=bytes.fromhex(said["question"]),
        items=said["items"],
    )
    try:
        verify_attestation(case["note"].encode(), asked, keys, Timestamp(VECTORS["now"]))
        result = "ok"
    except ReplicationError as error:
        result = error.code
    assert result == case["result"]


@pytest.mark.parametrize("case", of("coverage"))
def test_who_speaks_for_which_region(case: dict[str, Any]) -> None:
    roles = [Role(role) for role in case["roles"]]
    made = build.make_member("510599", roles=roles, attests=case["attests"])
    chain = build.make_chain([replace(made, region=case["region"]), build.make_member("511000")])
    spoken = build.make_trust(chain).attests_for(build.origin_of("510599"), case["registered"])
    assert bool(spoken) == case["result"]


@pytest.mark.parametrize("case", of("weight"))
def test_what_an_answer_makes_of_a_listing(case: dict[str, Any]) -> None:
    attested = Attested(
        agreement=Agreement(case["agreement"]),
        registration=Registration(case["status"]),
        succeeded=case["successor"],
        as_of=build.NOW,
        now=Timestamp(build.NOW + case["age_seconds"]),
        today=Date(20260921),
    )
    text = edition_text().replace("layer:", f"attestation_days: {case['days']}\nlayer:")
    finding = judge(RIGHT, catalog_of(text), None, attested, today=Date(20261121))
    assert RULES[finding].code == case["result"]


@pytest.mark.parametrize("case", of("question"))
def test_bytes_of_questions(case: dict[str, Any]) -> None:
    try:
        question_from_bytes(bytes.fromhex(case["bytes"]))
        result = "ok"
    except StatementError as error:
        result = error.code
    assert result == case["result"]


# ---------------------------------------------------------------- the text

CODES = st.from_regex(r"[a-z][a-z-]{0,20}\.[a-z0-9-]{1,20}", fullmatch=True)
SUCCESSORS = st.none() | st.tuples(
    st.sampled_from(["uscc", "organisation-code", "registration-number"]),
    st.from_regex(r"[0-9A-Z-]{1,64}", fullmatch=True),
)
WORDS = st.one_of(
    st.builds(
        Said,
        agreement=st.sampled_from([Agreement.CURRENT, Agreement.FORMER]),
        registration=st.sampled_from(Registration),
        successor=SUCCESSORS,
    ),
    st.builds(
        Said,
        agreement=st.sampled_from([Agreement.REUSED, Agreement.DIFFERS, Agreement.UNKNOWN]),
    ),
    st.builds(Said, agreement=st.just(Agreement.NOT_ANSWERED), code=CODES),
)


@given(st.lists(WORDS, min_size=1, max_size=64), st.integers(0, 2**63 - 1))
def test_what_is_written_is_read_again(said: list[Said], as_of: int) -> None:
    written = attestation(*said, as_of=as_of)
    note = sign_attestation(written, build.document_signer("510500"))
    assert read_attestation(note, keys) == written


@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_whatever_is_no_answer_is_refused(data: bytes) -> None:
    with pytest.raises(ReplicationError, match="expected"):
        read_attestation(data, keys)


@given(st.binary(max_size=300))
def test_whatever_is_no_question_is_refused(data: bytes) -> None:
    try:
        question = question_from_bytes(data)
    except FederationError as error:
        assert error.code == "request.invalid"  # noqa: PT017 - the rest is a question
        return
    assert question_from_bytes(question_to_bytes(question)) == question


def test_an_answer_of_64_lines_with_successors_fits() -> None:
    longest = Said(
        agreement=Agreement.FORMER,
        registration=Registration.DEREGISTERED,
        successor=("registration-number", "X" * 64),
    )
    note = sign_attestation(attestation(*[longest] * 64), build.document_signer("510500"))
    assert read_attestation(note, keys).said == (longest,) * 64


# ---------------------------------------------------------------- what is said


def test_what_a_library_says_of_a_code_and_a_name() -> None:
    live = Registration.EXISTING
    assert attest("虚构企业(演示)", SUBJECT) == Said(agreement=Agreement.CURRENT, registration=live)
    assert attest("旧名虚构（演示）", SUBJECT) == Said(
        agreement=Agreement.FORMER, registration=live
    )
    reused = SUBJECT._replace(reused_names=("旧名虚构(演示)",), status=Status.CANCELLED)
    assert attest("旧名虚构（演示）", reused) == Said(agreement=Agreement.REUSED)
    ceased = SUBJECT._replace(status=Status.CANCELLED, successor=code_of(2))
    assert attest("别的（演示）", ceased) == Said(agreement=Agreement.DIFFERS)
    assert attest("别的（演示）", None) == Said(agreement=Agreement.UNKNOWN)
    assert attest(SUBJECT.name, ceased) == Said(
        agreement=Agreement.CURRENT,
        registration=Registration.DEREGISTERED,
        successor=("uscc", code_of(2)),
    )


def test_a_successor_that_is_no_code_is_not_told() -> None:
    assert attest(SUBJECT.name, SUBJECT._replace(successor="另一家")).successor is None


def test_a_key_counts_only_where_the_charter_names_it() -> None:
    note = sign_attestation(attestation(*SAID), build.document_signer("510500"))
    other = CharterId(bytes(32))
    named = {(CHARTER, HOME): [build.document_signer("510500").verifier]}
    assert read_attestation(note, lambda c, o: named.get((c, o), [])).said == SAID
    with pytest.raises(ReplicationError) as caught:
        read_attestation(note, lambda _, o: named.get((other, o), []))
    assert caught.value.code == "attestation.signature"


# ---------------------------------------------------------------- regions


@pytest.mark.parametrize(
    ("seat", "region", "within"),
    [
        ("510502", "510500", True),
        ("510500", "510500", True),
        ("511002", "511000", True),
        ("510500", "510000", True),
        ("511000", "510500", False),
        ("510500", "510502", False),
        ("510500", "000000", False),
        ("", "510500", False),
    ],
)
def test_a_region_contains_another(seat: str, region: str, *, within: bool) -> None:
    assert lies_within(seat, region) == within


def test_only_a_unified_code_says_where_a_subject_was_registered() -> None:
    assert registered_in("uscc", code_of(1)) == "510500"
    assert registered_in("organisation-code", code_of(1)[8:17]) == ""


@pytest.mark.parametrize(("size", "good"), [(135_168, True), (135_169, False)])
def test_the_longest_proof_file_fits_into_a_question(size: int, *, good: bool) -> None:
    """A note of 131,072 bytes and its hashes (SPEC §8.1)."""
    shown = LeafDisclosure(leaf=bytes(76), salt=bytes(32), payload=b"x", proof=bytes(size))
    item = Item(leaf=LEAF, disclosure=shown)
    asked = Question(question_id=bytes(32), charter=CHARTER, items=(item,))
    if good:
        assert question_from_bytes(question_to_bytes(asked)) == asked
    else:
        with pytest.raises(StatementError):
            question_from_bytes(question_to_bytes(asked))

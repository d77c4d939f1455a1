"""Members beside each other, and the keys they name: one test a rule, by its code (SPEC §7.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from crypto.keys import KeyType, Signer
from federation.charters.rules import check_step, check_terms
from federation.charters.verification import Delegation, Member, MemberKeys, Role
from federation.errors import CharterError
from federation.ids import Origin
from tests.support.charters import (
    document_signer,
    log_signer,
    make_charter,
    make_cut,
    make_delegation,
    make_member,
    make_segment,
    make_terms,
    next_version,
    query_log_signer,
)

A, B = make_member("510300"), make_member("510500")
HUB = make_member("510000", roles=[Role.HUB])


def refused(code: str, action: Callable[[], None]) -> str:
    with pytest.raises(CharterError) as caught:
        action()
    assert caught.value.code == f"charter.{code}"
    return str(caught.value)


def terms_refused(code: str, *members: Member) -> str:
    return refused(code, lambda: check_terms(make_terms(members)))


# ---- keys


def _with_keys(member: Member, **keys: tuple[object, ...]) -> Member:
    return replace(member, keys=replace(member.keys, **keys))  # type: ignore[arg-type]


def test_a_member_may_name_several_document_keys_and_query_logs() -> None:
    newer = Signer(name="510300.huxin.example/document", type=KeyType.NOTE, seed=bytes(32))
    member = _with_keys(
        A,
        document=(document_signer("510300").verifier, newer.verifier),
        query_log=tuple(query_log_signer("510300", epoch).verifier for epoch in (1, 2)),
    )
    check_terms(make_terms([member, B]))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("510300.huxin.example/documents", KeyType.NOTE),
        ("510300.huxin.example/head", KeyType.NOTE),
        ("510500.huxin.example/document", KeyType.NOTE),
        ("510300.huxin.example/document", KeyType.COSIGNATURE),
    ],
)
def test_document_keys_are_named_by_node_and_use(name: str, kind: KeyType) -> None:
    key = Signer(name=name, type=kind, seed=bytes(32)).verifier
    terms_refused("key-name", _with_keys(A, document=(key,)))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("510300.huxin.example/1", KeyType.NOTE),
        ("queries.510500.huxin.example/1", KeyType.NOTE),
        ("queries.510300.huxin.example/0", KeyType.NOTE),
        ("queries.510300.huxin.example", KeyType.NOTE),
        ("queries.queries.510300.huxin.example/1", KeyType.NOTE),
        ("queries.510300.huxin.example/1", KeyType.COSIGNATURE),
    ],
)
def test_query_logs_are_named_after_their_node(name: str, kind: KeyType) -> None:
    key = Signer(name=name, type=kind, seed=bytes(32)).verifier
    terms_refused("key-name", _with_keys(A, query_log=(key,)))


def test_the_name_of_a_query_log_has_the_form_of_an_origin() -> None:
    """A node's name may be so long that one with `queries.` before it is none any more."""
    node = f"{'a' * 180}"
    keys = {
        "log": Signer(name=f"{node}/1", type=KeyType.NOTE, seed=bytes(32)).verifier,
        "query": Signer(name=f"queries.{node}/1", type=KeyType.NOTE, seed=bytes([1]) * 32).verifier,
    }
    segment = replace(make_segment("510300"), origin=Origin(f"{node}/1"), log_key=keys["log"])
    member = replace(make_member("510300", segments=[segment]), keys=MemberKeys())
    check_terms(make_terms([member]))
    terms_refused("key-name", _with_keys(member, query_log=(keys["query"],)))


def test_a_query_log_has_one_key() -> None:
    other = Signer(name="queries.510300.huxin.example/1", type=KeyType.NOTE, seed=bytes(32))
    keys = (query_log_signer("510300").verifier, other.verifier)
    terms_refused("key-name", _with_keys(A, query_log=keys))


def test_a_log_of_questions_is_nobodys_segment() -> None:
    key = query_log_signer("510300").verifier
    segment = replace(make_segment("510300"), origin=Origin(key.name), log_key=key)
    terms_refused("origin", replace(make_member("510300", segments=[segment]), keys=MemberKeys()))


@pytest.mark.parametrize("use", ["document", "query_log"])
def test_these_keys_have_no_other_owner_or_use(use: str) -> None:
    name = {"document": "510500.huxin.example/document"}.get(use, "queries.510500.huxin.example/1")
    for seed_of in (document_signer("510300"), log_signer("510500")):
        key = Signer(name=name, type=KeyType.NOTE, seed=seed_of.seed).verifier
        terms_refused("key-shared", A, _with_keys(B, **{use: (key,)}))


# ---- nobody twice


def _living(member_id: str, **changes: object) -> Member:
    """A member of its own keys and log, but for these fields."""
    own = make_member(member_id, endpoints=[f"{member_id}.example:7443"])
    return replace(own, **changes)  # type: ignore[arg-type]


def test_no_two_cities_have_one_region() -> None:
    said = terms_refused("member-twice", A, _living("510399", region=A.region))
    assert "510399" in said


def test_no_two_cities_have_one_name() -> None:
    terms_refused("member-twice", A, _living("510399", name=A.name))


@pytest.mark.parametrize("theirs", ["node.example:7443", "Node.Example:7443"])
def test_no_two_cities_have_one_endpoint(theirs: str) -> None:
    here = replace(A, endpoints=("10.0.0.1:7443", "node.example:7443"))
    terms_refused("member-twice", here, _living("510399", endpoints=(theirs,)))


def test_a_member_may_say_an_endpoint_twice() -> None:
    check_terms(make_terms([replace(A, endpoints=("a.example:1", "A.example:1")), B]))


@pytest.mark.parametrize("role", [Role.CITY, Role.COUNTY])
@pytest.mark.parametrize("other", [Role.CITY, Role.COUNTY])
def test_cities_and_counties_are_told_apart(role: Role, other: Role) -> None:
    twin = _living("510399", region=A.region, roles=(Role.WITNESS, other))
    terms_refused("member-twice", replace(A, roles=(role,)), twin)


@pytest.mark.parametrize("role", [Role.HUB, Role.WITNESS, Role.AUDITOR])
def test_others_may_stand_beside_a_city(role: Role) -> None:
    twin = _living("510399", region=A.region, name=A.name, roles=(role,))
    check_terms(make_terms([A, twin]))


def test_who_has_ended_is_in_nobodys_way() -> None:
    ended = make_member("510300", segments=[make_segment("510300", cut=make_cut("510300", 5))])
    check_terms(make_terms([ended, _living("510399", region=A.region, name=A.name)]))


# ---- attests


def test_a_hub_attests_for_regions() -> None:
    check_terms(make_terms([A, replace(HUB, attests=("51", "5105", "510502"))]))


@pytest.mark.parametrize("prefix", ["5", "510", "51050", "5105022", "5l", "５１"])
def test_regions_are_told_by_pairs_of_digits(prefix: str) -> None:
    terms_refused("attests", A, replace(HUB, attests=(prefix,)))


def test_only_a_hub_is_named_for_regions() -> None:
    terms_refused("attests", replace(A, attests=("5103",)))


# ---- delegations


def _delegating(*spans: Delegation) -> Member:
    return make_member("510500", delegations=spans)


@pytest.mark.parametrize(
    "spans",
    [
        [(0, None)],
        [(5, 5)],
        [(0, 3), (3, None)],
        [(0, 3), (7, 9), (9, None)],
    ],
)
def test_spans_of_a_log(spans: list[tuple[int, int | None]]) -> None:
    delegations = [make_delegation("510000", *span) for span in spans]
    check_terms(make_terms([_delegating(*delegations), HUB]))


@pytest.mark.parametrize(
    "spans",
    [
        [(5, 4)],
        [(0, None), (9, None)],
        [(0, None), (9, 10)],
        [(0, 3), (2, None)],
        [(5, 9), (0, 3)],
    ],
)
def test_spans_are_in_order_and_apart(spans: list[tuple[int, int | None]]) -> None:
    terms_refused(
        "delegation", _delegating(*(make_delegation("510000", *span) for span in spans)), HUB
    )


def test_two_may_be_delegates_at_once() -> None:
    check_terms(
        make_terms([_delegating(make_delegation("510000"), make_delegation("510300")), A, HUB])
    )


@pytest.mark.parametrize("origin", ["510300.huxin.example/1", "510000.huxin.example/2"])
def test_a_span_is_of_a_log_of_the_delegate(origin: str) -> None:
    span = replace(make_delegation("510000"), origin=Origin(origin))
    terms_refused("delegation", _delegating(span), A, HUB)


# ---- delegations from version to version

BEFORE = make_charter(
    [_delegating(make_delegation("510000", 3, 9), make_delegation("510000", 9)), HUB]
)


def _step(*spans: Delegation) -> None:
    terms = next_version(BEFORE, members=(_delegating(*spans), HUB))
    check_terms(terms)
    check_step(BEFORE.terms, terms)


def test_a_delegation_may_be_closed_and_another_given() -> None:
    _step(make_delegation("510000", 3, 9), make_delegation("510000", 9))
    _step(make_delegation("510000", 3, 9), make_delegation("510000", 9, 20))
    _step(
        make_delegation("510000", 3, 9),
        make_delegation("510000", 9, 20),
        make_delegation("510000", 30),
    )


def test_a_delegation_does_not_vanish() -> None:
    refused("delegation-vanished", lambda: _step(make_delegation("510000", 3, 9)))
    refused("delegation-vanished", _step)


@pytest.mark.parametrize(
    "changed",
    [
        make_delegation("510000", 2, 9),
        make_delegation("510000", 4, 9),
    ],
)
def test_a_delegation_keeps_its_start(changed: Delegation) -> None:
    refused("delegation-changed", lambda: _step(changed, make_delegation("510000", 9)))


def test_a_delegation_keeps_its_delegate_and_log() -> None:
    before = make_charter([_delegating(make_delegation("510000", 3)), HUB, A])
    terms = next_version(before, members=(_delegating(make_delegation("510300", 3)), HUB, A))
    refused("delegation-changed", lambda: check_step(before.terms, terms))


@pytest.mark.parametrize("end", [8, 10, None])
def test_the_end_of_a_delegation_stays(end: int | None) -> None:
    closed = make_charter([_delegating(make_delegation("510000", 3, 9)), HUB])
    terms = next_version(closed, members=(_delegating(make_delegation("510000", 3, end)), HUB))
    refused("delegation-reopened", lambda: check_step(closed.terms, terms))


def test_who_has_delegated_stays_listed_without_a_log_too() -> None:
    auditor = make_member(
        "auditor",
        roles=[Role.AUDITOR],
        segments=[],
        delegations=[make_delegation("510000", 0, 1)],
    )
    before = make_charter([A, HUB, auditor])
    refused(
        "member-vanished",
        lambda: check_step(before.terms, next_version(before, members=(A, HUB))),
    )


# ---- successors from version to version


def _gone(successor: str | None, *, again: bool = False) -> Member:
    segments = [make_segment("510300", cut=make_cut("510300", 5))]
    if again:
        segments.append(make_segment("510300", from_size=5))
    return make_member("510300", segments=segments, successor=successor)


def _from_gone(before: str | None, after: Member) -> None:
    charter = make_charter([_gone(before), B, HUB])
    check_step(charter.terms, next_version(charter, members=(after, B, HUB)))


def test_who_has_ended_may_be_given_a_successor_later_or_come_back() -> None:
    _from_gone(None, _gone("510500"))
    _from_gone(None, _gone(None, again=True))
    _from_gone("510500", _gone("510500"))


def test_a_successor_may_be_another_before_it_acts() -> None:
    charter = make_charter([make_member("510300", successor="510500"), B, HUB])
    for after in (make_member("510300", successor="510000"), _gone("510000"), A):
        check_step(charter.terms, next_version(charter, members=(after, B, HUB)))


@pytest.mark.parametrize("after", [_gone("510000"), _gone(None), _gone("510500", again=True)])
def test_who_acts_for_a_member_that_has_ended_goes_on(after: Member) -> None:
    refused("successor-changed", lambda: _from_gone("510500", after))

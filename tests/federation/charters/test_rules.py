"""Rules on the text of a charter and on a step between versions: one test a rule, by its code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from crypto.hpke import sealing_public
from crypto.keys import KeyType, Signer
from federation.charters.rules import check_step, check_terms
from federation.charters.values import SealingKey
from federation.charters.verification import Conflict, Member, MemberKeys, Reception, Segment, Terms
from federation.errors import CharterError
from federation.ids import CharterId, MemberId, Origin, Timestamp
from tests.support.charters import (
    EVERYTHING,
    charter_signer,
    cosigner,
    log_signer,
    make_charter,
    make_cut,
    make_delegation,
    make_member,
    make_segment,
    make_terms,
    next_version,
    seed,
)

A, B = make_member("510300"), make_member("510500")
TERMS = make_terms([A, B])


def refused(code: str, action: Callable[[], None]) -> str:
    with pytest.raises(CharterError) as caught:
        action()
    assert caught.value.code == f"charter.{code}"
    return str(caught.value)


def terms_refused(code: str, *members: Member, **changes: object) -> str:
    terms = make_terms(members) if members else TERMS
    terms = replace(terms, **changes)  # type: ignore[arg-type]  # fields of Terms, by name
    return refused(code, lambda: check_terms(terms))


def test_a_good_charter_passes() -> None:
    check_terms(TERMS)
    check_terms(next_version(make_charter([A, B])))


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 0},
        {"version": 2},
        {"version": 2, "charter": CharterId(bytes(32))},
        {"version": 2, "previous": bytes(32)},
        {"charter": CharterId(bytes(32))},
        {"previous": bytes(32)},
    ],
)
def test_numbering(changes: dict[str, object]) -> None:
    terms_refused("numbering", **changes)


@pytest.mark.parametrize("version", [0, 1, 2, 9])
def test_a_conflict_names_an_earlier_version_after_the_first(version: int) -> None:
    second = next_version(make_charter([A, B]))
    conflict = Conflict(version=version, digest=bytes(32))
    refused(
        "conflict-version",
        lambda: check_terms(replace(second, previous_conflicting=(conflict,))),
    )


def test_a_conflict_is_not_the_previous_version() -> None:
    second = next_version(make_charter([A, B]), version=3)
    assert second.previous is not None
    conflict = Conflict(version=2, digest=second.previous)
    refused(
        "conflict-version",
        lambda: check_terms(replace(second, previous_conflicting=(conflict,))),
    )


def test_the_period_has_a_length() -> None:
    terms_refused("period", not_after=TERMS.issued_at)


def test_purposes_are_known() -> None:
    terms_refused("purpose", make_member("510300", receives=()), purposes=("personal-scoring",))


def test_members_receive_for_purposes_of_the_charter() -> None:
    member = make_member("510300", receives=[Reception(kinds=(1,), purposes=("audit",))])
    terms_refused("purpose", member, purposes=("joint-punishment",))


def test_member_ids_are_unique() -> None:
    terms_refused("member-id", A, B, A)


@pytest.mark.parametrize("region", ["51050", "5105000", "51050a", "５１０５００"])
def test_region_codes(region: str) -> None:
    terms_refused("region", replace(A, region=region))


@pytest.mark.parametrize("other", ["510599", "510300"])
def test_delegate_and_successor_are_other_members(other: str) -> None:
    terms_refused("member-unknown", make_member("510300", delegations=[make_delegation(other)]), B)
    terms_refused("member-unknown", make_member("510300", successor=other), B)


def test_someone_votes() -> None:
    terms_refused("no-voter", make_member("510300", votes=False))
    terms_refused("no-voter", members=())


def _with_charter_key(member: Member, key: bytes) -> Member:
    return replace(member, charter_key=key)


@pytest.mark.parametrize(
    "shared",
    [
        _with_charter_key(B, charter_signer("510300").verifier.public),
        _with_charter_key(B, log_signer("510500").verifier.public),
        _with_charter_key(B, log_signer("510300").verifier.public),
        _with_charter_key(B, cosigner("510300", "head").verifier.public),
        replace(B, sealing_keys=A.sealing_keys),
        replace(B, certificates=A.certificates),
        replace(
            B,
            keys=MemberKeys(
                head=(
                    Signer(
                        name="510500.huxin.example/head",
                        type=KeyType.COSIGNATURE,
                        seed=seed("510500", "log", 1),
                    ).verifier,
                )
            ),
        ),
    ],
)
def test_no_key_has_two_owners_or_two_uses(shared: Member) -> None:
    refused("key-shared", lambda: check_terms(replace(TERMS, members=(A, shared))))


def _sealing(suite: int, key: bytes) -> SealingKey:
    return SealingKey(suite=suite, key=key)


def test_a_sealing_key_stands_once_also_in_another_suite() -> None:
    (key,) = A.sealing_keys
    terms_refused("key-shared", replace(A, sealing_keys=(key, _sealing(9, key.key))), B)


@pytest.mark.parametrize(
    "key",
    [bytes(32), b"\1" + bytes(31), (2**255 - 20).to_bytes(32, "little"), bytes([255]) * 32, b"k"],
)
def test_nobody_seals_to_a_weak_key_or_one_of_another_form(key: bytes) -> None:
    terms_refused("sealing-key", replace(A, sealing_keys=(_sealing(1, key),)), B)


def test_sealing_keys_of_suites_to_come_are_passed_over() -> None:
    (key,) = A.sealing_keys
    later = _sealing(2, bytes(1216))
    only = replace(A, sealing_keys=(later,))
    check_terms(replace(TERMS, members=(only, B)))
    assert only.sealing_key is None
    assert replace(A, sealing_keys=(later, key)).sealing_key == key


def test_the_first_sealing_key_is_the_one_to_use() -> None:
    (key,) = A.sealing_keys
    new = _sealing(1, sealing_public(bytes([3]) * 32))
    assert replace(A, sealing_keys=(new, key)).sealing_key == new


def test_two_epochs_have_two_keys() -> None:
    again = Signer(name="510300.huxin.example/2", type=KeyType.NOTE, seed=seed("510300", "log", 1))
    second = replace(make_segment("510300", 2), log_key=again.verifier)
    first = make_segment("510300", cut=make_cut("510300", 5))
    terms_refused("key-shared", make_member("510300", segments=[first, second]))


@pytest.mark.parametrize(
    "origin",
    ["510300.huxin.example", "A.example/1", "../x/1", "a/0", "a/01", "-a/1", "a" * 188 + "/1"],
)
def test_origins(origin: str) -> None:
    segment = replace(make_segment("510300"), origin=Origin(origin))
    terms_refused("origin", make_member("510300", segments=[segment]))


def test_the_log_key_is_named_like_the_origin() -> None:
    segment = replace(make_segment("510300"), log_key=log_signer("510300", 2).verifier)
    terms_refused("key-name", make_member("510300", segments=[segment]))


def test_the_log_key_is_of_type_one() -> None:
    key = Signer(name="510300.huxin.example/1", type=KeyType.COSIGNATURE, seed=bytes(32)).verifier
    segment = replace(make_segment("510300"), log_key=key)
    terms_refused("key-name", make_member("510300", segments=[segment]))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("510300.huxin.example/witness", KeyType.COSIGNATURE),
        ("510500.huxin.example/head", KeyType.COSIGNATURE),
        ("510300.huxin.example/head", KeyType.NOTE),
    ],
)
def test_cosigner_keys_are_named_by_node_and_use(name: str, kind: KeyType) -> None:
    key = Signer(name=name, type=kind, seed=bytes(32)).verifier
    terms_refused("key-name", replace(A, keys=MemberKeys(head=(key,))))


def test_a_witness_without_a_log_names_its_own_node() -> None:
    keys = MemberKeys(witness=(cosigner("witness", "witness").verifier,))
    witness = replace(make_member("witness", segments=[]), keys=keys)
    check_terms(make_terms([A, witness]))


def test_the_suite_is_known() -> None:
    segment = replace(make_segment("510300"), suite=2)
    terms_refused("suite", make_member("510300", segments=[segment]))


CUT = make_cut("510300", 9)


@pytest.mark.parametrize(
    "cut",
    [
        replace(CUT, size=8),
        replace(CUT, root=bytes(32)),
        replace(CUT, note=b"nothing"),
        replace(CUT, note=make_cut("510500", 9).note),
        make_cut("510300", 4),
    ],
)
def test_a_closed_segment_carries_its_signed_cut(cut: object) -> None:
    segment = replace(make_segment("510300", from_size=5), cut=cut)  # type: ignore[arg-type]
    terms_refused("cut", make_member("510300", segments=[segment]))


def test_a_good_cut_passes() -> None:
    segment = make_segment("510300", from_size=5, cut=CUT)
    check_terms(make_terms([make_member("510300", segments=[segment])]))


def test_only_the_last_segment_is_open() -> None:
    segments = [make_segment("510300"), make_segment("510300", 2)]
    terms_refused("segment-order", make_member("510300", segments=segments))


@pytest.mark.parametrize(("start", "good"), [(8, False), (9, True), (12, True)])
def test_segments_of_an_origin_do_not_overlap(start: int, good: bool) -> None:
    segments = [make_segment("510300", cut=CUT), make_segment("510300", from_size=start)]
    terms = make_terms([make_member("510300", segments=segments)])
    if good:
        check_terms(terms)
    else:
        refused("segment-order", lambda: check_terms(terms))


def test_an_origin_keeps_its_key() -> None:
    key = Signer(name="510300.huxin.example/1", type=KeyType.NOTE, seed=bytes(32)).verifier
    segments = [
        make_segment("510300", cut=CUT),
        replace(make_segment("510300", from_size=9), log_key=key),
    ]
    terms_refused("segment-key", make_member("510300", segments=segments))


def test_an_origin_does_not_come_back_after_the_next_epoch() -> None:
    segments = [
        make_segment("510300", cut=CUT),
        make_segment("510300", 2, cut=make_cut("510300", 3, 2)),
        make_segment("510300", from_size=9),
    ]
    terms_refused("segment-order", make_member("510300", segments=segments))


def test_the_epochs_of_a_node_rise() -> None:
    """A number may be left out, and those of two nodes' names have no order."""
    closed = make_segment("510300", 2, cut=make_cut("510300", 4, 2))
    earlier = replace(A, segments=(closed, make_segment("510300", 1)))
    terms_refused("segment-order", earlier)
    check_terms(make_terms([replace(A, segments=(closed, make_segment("510300", 9)))]))
    other = make_segment("510399", 1, cut=make_cut("510399", 4))
    check_terms(make_terms([replace(A, segments=(closed, other, make_segment("510300", 3)))]))
    terms_refused("segment-order", replace(A, segments=(closed, other, make_segment("510300", 1))))


@pytest.mark.parametrize("key", [bytes(32), b"\x02" + bytes(31), b"\xee" + b"\xff" * 30 + b"\x7f"])
def test_a_charter_key_can_sign(key: bytes) -> None:
    terms_refused("key", replace(A, charter_key=key))


def test_an_origin_has_one_member() -> None:
    """Also where the second one names another key for it."""
    key = Signer(name="510300.huxin.example/1", type=KeyType.NOTE, seed=bytes(32)).verifier
    taken = replace(make_segment("510300"), log_key=key)
    terms_refused("origin-shared", A, replace(B, segments=(taken,), keys=MemberKeys()))


@pytest.mark.parametrize(
    "endpoint",
    [
        "host",
        "host:0",
        "host:65536",
        ":1",
        "a b:1",
        "host:1/x",
        "host:00080",
        "川南:1",
        "[1.2.3.4]:1",
        "[:::]:1",
        "[::1%eth0]:1",
    ],
)
def test_endpoints(endpoint: str) -> None:
    terms_refused("endpoint", replace(A, endpoints=(endpoint,)))


@pytest.mark.parametrize("endpoint", ["node.example:7443", "10.0.0.1:1", "[::1]:65535"])
def test_good_endpoints(endpoint: str) -> None:
    check_terms(make_terms([replace(A, endpoints=(endpoint,))]))


# ---- from one version to the next


def step_refused(code: str, old: Terms, member: Member) -> None:
    new = replace(old, members=(member, *old.members[1:]))
    refused(code, lambda: check_step(old, new))


CLOSED = make_terms([make_member("510300", segments=[make_segment("510300", cut=CUT)]), B])


def test_a_member_with_segments_stays_listed() -> None:
    refused("member-vanished", lambda: check_step(TERMS, replace(TERMS, members=(A,))))


def test_a_member_without_segments_may_go() -> None:
    auditor = make_member("auditor", segments=[], votes=False)
    check_step(make_terms([A, B, auditor]), TERMS)


def test_segments_stay() -> None:
    step_refused("segment-vanished", CLOSED, replace(CLOSED.members[0], segments=()))


@pytest.mark.parametrize(
    "changed",
    [
        replace(make_segment("510300"), from_size=1),
        replace(make_segment("510300"), origin=Origin("other.example/1")),
        replace(make_segment("510300"), log_key=log_signer("511000").verifier),
        replace(make_segment("510300"), suite=2),
        replace(make_segment("510300"), entitlements=replace(EVERYTHING, kinds=(1,))),
    ],
)
def test_a_segment_never_changes(changed: Segment) -> None:
    step_refused("segment-changed", TERMS, replace(A, segments=(changed,)))


def test_a_closed_segment_is_not_opened_or_moved() -> None:
    for cut in (None, make_cut("510300", 12), make_cut("510300", 9, root=bytes(32))):
        segment = make_segment("510300", cut=cut)
        step_refused("segment-reopened", CLOSED, replace(A, segments=(segment,)))


def test_a_segment_may_be_closed_and_followed() -> None:
    follows = make_segment("510300", from_size=9, entitlements=replace(EVERYTHING, kinds=(1,)))
    segments = (make_segment("510300", cut=CUT), follows)
    new = replace(TERMS, members=(replace(A, segments=segments), B))
    check_terms(new)
    check_step(TERMS, new)


def test_times_and_names_are_free() -> None:
    new = replace(TERMS, not_after=Timestamp(TERMS.not_after + 1), name="新名")
    check_step(TERMS, new)
    assert new.member(MemberId("510300")) == A

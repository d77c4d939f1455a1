"""Signatures, thresholds and versions of a charter (SPEC §7.2)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.dsse import Envelope, parse_envelope, sign_envelope
from federation.charters.draft import write_terms
from federation.charters.verification import (
    Conflict,
    more_than_half,
    read_envelope,
    signers,
    two_thirds,
    verify_first,
    verify_next,
)
from federation.errors import CharterError
from federation.ids import CharterId, MemberId, Timestamp
from tests.support.charters import (
    NOT_AFTER,
    NOW,
    charter_id_of,
    make_charter,
    make_member,
    make_terms,
    next_version,
    seed,
    sign_all,
)

IDS = ("510300", "510500", "511000", "511500")
CITIES = tuple(make_member(member_id) for member_id in IDS)
FIRST = make_charter(CITIES)


def refused(code: str, action: Callable[[], object]) -> str:
    with pytest.raises(CharterError) as caught:
        action()
    assert caught.value.code == code
    return str(caught.value)


def test_version_one_gives_the_charter_and_its_id() -> None:
    terms = make_terms(CITIES)
    envelope = sign_all(terms)
    charter = verify_first(envelope, charter_id_of(terms))
    assert charter.terms == terms
    assert charter.id == charter.digest == sha256(parse_envelope(envelope).payload).digest()
    assert charter.envelope == envelope


def test_version_one_needs_the_pinned_id() -> None:
    terms = make_terms(CITIES)
    refused("charter.pin", lambda: verify_first(sign_all(terms), CharterId(bytes(32))))


@pytest.mark.parametrize("missing", IDS)
def test_version_one_needs_every_voting_member(missing: str) -> None:
    terms = make_terms(CITIES)
    envelope = sign_all(terms, [i for i in IDS if i != missing])
    message = refused("charter.threshold", lambda: verify_first(envelope, charter_id_of(terms)))
    assert missing in message


def test_version_one_needs_no_signature_of_a_member_without_a_vote() -> None:
    terms = make_terms([*CITIES, make_member("510521", votes=False)])
    verify_first(sign_all(terms), charter_id_of(terms))


def test_a_later_version_does_not_begin_an_alliance() -> None:
    terms = next_version(FIRST)
    refused("charter.version", lambda: verify_first(sign_all(terms), FIRST.id))


def test_the_next_version_follows() -> None:
    terms = next_version(FIRST, name="川南信用联盟（改名）")
    second = verify_next(FIRST, sign_all(terms))
    assert second.id == FIRST.id
    assert second.digest == charter_id_of(terms)
    assert second.terms.name == "川南信用联盟（改名）"


@pytest.mark.parametrize("signed", range(5))
def test_the_next_version_needs_more_than_half(signed: int) -> None:
    envelope = sign_all(next_version(FIRST), IDS[:signed])
    if signed >= 3:
        verify_next(FIRST, envelope)
    else:
        refused("charter.threshold", lambda: verify_next(FIRST, envelope))


def test_newcomers_cannot_carry_a_version_alone() -> None:
    """More than half of version N, whatever number of new voters sign."""
    new = [make_member(f"51010{n}") for n in range(7)]
    terms = next_version(FIRST, members=(*CITIES, *new))
    few_old = [*IDS[:2], *(m.id for m in new)]
    refused("charter.threshold", lambda: verify_next(FIRST, sign_all(terms, few_old)))
    verify_next(FIRST, sign_all(terms, [*IDS[:3], *(m.id for m in new)]))


def test_the_old_cannot_carry_a_version_against_the_new() -> None:
    """More than half of version N+1."""
    new = [make_member(f"51010{n}") for n in range(7)]
    terms = next_version(FIRST, members=(*CITIES, *new))
    refused("charter.threshold", lambda: verify_next(FIRST, sign_all(terms, IDS)))


def test_one_member_counts_once_however_often_it_signs() -> None:
    """Key ids are computed: neither copies nor false key ids add up."""
    payload = write_terms(next_version(FIRST))
    envelope = sign_envelope(
        Envelope(payload_type="application/vnd.huxin.charter+json", payload=payload, signatures=()),
        seed(IDS[0], "charter"),
    )
    signature = envelope.signatures[0][1]
    copies = replace(envelope, signatures=tuple((f"{n:064x}", signature) for n in range(4)))
    refused("charter.threshold", lambda: verify_next(FIRST, copies.to_bytes()))


def test_bad_signatures_of_strangers_do_no_harm() -> None:
    envelope = parse_envelope(sign_all(next_version(FIRST)))
    noisy = replace(envelope, signatures=(("00", bytes(64)), *envelope.signatures))
    noisy = sign_envelope(noisy, seed("stranger"))
    verify_next(FIRST, noisy.to_bytes())


def test_versions_are_consecutive() -> None:
    terms = replace(next_version(FIRST), version=3)
    refused("charter.version", lambda: verify_next(FIRST, sign_all(terms)))


def test_equal_and_lower_versions_are_refused() -> None:
    second = verify_next(FIRST, sign_all(next_version(FIRST)))
    refused("charter.version", lambda: verify_next(second, second.envelope))
    refused("charter.pin", lambda: verify_next(second, FIRST.envelope))


def test_the_alliance_is_named() -> None:
    terms = next_version(FIRST, charter=CharterId(bytes(32)))
    refused("charter.alliance", lambda: verify_next(FIRST, sign_all(terms)))


def test_the_version_before_is_named() -> None:
    terms = next_version(FIRST, previous=bytes(32))
    refused("charter.previous", lambda: verify_next(FIRST, sign_all(terms)))


def test_a_version_that_settles_a_fork_goes_through_the_chain() -> None:
    second = verify_next(FIRST, sign_all(next_version(FIRST)))
    terms = next_version(second, previous_conflicting=(Conflict(version=2, digest=bytes(32)),))
    refused("charter.settles-fork", lambda: verify_next(second, sign_all(terms)))


def test_expiry() -> None:
    assert not FIRST.expired(NOT_AFTER)
    assert FIRST.expired(Timestamp(NOT_AFTER + 1))
    assert not FIRST.expired(NOW)


def test_not_an_envelope() -> None:
    refused("charter.envelope", lambda: verify_first(b"{}", FIRST.id))


def test_payload_type_is_signed_and_checked() -> None:
    payload = parse_envelope(FIRST.envelope).payload
    other = Envelope(payload_type="application/json", payload=payload, signatures=())
    refused("charter.payload-type", lambda: read_envelope(other.to_bytes()))
    signed = sign_envelope(other, seed(IDS[0], "charter"))
    assert not signers(
        replace(signed, payload_type="application/vnd.huxin.charter+json"), FIRST.terms
    )


def test_an_unsafe_charter_key_is_refused() -> None:
    """A key of small order would let one signature be good for many messages."""
    weak = replace(CITIES[0], charter_key=bytes(32))
    terms = make_terms([weak, *CITIES[1:]])
    refused("charter.key", lambda: verify_first(sign_all(terms), charter_id_of(terms)))


def test_a_changed_payload_loses_its_signatures() -> None:
    envelope = json.loads(sign_all(next_version(FIRST)))
    second = parse_envelope(sign_all(next_version(FIRST, not_after=Timestamp(NOT_AFTER + 1))))
    changed = replace(second, signatures=parse_envelope(json.dumps(envelope).encode()).signatures)
    refused("charter.threshold", lambda: verify_next(FIRST, changed.to_bytes()))


@given(total=st.integers(1, 2000), data=st.data())
def test_two_majorities_share_a_voter(total: int, data: st.DataObject) -> None:
    """The law behind "more than half": two sets that carry a version always meet."""
    count = data.draw(st.integers(0, total))
    if more_than_half(count, total):
        assert not more_than_half(total - count, total)
    assert more_than_half(total, total)
    assert not more_than_half(0, total)


@given(total=st.integers(1, 2000), count=st.integers(0, 2000))
def test_two_thirds_is_rounded_up(total: int, count: int) -> None:
    assert two_thirds(count, total) == (count >= -(-2 * total // 3))


@given(signed=st.sets(st.sampled_from(IDS)))
def test_signers_are_those_who_signed(signed: set[str]) -> None:
    envelope = parse_envelope(sign_all(FIRST.terms, sorted(signed)))
    assert signers(envelope, FIRST.terms) == {MemberId(i) for i in signed}

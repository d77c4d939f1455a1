"""Which envelopes a peer needs that holds a version: no fork is hidden by what it says (§9.2)."""

from __future__ import annotations

from contextlib import suppress

import pytest

from federation.charters.chain import CharterChain, HeldVersion, advance
from federation.charters.verification import Conflict
from federation.errors import CharterError
from federation.ids import CharterId, Timestamp
from tests.support.charters import NOT_AFTER, make_chain, make_member, next_version, sign_all

IDS = ("510300", "510500", "511000")
FIRST = make_chain([make_member(member_id) for member_id in IDS])


def longer(chain: CharterChain, seconds: int) -> CharterChain:
    terms = next_version(chain.latest, not_after=Timestamp(NOT_AFTER + seconds))
    return advance(chain, sign_all(terms))


def taken(chain: CharterChain, envelopes: tuple[bytes, ...]) -> CharterChain:
    """The chain of a node that is told these, and takes what it can."""
    for envelope in envelopes:
        with suppress(CharterError):
            chain = advance(chain, envelope)
    return chain


SECOND = longer(FIRST, 1)
CHAIN = longer(longer(SECOND, 2), 3)
RIVAL = longer(longer(FIRST, 7), 8)
BOTH = taken(CHAIN, RIVAL.envelopes)
SETTLED = advance(
    BOTH,
    sign_all(
        next_version(
            CHAIN.latest,
            previous_conflicting=(Conflict(version=2, digest=RIVAL.versions[1].digest),),
        )
    ),
)
STATES = {
    "first": FIRST,
    "second": SECOND,
    "trunk": CHAIN,
    "rival": RIVAL,
    "both": BOTH,
    "both, the rival first": taken(RIVAL, CHAIN.envelopes),
    "settled": SETTLED,
    "after the settlement": longer(SETTLED, 11),
}


def named(version: int, digest: bytes, charter: CharterId = FIRST.id) -> HeldVersion:
    return HeldVersion(charter=charter, version=version, digest=digest)


@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_what_leads_to_a_version_of_both_is_left_out(version: int) -> None:
    held = named(version, CHAIN.versions[version - 1].digest)
    assert CHAIN.beyond([held]) == CHAIN.envelopes[version:]


@pytest.mark.parametrize(
    "held",
    [
        (),
        (named(2, bytes(32)),),
        (named(3, CHAIN.versions[1].digest),),
        (named(0, CHAIN.latest.digest),),
        (named(5, CHAIN.latest.digest),),
        (named(2**32 - 1, CHAIN.latest.digest),),
        (named(4, CHAIN.latest.digest, CharterId(bytes(32))),),
        (RIVAL.held,),
    ],
    ids=[
        "an older peer",
        "another digest",
        "the digest of another version",
        "none",
        "a version to come",
        "the last",
        "of another charter",
        "a fork",
    ],
)
def test_whoever_holds_something_else_gets_all(held: tuple[HeldVersion, ...]) -> None:
    assert CHAIN.beyond(held) == CHAIN.envelopes


def test_a_false_word_takes_nothing_away_from_a_true_one() -> None:
    true, false = named(2, CHAIN.versions[1].digest), named(3, bytes(32))
    assert CHAIN.beyond([false, true, false]) == CHAIN.beyond([true]) == CHAIN.envelopes[2:]


def test_a_fork_is_told_to_whoever_holds_the_trunk() -> None:
    told = BOTH.beyond([CHAIN.held])
    assert told == tuple(charter.envelope for charter in RIVAL.versions[1:])
    assert taken(CHAIN, told).forks
    assert BOTH.beyond([RIVAL.held]) == BOTH.envelopes


@pytest.mark.parametrize("mine", STATES)
@pytest.mark.parametrize("theirs", STATES)
def test_nothing_is_missing_to_whoever_says_what_it_holds(mine: str, theirs: str) -> None:
    one, other = STATES[mine], STATES[theirs]
    told = one.beyond([other.held])
    assert set(told) <= set(one.envelopes)
    assert taken(other, told) == taken(other, one.envelopes)

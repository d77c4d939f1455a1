"""Forks of a charter: proof, punishment stopped, settlement by two thirds (SPEC §7.2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from federation.charters.chain import CharterChain, advance, begin_chain, prove_fork
from federation.charters.verification import Charter, Conflict, Terms, verify_next
from federation.errors import CharterError
from federation.ids import CharterId, Timestamp
from tests.support.charters import NOT_AFTER, make_chain, make_member, next_version, sign_all

IDS = ("510300", "510500", "511000", "511500", "510000", "510100")
CHAIN = make_chain([make_member(member_id) for member_id in IDS])
FIRST = CHAIN.latest


def refused(code: str, action: Callable[[], object]) -> None:
    with pytest.raises(CharterError) as caught:
        action()
    assert caught.value.code == code


def later(charter: Charter, seconds: int) -> Terms:
    return next_version(charter, not_after=Timestamp(NOT_AFTER + seconds))


def forked() -> tuple[CharterChain, Charter, Charter]:
    """A chain that holds version 2 (A) and learns of another version 2 (B)."""
    one, other = sign_all(later(FIRST, 1), IDS[:4]), sign_all(later(FIRST, 2), IDS[2:])
    chain = advance(advance(CHAIN, one), other)
    return chain, verify_next(FIRST, one), verify_next(FIRST, other)


def settling(on: Charter, against: Charter) -> Terms:
    conflict = Conflict(version=against.terms.version, digest=against.digest)
    return next_version(on, previous_conflicting=(conflict,))


def test_begin_and_advance() -> None:
    chain = begin_chain(FIRST.envelope, FIRST.id)
    chain = advance(chain, sign_all(later(FIRST, 1)))
    assert [c.terms.version for c in chain.versions] == [1, 2]
    assert chain.id == FIRST.id
    assert not chain.forks


def test_what_is_known_changes_nothing() -> None:
    chain = advance(CHAIN, sign_all(later(FIRST, 1)))
    assert advance(chain, chain.latest.envelope) is chain
    assert advance(chain, FIRST.envelope) is chain


def test_two_valid_versions_prove_a_fork() -> None:
    chain, one, other = forked()
    (fork,) = chain.forks
    assert chain.latest.digest == one.digest
    assert fork.proof == (one.envelope, other.envelope)
    again = prove_fork(FIRST, *fork.proof)
    assert (again.held.digest, again.other[0].digest) == (one.digest, other.digest)


def test_the_proof_does_not_depend_on_the_order() -> None:
    chain, one, other = forked()
    mirrored = advance(advance(CHAIN, other.envelope), one.envelope)
    assert {c.digest for c in (mirrored.forks[0].held, *mirrored.forks[0].other)} == {
        c.digest for c in (chain.forks[0].held, *chain.forks[0].other)
    }


def test_one_version_twice_is_no_fork() -> None:
    """Other signatures over the same payload do not contradict."""
    terms = later(FIRST, 1)
    refused("charter.no-fork", lambda: prove_fork(FIRST, sign_all(terms), sign_all(terms, IDS[:4])))
    chain = advance(CHAIN, sign_all(terms))
    assert not advance(chain, sign_all(terms, IDS[:4])).forks


def test_an_invalid_rival_is_no_fork() -> None:
    chain = advance(CHAIN, sign_all(later(FIRST, 1)))
    refused("charter.threshold", lambda: advance(chain, sign_all(later(FIRST, 2), IDS[:3])))


def test_a_fork_is_found_below_the_newest_version() -> None:
    chain = advance(CHAIN, sign_all(later(FIRST, 1)))
    chain = advance(chain, sign_all(later(chain.latest, 1)))
    chain = advance(chain, sign_all(later(FIRST, 2)))
    assert chain.latest.terms.version == 3
    assert chain.forks[0].parent.digest == FIRST.digest


@pytest.mark.parametrize("signed", range(7))
def test_settlement_needs_two_thirds_of_the_last_shared_version(signed: int) -> None:
    chain, one, other = forked()
    envelope = sign_all(settling(one, other), IDS[:signed])
    if signed >= 4:
        settled = advance(chain, envelope)
        assert not settled.forks
        assert settled.latest.terms.version == 3
    else:
        refused("charter.threshold", lambda: advance(chain, envelope))


def test_settlement_asks_for_more_than_half() -> None:
    """Five of nine carry a version, but do not settle a fork."""
    ids = tuple(f"51010{n}" for n in range(9))
    chain = make_chain([make_member(i) for i in ids])
    first = chain.latest
    one, other = sign_all(later(first, 1)), sign_all(later(first, 2))
    chain = advance(advance(chain, one), other)
    terms = settling(chain.latest, verify_next(first, other))
    refused("charter.settlement", lambda: advance(chain, sign_all(terms, ids[:5])))
    assert not advance(chain, sign_all(terms, ids[:6])).forks


def test_the_branch_cannot_choose_who_settles() -> None:
    """Branch B drops honest voters; the two thirds are still those of the shared version."""
    honest, rogue = IDS[:2], IDS[2:]
    ended = [replace(m, charter_key=None) for m in FIRST.terms.members if m.id in honest]
    kept = [m for m in FIRST.terms.members if m.id in rogue[:3]]
    ended += [replace(m, charter_key=None) for m in FIRST.terms.members if m.id in rogue[3:]]
    coup = sign_all(next_version(FIRST, members=(*ended, *kept)), rogue)
    chain = advance(advance(CHAIN, sign_all(later(FIRST, 1))), coup)
    branch = chain.forks[0].other[0]
    terms = settling(branch, chain.latest)
    refused("charter.settlement", lambda: advance(chain, sign_all(terms, rogue[:3])))


def test_an_ordinary_version_does_not_settle() -> None:
    chain, one, _ = forked()
    chain = advance(chain, sign_all(later(one, 5)))
    assert chain.latest.terms.version == 3
    assert chain.forks


def test_a_wrong_number_does_not_settle() -> None:
    """The number chooses whose two thirds are asked for, so it must be that of the fork."""
    chain = advance(CHAIN, sign_all(later(FIRST, 1)))
    chain = advance(chain, sign_all(later(chain.latest, 1)))
    second = chain.versions[1]
    rival = sign_all(later(second, 7))
    chain = advance(chain, rival)
    lie = Conflict(version=2, digest=chain.forks[0].other[0].digest)
    chain = advance(chain, sign_all(next_version(chain.latest, previous_conflicting=(lie,))))
    assert chain.forks
    unforked = CharterChain(versions=chain.versions)
    assert advance(unforked, rival).forks


def test_the_other_branch_may_be_the_one_that_continues() -> None:
    chain, one, other = forked()
    settled = advance(chain, sign_all(settling(other, one)))
    assert [c.digest for c in settled.versions[:2]] == [FIRST.digest, other.digest]
    assert not settled.forks


def test_the_other_branch_is_followed_until_it_settles() -> None:
    chain, one, other = forked()
    chain = advance(chain, sign_all(later(other, 3)))
    assert chain.latest.digest == one.digest
    assert len(chain.forks[0].other) == 2
    settled = advance(chain, sign_all(settling(chain.forks[0].other[-1], one)))
    assert [c.terms.version for c in settled.versions] == [1, 2, 3, 4]
    assert settled.versions[1].digest == other.digest


def test_what_was_settled_stays_settled() -> None:
    """A late reader that never saw the fork takes the settlement, then the losing branch."""
    _, one, other = forked()
    chain = advance(CHAIN, one.envelope)
    chain = advance(chain, sign_all(settling(one, other)))
    assert advance(chain, other.envelope) is chain


def test_a_version_that_follows_nothing_is_refused() -> None:
    second = verify_next(FIRST, sign_all(later(FIRST, 1)))
    refused("charter.version", lambda: advance(CHAIN, sign_all(later(second, 1))))


def test_where_a_version_stands_is_asked_of_what_it_follows() -> None:
    chain, one, _ = forked()
    chain = advance(chain, sign_all(later(one, 3)))
    skipping = replace(later(FIRST, 4), version=3)
    refused("charter.version", lambda: advance(chain, sign_all(skipping)))
    nothing = replace(later(one, 4), previous=bytes(32))
    refused("charter.previous", lambda: advance(chain, sign_all(nothing)))
    refused("charter.previous", lambda: advance(chain, sign_all(replace(nothing, version=4))))
    refused("charter.version", lambda: advance(chain, sign_all(replace(nothing, version=5))))
    foreign = replace(nothing, version=9, charter=CharterId(bytes(32)))
    refused("charter.alliance", lambda: advance(chain, sign_all(foreign)))
    refused("charter.alliance", lambda: begin_chain(sign_all(foreign), FIRST.id))
    rival = replace(FIRST.terms, name="另一个（演示）")
    refused("charter.pin", lambda: advance(chain, sign_all(rival)))


def test_a_branch_that_is_longer_counts_for_what_is_next() -> None:
    chain, _, other = forked()
    longer = sign_all(later(other, 3), IDS[2:])
    chain = advance(chain, longer)
    nothing = replace(later(other, 4), version=4, previous=bytes(32))
    refused("charter.previous", lambda: advance(chain, sign_all(nothing)))


def test_what_is_set_aside_is_not_followed() -> None:
    chain, one, other = forked()
    settled = advance(chain, sign_all(settling(one, other)))
    against = sign_all(settling(other, one))
    refused("charter.previous", lambda: advance(settled, against))


def test_a_settlement_of_another_digest_is_a_version_and_settles_nothing() -> None:
    chain, one, _ = forked()
    conflict = Conflict(version=2, digest=bytes(32))
    still = advance(chain, sign_all(next_version(one, previous_conflicting=(conflict,))))
    assert still.latest.terms.version == 3
    assert still.forks


def test_envelopes_rebuild_the_chain() -> None:
    chain, _, other = forked()
    chain = advance(chain, sign_all(later(other, 3)))
    first, *rest = chain.envelopes
    again = begin_chain(first, chain.id)
    for envelope in rest:
        again = advance(again, envelope)
    assert again == chain

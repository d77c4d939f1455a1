"""Charters on disk: every envelope is kept, whichever branch of a fork continues."""

from __future__ import annotations

from pathlib import Path

from federation.charters.chain import CharterChain, advance
from federation.charters.verification import Charter, Conflict, verify_next
from federation.ids import Timestamp
from node.charters.files import advance_all, load_chain, store_chain
from tests.support.charters import NOT_AFTER, make_chain, make_member, next_version, sign_all

CHAIN = make_chain([make_member(i) for i in ("510300", "510500", "511000")])
FIRST = CHAIN.latest


def later(charter: Charter, seconds: int) -> bytes:
    return sign_all(next_version(charter, not_after=Timestamp(NOT_AFTER + seconds)))


ONE, OTHER = later(FIRST, 1), later(FIRST, 2)
THIRD = later(verify_next(FIRST, ONE), 3)
RIVAL_THIRD = later(verify_next(FIRST, OTHER), 4)


def settled(on: bytes, then: bytes, against: bytes) -> bytes:
    """Version 4: follows `on` and `then`, and sets `against` aside."""
    second = verify_next(FIRST, on)
    rival = verify_next(FIRST, against)
    conflict = Conflict(version=2, digest=rival.digest)
    return sign_all(
        next_version(verify_next(second, then), previous_conflicting=(conflict,)),
    )


def whole() -> CharterChain:
    chain = CHAIN
    for envelope in (ONE, THIRD, OTHER, RIVAL_THIRD):
        chain = advance(chain, envelope)
    return chain


def reload(directory: Path) -> CharterChain:
    return load_chain(directory, CHAIN.id)


def test_a_fork_is_stored_with_both_branches(tmp_path: Path) -> None:
    store_chain(tmp_path / "charters", whole())
    assert reload(tmp_path / "charters") == whole()


def test_storing_again_changes_nothing(tmp_path: Path) -> None:
    store_chain(tmp_path / "charters", whole())
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "charters").rglob("*")}
    store_chain(tmp_path / "charters", whole())
    assert {p: p.stat().st_mtime_ns for p in (tmp_path / "charters").rglob("*")} == before


def test_the_trunk_goes_on_and_the_rivals_stay_as_evidence(tmp_path: Path) -> None:
    directory = tmp_path / "charters"
    store_chain(directory, whole())
    chain = advance(whole(), settled(ONE, THIRD, OTHER))
    store_chain(directory, chain)
    assert reload(directory) == chain
    assert not chain.forks
    stored = {p.read_bytes() for p in directory.rglob("*.json")}
    assert {OTHER, RIVAL_THIRD} <= stored


def test_the_other_branch_becomes_the_trunk(tmp_path: Path) -> None:
    directory = tmp_path / "charters"
    store_chain(directory, whole())
    chain = advance(whole(), settled(OTHER, RIVAL_THIRD, ONE))
    store_chain(directory, chain)
    assert reload(directory) == chain
    assert [c.envelope for c in chain.versions[1:3]] == [OTHER, RIVAL_THIRD]
    stored = {p.read_bytes() for p in directory.rglob("*.json")}
    assert {ONE, THIRD} <= stored


def test_a_crash_while_the_trunk_is_replaced_loses_nothing(tmp_path: Path) -> None:
    """The old versions are written beside before the first file of the trunk is replaced."""
    directory = tmp_path / "charters"
    store_chain(directory, whole())
    final = settled(OTHER, RIVAL_THIRD, ONE)
    store_chain(directory, advance(whole(), final))
    folder = directory / CHAIN.id.hex()
    (folder / "4.json").unlink()
    (folder / "3.json").write_bytes(THIRD)
    torn = reload(directory)
    assert len(torn.forks) == 1
    assert advance(torn, final).latest.envelope == final


def test_envelopes_come_in_any_order() -> None:
    final = settled(OTHER, RIVAL_THIRD, ONE)
    chain, refused = advance_all(CHAIN, [final, RIVAL_THIRD, THIRD, ONE, OTHER])
    assert chain.latest.envelope == final
    assert not [e for e in refused if e != THIRD]


def test_what_follows_nothing_is_named() -> None:
    chain, refused = advance_all(CHAIN, [THIRD])
    assert chain == CHAIN
    assert [error.code for error in refused.values()] == ["charter.version"]

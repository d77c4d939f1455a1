"""Who lies, as an auditor finds it from folders alone, and of what nobody is accused.

Covers node/audit/verifying.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from crypto.cosignature import cosign
from crypto.fork import parse_fork, verify_fork
from crypto.merkle import leaf_hashes, root_of
from crypto.notes import Note, parse_note
from federation.charters.values import Entitlements
from federation.payloads import Continuation, ErasureGround, Receipt, ReceiptBatch
from federation.statements import Kind
from node.audit.verifying import Audited
from tests.support import charters as build
from tests.support.audited import (
    CITY,
    DAY,
    FOURTH,
    MEMBERS,
    OTHER,
    PEER,
    World,
    codes,
)

LOG = f"logs/{CITY}.huxin.example__1"


@pytest.fixture
def world() -> World:
    """A listing that three cities took up."""
    world = World()
    world.listed()
    return world


def test_an_honest_alliance_is_clean(tmp_path: Path, world: World) -> None:
    world.repaired(world.statement)
    world[CITY].erase(world.now, world.statement, ErasureGround.REPAIRED)
    world.vouch(DAY)
    found = world.audit(world.write(tmp_path))
    assert codes(found) == {}
    (relief,) = found.reliefs
    assert {one.city for one in relief.progress.members} == {"自贡", "宜宾", "内江"} or all(
        one.lifted for one in relief.progress.members
    )
    assert [one.verdict.value for one in relief.progress.members] == ["in-time"] * 3
    assert found.logs[world[CITY].origin].size == len(world[CITY].leaves)


def test_copies_that_are_older_are_no_accusation(tmp_path: Path, world: World) -> None:
    old = world.write(tmp_path / "old")
    world.repaired(world.statement)
    assert codes(world.audit(old, world.write(tmp_path / "new"))) == {}


# ---------------------------------------------------------------- who lies


def test_two_histories_shown_to_two_cities_are_proved(tmp_path: Path, world: World) -> None:
    one = world.write(tmp_path / "one")
    world[CITY].leaves[-1:] = []
    world[CITY].notes.clear()
    world[CITY].say(Kind.LISTING, world.now, word="another")
    world[CITY].say(Kind.LISTING, world.now)
    world.vouch()
    found = world.audit(one, world.write(tmp_path / "other"))
    assert "log.forked" in codes(found)["finding"]
    origin, proof = found.forks[0]
    assert origin == world[CITY].origin
    verify_fork(parse_fork(proof.to_bytes()), build.log_signer(CITY).verifier)


def test_a_fork_file_is_proved_again_and_a_false_one_found(tmp_path: Path, world: World) -> None:
    test_two_histories_shown_to_two_cities_are_proved(tmp_path / "made", world)
    found = world.audit(tmp_path / "made/one", tmp_path / "made/other")
    files = world.files()
    name = str(world[CITY].origin).replace("/", "__")
    files[f"forks/{name}.1"] = found.forks[0][1].to_bytes()
    files[f"forks/{name}.2"] = b"huxin/fork@v1\n\nnothing"
    said = world.audit(world.write(tmp_path / "both", files))
    assert {"log.forked", "fork.invalid"} <= codes(said)["finding"]


def test_a_backdated_statement_is_found(tmp_path: Path, world: World) -> None:
    world[CITY].say(Kind.LISTING, world.now - DAY, word="thief")
    world.vouch()
    found = world.audit(world.write(tmp_path))
    (one,) = [one for one in found.found if one.code == "time.behind"]
    assert (one.origin, one.index) == (world[CITY].origin, 1)


def test_one_cosigner_with_a_false_clock_makes_no_other_appear_ahead(
    tmp_path: Path, world: World
) -> None:
    files = world.files()
    for path in [path for path in files if path.endswith("/checkpoint") or "notes/" in path]:
        note = parse_note(files[path])
        lines = tuple(
            cosign(note.text, build.cosigner(PEER, "mirror"), 1000)
            if line.name.startswith(PEER) and line.name.endswith("/mirror")
            else line
            for line in note.signatures
        )
        files[path] = Note(text=note.text, signatures=lines).to_bytes()
    found = world.audit(world.write(tmp_path, files)).found
    assert [one.message for one in found if one.code == "time.ahead"] == []


def test_a_clock_a_year_ahead_is_found(tmp_path: Path, world: World) -> None:
    world[PEER].say(Kind.LISTING, world.now + 365 * DAY)
    world.vouch()
    found = world.audit(world.write(tmp_path))
    (one,) = [one for one in found.found if one.code == "time.ahead"]
    assert one.origin == world[PEER].origin


def test_who_writes_on_beyond_its_cut_is_found(tmp_path: Path) -> None:
    world = World()
    world[OTHER].say(Kind.LISTING, world.now)
    world.vouch()
    root = root_of(leaf_hashes(world[OTHER].leaves))
    cut = build.make_cut(OTHER, 1, root=root)
    kept = [build.make_member(one) for one in MEMBERS if one != OTHER]
    gone = build.make_member(OTHER, segments=(build.make_segment(OTHER, cut=cut),))
    terms = build.next_version(world.chain.latest, members=(*kept, gone), issued_at=world.now)
    world.envelopes.append(build.sign_all(terms, MEMBERS))
    world[OTHER].say(Kind.LISTING, world.now, word="after")
    world.vouch()
    files = world.files()
    found = world.audit(world.write(tmp_path, files))
    said = [one for one in found.found if one.code == "entitlement.segment"]
    assert [(one.origin, one.index) for one in said] == [(world[OTHER].origin, 1)]


def test_a_kind_that_the_charter_does_not_allow_is_found(tmp_path: Path) -> None:
    bare = build.make_member(PEER, entitlements=Entitlements(kinds=(4, 5, 10), lists=()))
    others = [build.make_member(one) for one in MEMBERS if one != PEER]
    world = World(chain=build.make_chain([bare, *others]))
    world[PEER].say(Kind.LISTING, world.now)
    world.vouch()
    found = world.audit(world.write(tmp_path))
    assert {one.code for one in found.found} == {"entitlement.kind"}


def test_what_an_alliance_that_nobody_pinned_may_allow_is_no_accusation(tmp_path: Path) -> None:
    bare = build.make_member(PEER, entitlements=Entitlements(kinds=(4, 5, 10), lists=()))
    others = [build.make_member(one) for one in MEMBERS if one != PEER]
    world = World(chain=build.make_chain([bare, *others]))
    world[PEER].say(Kind.LISTING, world.now)
    world.vouch()
    other = build.make_chain([build.make_member(PEER), build.make_member(CITY)])
    strange = build.make_chain([build.make_member(CITY), build.make_member(OTHER)])
    for chain, weight in ((other, "incomplete"), (strange, "finding")):
        path = f"charters/{chain.id.hex()}/1.json"
        files = world.files() | {path: chain.latest.envelope}
        out = world.write(tmp_path / weight, files)
        assert codes(world.audit(out)) == {weight: {"entitlement.kind"}}


def test_a_repair_that_was_never_lifted_is_named(tmp_path: Path, world: World) -> None:
    world.repaired(world.statement, lifting=[PEER, OTHER])
    world.vouch(2 * DAY)
    found = world.audit(world.write(tmp_path / "before"))
    (one,) = [one for one in found.found if one.code == "relief.not-lifted"]
    assert one.member
    world[FOURTH].receipt(world.now, world[CITY].origin, 3, 0)
    world.vouch()
    after = world.write(tmp_path / "after")
    assert codes(world.audit(after)) == {"incomplete": {"relief.not-proved"}}
    both = world.audit(after, tmp_path / "before")
    assert codes(both) == {"finding": {"relief.late"}}


def test_ad7_who_lifted_without_having_said_that_it_took_up_is_shown_and_never_late(
    tmp_path: Path,
) -> None:
    """The relief overtook the receipt of the listing, which is gathered for an hour."""
    world = World()
    world.statement = world[CITY].say(Kind.LISTING, world.now)
    world.vouch()
    world.repaired(world.statement, lifting=[PEER])
    world.vouch(2 * DAY)
    world[FOURTH].receipt(world.now, world[CITY].origin, 3, 0)
    world.vouch()
    found = world.audit(world.write(tmp_path))
    assert codes(found) == {}
    (relief,) = found.reliefs
    shown = {one.member: one for one in relief.progress.members}
    assert set(shown) == {world[PEER].origin, world[FOURTH].origin}
    assert shown[world[PEER].origin].verdict.value == "in-time"
    assert shown[world[FOURTH].origin].verdict.value == "unknown"
    assert shown[world[FOURTH].origin].lifted is not None


def test_a_log_for_which_nobody_vouched_since_is_no_accusation(
    tmp_path: Path, world: World
) -> None:
    world.repaired(world.statement, lifting=[PEER, OTHER])
    silent = world[FOURTH]
    kept = dict(silent.notes)
    world.vouch(3 * DAY)
    silent.notes = kept
    files = world.files()
    name = str(silent.origin).replace("/", "__")
    files[f"logs/{name}/checkpoint"] = silent.note(
        len(silent.leaves), max(kept.values()), [CITY]
    ).to_bytes()
    found = world.audit(world.write(tmp_path, files))
    assert codes(found) == {"incomplete": {"relief.not-known", "log.silent"}}


def test_a_mirror_that_signs_an_old_checkpoint_late_makes_nobody_late(
    tmp_path: Path, world: World
) -> None:
    world.repaired(world.statement, lifting=[PEER, OTHER])
    cut_off = world[FOURTH]
    before, size = world.now, len(cut_off.leaves)
    cut_off.receipt(world.now, world[CITY].origin, 3, 0)
    world.vouch(3 * DAY)
    files = world.files()
    name = str(cut_off.origin).replace("/", "__")
    late = cut_off.note(size, world.now - DAY, [CITY], signed_on=before)
    files[f"notes/{name}/{size}"] = late.to_bytes()
    found = world.audit(world.write(tmp_path, files))
    assert codes(found) == {"incomplete": {"relief.not-proved"}}


def test_an_erasure_without_ground_is_found(tmp_path: Path, world: World) -> None:
    world[CITY].erase(world.now, world.statement, ErasureGround.REPAIRED)
    world[CITY].erase(world.now, b"\x05" * 16, ErasureGround.ORDERED)
    world.vouch()
    found = world.audit(world.write(tmp_path))
    assert codes(found) == {"finding": {"erasure.without-ground", "erasure.of-nothing"}}


def test_a_ground_that_may_stand_elsewhere_is_no_accusation(tmp_path: Path, world: World) -> None:
    world[PEER].say(Kind.REPAIR, world.now, about=b"\x07" * 16)
    world[CITY].erase(world.now, world.statement, ErasureGround.REPAIRED)
    world.vouch()
    found = world.audit(world.write(tmp_path))
    assert codes(found) == {"incomplete": {"erasure.ground-elsewhere", "relief.listing-unknown"}}


@pytest.mark.parametrize("outcome", [2, 3])
def test_receipts_that_contradict_or_tell_of_nothing(
    tmp_path: Path, world: World, outcome: int
) -> None:
    world[PEER].receipt(world.now, world[PEER].origin, outcome, 0)
    world[PEER].receipt(world.now, world[CITY].origin, outcome, 900)
    world[OTHER].receipt(world.now, world[PEER].origin, outcome, 0)
    world.vouch()
    found = codes(world.audit(world.write(tmp_path)))
    assert found == {
        "finding": {"receipt.own", "receipt.kind"},
        "incomplete": {"receipt.beyond"},
    }


def test_a_receipt_that_says_two_things_of_one_leaf(tmp_path: Path, world: World) -> None:
    batches = tuple(ReceiptBatch(outcome=one, indices=(0,)) for one in (2, 6))
    receipt = Receipt(origin=world[CITY].origin, batches=batches)
    world[PEER].say(Kind.RECEIPT, world.now, payload=receipt)
    world.vouch()
    assert codes(world.audit(world.write(tmp_path))) == {"finding": {"receipt.contradicts"}}


def test_a_relief_of_what_another_listed_relieves_nothing(tmp_path: Path, world: World) -> None:
    world[PEER].say(Kind.REPAIR, world.now, about=world.statement)
    world.vouch()
    found = world.audit(world.write(tmp_path))
    assert codes(found) == {"incomplete": {"relief.listing-unknown"}}
    assert found.reliefs == []


def test_epochs_end_where_the_next_begins(tmp_path: Path, world: World) -> None:
    log = world[OTHER]
    said = Continuation(
        origin=world[PEER].origin,
        size=len(world[PEER].leaves) + 5,
        root=bytes(32),
        log_key=str(build.log_signer(PEER).verifier),
        suite=1,
    )
    log.say(Kind.CONTINUATION, world.now, action=1, payload=said)
    log.say(Kind.CONTINUATION, world.now, action=2, payload=said)
    log.say(Kind.LISTING, world.now)
    world.vouch()
    found = world.audit(world.write(tmp_path))
    assert codes(found) == {"finding": {"epoch.after-close"}, "incomplete": {"epoch.older"}}


def test_an_epoch_of_another_history_is_found(tmp_path: Path, world: World) -> None:
    root = root_of(leaf_hashes(world[PEER].leaves[:1]))
    key = str(build.log_signer(PEER).verifier)
    for log, given in ((OTHER, bytes(32)), (FOURTH, root)):
        said = Continuation(origin=world[PEER].origin, size=1, root=given, log_key=key, suite=1)
        world[log].say(Kind.CONTINUATION, world.now, action=1, payload=said)
    world.vouch()
    found = world.audit(world.write(tmp_path))
    assert codes(found) == {"finding": {"epoch.other-history"}}
    assert [one.origin for one in found.found] == [world[OTHER].origin]


def test_a_hub_that_alters_a_leaf_is_found_in_its_own_export(tmp_path: Path, world: World) -> None:
    """It makes all hash tiles and digests anew; the root it cannot."""
    honest = world.write(tmp_path / "honest")
    signed = world.files()[f"{LOG}/checkpoint"]
    good = world[CITY].leaves[0]
    world[CITY].leaves[0] = good[:50] + bytes((good[50] ^ 1,)) + good[51:]
    altered = {path: data for path, data in world.files().items() if not path.startswith("notes/")}
    altered[f"{LOG}/checkpoint"] = signed
    world[CITY].leaves[0] = good
    found = world.audit(honest, world.write(tmp_path / "hub", altered))
    assert [(one.code, one.export, one.path) for one in found.found] == [
        ("root.mismatch", 2, f"{LOG}/checkpoint")
    ]
    assert found.logs[world[CITY].origin].export == 1


def test_a_hub_that_withholds_is_seen_by_what_others_say(tmp_path: Path, world: World) -> None:
    """In its export the city's log ends before what the receipts of others are of."""
    shorter = {
        path: data
        for path, data in world.files().items()
        if path.startswith((LOG, f"notes/{CITY}"))
    }
    world.repaired(world.statement)
    files = {
        path: data
        for path, data in world.files().items()
        if not path.startswith((LOG, f"notes/{CITY}"))
    }
    found = world.audit(world.write(tmp_path / "hub", files | shorter))
    assert codes(found) == {"incomplete": {"receipt.beyond"}}
    assert {one.origin for one in found.found} == {world[one].origin for one in MEMBERS[1:]}
    both = world.audit(tmp_path / "hub", world.write(tmp_path / "city"))
    assert codes(both) == {}
    assert both.logs[world[CITY].origin].export == 2


def test_a_hub_that_delays_is_named_and_not_accused(tmp_path: Path, world: World) -> None:
    city = world[CITY]
    world.repaired(world.statement)
    world.vouch(2 * DAY)
    city.say(Kind.LISTING, world.now, word="late")
    world.vouch()
    files = world.files()
    name = f"notes/{CITY}.huxin.example__1/1"
    hour = 3600

    def late(behind: int) -> Audited:
        note = city.note(1, city.notes[2] + behind, [PEER], signed_on=city.notes[1])
        out = tmp_path / str(behind)
        return world.audit(world.write(out, files | {name: note.to_bytes()}))

    assert codes(late(DAY - hour)) == {}
    said = late(DAY + hour)
    assert codes(said) == {"incomplete": {"mirror.behind"}}
    (one,) = said.found
    assert (one.origin, one.member) == (city.origin, build.make_member(PEER).name)

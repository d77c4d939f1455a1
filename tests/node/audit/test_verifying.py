"""What an auditor finds from folders alone, and of what it accuses nobody.

Covers node/audit/verifying.py, node/audit/reading.py, node/audit/audit_files.py,
node/audit/log_seen.py, node/audit/query_logs.py.
"""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from crypto.checkpoint import Checkpoint, sign_checkpoint
from crypto.cosignature import cosign
from crypto.fork import parse_fork, verify_fork
from crypto.keys import KeyType, Signer
from crypto.merkle import leaf_hashes, root_of
from crypto.notes import Note, parse_note
from federation.audit import pinned
from federation.audit.export_names import format_sums, parse_sums
from federation.audit.log_facts import SHOWN
from federation.audit.verification import MAX_FINDINGS
from federation.charters.chain import advance
from federation.charters.values import Entitlements
from federation.ids import CharterId, Timestamp
from federation.payloads import Continuation, ErasureGround, Receipt, ReceiptBatch
from federation.statements import Kind
from node.audit import audit_files
from node.audit.document import report_document
from node.audit.page import page
from node.audit.verifying import Audited
from node.codec import ProtobufPayloads
from tests.support import charters as build
from tests.support.audit_bytes import missed, small_world
from tests.support.audited import (
    CITY,
    DAY,
    FOURTH,
    MEMBERS,
    OTHER,
    PEER,
    World,
    codes,
    went_on,
    write_files,
)
from tests.support.payload_examples import LISTING
from tests.support.payload_kinds import EXAMPLES

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


# ---------------------------------------------------------------- what was handed over


def handed(world: World, **changes: object) -> World:
    """A listing whose opening lies in the export, and one whose does not."""
    audience = replace(LISTING.audience, charters=(world.chain.id,))
    fields = {"list_type": build.COURT_LIST, "authority": build.COURT, "audience": audience}
    listing = replace(LISTING, **(fields | changes))  # type: ignore[arg-type]
    world[CITY].say(Kind.LISTING, world.now, payload=listing, handed=True)
    world[CITY].say(Kind.LISTING, world.now, payload=replace(listing, list_type="x"))
    world.vouch()
    return world


def test_a_listing_that_was_handed_over_is_judged_by_its_list(tmp_path: Path) -> None:
    world = handed(World())
    found = world.audit(world.write(tmp_path))
    assert codes(found) == {}
    report = report_document(found, [], [], now=Timestamp(0), deadlines=[])
    (one,) = report["openings_looked_at"]
    assert (one["origin"], one["ranges"]) == (build.origin_of(CITY), [[0, 0]])
    assert f"{build.origin_of(CITY)}：0" in page(report, english=False).decode()


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("list_type", "food-safety", "entitlement.list-type"),
        ("authority", "11510300MB0000001A", "entitlement.authority"),
    ],
)
def test_a_list_that_the_charter_does_not_allow_is_found(
    tmp_path: Path, field: str, value: str, code: str
) -> None:
    world = handed(World(), **{field: value})
    found = world.audit(world.write(tmp_path))
    assert [(one.code, one.index) for one in found.found] == [(code, 0)]


def test_what_was_handed_over_beside_a_smaller_copy_is_judged_too(tmp_path: Path) -> None:
    world = handed(World(), list_type="food-safety")
    smaller = world.write(tmp_path / "smaller")
    world[CITY].say(Kind.LISTING, world.now, word="more")
    world[CITY].openings.clear()
    world.vouch()
    larger = world.write(tmp_path / "larger")
    assert codes(world.audit(larger)) == {}
    found = world.audit(larger, smaller)
    assert [(one.code, one.index) for one in found.found] == [("entitlement.list-type", 0)]
    assert found.logs[world[CITY].origin].facts.handed == [0]


def test_a_listing_under_an_alliance_that_nobody_pinned_is_not_judged(tmp_path: Path) -> None:
    audience = replace(LISTING.audience, charters=(CharterId(bytes(32)),))
    world = handed(World(), audience=audience, list_type="food-safety")
    found = world.audit(world.write(tmp_path))
    assert codes(found) == {}
    assert (
        report_document(found, [], [], now=Timestamp(0), deadlines=[])["openings_looked_at"] == []
    )


def test_a_payload_for_a_newer_reader_accuses_nobody(tmp_path: Path) -> None:
    world = World()
    receipt = ProtobufPayloads().encode(EXAMPLES[Kind.RECEIPT])
    assert receipt.startswith(b"\x08\x01"), "min_reader 1"
    world[CITY].say(Kind.RECEIPT, world.now, payload=b"\x08\x02" + receipt[2:])
    world.vouch()
    assert codes(world.audit(world.write(tmp_path))) == {"incomplete": {"payload.min-reader"}}


# ---------------------------------------------------------------- query logs


def test_checkpoints_of_query_logs_are_verified(tmp_path: Path, world: World) -> None:
    world.queries = {CITY: {3: world.now}}
    found = world.audit(world.write(tmp_path))
    assert codes(found) == {}
    (one,) = report_document(found, [], [], now=Timestamp(0), deadlines=[])["query_logs"]
    assert (one["origin"], one["size"]) == (build.query_log_signer(CITY).name, 3)
    assert one["vouched_until"] is not None
    report = report_document(found, [], [], now=Timestamp(0), deadlines=[])
    shown = page(report, english=False).decode()
    assert ("查询日志" in shown, str(one["origin"]) in shown) == (True, True)


@pytest.mark.parametrize("change", ["name", "line", "nobody", "key", "strange"])
def test_a_bad_checkpoint_of_a_query_log_is_found(
    tmp_path: Path, world: World, change: str
) -> None:
    world.queries = {CITY: {3: world.now}}
    files = world.files()
    (path,) = [path for path in files if path.startswith("queries/")]
    note = parse_note(files[path])
    own, first, *rest = note.signatures
    match change:
        case "name":
            files[path.removesuffix("3") + "4"] = files.pop(path)
        case "line":
            bad = replace(first, signature=bytes((first.signature[0] ^ 1,)) + first.signature[1:])
            files[path] = Note(text=note.text, signatures=(own, bad, *rest)).to_bytes()
        case "nobody":
            line = cosign(note.text, build.cosigner("999999", "witness"), world.now)
            files[path] = Note(text=note.text, signatures=(own, line)).to_bytes()
        case "key":
            files[path] = world.query_note(PEER, 3, world.now).to_bytes()
        case _:
            files["queries/x__1/3"] = files[path]
    found = world.audit(world.write(tmp_path, files))
    if change == "strange":
        assert found.not_looked_at == [("log.not-in-charter", "queries/x__1/3")]
    else:
        assert codes(found) == {"finding": {"note.invalid"}}


def test_a_query_log_of_two_histories_is_proved(tmp_path: Path, world: World) -> None:
    world.queries = {CITY: {3: world.now}}
    one = world.write(tmp_path / "one")
    files = world.files()
    (path,) = [path for path in files if path.startswith("queries/")]
    files[path] = world.query_note(CITY, 3, world.now, "another").to_bytes()
    found = world.audit(one, world.write(tmp_path / "other", files))
    assert codes(found) == {"finding": {"log.forked"}}
    verify_fork(parse_fork(found.forks[0][1].to_bytes()), build.query_log_signer(CITY).verifier)


# ---------------------------------------------------------------- exports that go on


def test_an_export_that_goes_on_is_read_with_the_earlier_one(tmp_path: Path, world: World) -> None:
    earlier, later = went_on(world, tmp_path)
    assert not (later / LOG / "tile/entries/000").exists()
    for outs in ((earlier, later), (later, earlier)):
        found = world.audit(*outs)
        assert codes(found) == {}
        assert found.logs[world[CITY].origin].size == 602
        assert len(found.reliefs) == 1
    assert codes(world.audit(later)) == {"incomplete": {"log.earlier-missing"}}


def test_the_earlier_export_proves_itself_in_the_later_one(tmp_path: Path, world: World) -> None:
    earlier, later = went_on(world, tmp_path)
    tile = earlier / LOG / "tile/entries/000"
    data = tile.read_bytes()
    tile.write_bytes(data[:-1] + bytes((data[-1] ^ 1,)))
    found = [one for one in world.audit(earlier, later).found if one.code == "entries.mismatch"]
    assert {one.export for one in found} == {1, 2}


@pytest.mark.parametrize("text", ["0\n", "1\n", "256", "00256\n", "1024\n", "x\n", ""])
def test_since_has_one_form(tmp_path: Path, world: World, text: str) -> None:
    earlier, later = went_on(world, tmp_path)
    files = {
        path.relative_to(later).as_posix(): path.read_bytes()
        for path in later.rglob("*")
        if path.is_file() and path.name != "SHA256SUMS"
    }
    files[f"{LOG}/since"] = text.encode()
    assert codes(world.audit(earlier, write_files(later, files)))["finding"] == {"since.malformed"}


# ---------------------------------------------------------------- files


def test_what_is_missing_makes_it_incomplete(tmp_path: Path, world: World) -> None:
    files = {path: data for path, data in world.files().items() if OTHER not in path}
    assert codes(world.audit(world.write(tmp_path, files))) == {"incomplete": {"log.missing"}}


def test_another_pin_says_nothing(tmp_path: Path, world: World) -> None:
    out = world.write(tmp_path)
    other = World(chain=build.make_chain([build.make_member(PEER), build.make_member(CITY)]))
    found = other.audit(out)
    assert codes(found) == {"incomplete": {"charter.missing"}}
    assert found.not_looked_at == [("alliance.not-pinned", world.chain.id.hex())]


def test_a_chain_with_a_gap_is_found(tmp_path: Path, world: World) -> None:
    pin = world.chain.id.hex()
    second = build.next_version(world.chain.latest, issued_at=world.now)
    files = world.files()
    skipped = build.sign_all(replace(second, version=3), MEMBERS)
    files[f"charters/{pin}/3.json"] = skipped
    found = world.audit(world.write(tmp_path, files))
    assert codes(found)["finding"] == {"charter.version"}


@pytest.mark.parametrize(
    ("name", "more"), [("01.json", 0), ("2.json", 0), ("1.json.json", 0), ("2.json", 1)]
)
def test_a_charter_has_the_name_of_its_version(
    tmp_path: Path, world: World, name: str, more: int
) -> None:
    pin = world.chain.id.hex()
    files = world.files()
    second = build.sign_all(build.next_version(world.chain.latest, issued_at=world.now), MEMBERS)
    files[f"charters/{pin}/{name}"] = files[f"charters/{pin}/1.json"] if not more else second
    if more:
        files[f"charters/{pin}/3.json"] = second
    found = world.audit(world.write(tmp_path, files))
    assert {one.code for one in found.found} == {"charter.misnamed"}


def test_a_rival_charter_has_the_name_of_its_digest(tmp_path: Path, world: World) -> None:
    pin = world.chain.id.hex()
    one, other = (
        build.sign_all(build.next_version(world.chain.latest, issued_at=at), MEMBERS)
        for at in (world.now, world.now + 1)
    )
    digest = advance(world.chain, other).latest.digest.hex()[:16]
    for name, wrong in ((f"2.{digest}.json", False), ("2.abc.json", True)):
        files = world.files()
        files |= {f"charters/{pin}/2.json": one, f"charters/{pin}/{name}": other}
        found = {one.code for one in world.audit(world.write(tmp_path / name, files)).found}
        assert ("charter.misnamed" in found, "charter.forked" in found) == (wrong, True)


def test_charters_are_bounded_together(
    tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    pin = world.chain.id.hex()
    monkeypatch.setattr(pinned, "MAX_CHARTERS", len(world.chain.latest.envelope) + 10)
    out = world.write(tmp_path, world.files() | {f"charters/{pin}/2.json": b"x" * 100})
    assert "charter.too-many" in codes(world.audit(out))["finding"]


def test_a_cosignature_of_nobody_is_found(tmp_path: Path, world: World) -> None:
    files = world.files()
    note = parse_note(files[f"{LOG}/checkpoint"])
    line = cosign(note.text, build.cosigner("999999", "mirror"), world.now)
    stranger = build.cosigner("999999", "mirror").verifier
    signatures = (*note.signatures, line)
    files[f"{LOG}/checkpoint"] = Note(text=note.text, signatures=signatures).to_bytes()
    files[f"{LOG}/vkey"] += f"{stranger}\n".encode()
    found = world.audit(world.write(tmp_path, files))
    assert codes(found)["finding"] == {"vkey.untrusted"}


def test_a_bad_cosignature_of_a_kept_checkpoint_is_found(tmp_path: Path, world: World) -> None:
    files = world.files()
    path = f"notes/{CITY}.huxin.example__1/1"
    note = parse_note(files[path])
    own, other, *rest = note.signatures
    bad = replace(other, signature=other.signature[:-1] + bytes((other.signature[-1] ^ 1,)))
    files[path] = Note(text=note.text, signatures=(own, bad, *rest)).to_bytes()
    found = world.audit(world.write(tmp_path, files))
    assert codes(found)["finding"] == {"note.invalid"}


def test_a_time_that_no_calendar_has_is_found_and_stops_no_audit(
    tmp_path: Path, world: World
) -> None:
    world.repaired(world.statement)
    files = {path: data for path, data in world.files().items() if "notes/" not in path}
    for path in [path for path in files if path.endswith("/checkpoint")]:
        note = parse_note(files[path])
        signer = build.cosigner(OTHER if PEER in path else PEER, "mirror")
        line = cosign(note.text, signer, 2**63 - 1)
        files[path] = Note(text=note.text, signatures=(note.signatures[0], line)).to_bytes()
    found = world.audit(world.write(tmp_path, files))
    assert codes(found)["finding"] == {"checkpoint.time-ahead"}
    report = report_document(found, [world.chain.id], [""], now=Timestamp(world.now), deadlines=[])
    assert {log["vouched_until"][:4] for log in report["logs"]} == {"9000"}


def test_a_file_of_many_strange_keys_is_told_shortly(tmp_path: Path, world: World) -> None:
    files = world.files()
    files[f"{LOG}/vkey"] += b"".join(b"%d\n" % number for number in range(9_000))
    found = world.audit(world.write(tmp_path, files)).found
    assert len([one for one in found if one.code == "vkey.untrusted"]) == SHOWN


def test_a_folder_that_cannot_be_read_is_said(
    tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = world.write(tmp_path)
    scan = os.scandir

    def refusing(path: str) -> object:
        if str(path).endswith("/notes"):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(PermissionError, match="notes"):
        world.audit(out)


def test_a_checkpoint_of_tomorrow_is_found(tmp_path: Path, world: World) -> None:
    found = world.audit(world.write(tmp_path), now=world.now - DAY)
    assert "checkpoint.time-ahead" in codes(found)["finding"]


def test_a_log_signed_by_another_key_is_found(tmp_path: Path, world: World) -> None:
    files = world.files()
    leaves = leaf_hashes(world[CITY].leaves)
    point = Checkpoint(origin=world[CITY].origin, size=len(leaves), root=root_of(leaves))
    thief = Signer(name=world[CITY].origin, type=KeyType.NOTE, seed=bytes(32))
    files[f"{LOG}/checkpoint"] = sign_checkpoint(point, thief).to_bytes()
    found = codes(world.audit(world.write(tmp_path, files)))
    assert found["finding"] == {"checkpoint.invalid"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("truncate", "entries.malformed"),
        ("more", "file.unexpected"),
        ("link", "file.unexpected"),
        ("linked-folder", "file.unexpected"),
        ("strange", "log.not-in-charter"),
        ("gone", "file.missing"),
        ("changed", "file.changed"),
        ("sums", "sums.malformed"),
        ("logs-file", "file.unexpected"),
        ("logs-link", "file.unexpected"),
    ],
)
def test_files_that_are_not_as_they_should_be(
    tmp_path: Path, world: World, change: str, code: str
) -> None:
    out = world.write(tmp_path / "out")
    (tiles,) = (out / LOG / "tile/entries").iterdir()
    (tile,) = tiles.iterdir()
    match change:
        case "truncate":
            tile.write_bytes(tile.read_bytes()[:-1])
        case "more":
            (out / "charters/more").write_bytes(b"")
        case "link":
            (out / "notes/link").symlink_to("/etc/hostname")
        case "linked-folder":
            (out / "forks").symlink_to(out / "charters")
        case "strange":
            write_files(out, world.files() | {"logs/x.example__1/checkpoint": b"x"})
        case "gone":
            next((out / "notes").rglob("1")).unlink()
        case "logs-file" | "logs-link":
            (out / "logs").rename(tmp_path / "logs")
            if change == "logs-file":
                (out / "logs").write_bytes(b"x")
            else:
                (out / "logs").symlink_to(tmp_path / "logs")
        case "changed":
            (out / "policy" / f"{world.chain.id.hex()}.txt").write_bytes(b"log x\n")
        case _:
            (out / "SHA256SUMS").write_bytes(b"nothing")
    found = world.audit(out)
    assert code in {one.code for one in found.found}


def test_more_files_than_any_export_has_are_not_read(
    tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_files, "MAX_BESIDE", 20)
    out = world.write(tmp_path)
    for number in range(20):
        (out / "notes" / str(number)).write_bytes(b"")
    assert "export.too-much-wrong" in codes(world.audit(out))["finding"]


def test_more_files_than_any_log_has_are_told_shortly(tmp_path: Path, world: World) -> None:
    out = world.write(tmp_path)
    for number in range(MAX_FINDINGS + 5):
        (out / LOG / "tile" / f"x{number}").write_bytes(b"")
    found = world.audit(out).found
    assert len([one for one in found if one.code == "file.unexpected"]) == MAX_FINDINGS
    assert "export.too-much-wrong" in {one.code for one in found}


def test_a_name_that_leads_out_of_the_export_is_not_followed(tmp_path: Path, world: World) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"x")
    out = world.write(tmp_path / "out")
    sums = parse_sums((out / "SHA256SUMS").read_bytes())
    digest = sha256(b"x").digest()
    names = {"charters/../../secret": digest, "../secret": digest}
    (out / "SHA256SUMS").write_bytes(format_sums(sums | names))
    found = {(one.code, one.path) for one in world.audit(out).found}
    assert found == {("file.missing", "charters/../../secret"), ("file.unexpected", "../secret")}


def test_an_export_without_digests_says_so(tmp_path: Path, world: World) -> None:
    out = world.write(tmp_path)
    (out / "SHA256SUMS").unlink()
    assert ("sums.malformed", "SHA256SUMS") in {
        (one.code, one.path) for one in world.audit(out).found
    }


def test_any_one_byte_changed_is_found_and_its_file_named(tmp_path: Path) -> None:
    """One byte of each file; every byte of the export in soak."""
    world = small_world()
    out = world.write(tmp_path / "out")
    paths = sorted(path for path in out.rglob("*") if path.is_file())
    begins = 0
    for size in [path.stat().st_size for path in paths]:
        assert missed(world, out, paths, begins + size * 2 // 3) == ""
        begins += size
    assert not world.audit(out).found

"""Openings that were handed over, query logs, and exports that go on, as an auditor reads them.

Covers node/audit/log_seen.py and node/audit/query_logs.py.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from crypto.cosignature import cosign
from crypto.fork import parse_fork, verify_fork
from crypto.notes import Note, parse_note
from federation.ids import CharterId, Timestamp
from federation.statements import Kind
from node.audit.document import report_document
from node.audit.page import page
from node.codec import ProtobufPayloads
from tests.support import charters as build
from tests.support.audited import (
    CITY,
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

"""The files of an export: missing, changed, strange, too many; none goes unseen.

Covers node/audit/reading.py and node/audit/audit_files.py.
"""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from crypto.checkpoint import Checkpoint, sign_checkpoint
from crypto.cosignature import cosign, merge_signatures
from crypto.keys import KeyType, Signer
from crypto.merkle import leaf_hashes, root_of
from crypto.notes import Note, parse_note
from federation.audit import pinned
from federation.audit.export_names import format_sums, parse_sums
from federation.audit.log_facts import SHOWN
from federation.audit.verification import MAX_FINDINGS
from federation.charters.chain import advance
from federation.ids import Timestamp
from node.audit import audit_files
from node.audit.document import report_document
from tests.support import charters as build
from tests.support.audit_bytes import missed, small_world
from tests.support.audited import (
    CITY,
    DAY,
    MEMBERS,
    OTHER,
    PEER,
    World,
    codes,
    write_files,
)

LOG = f"logs/{CITY}.huxin.example__1"


@pytest.fixture
def world() -> World:
    """A listing that three cities took up."""
    world = World()
    world.listed()
    return world


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


def test_one_clock_of_several_that_is_ahead_is_no_finding_about_the_log(
    tmp_path: Path, world: World
) -> None:
    files = world.files()
    path = f"{LOG}/checkpoint"
    note = parse_note(files[path])
    line = cosign(note.text, build.cosigner(PEER, "mirror"), world.now + DAY)
    files[path] = merge_signatures(note, Note(text=note.text, signatures=(line,))).to_bytes()
    found = codes(world.audit(world.write(tmp_path, files)))
    assert "checkpoint.time-ahead" in found["incomplete"]
    assert "checkpoint.time-ahead" not in found.get("finding", set())


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

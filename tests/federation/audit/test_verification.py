"""Every byte of an exported log is accounted for: whatever is changed is found and named."""

from __future__ import annotations

import random
from functools import cache

import pytest

from crypto.checkpoint import Checkpoint, sign_checkpoint
from crypto.keys import KeyType, Signer
from crypto.merkle import Frontier
from federation.audit.verification import MAX_FINDINGS, Finding, LogAudit
from federation.statements import Kind
from tests.support.exported_logs import (
    HEAD,
    LOG,
    ORIGIN,
    STRANGER,
    WITNESS,
    SyntheticLog,
    TableOfFiles,
)

SIZES = [0, 1, 255, 256, 257, 1100]
LARGE = [65_536, 70_000]


@cache
def export(size: int) -> dict[str, bytes]:
    return SyntheticLog.of_size(size).files(all_openings=True)


def findings(files: dict[str, bytes], **options: object) -> list[Finding]:
    return list(LogAudit(TableOfFiles(files), **options).run())  # type: ignore[arg-type]


@pytest.mark.parametrize("size", SIZES + LARGE)
def test_an_untouched_export_has_no_finding(size: int) -> None:
    audit = LogAudit(TableOfFiles(export(size)), directory="510500.huxin.example__1")
    assert list(audit.run()) == []
    assert audit.checkpoint is not None
    assert (audit.checkpoint.origin, audit.checkpoint.size) == (ORIGIN, size)
    assert audit.cosigners == (WITNESS.name, HEAD.name)
    assert audit.openings == len([path for path in export(size) if path.startswith("openings/")])


@pytest.mark.parametrize("size", [0, 1, 257])
@pytest.mark.parametrize("path", ["checkpoint", "vkey"])
def test_every_byte_of_the_small_files_counts(size: int, path: str) -> None:
    files = export(size)
    for place in range(len(files[path])):
        for change in (0x01, 0x20, 0x80):
            found = findings(files | {path: _changed(files[path], place, change)})
            assert found, f"{path}: byte {place} ^ {change:#x} was not found"


@pytest.mark.parametrize("size", SIZES + LARGE)
def test_a_changed_byte_anywhere_is_found_and_its_file_named(size: int) -> None:
    files = export(size)
    seeded = random.Random(size)
    paths = sorted(path for path in files if "/" in path)
    chosen = paths if len(paths) <= 40 else seeded.sample(paths, 12) + _one_of_each(paths)
    for path in chosen:
        data = files[path]
        ends = {0, 1, 2, 3, len(data) - 1}
        places = sorted(ends | set(seeded.choices(range(len(data)), k=12)))
        for place in places if size < LARGE[0] else seeded.sample(places, 1):
            changed = _changed(data, place, seeded.randrange(1, 256))
            found = findings(files | {path: changed})
            assert [f.path for f in found] == [path] or _names_both(found, path), (path, place)


@pytest.mark.parametrize("size", [257, 1100])
def test_a_missing_file_is_named(size: int) -> None:
    files = export(size)
    for path in files:
        if not path.startswith("openings/"):
            found = findings({name: data for name, data in files.items() if name != path})
            assert found
            assert found[0].path == path


def test_a_missing_opening_of_an_open_kind_is_named() -> None:
    files = {name: data for name, data in export(257).items() if name != "openings/003"}
    assert [(f.code, f.path) for f in findings(files)] == [("opening.missing", "openings/003")]


def test_a_missing_opening_of_a_closed_kind_is_an_erasure() -> None:
    files = {name: data for name, data in export(257).items() if name != "openings/049"}
    assert findings(files) == []


@pytest.mark.parametrize(
    "path",
    [
        "notes.txt",
        "tile/0/001.p/2",
        "tile/0/002",
        "tile/1/000.p/2",
        "tile/2/000.p/1",
        "tile/0/000.p/256",
        "tile/entries/000.p/255",
        "tile/entries/001",
        "openings/257",
        "openings/001.p/3",
        "openings/1",
        "openings/x000/001",
        "tile/",
    ],
)
def test_a_file_that_does_not_belong_there_is_named(path: str) -> None:
    found = findings(export(257) | {path: b"whatever"})
    assert [(f.code, f.path) for f in found] == [("file.unexpected", path)]


def test_an_opening_of_a_leaf_of_another_version_is_no_opening() -> None:
    log = SyntheticLog.of_size(3)
    log.leaves[1] = b"\x02" + log.leaves[1][1:] + b"more"
    files = log.files() | {"openings/001": bytes(40)}
    assert [(f.code, f.path) for f in findings(files)] == [("opening.mismatch", "openings/001")]


def test_leaves_of_other_versions_and_lengths_verify() -> None:
    log = SyntheticLog.of_size(300)
    log.leaves[5] = b"\x02" + bytes(150)
    log.leaves[6] = b""
    log.leaves[299] = b"\x09"
    assert findings(log.files(all_openings=True)) == []


def test_open_kinds_are_seen_among_leaves_of_other_lengths() -> None:
    log = SyntheticLog.of_size(300)
    log.leaves[5] = bytes(76 + 78)  # the tile's length stays a multiple of a plain entry's
    del log.openings[3]
    files = log.files()
    assert [(f.code, f.path) for f in findings(files)] == [("opening.missing", "openings/003")]


def test_both_entries_and_hashes_of_a_tile_missing() -> None:
    lost = ("tile/entries/000", "tile/0/000")
    files = {name: data for name, data in export(1100).items() if name not in lost}
    assert [f.path for f in findings(files)] == ["tile/entries/000", "tile/0/000"]


def test_entries_missing_leave_the_root_to_the_tiles() -> None:
    files = {name: data for name, data in export(1100).items() if name != "tile/entries/001"}
    assert [(f.code, f.path) for f in findings(files)] == [("file.missing", "tile/entries/001")]


def test_a_root_that_the_leaves_do_not_give() -> None:
    other = sign_checkpoint(Checkpoint(origin=ORIGIN, size=257, root=bytes(32)), LOG)
    files = export(257) | {"checkpoint": other.to_bytes()}
    assert [(f.code, f.path) for f in findings(files)] == [("root.mismatch", "checkpoint")]


def test_a_key_that_is_not_trusted_is_named() -> None:
    other = Signer(name=ORIGIN, type=KeyType.NOTE, seed=bytes(32))
    assert [f.code for f in findings(export(1), trusted=[other.verifier])] == ["vkey.untrusted"]
    assert findings(export(1), trusted=[other.verifier, LOG.verifier]) == []


def test_a_folder_of_another_name_is_named() -> None:
    assert [f.code for f in findings(export(1), directory="elsewhere")] == ["export.misnamed"]


@pytest.mark.parametrize(
    "keys",
    [
        b"",
        b"\n",
        f"{LOG.verifier}".encode(),
        f"{HEAD.verifier}\n{LOG.verifier}\n".encode(),
        f"{LOG.verifier}\n{LOG.verifier}\n".encode(),
        f"{LOG.verifier}\n\n{HEAD.verifier}\n".encode(),
        f"{LOG.verifier}\n{WITNESS.verifier}\n".encode(),
        f"{LOG.verifier}\n{STRANGER.verifier}\n".encode(),
        b"\xff\n",
    ],
)
def test_a_bad_list_of_keys(keys: bytes) -> None:
    assert findings(export(1) | {"vkey": keys})


def test_a_huge_size_with_little_behind_it_ends() -> None:
    note = sign_checkpoint(Checkpoint(origin=ORIGIN, size=2**62, root=bytes(32)), LOG)
    found = findings(export(1) | {"checkpoint": note.to_bytes()})
    assert len(found) == MAX_FINDINGS + 1
    assert found[-1].code == "export.too-much-wrong"


def test_an_opening_longer_than_any_payload() -> None:
    files = export(257) | {"openings/003": bytes(40_000)}
    assert [(f.code, f.path) for f in findings(files)] == [("opening.mismatch", "openings/003")]


def test_openings_need_not_be_exported() -> None:
    log = SyntheticLog()
    for _ in range(300):
        log.add(Kind.LISTING, keep=True)
    assert not any(path.startswith("openings/") for path in log.files())
    assert findings(log.files()) == []


def _changed(data: bytes, place: int, change: int) -> bytes:
    return data[:place] + bytes((data[place] ^ change,)) + data[place + 1 :]


def _one_of_each(paths: list[str]) -> list[str]:
    """One path of each folder, so that every level and the partial tiles are among them."""
    return sorted(
        {path.rpartition("/")[0]: path for path in paths if "openings" not in path}.values()
    )


def _names_both(found: list[Finding], path: str) -> bool:
    """A leaf of an open kind that was changed no longer fits its opening either."""
    return path.startswith("tile/entries/") and path in [f.path for f in found]


@pytest.mark.parametrize("origin", ["UPPER.example/1", "example", "example/0", "a/b/1", "-a/1"])
def test_a_log_of_an_impossible_name_is_no_log(origin: str) -> None:
    """SPEC 2.4: whoever hands out an export chooses the name too."""
    signer = Signer(name=origin, seed=bytes(32), type=KeyType.NOTE)
    root = Frontier.empty().root()
    note = sign_checkpoint(Checkpoint(origin=origin, size=0, root=root), signer)
    files = {"vkey": f"{signer.verifier}\n".encode(), "checkpoint": note.to_bytes()}
    assert [finding.code for finding in findings(files)] == ["checkpoint.invalid"]

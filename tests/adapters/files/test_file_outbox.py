"""Results for the platform: names, manifests, the same bytes at every redo."""

from __future__ import annotations

import csv
import io
import json
import os
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from adapters.files.errors import FileAdapterError
from adapters.files.folders import Folder
from adapters.files.outbox import (
    COLUMNS,
    STREAMS,
    FileOutbox,
    OutboxRow,
    origin_directory,
    write_batch,
)
from adapters.files.outbox_acks import FileAck, take_acknowledged
from federation.ids import Origin
from federation.statements import Kind

ORIGIN = Origin("510500.huxin.example/1")
LISTING = OutboxRow(
    index=3,
    kind=Kind.LISTING,
    statement_id="00" * 16,
    state="active",
    list_type="judgment-defaulter",
    subject_code="91510500YY00000108",
    subject_name="=甲（演示）",
    decided_on=20260301,
)
REPAIR = replace(LISTING, index=5, kind=Kind.REPAIR, state="repaired", relief_document="修1号")
SCENARIO = OutboxRow(index=4, kind=Kind.SCENARIO, action=1, statement_id="01" * 16, state="active")


def taken(outbox: Path) -> int:
    """Take what is acknowledged, whatever it says."""
    return take_acknowledged(outbox, lambda _: None)


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.csv*")}


def test_files_and_manifests(tmp_path: Path) -> None:
    paths = write_batch(tmp_path, ORIGIN, 3, 12, [REPAIR, SCENARIO, LISTING])
    folder = tmp_path / "510500.huxin.example__1"
    assert [path.name for path in paths] == [
        "000000000003-000000000012-records.csv",
        "000000000003-000000000012-relief.csv",
        "000000000003-000000000012-scenarios.csv",
    ]
    assert all(path.parent == folder for path in paths)
    for path in paths:
        manifest = json.loads((folder / f"{path.name}.done").read_text(encoding="utf-8"))
        assert manifest == {
            "cursor": 13,
            "file": path.name,
            "format": 1,
            "from": 3,
            "number": 0,
            "origin": ORIGIN,
            "rows": 1,
            "sha256": sha256(path.read_bytes()).hexdigest(),
        }
        assert path.stat().st_mode & 0o007 == 0


def test_rows_are_written_as_a_platform_reads_them(tmp_path: Path) -> None:
    (path,) = write_batch(tmp_path, ORIGIN, 0, 9, [replace(LISTING, index=0)])
    text = path.read_bytes().decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert tuple(row) == COLUMNS
    assert (row["index"], row["kind"], row["action"]) == ("0", "listing", "0")
    assert (row["decided_on"], row["publish_until"]) == ("20260301", "")
    assert row["subject_name"] == "'=甲（演示）"


def test_a_redo_writes_the_same_bytes(tmp_path: Path) -> None:
    rows = [LISTING, replace(LISTING, index=7, statement_id="02" * 16), REPAIR]
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    write_batch(one, ORIGIN, 3, 12, rows)
    write_batch(other, ORIGIN, 3, 12, reversed(rows))
    write_batch(other, ORIGIN, 3, 12, rows)
    assert content(one) == content(other)


def test_each_file_is_there_before_its_manifest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: list[str] = []
    monkeypatch.setattr(Folder, "write", lambda _, name, *__: names.append(name))
    write_batch(tmp_path, ORIGIN, 3, 5, [LISTING, REPAIR])
    assert [name.rpartition("-")[2] for name in names] == [
        "records.csv",
        "records.csv.done",
        "relief.csv",
        "relief.csv.done",
    ]


def test_kinds_that_the_platform_is_not_told_of_have_no_row(tmp_path: Path) -> None:
    quiet = [replace(LISTING, kind=kind) for kind in Kind if kind not in STREAMS]
    assert Kind.RECEIPT in [row.kind for row in quiet]
    assert write_batch(tmp_path, ORIGIN, 3, 5, quiet) == ()


def test_a_row_outside_the_batch_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileAdapterError) as caught:
        write_batch(tmp_path, ORIGIN, 4, 5, [LISTING])
    assert caught.value.code == "outbox.index"


@pytest.mark.parametrize(
    "origin", ["", ".", "../x", "a/../b", "/a", "a//b", "a\\b", "a__b/1", "a..b/1", "a/.b", "a\n"]
)
def test_an_origin_cannot_leave_the_outbox(origin: str) -> None:
    with pytest.raises(FileAdapterError) as caught:
        origin_directory(Origin(origin))
    assert caught.value.code == "outbox.origin"


def test_what_the_platform_acknowledged_is_deleted(tmp_path: Path) -> None:
    first, second, third = write_batch(tmp_path, ORIGIN, 3, 12, [REPAIR, SCENARIO, LISTING])
    first.with_name(f"{first.name}.ack").touch()
    digest = sha256(second.read_bytes()).hexdigest()
    second.with_name(f"{second.name}.ack").write_text(f"{digest.upper()}\n")
    assert taken(tmp_path) == 2
    assert {path.name for path in third.parent.iterdir()} == {third.name, f"{third.name}.done"}
    assert taken(tmp_path) == 0


def heard(outbox: Path) -> list[FileAck]:
    found: list[FileAck] = []
    take_acknowledged(outbox, found.append)
    return found


def test_what_is_done_says_so_and_names_the_telling(tmp_path: Path) -> None:
    first, second, third = write_batch(tmp_path, ORIGIN, 3, 12, [REPAIR, SCENARIO, LISTING], 40)
    for path, more in ((first, " OK\n"), (second, ""), (third, " ok\n7 REFUSED 锁定中\n9 refused")):
        digest = sha256(path.read_bytes()).hexdigest()
        path.with_name(f"{path.name}.ack").write_text(digest + more, "utf-8")
    one, read, other = heard(tmp_path)
    assert (one.origin, one.number, one.done, one.code) == (ORIGIN, 40, True, "")
    assert (read.done, read.code) == (False, "")  # that it was read is not that it was done
    assert (other.number, dict(other.refused)) == (43, {7: "锁定中", 9: ""})
    assert not list(first.parent.iterdir())


@pytest.mark.parametrize(
    "text", ["OK", "x\n", "DIGEST OK yes", "DIGEST OK\nseven", "DIGEST OK\n" * 9]
)
def test_an_acknowledgement_in_another_form_is_none(tmp_path: Path, text: str) -> None:
    (path,) = write_batch(tmp_path, ORIGIN, 3, 3, [LISTING], 40)
    ack = path.with_name(f"{path.name}.ack")
    ack.write_text(text.replace("DIGEST", sha256(path.read_bytes()).hexdigest()))
    (said,) = heard(tmp_path)
    assert (said.code, said.done) == ("ack.malformed", False)
    assert path.exists()
    assert not ack.exists()
    ack.write_text(f"{sha256(path.read_bytes()).hexdigest()} OK" + " " * 70_000)
    assert heard(tmp_path)[0].code == "ack.malformed"


def test_an_acknowledgement_without_its_file_is_of_what_was_never_sent(tmp_path: Path) -> None:
    (path,) = write_batch(tmp_path, ORIGIN, 3, 3, [LISTING], 40)
    ack = path.with_name(f"{path.name}.ack")
    ack.write_text(f"{'0' * 64} OK")
    assert heard(tmp_path)[0].code == "ack.older"
    path.with_name(f"{path.name}.done").unlink()
    ack.write_text(f"{'0' * 64} OK")
    assert heard(tmp_path)[0].code == "ack.never-sent"


def test_a_file_written_anew_keeps_the_number_of_its_telling(tmp_path: Path) -> None:
    (path,) = write_batch(tmp_path, ORIGIN, 3, 3, [LISTING], 40)
    FileOutbox(tmp_path).replace(ORIGIN, [replace(LISTING, state="repaired")])
    assert json.loads(path.with_name(f"{path.name}.done").read_text())["number"] == 40


def test_an_acknowledgement_of_an_earlier_version_deletes_nothing(tmp_path: Path) -> None:
    (path,) = write_batch(tmp_path, ORIGIN, 3, 3, [LISTING])
    ack = path.with_name(f"{path.name}.ack")
    ack.write_text(sha256(path.read_bytes()).hexdigest())
    write_batch(tmp_path, ORIGIN, 3, 3, [replace(LISTING, state="repaired")])
    assert taken(tmp_path) == 0
    assert path.exists()
    assert not ack.exists()


def test_an_acknowledgement_left_by_a_crash_is_cleared(tmp_path: Path) -> None:
    (path,) = write_batch(tmp_path, ORIGIN, 3, 3, [LISTING])
    ack = path.with_name(f"{path.name}.ack")
    ack.touch()
    path.unlink()
    assert taken(tmp_path) == 1
    assert not list(path.parent.iterdir())


def test_lines_of_what_was_erased_are_replaced_in_every_file(tmp_path: Path) -> None:
    kept = replace(LISTING, index=4, statement_id="02" * 16, reason="-1，\n乙")
    box = FileOutbox(tmp_path)
    box.put(ORIGIN, 3, 12, [LISTING, kept, REPAIR])
    box.put(ORIGIN, 13, 20, [replace(LISTING, index=13)])
    folder = tmp_path / origin_directory(ORIGIN)
    before = content(folder)
    now = OutboxRow(index=3, kind=Kind.LISTING, statement_id="00" * 16, state="repaired")
    box.put(ORIGIN, 3, 3, [now])
    box.replace(ORIGIN, [now])
    after = content(folder)
    changed = {name for name, data in before.items() if after[name] != data}
    name = "000000000003-000000000012-records.csv"
    assert changed == {name, f"{name}.done"}
    assert "甲（演示）" not in after[name].decode()[: after[name].decode().index("02" * 16)]
    manifest = json.loads(after[f"{name}.done"])
    assert (manifest["rows"], manifest["sha256"]) == (2, sha256(after[name]).hexdigest())
    lines = list(csv.DictReader(io.StringIO(after[name].decode("utf-8-sig"), newline="")))
    assert [(line["index"], line["state"]) for line in lines] == [
        ("3", "repaired"),
        ("4", "active"),
    ]
    assert lines[1]["reason"] == "'-1，\n乙"
    box.replace(ORIGIN, [now])
    assert content(folder) == after
    box.replace(ORIGIN, [])


def test_f26_what_the_platform_lays_there_leads_nowhere(tmp_path: Path) -> None:
    outbox, elsewhere = tmp_path / "outbox", tmp_path / "elsewhere"
    outbox.mkdir()
    (path,) = write_batch(outbox, ORIGIN, 3, 3, [LISTING])
    write_batch(elsewhere_box(elsewhere), ORIGIN, 3, 3, [LISTING])
    before = content(elsewhere)
    # a directory that is a link, acknowledgements that are a pipe and a link, and good ones
    (outbox / "link").symlink_to(elsewhere / origin_directory(ORIGIN))
    for index in (4, 5):
        write_batch(outbox, ORIGIN, index, index, [replace(LISTING, index=index)])
    acks = sorted(path.parent.glob("*.csv"))
    os.mkfifo(f"{acks[0]}.ack")
    Path(f"{acks[1]}.ack").symlink_to(elsewhere / "secret")
    Path(f"{acks[2]}.ack").touch()
    with pytest.raises(OSError, match="ack"):
        taken(outbox)
    assert content(elsewhere) == before
    assert sorted(path.parent.glob("*.csv")) == acks[:2]


def test_f26_a_directory_that_is_a_link_is_not_written_to(tmp_path: Path) -> None:
    outbox, elsewhere = tmp_path / "outbox", tmp_path / "elsewhere"
    outbox.mkdir()
    elsewhere.mkdir()
    (outbox / origin_directory(ORIGIN)).symlink_to(elsewhere)
    with pytest.raises(NotADirectoryError):
        write_batch(outbox, ORIGIN, 3, 3, [LISTING])
    assert list(elsewhere.iterdir()) == []


def test_f26_no_second_name_of_another_file_is_written_into(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"another's")
    (path,) = write_batch(tmp_path, ORIGIN, 3, 3, [LISTING])
    (path.parent / f".{path.name}.{os.getpid()}.part").hardlink_to(secret)
    write_batch(tmp_path, ORIGIN, 3, 3, [LISTING])
    assert secret.read_bytes() == b"another's"


@pytest.mark.parametrize("written", [b"", b"[]", b"{}", b"\xff", b"[" * 5000])
def test_a_manifest_that_was_written_into_stops_nothing(tmp_path: Path, written: bytes) -> None:
    (path,) = write_batch(tmp_path, ORIGIN, 3, 3, [LISTING])
    path.with_name(f"{path.name}.ack").write_text("0" * 64)
    path.with_name(f"{path.name}.done").write_bytes(written)
    assert taken(tmp_path) == 1


def test_f26_replacing_leaves_what_is_not_ours(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    box = FileOutbox(tmp_path)
    box.put(ORIGIN, 3, 3, [LISTING])
    folder = tmp_path / origin_directory(ORIGIN)
    (ours,) = folder.glob("*.csv")
    secret.write_bytes(ours.read_bytes())
    (folder / "000000000001-000000000009-records.csv").symlink_to(secret)
    os.mkfifo(folder / "000000000002-000000000009-records.csv")
    for number, text in enumerate((b"", b"\xff\x00,\n", b'"', b"index\nx\n\n", b"a,b\n3,4\n")):
        (folder / f"00000000000{number}-000000000008-records.csv").write_bytes(text)
    (folder / "any.csv").touch()
    before = secret.read_bytes()
    now = OutboxRow(index=3, kind=Kind.LISTING, statement_id="00" * 16, state="repaired")
    box.replace(ORIGIN, [now])
    assert "repaired" in ours.read_text("utf-8-sig")
    assert secret.read_bytes() == before
    assert (folder / "000000000004-000000000008-records.csv").read_bytes() == b"a,b\n3,4\n"


def elsewhere_box(folder: Path) -> Path:
    folder.mkdir()
    (folder / "secret").write_bytes(b"")
    return folder


def agreed(folder: Path) -> bool:
    """Whether each file of the outbox has a manifest of its own bytes."""
    return all(
        json.loads(path.with_name(f"{path.name}.done").read_bytes())["sha256"]
        == sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*.csv")
    )


@pytest.mark.parametrize("redo", ["same", "wider", "replaced"])
def test_a_write_torn_before_its_manifest_is_agreed_by_the_redo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, redo: str
) -> None:
    outbox = FileOutbox(tmp_path)
    outbox.put(ORIGIN, 3, 3, [LISTING])
    ended = replace(LISTING, state="repaired", subject_code="", subject_name="")
    write = Folder.write

    def torn(folder: Folder, name: str, data: bytes, mode: int = 0o644) -> None:
        if name.endswith(".done"):
            raise OSError(28, "full")
        write(folder, name, data, mode)

    monkeypatch.setattr(Folder, "write", torn)
    tell = {"replaced": lambda: outbox.replace(ORIGIN, [ended])}
    with pytest.raises(OSError, match="full"):
        tell.get(redo, lambda: outbox.put(ORIGIN, 3, 3, [ended]))()
    monkeypatch.undo()
    assert not agreed(tmp_path)

    for one in (outbox, FileOutbox(tmp_path)):  # goes on, or was killed and started again
        if redo == "replaced":
            one.replace(ORIGIN, [ended])
        else:  # after a restart the batch may reach further, and is another file
            one.put(ORIGIN, 3, 4 if redo == "wider" else 3, [ended])
        assert agreed(tmp_path)
        manifests = [json.loads(path.read_bytes()) for path in tmp_path.rglob("*.done")]
        assert {(one["origin"], one["rows"]) for one in manifests} == {(ORIGIN, 1)}
        next(tmp_path.rglob("*.done")).write_text("{}")  # torn once more, for who begins anew

"""Logs exported to folders: exactly the files of the layout, replaced as a whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from adapters.export.export_files import ExportFolder, exported_logs, strays
from adapters.export.tile_export import ExportedLog, TileExport
from adapters.files.folders import Folder
from crypto.merkle import leaf_hashes
from crypto.tiles import format_entry_tile, grow, parse_entry_tile
from federation.audit.verification import LogAudit
from federation.errors import RefusedError
from federation.ids import Origin
from federation.ports.store import LogHead, StoredOpening
from federation.statements import Opening
from tests.support.exported_logs import KEYS, ORIGIN, SyntheticLog

FOLDER = "510500.huxin.example__1"


class StoredLog:
    """The part of a read session that an export needs; tiles as wide as the log has grown."""

    def __init__(self, log: SyntheticLog) -> None:
        self.log = log
        self._tiles = grow(0, {}, leaf_hashes(log.leaves)).tiles

    def tiles(self, log: int, level: int, numbers: Sequence[int]) -> list[bytes]:
        assert log == 1
        if level == -1:
            return [format_entry_tile(self.log.leaves[n * 256 : (n + 1) * 256]) for n in numbers]
        return [self._tiles[level, number] for number in numbers]

    def openings(self, log: int, indices: Sequence[int]) -> list[StoredOpening]:
        assert log == 1
        held = [index for index in indices if index in self.log.openings]
        return [StoredOpening(index=index, key=0, sealed=b"") for index in reversed(held)]


def head_of(log: SyntheticLog, size: int, origin: Origin = ORIGIN) -> LogHead:
    return LogHead(
        log=1,
        origin=origin,
        ours=True,
        size=len(log.leaves),
        applied_to=len(log.leaves),
        reconciled_to=0,
        delivered_to=0,
        receipted_to=0,
        note=log.note(size).to_bytes(),
        note_size=size,
        witnessed_size=0,
        witnessed_root=b"",
        seen=b"",
        forked=False,
    )


def exporter(log: SyntheticLog, out: Path, *, all_openings: bool = False) -> TileExport:
    def unseal(
        origin: Origin, stored: Sequence[StoredOpening]
    ) -> list[tuple[StoredOpening, Opening]]:
        assert origin == ORIGIN
        return [
            (one, Opening(salt=salt, payload=payload))
            for one in stored
            for salt, payload in [log.openings[one.index]]
        ]

    session: Any = StoredLog(log)

    def everything(_: LogHead, indices: Sequence[int]) -> Sequence[int]:
        return indices

    return TileExport(session, out, unseal, closed=everything if all_openings else None)


def write(log: SyntheticLog, out: Path, size: int | None = None, **options: bool) -> ExportedLog:
    flat = options.pop("flat", False)
    size = len(log.leaves) if size is None else size
    export = exporter(log, out, **options)
    export.check([ORIGIN], flat=flat)
    return export.write(head_of(log, size), KEYS, flat=flat)


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def problems(out: Path) -> list[tuple[str, str]]:
    return [
        (finding.code, finding.path)
        for name, files in exported_logs(out)
        for finding in LogAudit(files, directory=name).run()
    ]


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 1100, 65_536, 66_000])
def test_the_export_is_the_layout_byte_for_byte(tmp_path: Path, size: int) -> None:
    log = SyntheticLog.of_size(size)
    exported = write(log, tmp_path / "out")
    assert files_in(tmp_path / "out") == {
        f"{FOLDER}/{path}": data for path, data in log.files().items()
    }
    assert (exported.size, exported.path) == (size, tmp_path / "out" / FOLDER)
    assert problems(tmp_path / "out") == []


@pytest.mark.parametrize("size", [0, 1, 200, 256, 300, 700])
def test_a_log_that_has_grown_since_its_note_is_cut(tmp_path: Path, size: int) -> None:
    log = SyntheticLog.of_size(700)
    write(log, tmp_path, size, all_openings=True)
    assert files_in(tmp_path / FOLDER) == log.files(size, all_openings=True)


def test_openings_of_closed_kinds_go_out_only_when_asked(tmp_path: Path) -> None:
    log = SyntheticLog.of_size(120)
    exported = write(log, tmp_path / "a", all_openings=True)
    assert files_in(tmp_path / "a" / FOLDER) == log.files(all_openings=True)
    assert exported.openings == len(log.openings)
    assert exported.missing == 120 - len(log.openings)
    assert write(log, tmp_path / "b").missing == 0


def test_an_opening_that_is_not_held_is_counted_and_found(tmp_path: Path) -> None:
    log = SyntheticLog.of_size(20)
    del log.openings[3]
    assert write(log, tmp_path).missing == 1
    assert problems(tmp_path) == [("opening.missing", "openings/003")]


def test_a_later_export_replaces_the_earlier_one(tmp_path: Path) -> None:
    log = SyntheticLog.of_size(600)
    write(log, tmp_path, 257)
    write(log, tmp_path, 600)
    assert files_in(tmp_path / FOLDER) == log.files()
    assert [path.name for path in tmp_path.iterdir()] == [FOLDER]


def test_flat_files_lie_in_both_places_and_verify(tmp_path: Path) -> None:
    log = SyntheticLog.of_size(300)
    for size in (257, 300):
        write(log, tmp_path, size, flat=True)
        flat = {
            path: data
            for path, data in files_in(tmp_path).items()
            if not path.startswith(f"{FOLDER}/")
        }
        assert flat == log.files(size)
        assert problems(tmp_path) == []


def test_flat_is_refused_beside_the_flat_files_of_another_log(tmp_path: Path) -> None:
    log = SyntheticLog.of_size(3)
    write(log, tmp_path, flat=True)
    export = exporter(log, tmp_path)
    with pytest.raises(RefusedError) as refused:
        export.check([Origin("other.example/1")], flat=True)
    assert refused.value.code == "export.in-the-way"


@pytest.mark.parametrize("name", ["notes.txt", f"{FOLDER}/x", "checkpoint", "tile/0"])
def test_what_is_no_export_is_not_overwritten(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("precious")
    with pytest.raises(RefusedError) as refused:
        write(SyntheticLog.of_size(3), tmp_path)
    assert refused.value.code == "export.in-the-way"
    assert (tmp_path / name).read_text() == "precious"


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("precious")
    with pytest.raises(RefusedError):
        write(SyntheticLog.of_size(3), tmp_path / "out")


def test_other_logs_may_lie_beside(tmp_path: Path) -> None:
    log = SyntheticLog.of_size(3)
    write(log, tmp_path)
    exporter(log, tmp_path).check([Origin("other.example/1")], flat=False)


def test_leftovers_of_a_run_that_died_are_cleared(tmp_path: Path) -> None:
    log = SyntheticLog.of_size(3)
    (tmp_path / ".huxin-export-gone" / "tile").mkdir(parents=True)
    write(log, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [FOLDER]


def test_a_log_without_a_checkpoint_is_refused(tmp_path: Path) -> None:
    log = SyntheticLog.of_size(1)
    head = head_of(log, 1)
    export = exporter(log, tmp_path)
    with pytest.raises(RefusedError) as refused:
        export.write(
            LogHead(**{name: getattr(head, name) for name in head.__slots__} | {"note": b""}),
            KEYS,
            flat=False,
        )
    assert refused.value.code == "log.unsigned"


def test_lines_of_keys_known_no_more_are_left_out(tmp_path: Path) -> None:
    log = SyntheticLog.of_size(1)
    exporter(log, tmp_path).write(head_of(log, 1), KEYS[:2], flat=False)
    assert problems(tmp_path) == []
    assert len((tmp_path / FOLDER / "vkey").read_text().splitlines()) == 2


def test_links_pipes_and_empty_folders_are_findings(tmp_path: Path) -> None:
    log = SyntheticLog.of_size(3)
    write(log, tmp_path)
    folder = tmp_path / FOLDER
    (folder / "tile" / "9").mkdir()
    (folder / "linked").symlink_to("/")
    (folder / "tile" / "0" / "000.p" / "3").unlink()
    os.mkfifo(folder / "tile" / "0" / "000.p" / "3")
    assert sorted(problems(tmp_path)) == [
        ("file.missing", "tile/0/000.p/3"),
        ("file.unexpected", "linked"),
        ("file.unexpected", "tile/9/"),
    ]


def test_f26_links_and_pipes_that_others_lay_into_the_folder_lead_nowhere(tmp_path: Path) -> None:
    out, victim, elsewhere = (tmp_path / name for name in ("out", "victim", "elsewhere"))
    log = SyntheticLog.of_size(300)
    write(log, elsewhere)
    out.mkdir()
    victim.mkdir()
    (victim / "mine").write_text("mine")
    for name in (FOLDER, "flat", f"old-{FOLDER}"):
        (out / f".huxin-export-{name}").symlink_to(victim)
    (out / FOLDER).symlink_to(elsewhere / FOLDER)
    before = files_in(elsewhere)
    write(log, out, flat=True)
    assert problems(out) == []
    assert (files_in(victim), files_in(elsewhere)) == ({"mine": b"mine"}, before)
    assert not (out / FOLDER).is_symlink()
    (out / "other").mkdir()
    os.mkfifo(out / "other" / "checkpoint")
    with pytest.raises(RefusedError, match="in the way"):
        exporter(log, out).check([ORIGIN], flat=True)


def test_f26_a_place_that_is_taken_meanwhile_is_not_written_into(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("mine")
    with Folder.at(tmp_path) as folder:
        (tmp_path / "new").symlink_to(tmp_path / "victim")
        with pytest.raises(FileExistsError):
            folder.put_new("new", b"theirs")
    assert (tmp_path / "victim").read_text() == "mine"


def test_strays_beside_exports_are_named(tmp_path: Path) -> None:
    write(SyntheticLog.of_size(1), tmp_path, flat=True)
    (tmp_path / "notes.txt").write_text("")
    assert strays(tmp_path) == ["notes.txt"]


def test_reading_is_bounded(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(bytes(100))
    assert ExportFolder(tmp_path).read("large", 10) == bytes(11)
    assert ExportFolder(tmp_path).read("large", 100) == bytes(100)
    assert ExportFolder(tmp_path).read("absent", 10) is None


def test_entry_tiles_read_back(tmp_path: Path) -> None:
    log = SyntheticLog.of_size(257)
    write(log, tmp_path)
    tile = (tmp_path / FOLDER / "tile" / "entries" / "001.p" / "1").read_bytes()
    assert parse_entry_tile(tile) == log.leaves[256:]

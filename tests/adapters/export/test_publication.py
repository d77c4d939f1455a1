"""A published folder: what a reader finds there at every moment (FO6-FO8).

Covers adapters/export/publication.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from adapters.export.copies import FolderCopy
from adapters.export.publication import publish
from federation.audit.following import What, follow
from federation.errors import RefusedError
from federation.statements import Opening
from tests.federation.audit.test_following import Copy
from tests.support.exported_logs import KEYS, LOG, ORIGIN, SyntheticLog


class Session:
    """A store that holds one log."""

    def __init__(self, log: SyntheticLog) -> None:
        self.log = log
        self.files = log.files()

    def tiles(self, _log: int, level: int, numbers: Sequence[int]) -> list[bytes]:
        name = "entries" if level < 0 else str(level)
        return [
            next(
                data
                for path, data in self.files.items()
                if path.startswith(f"tile/{name}/{number:03}")
            )
            for number in numbers
        ]

    def openings(self, _log: int, indices: Sequence[int]) -> list[Any]:
        return [SimpleNamespace(index=index) for index in indices if index in self.log.openings]


class Ordered(FolderCopy):
    """Remembers what was put, and dies before one of the files where told to."""

    def __init__(self, root: Path, *, dies_at: str = "") -> None:
        super().__init__(root)
        self.order: list[str] = []
        self.dies_at = dies_at

    def put(self, path: str, data: bytes) -> None:
        if path == self.dies_at:
            raise OSError(28, "No space left on device")
        self.order.append(path)
        super().put(path, data)


def published(copy: FolderCopy, log: SyntheticLog, size: int) -> Any:
    session: Any = Session(log)
    head: Any = SimpleNamespace(
        log=1, origin=ORIGIN, note_size=size, note=log.note(size).to_bytes()
    )

    def opened(_: object, stored: Sequence[Any]) -> list[tuple[Any, Opening]]:
        pairs = [(one, log.openings[one.index]) for one in stored]
        return [(one, Opening(salt=salt, payload=said)) for one, (salt, said) in pairs]

    return publish(session, head, copy, LOG.verifier, opened)


@pytest.fixture(scope="module")
def log() -> SyntheticLog:
    return SyntheticLog.of_size(700)


def test_fo6_the_checkpoint_comes_last_and_each_size_can_be_followed(
    tmp_path: Path, log: SyntheticLog
) -> None:
    copy, follower = Ordered(tmp_path / "out"), Copy()
    for size in (1, 200, 256, 257, 700):
        copy.order = []
        assert published(copy, log, size).size == size
        assert copy.order[-1] == "checkpoint"
        found = follow(follower, copy, LOG.verifier, KEYS[1:])
        assert (found.what, found.size, found.missing) == (What.GROWN, size, 0)
    copy.order = []
    published(copy, log, 700)
    assert set(copy.order) <= {
        "checkpoint",
        "tile/0/002.p/188",
        "tile/1/000.p/2",
        "tile/entries/002.p/188",
    }


def test_fo6_a_run_that_dies_leaves_what_was_published(tmp_path: Path, log: SyntheticLog) -> None:
    published(FolderCopy(tmp_path / "out"), log, 300)
    for dies_at in ("tile/0/001", "tile/entries/002.p/188", "checkpoint"):
        with pytest.raises(OSError, match="No space"):
            published(Ordered(tmp_path / "out", dies_at=dies_at), log, 700)
        found = follow(Copy(), FolderCopy(tmp_path / "out"), LOG.verifier, KEYS[1:])
        assert found.size == 300
    assert published(FolderCopy(tmp_path / "out"), log, 700).before == 300


def test_fo7_partial_tiles_stay_until_the_full_one_stands(
    tmp_path: Path, log: SyntheticLog
) -> None:
    copy = FolderCopy(tmp_path / "out")
    for size in (10, 200):
        published(copy, log, size)
    assert {path for path in copy.paths() if "entries/000" in path} == {
        "tile/entries/000.p/10",
        "tile/entries/000.p/200",
    }
    behind = Copy()
    follow(behind, copy, LOG.verifier, KEYS[1:])
    shown = copy.read("checkpoint", 10_000)
    published(copy, log, 300)
    assert not [path for path in copy.paths() if "000.p/2" in path and "tile/1" not in path]
    # Who has read the checkpoint before reads the full tile in place of the partial one.
    late = Copy()
    copy.put("checkpoint", shown or b"")
    assert follow(late, copy, LOG.verifier, KEYS[1:]).size == 200
    assert late.files["tile/entries/000.p/200"] == behind.files["tile/entries/000.p/200"]


def test_fo8_nothing_else_takes_the_place_of_what_is_published(
    tmp_path: Path, log: SyntheticLog
) -> None:
    copy = FolderCopy(tmp_path / "out")
    published(copy, log, 300)
    before = {path: copy.read(path, 100_000) for path in copy.paths()}
    other = SyntheticLog.of_size(700)
    other.leaves[10] = other.leaves[11]
    for made, size, code in (
        (log, 299, "publish.older"),
        (other, 300, "publish.other-history"),
        (other, 700, "publish.other-history"),
    ):
        with pytest.raises(RefusedError) as caught:
            published(copy, made, size)
        assert caught.value.code == code
    assert {path: copy.read(path, 100_000) for path in copy.paths()} == before
    copy.put("checkpoint", b"of somebody else")
    with pytest.raises(RefusedError) as caught:
        published(copy, log, 700)
    assert caught.value.code == "publish.in-the-way"

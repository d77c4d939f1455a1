"""A copy that follows a log from static files, and what a lying source achieves (FO1-FO5)."""

from __future__ import annotations

import pytest

from crypto.errors import CryptoError
from crypto.fork import verify_fork
from federation.audit.following import What, follow
from federation.audit.verification import LogAudit
from tests.support.exported_logs import HEAD, KEYS, LOG, SyntheticLog, TableOfFiles

SIZES = (1, 255, 256, 257, 300, 600)


class Copy(TableOfFiles):
    """A copy in memory; remembers in which order files came."""

    def __init__(self) -> None:
        super().__init__({})
        self.order: list[str] = []

    def put(self, path: str, data: bytes) -> None:
        self.files[path] = data
        self.order.append(path)

    def drop(self, path: str) -> None:
        del self.files[path]


def visit(copy: Copy, log: SyntheticLog, size: int, **changed: bytes) -> What:
    files = log.files(size) | {name.replace("__", "/"): data for name, data in changed.items()}
    return follow(copy, TableOfFiles(files), LOG.verifier, KEYS[1:]).what


@pytest.fixture
def log() -> SyntheticLog:
    return SyntheticLog.of_size(600)


def test_a_copy_grows_and_is_a_whole_export_each_time(log: SyntheticLog) -> None:
    copy = Copy()
    for size in SIZES:
        assert visit(copy, log, size) is What.GROWN
        audit = LogAudit(copy, trusted=[LOG.verifier])
        assert list(audit.run()) == []
        assert audit.checkpoint is not None
        assert audit.checkpoint.size == size
        assert visit(copy, log, size) is What.SAME
        assert copy.order[-2:] == ["checkpoint", "checkpoint"]


def test_only_what_is_new_is_asked_for(log: SyntheticLog) -> None:
    copy = Copy()
    visit(copy, log, 512)
    source = TableOfFiles(log.files(600))
    for path in list(source.files):
        if path.startswith(("tile/entries/000", "tile/entries/001", "tile/0", "tile/1")):
            del source.files[path]
    assert follow(copy, source, LOG.verifier, KEYS[1:]).what is What.GROWN


def test_an_older_checkpoint_changes_nothing(log: SyntheticLog) -> None:
    copy = Copy()
    visit(copy, log, 300)
    before = dict(copy.files)
    assert visit(copy, log, 257) is What.OLDER
    assert copy.files == before


@pytest.mark.parametrize("size", [300, 400])
def test_another_history_is_proved_and_not_kept(size: int, log: SyntheticLog) -> None:
    copy = Copy()
    visit(copy, log, 300)
    before = dict(copy.files)
    other = SyntheticLog.of_size(600)
    other.leaves[10] = other.leaves[11]
    found = follow(copy, TableOfFiles(other.files(size)), LOG.verifier, KEYS[1:])
    assert found.what is What.FORKED
    assert found.fork is not None
    verify_fork(found.fork, LOG.verifier)
    assert copy.files == before


@pytest.mark.parametrize(
    "lie", ["entries", "short", "gone", "signature", "opening", "key", "nothing"]
)
def test_a_source_that_lies_leaves_the_copy_as_it_was(lie: str, log: SyntheticLog) -> None:
    copy = Copy()
    visit(copy, log, 257)
    before = dict(copy.files)
    files = log.files(300)
    last = next(path for path in files if path.startswith("tile/entries/001"))
    opening = max(path for path in files if path.startswith("openings/"))
    match lie:
        case "entries":
            files[last] = files[last][:-1] + b"\0"
        case "short":
            files[last] = files[last][:-78]
        case "gone":
            del files[last]
        case "signature":
            files["checkpoint"] = files["checkpoint"].replace(b"\n\n", b"x\n\n", 1)
        case "opening":
            files[opening] = files[opening][:-1] + b"\0"
        case "nothing":
            del files["checkpoint"]
        case _:
            pass
    key = HEAD.verifier if lie == "key" else LOG.verifier
    with pytest.raises(CryptoError):
        follow(copy, TableOfFiles(files), key, KEYS[1:])
    assert copy.files["checkpoint"] == before["checkpoint"]
    audit = LogAudit(copy, trusted=[LOG.verifier])
    assert {finding.code for finding in audit.run()} <= {"file.unexpected"}
    assert visit(copy, log, 300) is What.GROWN
    assert list(LogAudit(copy, trusted=[LOG.verifier]).run()) == []


def test_openings_that_the_source_lacks_are_counted(log: SyntheticLog) -> None:
    files = {path: data for path, data in log.files(60).items() if "openings" not in path}
    found = follow(Copy(), TableOfFiles(files), LOG.verifier, KEYS[1:])
    assert (found.what, found.missing) == (What.GROWN, 9)

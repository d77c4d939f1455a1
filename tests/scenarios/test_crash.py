"""A process killed at any failpoint loses nothing that it answered, and says nothing twice.

For each failpoint, before and after its step: a child does a bounded load and dies by SIGKILL in
its second round. Then the node is started again without a failpoint, finishes the same load, and
meets its peer. On PostgreSQL this is tried behind one step of each kind that commits; `make soak
NAME=postgres` tries all of them.

Covers node/system/failpoints.py.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from node.system.failpoints import NAMES
from tests.support.crash_checks import (
    NODE,
    check_recovered,
    check_restarted,
    check_statements,
    finish,
)
from tests.support.crash_child import BAD_ROWS, CHUNK, FILE_ROWS, LISTED, ROUNDS, Material
from tests.support.crash_world import Prepared, copied_to, prepared_in
from tests.support.federation_dirs import WiredNode
from tests.support.processes import CrashServer, Ended

UNITS = LISTED + 1 + -(-FILE_ROWS // CHUNK) + 4
"""Units published in a round: listings, a repair, chunks of the file, an import, the erasure, rows
of the platform's inbox, receipts."""
NTH = {
    "publish.commit": UNITS + 2,
    "publish.mark": UNITS + 2,
    "mark.sync": UNITS + 2,
    "publish.sign": UNITS + 2,
    "publish.note": UNITS + 2,
    "publish.show": UNITS + 3,
    "demand.commit": 3,
    "reconcile.commit": 3,  # the listings of the others, then its own
    "feed.commit": -(-FILE_ROWS // CHUNK) + 5,
    "feed.report": 4,  # an import is tried before it is published
}
"""At which hit the child dies: one in its second round; the others are hit once in each round."""
LIFTED_NTH = 3
"""The third receipts are those of what the platforms acknowledged."""
COMMITS = {
    "publish.note",
    "follow.commit",
    "witness.commit",
    "checkpoint.head",
    "relief.erase",
    "rotate.seal",
    "feed.commit",
    "reconcile.commit",
    "receipt.commit",
    "outbox.cursor",
    "platform.cursor",
    "inbox.take",
}
"""The last of each kind of step that changes the database."""
CRASHES = [
    (database, name, moment)
    for database in ("sqlite", "postgres")
    for name in NAMES
    # tests/node/access/test_query_crash.py, tests/scenarios/test_check_commands.py,
    # tests/scenarios/test_outcome_crash.py, tests/scenarios/test_lookup_key.py
    # … tests/scenarios/test_benefit_crash.py, tests/scenarios/test_monitor_commands.py,
    # tests/scenarios/test_two_hosts.py, tests/scenarios/test_watch_crash.py,
    # tests/scenarios/test_check_batch_commands.py, tests/scenarios/test_check_workers.py
    if not name.startswith(
        (
            "queries.",
            "check.",
            "outcome.",
            "retag.",
            "benefit.",
            "monitor.",
            "watch.",
            "batch.",
            "worker.",
        )
    )
    and name not in ("mark.swap", "mark.move")
    for moment in ("before", "after")
    # After a step of a rotation is before its next one: nothing stands between them.
    if not (name.startswith("rotate.") and name != "rotate.add" and moment == "before")
]


def _case(database: str, name: str, moment: str) -> pytest.ParameterSet:
    nth = NTH.get(name, len(ROUNDS))
    if database == "sqlite":
        derived = name == "notice.commit" and moment == "before"  # as if nothing had been begun
        marks = [pytest.mark.soak] if derived else []
        return pytest.param(database, name, moment, nth, marks=marks)
    marks = [pytest.mark.postgres]
    if name not in COMMITS or moment == "before":
        marks.append(pytest.mark.soak)
    return pytest.param(database, name, moment, nth, marks=marks)


@pytest.fixture(scope="module")
def crash_server() -> Iterator[CrashServer]:
    server = CrashServer()
    yield server
    server.close()


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    """Found the federation, let the peer speak, start the node once."""
    with prepared_in(tmp_path_factory.mktemp("crash")) as prepared:
        yield prepared


@pytest.fixture(scope="module")
def on_postgres(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    with prepared_in(tmp_path_factory.mktemp("crash"), postgres_url) as prepared:
        yield prepared


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def prepared(request: pytest.FixtureRequest) -> Prepared:
    found: Prepared = request.getfixturevalue(f"on_{request.param}")
    return found


@pytest.fixture
def directory(prepared: Prepared, tmp_path: Path) -> Iterator[Path]:
    """A copy of both nodes' directories and databases."""
    with copied_to(tmp_path, prepared) as directory:
        yield directory


@pytest.mark.process
@pytest.mark.parametrize(
    ("prepared", "name", "moment", "nth"),
    [_case(*crash) for crash in CRASHES]
    + [
        pytest.param(
            "sqlite", name, moment, nth, marks=[] if nth == LIFTED_NTH else [pytest.mark.soak]
        )
        for name, nth in (("receipt.commit", LIFTED_NTH), ("ack.commit", 1), ("demand.commit", 4))
        for moment in ("before", "after")
    ],
    indirect=["prepared"],
)
def test_killed_at(
    name: str,
    moment: str,
    nth: int,
    directory: Path,
    prepared: Prepared,
    crash_server: CrashServer,
) -> None:
    ended = crash_server.run(
        failpoint=f"{name}:{moment}:{nth}",
        directory=directory / NODE.region,
        material=prepared.material,
        files=directory / "files",
    )
    assert ended.code == -signal.SIGKILL, f"the load never came to {name}"
    _check_what_was_said(ended)
    check_recovered(directory, Material.read(prepared.material), ended)


def test_the_load_is_whole_without_a_crash(
    directory: Path, prepared: Prepared, crash_server: CrashServer
) -> None:
    """The control: no failpoint, the child ends by itself, and every failpoint would be hit."""
    ended = crash_server.run(
        failpoint="",
        directory=directory / NODE.region,
        material=prepared.material,
        files=directory / "files",
    )
    assert ended.code == 0
    node = WiredNode(directory / NODE.region)
    try:
        check_restarted(node, ended)
        check_statements(node)
        before = {origin: log["size"] for origin, log in node.logs().items()}
        finish(node, Material.read(prepared.material), directory / "files")
        assert {origin: log["size"] for origin, log in node.logs().items()} == before
    finally:
        node.close()


def _check_what_was_said(ended: Ended) -> None:
    """It died in the second round: the whole first one had been answered."""
    assert len(ended.about("statement", "id")) >= LISTED + 1
    assert ended.about("file", "rows")[:1] == [FILE_ROWS + BAD_ROWS]
    assert len(ended.about("held", "size")) >= 1
    assert len(ended.about("witnessed", "size")) >= 1
    assert len(ended.about("delivered", "size")) >= 1

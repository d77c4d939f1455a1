"""PostgreSQL crashes, or connections break, under a node that runs: nothing answered is lost."""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import create_engine, text

from adapters.errors import NotDurableError, StoreError, UnreachableError
from adapters.sql import open_store
from node.cli.main import report
from tests.support.crash_checks import NODE, check_notes, rows_of
from tests.support.crash_world import copied_to, prepared_in
from tests.support.federation_dirs import WiredNode
from tests.support.postgres import RunningServer, crashable_server

pytestmark = pytest.mark.postgres
BREAKS = 3
LISTED_BETWEEN = 4


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with crashable_server() as server:
        yield server


def url_of(server: RunningServer) -> str:
    return server.url.render_as_string(hide_password=False)


def execute(server: RunningServer, *statements: str) -> None:
    engine = create_engine(url_of(server), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def crash(server: RunningServer, node: WiredNode) -> None:
    """Nobody is there for a moment, and the status says so."""
    server.crash()
    with pytest.raises(UnreachableError):
        node.parts.status()
    server.start()


def disconnect(server: RunningServer, _: WiredNode) -> None:
    others = (
        "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    execute(server, f"SELECT pg_terminate_backend(pid) {others}")


@pytest.mark.process
@pytest.mark.parametrize("breaks", [crash, disconnect])
def test_the_server_breaks_under_the_load(
    server: RunningServer,
    breaks: Callable[[RunningServer, WiredNode], None],
    tmp_path: Path,
) -> None:
    (tmp_path / "founded").mkdir()
    (tmp_path / "run").mkdir()
    with (
        prepared_in(tmp_path / "founded", url_of(server)) as prepared,
        copied_to(tmp_path / "run", prepared) as directory,
    ):
        node = WiredNode(directory / NODE.region)
        try:
            load = Load(node)
            load.start()
            random = Random(1)
            for _ in range(BREAKS):
                load.wait_for(LISTED_BETWEEN)
                load.stopped.wait(random.random() / 20)
                breaks(server, node)
            load.wait_for(LISTED_BETWEEN)
            load.end()
            check(node, load)
        finally:
            node.close()


class Load(threading.Thread):
    """Lists one subject after the other; what fails is sent again until it is answered."""

    def __init__(self, node: WiredNode) -> None:
        super().__init__(name="load")
        self._node = node
        self.stopped = threading.Event()
        self.answered: dict[int, bytes] = {}
        self.notes: list[str] = []
        self.failed = 0
        self._told = threading.Condition()

    def run(self) -> None:
        number = 0
        while not self.stopped.is_set():
            try:
                published = self._node.list_(f"{number:032x}", number)
                self.notes.append(b64encode(self._node.note()).decode())
            except StoreError:
                self.failed += 1
                continue
            with self._told:
                self.answered[published.index] = published.statement_id
                self._told.notify_all()
            number += 1

    def wait_for(self, further: int) -> None:
        with self._told:
            wanted = len(self.answered) + further
            assert self._told.wait_for(lambda: len(self.answered) >= wanted, timeout=60)

    def end(self) -> None:
        self.stopped.set()
        self.join()


def check(node: WiredNode, load: Load) -> None:
    rows = rows_of(node, node.origin)
    assert {row.idx: row.statement_id for row in rows} == load.answered
    assert len({row.record_tag for row in rows}) == len(rows)
    assert node.publisher.refusal is None
    check_notes(node, load.notes)
    assert not [code for code in node.problems() if code.startswith(("store.", "high-water."))]
    assert node.parts.rebuild(True) == (True, [])


def test_a_server_that_does_not_sync_is_refused(
    server: RunningServer, capsys: pytest.CaptureFixture[str]
) -> None:
    execute(server, "CREATE DATABASE unsynced", "ALTER SYSTEM SET fsync = off")
    execute(server, "SELECT pg_reload_conf()")
    unsynced = server.url.set(database="unsynced").render_as_string(hide_password=False)
    try:
        with pytest.raises(NotDurableError) as refused:
            open_once_reloaded(server, "fsync", unsynced)
        assert report(refused.value) == 3
        assert "store.not-durable" in capsys.readouterr().err
    finally:
        execute(server, "ALTER SYSTEM RESET fsync")
        execute(server, "SELECT pg_reload_conf()")


def open_once_reloaded(server: RunningServer, setting: str, url: str) -> bool:
    """Open a store when the server has read its settings anew; whether it keeps pages whole."""
    engine = create_engine(url_of(server))
    while True:
        with engine.connect() as connection:
            if connection.execute(text(f"SHOW {setting}")).scalar_one() == "off":
                break
        engine.dispose()
    engine.dispose()
    store = open_store(url)
    try:
        return store.keeps_pages_whole()
    finally:
        store.close()


def test_a_server_that_may_tear_pages_is_named(server: RunningServer) -> None:
    execute(server, "CREATE DATABASE torn", "ALTER SYSTEM SET full_page_writes = off")
    execute(server, "SELECT pg_reload_conf()")
    torn = server.url.set(database="torn").render_as_string(hide_password=False)
    try:
        assert not open_once_reloaded(server, "full_page_writes", torn)
    finally:
        execute(server, "ALTER SYSTEM RESET full_page_writes")
        execute(server, "SELECT pg_reload_conf()")

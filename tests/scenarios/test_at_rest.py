"""What a node at rest asks of its store does not grow with the logs that it holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from adapters.sql.rows import head_from_row
from federation.ids import Origin
from federation.ports.store import LogHead
from node.demo.members import DemoMember
from node.system.schedule import Job
from tests.support.federation_dirs import WiredNode, found

CITY = DemoMember(region="510300", name="自贡")
PEER = DemoMember(region="510500", name="泸州")
JOBS = ("reconcile", "receipt", "outbox")
"""Jobs that run every second or more often."""


@pytest.fixture
def node(tmp_path: Path) -> Iterator[WiredNode]:
    found(tmp_path, (CITY, PEER))
    made = WiredNode(tmp_path / CITY.region)
    made.list_("0" * 32, 1)
    yield made
    made.close()


def asked(node: WiredNode) -> dict[str, int]:
    """Statements given to SQLite by each job, by a status and by the search for openings."""
    statements: list[str] = []
    drivers: list[Any] = []

    def noted(connection: Any) -> None:
        driver = connection.connection.driver_connection
        driver.set_trace_callback(statements.append)
        drivers.append(driver)

    counts: dict[str, int] = {}
    event.listen(node.store._engine, "begin", noted)
    try:
        for name in JOBS:
            statements.clear()
            node.job(name)
            counts[name] = len(statements)
        statements.clear()
        node.parts.status(local_state=True)
        counts["status"] = len(statements)
        statements.clear()
        assert node.exchange.missing_openings(100) == {}
        counts["openings"] = len(statements)
    finally:
        event.remove(node.store._engine, "begin", noted)
        for driver in drivers:
            driver.set_trace_callback(None)
    return counts


def rows_read(node: WiredNode, monkeypatch: pytest.MonkeyPatch) -> int:
    """Heads read from the store by all of it together."""
    read: list[object] = []

    def counted(row: Any) -> LogHead:
        read.append(row)
        return head_from_row(row)

    with monkeypatch.context() as patch:
        patch.setattr("adapters.sql.sessions.head_from_row", counted)
        asked(node)
    return len(read)


def test_a_node_at_rest_asks_no_more_with_three_hundred_logs(
    node: WiredNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(node)  # what is done once after a start
    few = asked(node)
    with node.store.write() as session:
        for number in range(300):
            session.add_log(Origin(f"{600000 + number}.huxin.example/1"), ours=False)
    asked(node)
    assert asked(node) == few
    assert all(few.values())
    assert rows_read(node, monkeypatch) == 0


def test_jobs_that_look_for_what_was_written_rest_until_something_is(node: WiredNode) -> None:
    jobs = {job.name: job for job in node.parts.jobs if isinstance(job, Job) and job.rests}
    assert jobs.pop("quality").rests is not None, "it rests until somebody asks for figures"
    assert set(jobs) == {*JOBS, "notices"}

    def resting() -> set[str]:
        return {name for name, job in jobs.items() if job.rests is not None and job.rests()}

    for job in jobs.values():
        job.run()
    resting()
    assert resting() == set(jobs)
    node.list_("1" * 32, 2)
    assert resting() == set()
    assert resting() == set(jobs)


def test_what_was_acknowledged_goes_by_a_job_of_its_own(node: WiredNode) -> None:
    """Its folders, one for each log, are not looked into every second."""
    folder = node.directory / "outbox" / "600000.huxin.example__1"
    folder.mkdir()
    data = folder / "1-1-records.csv"
    for name in ("", ".done", ".ack"):
        data.with_name(f"{data.name}{name}").touch()
    node.job("outbox")
    assert len(list(folder.iterdir())) == 3
    node.job("acknowledged")
    assert list(folder.iterdir()) == []


def test_a_status_says_what_stands_however_often_it_was_asked(node: WiredNode) -> None:
    before = [node.parts.status(local_state=True) for _ in range(3)][-1]
    node.list_("1" * 32, 2)
    after = node.parts.status(local_state=True)
    assert after["local_state"] != before["local_state"]
    (was,), (now,) = ([log for log in s["logs"] if log["size"]] for s in (before, after))
    assert now["records"]["active"] == was["records"]["active"] + 1

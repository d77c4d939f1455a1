"""对账: each night what a platform has is compared with what it was told.

Covers node/cli/totals.py, node/platform/control_totals.py.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, make_url

from adapters.platform.database import DatabasePlatform
from adapters.platform.errors import PlatformError
from adapters.platform.service import ServicePlatform
from federation.ids import Timestamp
from node.demo.members import LUZHOU, ZIGONG
from node.platform.control_totals import ControlTotals
from tests.support.commands import run
from tests.support.exchange_tables import make_tables, told
from tests.support.federation_dirs import WiredNode, exchange_all, found, set_key
from tests.support.invented import InlineWriter
from tests.support.outlets import ORIGIN, Told
from tests.support.platform_service import PlatformService

NOW = Timestamp(1_790_000_000)


def totals(said: Told, platform: DatabasePlatform | ServicePlatform) -> ControlTotals:
    return ControlTotals(
        name="city",
        outlet=said.outlet,
        platform=platform,
        store=said.store,
        writer=InlineWriter(),
        now=lambda: NOW,
    )


@pytest.fixture
def url(tmp_path: Path) -> URL:
    made = make_url(f"sqlite:///{tmp_path / 'platform.db'}")
    make_tables(made)
    return made


def execute(url: URL, *statements: str) -> None:
    with sqlite3.connect(str(url.database)) as connection:
        for statement in statements:
            connection.execute(statement)


def in_database(url: URL) -> tuple[Told, DatabasePlatform]:
    """Three leaves told to a database."""
    said, platform = Told(), DatabasePlatform(url)
    said.say({0: "active", 1: "repaired", 2: "active"})
    said.delivery(platform).run()
    return said, platform


def test_while_something_waits_nothing_is_compared(url: URL) -> None:
    said, platform = in_database(url)
    said.say({3: "active"})
    desk = totals(said, platform)
    assert desk.run() == "waiting"
    assert desk.report()["compared_at"] is None
    said.delivery(platform).run()
    assert desk.run() == "same"
    said.change(0, "paused")
    assert desk.run() == "waiting"


def test_what_was_changed_in_the_table_is_found_and_told_again(url: URL) -> None:
    said, platform = in_database(url)
    desk = totals(said, platform)
    execute(
        url,
        "UPDATE huxin_outbox SET state = 'active' WHERE idx = 1",
        "DELETE FROM huxin_outbox WHERE idx = 2",
    )
    assert desk.run() == "differs"
    report = desk.report(10)
    assert report["count"] == 1
    assert report["gone"] == 1, "rows that were taken may be deleted"
    assert report["compared_at"] == NOW
    (row,) = report["rows"]
    assert (row["origin"], row["index"], row["told"], row["found"]) == (
        *(ORIGIN, 1),
        *("repaired", "active"),
    )
    assert len(row["statement_id"]) == 32
    assert {(one["state"], one["told"], one["found"]) for one in report["groups"]} == {
        ("active", 2, 2),
        ("repaired", 1, 0),
    }
    assert desk.redeliver("") == 1
    said.delivery(platform).run()
    assert desk.run() == "same"
    assert desk.report(10)["rows"] == []


def test_a_platform_that_shows_all_is_asked_for_all(url: URL) -> None:
    said, platform = in_database(url)
    desk = totals(said, platform)
    execute(
        url,
        "CREATE TABLE kept (origin TEXT, idx INTEGER, statement_id TEXT, state TEXT)",
        "INSERT INTO kept SELECT origin, idx, statement_id, state FROM huxin_outbox",
        "CREATE VIEW huxin_held AS SELECT * FROM kept",
        "DELETE FROM huxin_outbox",
    )
    assert desk.run() == "same"
    execute(
        url,
        "DELETE FROM kept WHERE idx = 0",
        "UPDATE kept SET state = '张三 510102199001011234' WHERE idx = 1",
        "INSERT INTO kept SELECT origin, 77, statement_id, state FROM kept WHERE idx = 2",
    )
    assert desk.run() == "differs"
    rows = [(one["index"], one["told"], one["found"]) for one in desk.report(10)["rows"]]
    assert rows == [(0, "active", ""), (1, "repaired", "unknown"), (77, "", "active")]
    assert "510102" not in json.dumps(desk.report(10))
    assert desk.redeliver("") == 2, "there is no leaf 77 to be told"
    assert desk.redeliver(ORIGIN) == 3


@pytest.mark.parametrize("rows", [True, False])
def test_a_service_that_offers_totals_is_compared(rows: bool) -> None:
    with PlatformService() as service:
        service.offers = {"totals", "rows"} if rows else {"totals"}
        platform = ServicePlatform(service.url, token=service.token, first_pause=0.0)
        said = Told()
        said.say(dict.fromkeys(range(5), "active"))
        said.delivery(platform).run()
        desk = totals(said, platform)
        assert desk.run() == "same"
        service.lose(ORIGIN, 3)
        assert desk.run() == "differs"
        report = desk.report(10)
        assert [one["index"] for one in report["rows"]] == ([3] if rows else [])
        assert report["groups"][0]["told"] == 5
        assert report["groups"][0]["found"] == 4
        assert desk.redeliver("") == (1 if rows else 5)
        said.delivery(platform).run()
        assert desk.run() == "same"


def test_a_service_that_offers_none() -> None:
    with PlatformService() as service:
        platform = ServicePlatform(service.url, token=service.token, first_pause=0.0)
        said = Told()
        said.say({0: "active"})
        said.delivery(platform).run()
        desk = totals(said, platform)
        assert desk.run() == "not-offered"
        assert desk.report(5)["outcome"] == "not-offered"


@pytest.mark.parametrize(
    "answer", [b"[]", b"{", b'{"totals": [{}]}', b'{"totals": 5}', b" " * 5_000_000]
)
def test_an_answer_that_cannot_be_read_is_refused(answer: bytes) -> None:
    with PlatformService() as service:
        service.answer = answer
        platform = ServicePlatform(service.url, token=service.token, first_pause=0.0)
        with pytest.raises(PlatformError) as caught:
            platform.totals()
        assert caught.value.code == "platform.refused"


# ---------------------------------------------------------------- a node


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[WiredNode, WiredNode]]:
    """Luzhou, whose platform is a database, and Zigong, which lists."""
    directory = tmp_path_factory.mktemp("totals")
    found(directory, (ZIGONG, LUZHOU))
    folder = directory / LUZHOU.region
    set_key(folder, "outbox", '""')
    with (folder / "huxin.toml").open("a") as config:
        config.write('\n[platform.city]\nurl = "sqlite:///city.db"\n')
    make_tables(make_url(f"sqlite:///{folder / 'city.db'}"))
    opened = WiredNode(folder), WiredNode(directory / ZIGONG.region)
    yield opened
    for node in opened:
        node.close()


def test_a_difference_is_a_problem_until_it_is_mended(nodes: tuple[WiredNode, WiredNode]) -> None:
    node, peer = nodes
    for number in (1, 2):
        peer.list_(f"{number:032x}", number)
    exchange_all(node, peer)
    for job in ("reconcile", "outbox", "platform.city", "totals.city"):
        node.job(job)
    assert "platform.totals-differ" not in node.problems()
    url = make_url(f"sqlite:///{node.directory / 'city.db'}")
    execute(url, "UPDATE huxin_outbox SET state = 'repaired' WHERE idx = 1")
    node.job("totals.city")
    assert "platform.totals-differ" in node.problems()
    (shown,) = node.parts.status()["platforms"]
    assert (shown["totals"]["outcome"], shown["totals"]["count"]) == ("differs", 1)
    node.close()
    words = ("--dir", node.directory)
    listed = run("adapter", "totals", "city", *words, "-o", "json")
    assert listed.code == 1
    assert [one["index"] for one in listed.json["rows"]] == [1]
    table = run("adapter", "totals", "city", *words)
    assert table.code == 1
    assert max(map(len, table.out.splitlines())) <= 100
    assert peer.origin in table.out.replace("\n", "")
    again = run("adapter", "redeliver", "city", *words, "-o", "json")
    assert again.json == {"platform": "city", "leaves": 1}
    waits = run("adapter", "totals", "city", "--now", *words, "-o", "json")
    assert waits.json["outcome"] == "waiting"
    assert run("adapter", "totals", "nobody", *words).code == 3
    restarted = WiredNode(node.directory)
    restarted.job("platform.city")
    restarted.close()
    assert [row["state"] for row in told(url) if row["idx"] == 1] == ["repaired", "active"]
    assert run("adapter", "totals", "city", "--now", *words).code == 0

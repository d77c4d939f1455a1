"""What any place must hold to that tells the city's platform: file, database and service alike.

A new adapter is one more parameter of `place`: how it takes a batch, and how the platform reads.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from adapters.files.outbox import OutboxRow, write_batch
from adapters.platform.database import DatabasePlatform
from adapters.platform.errors import PlatformError
from adapters.platform.service import ServicePlatform
from adapters.platform.tables import CONTENT
from federation.ids import Origin
from federation.spreadsheets import unescape_formula
from federation.statements import Kind
from tests.support import mariadb
from tests.support.exchange_tables import drop_role, make_tables, told
from tests.support.platform_service import PlatformService

ORIGIN = Origin("510500.huxin.example/1")
OTHER = Origin("510500.huxin.Example/1")
ROW = OutboxRow(
    index=3,
    kind=Kind.LISTING,
    statement_id="00" * 16,
    state="active",
    list_type="judgment-defaulter",
    subject_code="91510500YY00000108",
    subject_name="=𠮷祥\"甲', 乙;-- （演示） ",
    decided_on=20260301,
    reason="违" * 8000,
)
REPAIR = replace(ROW, index=5, kind=Kind.REPAIR, state="repaired", relief_document="修1号")
SCENARIO = OutboxRow(index=4, kind=Kind.SCENARIO, action=1, statement_id="01" * 16, state="active")

Told = Mapping[tuple[str, int], Mapping[str, str]]


@dataclass(frozen=True)
class Place:
    put: Callable[[Origin, int, int, Sequence[OutboxRow]], object]
    newest: Callable[[], Told]
    """What the platform reads: of each leaf the newest row, cells as texts."""
    count: Callable[[], int]
    """Rows that the platform would read in all."""


def _files(folder: Path) -> Place:
    def rows() -> list[tuple[str, dict[str, str]]]:
        paths = sorted(folder.glob("*/*.csv"), key=lambda path: path.stat().st_mtime_ns)
        found = []
        for path in paths:
            assert path.with_name(f"{path.name}.done").exists()
            with path.open(encoding="utf-8-sig", newline="") as file:
                found += [
                    (path.parent.name.replace("__", "/"), row) for row in csv.DictReader(file)
                ]
        return found

    def newest() -> Told:
        return {
            (origin, int(row["index"])): {
                name: unescape_formula(cell) for name, cell in row.items() if name != "index"
            }
            for origin, row in rows()
        }

    return Place(
        put=lambda *batch: write_batch(folder, *batch), newest=newest, count=lambda: len(rows())
    )


def _database(owner: str) -> Place:
    url = make_url(owner)
    platform = DatabasePlatform(make_tables(url))

    def newest() -> Told:
        return {
            (row["origin"], row["idx"]): {
                name: "" if row[name] is None else str(row[name]) for name in CONTENT
            }
            for row in told(url)
        }

    return Place(
        put=lambda origin, _first, _last, rows: platform.write(origin, rows),
        newest=newest,
        count=lambda: len(told(url)),
    )


def _service(service: PlatformService) -> Place:
    platform = ServicePlatform(service.url, token=service.token, first_pause=0.0)
    numbers = itertools.count(1)
    return Place(
        put=lambda origin, _first, _last, rows: (
            platform.tell(origin, rows, next(numbers)) if rows else None
        ),
        newest=service.newest,
        count=lambda: len(service.told),
    )


DATABASES = [
    "sqlite",
    pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.xdist_group("role")]),
    pytest.param("mariadb", marks=pytest.mark.xdist_group("mariadb")),
]


@pytest.fixture
def owner(request: pytest.FixtureRequest) -> Iterator[str]:
    url: str = request.getfixturevalue(f"{request.param}_database")
    try:
        yield url
    finally:
        drop_role(make_url(url))


@pytest.fixture(params=["file", "service", *DATABASES])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param == "service":
        with PlatformService() as service:
            yield _service(service)
        return
    if request.param == "file":
        yield _files(tmp_path)
        return
    if request.param == "sqlite":
        yield _database(f"sqlite:///{tmp_path / 'platform.db'}")
        return
    url: str = request.getfixturevalue(f"{request.param}_database")
    try:
        yield _database(url)
    finally:
        drop_role(make_url(url))


def test_every_row_arrives_as_it_was_said(place: Place) -> None:
    place.put(ORIGIN, 3, 12, [REPAIR, SCENARIO, ROW])
    found = place.newest()
    assert set(found) == {(ORIGIN, 3), (ORIGIN, 4), (ORIGIN, 5)}
    row = found[ORIGIN, 3]
    assert row["subject_name"] == ROW.subject_name
    assert row["reason"] == ROW.reason
    assert (row["kind"], row["state"], row["decided_on"]) == ("listing", "active", "20260301")
    assert row["publish_until"] == ""
    assert found[ORIGIN, 5]["relief_document"] == "修1号"
    assert found[ORIGIN, 4]["action"] == "1"


def test_the_same_batch_again_changes_nothing(place: Place) -> None:
    place.put(ORIGIN, 3, 12, [REPAIR, ROW])
    before = place.newest()
    place.put(ORIGIN, 3, 12, [REPAIR, ROW])
    assert place.newest() == before
    assert place.count() == 2


def test_relief_after_its_listing_and_what_is_in_doubt(place: Place) -> None:
    doubted = replace(ROW, index=6, state="rejected", rule="catalog.list-unknown")
    place.put(ORIGIN, 3, 6, [ROW, doubted])
    place.put(ORIGIN, 5, 5, [REPAIR])
    place.put(ORIGIN, 3, 3, [replace(ROW, state="repaired")])
    found = place.newest()
    assert found[ORIGIN, 3]["state"] == "repaired"
    assert found[ORIGIN, 5]["kind"] == "repair"
    assert (found[ORIGIN, 6]["state"], found[ORIGIN, 6]["rule"]) == (
        "rejected",
        "catalog.list-unknown",
    )


def test_a_later_state_stands_also_when_it_is_an_earlier_one_again(place: Place) -> None:
    paused = replace(ROW, state="paused")
    place.put(ORIGIN, 3, 12, [ROW, REPAIR])
    place.put(ORIGIN, 3, 3, [paused])
    assert place.newest()[ORIGIN, 3]["state"] == "paused"
    place.put(ORIGIN, 3, 3, [ROW])
    assert place.newest()[ORIGIN, 3]["state"] == "active"


def test_logs_are_kept_apart(place: Place) -> None:
    place.put(ORIGIN, 3, 3, [ROW])
    place.put(OTHER, 3, 3, [replace(ROW, state="ended")])
    found = place.newest()
    assert found[ORIGIN, 3]["state"] == "active"
    assert found[OTHER, 3]["state"] == "ended"


def test_a_batch_without_rows_says_nothing(place: Place) -> None:
    place.put(ORIGIN, 0, 2, [])
    assert not place.newest()


def test_a_whole_batch(place: Place) -> None:
    place.put(ORIGIN, 0, 1023, [replace(REPAIR, index=index, reason="") for index in range(1024)])
    assert place.count() == 1024


@pytest.mark.parametrize("owner", DATABASES[1:], indirect=True)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE huxin_outbox SET taken_at = CURRENT_TIMESTAMP",
        "DELETE FROM huxin_outbox",
        "DROP TABLE huxin_outbox",
        "CREATE TABLE mine (a INTEGER)",
    ],
)
def test_the_role_may_only_read_and_insert(owner: str, statement: str) -> None:
    platform = DatabasePlatform(make_tables(make_url(owner)))
    assert platform.write(ORIGIN, [ROW]) == 1
    refused = pytest.raises(DBAPIError, match=r"(?i)denied|permission|must be owner")
    with refused, platform._engine.begin() as connection:
        connection.execute(text(statement))
    assert len(told(make_url(owner))) == 1


@pytest.mark.xdist_group("mariadb")
def test_a_server_that_was_killed_is_told_when_it_is_back(
    mariadb_server: mariadb.Server, mariadb_database: str
) -> None:
    owner = make_url(mariadb_database)
    platform = DatabasePlatform(make_tables(owner))
    try:
        assert platform.write(ORIGIN, [ROW]) == 1
        mariadb_server.stop()
        with pytest.raises(PlatformError) as caught:
            platform.write(ORIGIN, [ROW, REPAIR])
        assert caught.value.code == "platform.unreachable"
        mariadb_server.start()
        assert platform.write(ORIGIN, [ROW, REPAIR]) == 1
        assert [row["idx"] for row in told(owner)] == [3, 5]
    finally:
        drop_role(owner)

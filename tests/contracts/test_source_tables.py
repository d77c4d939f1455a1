"""Tables of a platform's database as tables on which a mapping is tried, on every database.

Covers node/demo/exchange_tables.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import (
    URL,
    Column,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    NullPool,
    Numeric,
    String,
    Table,
    create_engine,
    insert,
    make_url,
)

from adapters.files.errors import TableError
from adapters.files.faults import RowFault
from adapters.files.tables import DEFAULT_LIMITS, Limits
from adapters.platform.database import DatabasePlatform
from adapters.platform.errors import PlatformError
from adapters.platform.inbox import Answer, DatabaseInbox
from adapters.platform.source_tables import DatabaseRows, InboxRows
from tests.contracts.test_platform_inbox import ANSWER, DATABASES, ROW
from tests.support.exchange_tables import drop_role, lay, make_tables

LISTED = Table(
    "失信名单",
    MetaData(),
    Column("编号", Integer, primary_key=True, autoincrement=False),
    Column("名称", String(80)),
    Column("决定日期", Date),
    Column("登记时间", DateTime),
    Column("金额", Numeric(12, 2)),
    Column("附件", LargeBinary),
    mysql_charset="utf8mb4",
)
ROWS = (
    {
        "编号": 2,
        "名称": "乙'; --（演示）",
        "决定日期": date(2026, 1, 5),
        "登记时间": datetime(2026, 1, 6, 8, 30, tzinfo=UTC).replace(tzinfo=None),
        "金额": Decimal("12.50"),
        "附件": None,
    },
    {
        "编号": 1,
        "名称": None,
        "决定日期": None,
        "登记时间": datetime(2026, 1, 6, tzinfo=UTC).replace(tzinfo=None),
        "金额": None,
        "附件": None,
    },
    {"编号": 3, "名称": "丙（演示）", "附件": b"\x00\x01"},
)


@pytest.fixture(params=DATABASES)
def owner(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[URL]:
    if request.param == "sqlite":
        yield make_url(f"sqlite:///{tmp_path / 'platform.db'}")
        return
    url = make_url(request.getfixturevalue(f"{request.param}_database"))
    try:
        yield url
    finally:
        drop_role(url)


@pytest.fixture
def database(owner: URL) -> DatabasePlatform:
    engine = create_engine(owner, poolclass=NullPool)
    with engine.begin() as connection:
        LISTED.metadata.create_all(connection)
        for row in ROWS:
            connection.execute(insert(LISTED), row)
    return DatabasePlatform(owner)


def test_a_table_is_read_as_a_file_would_have_it(database: DatabasePlatform) -> None:
    found = DatabaseRows(database, "失信名单", DEFAULT_LIMITS)
    assert found.header == ("编号", "名称", "决定日期", "登记时间", "金额", "附件")
    first, second, third = found
    assert first == (1, ["1", "", "", "2026-01-06", "", ""])
    assert second == (2, ["2", "乙'; --（演示）", "2026-01-05", "2026-01-06 08:30:00", "12.50", ""])
    assert isinstance(third, RowFault)
    assert (third.row, third.column, third.code, third.value) == (3, "附件", "cell.type", "")


@pytest.mark.parametrize("name", ["nothing", "失信名单; DROP TABLE 失信名单", "nowhere.失信名单"])
def test_only_tables_that_are_there_are_read(database: DatabasePlatform, name: str) -> None:
    with pytest.raises((TableError, PlatformError)):
        list(DatabaseRows(database, name, DEFAULT_LIMITS))
    assert len(list(DatabaseRows(database, "失信名单", DEFAULT_LIMITS))) == 3


def test_bounds_of_files_hold_for_tables(database: DatabasePlatform) -> None:
    with pytest.raises(TableError) as told:
        list(DatabaseRows(database, "失信名单", Limits(rows=2)))
    assert told.value.code == "file.rows"
    with pytest.raises(TableError) as told:
        DatabaseRows(database, "失信名单", Limits(columns=5))
    assert told.value.code == "header.columns"
    fault = list(DatabaseRows(database, "失信名单", Limits(cell=9)))[1]
    assert isinstance(fault, RowFault)
    assert fault.code == "cell.long"


def test_rows_of_the_inbox_that_wait_or_were_taken_for_one_subject(owner: URL) -> None:
    inbox = DatabaseInbox(DatabasePlatform(make_tables(owner)))
    lay(owner, ROW, ROW, ROW, ROW, ROW | {"content": "[]"}, ROW | {"kind": "repair"})
    lay(owner, ROW | {"source": "tax"}, ROW | {"list_type": "b"})
    rows = inbox.waiting((), 9)
    again = Answer(outcome="refused", code="mapping.one-subject")
    other = Answer(outcome="refused", code="row.malformed")
    inbox.answer([(rows[0], ANSWER), (rows[1], again), (rows[2], other)])

    def found(*, only_list: bool) -> InboxRows:
        code = "mapping.one-subject"
        return InboxRows(inbox, source="court", list_type="a", again=code, only_list=only_list)

    second, fourth, fifth = found(only_list=True)
    cells = json.loads(ROW["content"])
    assert found(only_list=True).header == tuple(cells)
    assert second == (rows[1].id, list(cells.values()))
    assert isinstance(fourth, tuple)
    assert fourth[0] == rows[3].id
    assert isinstance(fifth, RowFault)
    assert (fifth.row, fifth.code) == (rows[4].id, "row.malformed")
    with pytest.raises(TableError) as told:
        found(only_list=False)
    assert told.value.code == "table.empty"

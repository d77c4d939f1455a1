"""What the inbox table of a platform must hold to, on every database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, make_url, text
from sqlalchemy.exc import DBAPIError

from adapters.platform.database import DatabasePlatform
from adapters.platform.inbox import CONTENT_MAX, Answer, DatabaseInbox, InboxRow
from tests.support.exchange_tables import change, drop_role, laid, lay, make_tables

CELLS = {"名称": "𠮷祥'甲'; -- （演示） ", "案号": "（2026）1号"}
ROW = {"source": "court", "kind": "list", "list_type": "", "content": json.dumps(CELLS)}
ANSWER = Answer(outcome="listed", statement_id="00" * 16)


DATABASES = [
    "sqlite",
    pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.xdist_group("role")]),
    pytest.param("mariadb", marks=pytest.mark.xdist_group("mariadb")),
]


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
def opened(owner: URL) -> DatabaseInbox:
    return DatabaseInbox(DatabasePlatform(make_tables(owner)))


def test_rows_wait_until_they_are_answered(opened: DatabaseInbox, owner: URL) -> None:
    lay(owner, ROW, ROW | {"kind": "repair"})
    first, second = opened.waiting((), 9)
    assert first.cells() == CELLS
    assert opened.waiting((), 1) == [first]
    assert opened.waiting(("repair", "withdrawal"), 9) == [second]
    assert opened.answer([(first, ANSWER)]) == 1
    assert opened.waiting((), 9) == [second]
    assert opened.answer([(first, ANSWER)]) == 0
    (row, _) = laid(owner)
    assert (row["outcome"], row["code"], row["statement_id"]) == ("listed", "", "00" * 16)
    assert row["answered_at"] is not None


def test_a_row_committed_late_with_a_smaller_id_is_not_passed_over(
    opened: DatabaseInbox, owner: URL
) -> None:
    lay(owner, ROW, ROW)
    (_, second) = opened.waiting((), 9)
    assert opened.answer([(second, ANSWER)]) == 1
    assert [row.id for row in opened.waiting((), 9)] == [second.id - 1]


def test_refused_rows_are_answered_again_unless_they_were_changed(
    opened: DatabaseInbox, owner: URL
) -> None:
    lay(owner, *[ROW] * 4)
    rows = opened.waiting((), 9)
    doubted = Answer(outcome="refused", code="mapping.one-subject")
    other = Answer(outcome="refused", code="row.malformed")
    opened.answer([*((row, doubted) for row in rows[:3]), (rows[3], other)])
    assert opened.refused("mapping.one-subject", ["court"], 0, 9) == rows[:3]
    assert opened.refused("mapping.one-subject", ["court"], rows[0].id, 1) == rows[1:2]
    assert opened.refused("mapping.one-subject", ["tax"], 0, 9) == []
    change(owner, rows[1].id, '{"名称": "乙"}')
    again = [(row, ANSWER) for row in rows]
    assert opened.answer(again, "mapping.one-subject") == 2
    assert [row["outcome"] for row in laid(owner)] == ["listed", "refused", "listed", "refused"]
    assert [row.id for row in opened.waiting((), 9)] == [rows[1].id]


def test_a_row_changed_while_it_was_taken_waits_again(opened: DatabaseInbox, owner: URL) -> None:
    lay(owner, ROW)
    (row,) = opened.waiting((), 9)
    change(owner, row.id, '{"名称": "乙"}')
    assert opened.answer([(row, ANSWER)]) == 0
    (again,) = opened.waiting((), 9)
    assert again.cells() == {"名称": "乙"}
    assert opened.answer([(again, ANSWER)]) == 1
    change(owner, row.id, ROW["content"])
    assert opened.waiting((), 9) == [row]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"a": {}}',
        '{"a": true}',
        '{"a": 1.5}',
        '{"a": "1", "A": "2"}',
        "[" * 60_000,
        json.dumps({"a": "x" * 32_768}),
        json.dumps({str(n): "" for n in range(129)}),
        '{"a": "' + "x" * CONTENT_MAX + '"}',
    ],
)
def test_content_that_is_no_row(content: str) -> None:
    row = InboxRow(id=1, source="s", kind="list", list_type="", content=content)
    assert row.cells() is None


def test_numbers_and_nulls_are_texts() -> None:
    content = '{"案号 ": null, "A": 20260105}'
    row = InboxRow(id=1, source="s", kind="list", list_type="", content=content)
    assert row.cells() == {"案号": "", "a": "20260105"}


@pytest.mark.parametrize("owner", DATABASES[:2], indirect=True)  # MariaDB takes no such row
def test_a_row_that_is_too_long_is_read_in_part_and_answered(
    opened: DatabaseInbox, owner: URL
) -> None:
    lay(owner, ROW | {"content": "甲" * (CONTENT_MAX + 100)})
    (row,) = opened.waiting((), 9)
    assert len(row.content) == CONTENT_MAX + 1
    assert opened.answer([(row, ANSWER)]) == 1


@pytest.mark.parametrize("owner", DATABASES[1:], indirect=True)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE huxin_inbox SET content = ''",
        "INSERT INTO huxin_inbox (source, kind, content) VALUES ('court', 'list', '{}')",
        "DELETE FROM huxin_inbox",
    ],
)
def test_the_role_only_answers(owner: URL, statement: str) -> None:
    platform = DatabasePlatform(make_tables(owner))
    lay(owner, ROW)
    refused = pytest.raises(DBAPIError, match=r"(?i)denied|permission")
    with refused, platform._engine.begin() as connection:
        connection.execute(text(statement))
    assert [row["content"] for row in laid(owner)] == [ROW["content"]]

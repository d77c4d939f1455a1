"""What the inbox table of a platform must hold to, on every database."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import URL, NullPool, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from adapters.platform.database import DatabasePlatform
from adapters.platform.errors import UnreadableError
from adapters.platform.inbox import CONTENT_MAX, Answer, DatabaseInbox, InboxRow
from adapters.platform.tables import METADATA
from tests.support.exchange_tables import change, drop_role, laid, lay, make_tables
from tests.support.fresh import fresh_postgres

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
        '{"a": "1", "a": "2"}',
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


GARBLED = {
    "sqlite": "CAST(x'7bff7d' AS TEXT)",
    "postgresql": 'E\'{"a": "\\xb9\\xe3"}\'',
}


@pytest.fixture(params=["sqlite", pytest.param("SQL_ASCII", marks=pytest.mark.postgres)])
def garbled(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[URL]:
    """A database that keeps bytes of any encoding as texts."""
    if request.param == "sqlite":
        url = make_url(f"sqlite:///{tmp_path / 'platform.db'}")
        METADATA.create_all(create_engine(url, poolclass=NullPool))
        yield url
        return
    with encoded(request.getfixturevalue("postgres_url"), request.param) as url:
        yield url


@contextmanager
def encoded(server: str, encoding: str) -> Iterator[URL]:
    template = f"template0 ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'"
    with fresh_postgres(server, template) as database:
        url = make_url(database).update_query_dict({"client_encoding": "UTF8"})
        METADATA.create_all(create_engine(url, poolclass=NullPool))
        yield url


def test_f32_a_row_that_is_no_text_keeps_no_other_and_is_answered(garbled: URL) -> None:
    lay(garbled, ROW)
    content = GARBLED[garbled.get_backend_name()]
    bad = f"INSERT INTO huxin_inbox (source, kind, content) VALUES ('tax', 'repair', {content})"
    with create_engine(garbled, poolclass=NullPool).begin() as connection:
        connection.exec_driver_sql(bad)
    lay(garbled, ROW)
    inbox = DatabaseInbox(DatabasePlatform(garbled))
    rows = inbox.waiting((), 9)
    assert [row.cells() for row in rows] == [CELLS, None, CELLS]
    assert (rows[1].source, rows[1].kind, rows[1].content) == ("tax", "repair", "")
    assert inbox.waiting((), 9, among=("court",)) == [rows[0], rows[2]]
    assert inbox.answer([(row, ANSWER) for row in rows]) == 3
    assert inbox.waiting((), 9) == []


def test_f32_where_one_answer_cannot_be_kept_the_others_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = make_tables(make_url(f"sqlite:///{tmp_path / 'platform.db'}"))
    lay(owner, ROW, ROW)
    inbox = DatabaseInbox(DatabasePlatform(owner))
    rows, write = inbox.waiting((), 9), inbox._write

    def narrow(answers: Sequence[tuple[InboxRow, Answer]], instead_of: str) -> int:
        if not all(answer.message.isascii() for _, answer in answers):
            raise UnreadableError("as ordered")
        return write(answers, instead_of)

    monkeypatch.setattr(inbox, "_write", narrow)
    messages = ("plain", "名单类型未知")
    answers = [Answer(outcome="refused", code="field.value", message=text) for text in messages]
    assert inbox.answer(list(zip(rows, answers, strict=True))) == 2
    assert [row["message"] for row in laid(owner)] == ["plain", ""]


@pytest.mark.postgres
def test_f32_an_answer_that_cannot_be_kept_is_written_without_its_text(postgres_url: str) -> None:
    with encoded(postgres_url, "LATIN1") as owner:
        lay(owner, *[ROW] * 3)
        inbox = DatabaseInbox(DatabasePlatform(owner))
        rows = inbox.waiting((), 9)
        told = ("plain", "名单类型未知", "plain")
        answers = [Answer(outcome="refused", code="field.value", message=text) for text in told]
        assert inbox.answer(list(zip(rows, answers, strict=True))) == 3
        with create_engine(owner, poolclass=NullPool).connect() as connection:
            found = connection.execute(text("SELECT code, message FROM huxin_inbox ORDER BY id"))
            assert [tuple(row) for row in found] == [
                ("field.value", message) for message in ("plain", "", "plain")
            ]


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

"""What the table of questions of a platform must hold to, on every database."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, NullPool, create_engine, insert, make_url, select, text
from sqlalchemy.exc import DBAPIError

from adapters.platform.batches import DatabaseBatches
from adapters.platform.checks import CheckAnswer, DatabaseChecks
from adapters.platform.database import DatabasePlatform
from adapters.platform.tables import METADATA, batch_checks, checks
from tests.support.exchange_tables import drop_role, make_tables

QUESTION = {
    "source": "tender",
    "matter": "bidding",
    "case_no": "（2026）1号",
    "purpose": "joint-punishment",
    "code": "91510500MAXA00000X",
    "name": "𠮷祥'甲'; -- （演示）",
}
ASKED = ", ".join(QUESTION)
ANSWER = CheckAnswer(
    result="match",
    number="511500-20261129-0123456789ab",
    complete=True,
    reason="matter.no-measure",
    measures=json.dumps([{"document": "泸人社列〔2026〕1号", "measures": []}], ensure_ascii=False),
    message="本市对本事项没有可采取的措施",
)


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.xdist_group("role")]),
        pytest.param("mariadb", marks=pytest.mark.xdist_group("mariadb")),
    ]
)
def owner(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[URL]:
    if request.param == "sqlite":
        yield make_url(f"sqlite:///{tmp_path / 'platform.db'}")
        return
    url = make_url(request.getfixturevalue(f"{request.param}_database"))
    try:
        yield url
    finally:
        drop_role(url)


@contextmanager
def as_owner(owner: URL) -> Iterator[Any]:
    with create_engine(owner, poolclass=NullPool).begin() as connection:
        yield connection


def rows(owner: URL) -> Sequence[dict[str, Any]]:
    with as_owner(owner) as connection:
        found = connection.execute(select(checks).order_by(checks.c.id)).mappings()
        return [dict(row) for row in found]


def test_questions_wait_are_answered_once_and_only_answered(owner: URL) -> None:
    platform = DatabasePlatform(make_tables(owner))
    table = DatabaseChecks(platform)
    with as_owner(owner) as connection:
        for source in ("tender", "funds", "tender"):
            connection.execute(insert(checks), QUESTION | {"source": source})
    first, third = table.waiting("tender", 9)
    assert {name: getattr(first, name) for name in QUESTION} == QUESTION
    assert table.waiting("tender", 1) == [first]
    assert table.waiting("tender", 9, after=first.id) == [third]
    assert [row.source for row in table.of_others(["tender"], 9)] == ["funds"]
    assert table.answer(first, ANSWER)
    assert not table.answer(first, CheckAnswer(result="clear"))
    assert table.waiting("tender", 9) == [third]
    said = rows(owner)[0]
    assert {key: said[key] for key in ("result", "number", "complete", "reason", "message")} == {
        "result": "match",
        "number": ANSWER.number,
        "complete": 1,
        "reason": "matter.no-measure",
        "message": ANSWER.message,
    }
    assert said["measures"] == ANSWER.measures
    assert said["answered_at"] is not None
    large = CheckAnswer(result="match", measures=json.dumps(["x" * 100_000]))
    assert table.answer(third, large)
    assert rows(owner)[2]["measures"] == large.measures
    if owner.get_backend_name() == "sqlite":
        return
    for statement in (
        "UPDATE huxin_check SET code = ''",
        f"INSERT INTO huxin_check ({ASKED}) SELECT {ASKED} FROM huxin_check",
        "DELETE FROM huxin_check",
    ):
        refused = pytest.raises(DBAPIError, match=r"(?i)denied|permission")
        with refused, platform._engine.begin() as connection:
            connection.execute(text(statement))


def test_f32_a_text_that_is_none_keeps_no_other_row(tmp_path: Path) -> None:
    owner = make_url(f"sqlite:///{tmp_path / 'platform.db'}")
    METADATA.create_all(create_engine(owner, poolclass=NullPool))
    table = DatabaseChecks(DatabasePlatform(owner))
    with as_owner(owner) as connection:
        connection.execute(insert(checks), QUESTION)
        connection.execute(insert(checks), QUESTION)
        connection.execute(text("UPDATE huxin_check SET name = CAST(x'ff41' AS TEXT) WHERE id = 1"))
    first, second = table.waiting("tender", 9)
    assert (first.unreadable, first.name, first.code) == (True, "", QUESTION["code"])
    assert not second.unreadable
    assert table.answer(first, CheckAnswer(result="refused"))
    assert table.answer(second, ANSWER)


def test_batches_wait_until_they_are_whole_and_are_only_answered(owner: URL) -> None:
    platform = DatabasePlatform(make_tables(owner))
    table = DatabaseBatches(platform)
    with as_owner(owner) as connection:
        for batch, size in (("b1", 2), ("b2", 3), ("b1", 2)):
            row = QUESTION | {"source": "tender", "batch": batch, "size": size}
            connection.execute(insert(batch_checks), row)
    assert list(table.ready("tender")) == ["b1"]
    assert list(table.ready("funds")) == []
    found = table.rows_of("tender", "b1", 9)
    assert len(found) == 2
    assert [len(table.rows_of("tender", "b1", 1)), len(table.of_others(["funds"], 9))] == [1, 3]
    assert table.answer_all([(row, ANSWER) for row in found]) == 2
    assert table.answer_all([(row, ANSWER) for row in found]) == 0
    assert list(table.ready("tender")) == []
    with as_owner(owner) as connection:
        first = select(batch_checks).where(batch_checks.c.id == 1)
        said = connection.execute(first).mappings().one()
    assert (said["result"], said["measures"]) == ("match", ANSWER.measures)
    if owner.get_backend_name() == "sqlite":
        return
    for statement in ("UPDATE huxin_check_batch SET code = ''", "DELETE FROM huxin_check_batch"):
        refused = pytest.raises(DBAPIError, match=r"(?i)denied|permission")
        with refused, platform._engine.begin() as connection:
            connection.execute(text(statement))

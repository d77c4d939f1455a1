"""What databases and services acknowledge, as values (EX7, EX8)."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from adapters.files.outbox import OutboxRow
from adapters.platform.acknowledging import Answer, Later, Owed, Said
from adapters.platform.database import DatabasePlatform
from adapters.platform.errors import PlatformError
from adapters.platform.service import _answer
from adapters.platform.tables import METADATA
from federation.ids import Origin
from federation.relief.execution import Acknowledgement
from federation.statements import Kind

ORIGIN = Origin("510500.huxin.example/1")
ENDED = OutboxRow(index=3, kind=Kind.LISTING, statement_id="00" * 16, state="repaired")
OWED = Owed(ORIGIN, 3, 41, "repaired")


def test_a_table_acknowledges_by_its_columns_beside_the_newest_version(tmp_path: Path) -> None:
    url = make_url(f"sqlite:///{tmp_path / 'city.db'}")
    engine = create_engine(url)
    METADATA.create_all(engine)
    platform = DatabasePlatform(url)
    assert platform.tell(ORIGIN, [ENDED], 41) == Answer()
    assert platform.later([OWED]) == Later((), 0) or platform.later([OWED]).said == []

    def fill(at: str, result: str) -> list[Said]:
        with engine.begin() as connection:
            values = {"at": at or None, "result": result or None}
            connection.execute(
                text("UPDATE huxin_outbox SET acknowledged_at = :at, ack_result = :result"), values
            )
        return list(platform.later([OWED]).said)

    now = "2026-11-29 07:00:00.000000"
    assert fill(now, "") == fill("", "done") == []  # by half (EX8)
    assert fill(now, "Done") == [Said(ORIGIN, 3, Acknowledgement(41, done=True))]
    assert fill(now, "锁定") == [Said(ORIGIN, 3, Acknowledgement(41, done=False, reason="锁定"))]
    fill(now, "done")
    platform.tell(
        ORIGIN, [OutboxRow(index=3, kind=Kind.LISTING, statement_id="00" * 16, state="active")], 42
    )
    assert platform.later([OWED]).said == []  # the newest version is in another state


def test_a_table_without_the_columns_says_so(tmp_path: Path) -> None:
    url = make_url(f"sqlite:///{tmp_path / 'city.db'}")
    engine = create_engine(url)
    METADATA.create_all(engine)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE huxin_outbox DROP COLUMN ack_result"))
    platform = DatabasePlatform(url)
    platform.tell(ORIGIN, [ENDED], 41)
    with pytest.raises(PlatformError) as caught:
        platform.later([OWED])
    assert caught.value.code == "platform.no-acknowledgement"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"ok",
        b"[]",
        b'{"acknowledged": 1}',
        b'{"acknowledged": true, "refused": [{"index": "3", "reason": ""}]}',
        b'{"acknowledged": true, "refused": 7}',
        b'{"acknowledged": true}' + b" " * 300_000,
        b"[" * 200_000,
    ],
)
def test_another_answer_than_ours_acknowledges_nothing(body: bytes) -> None:
    assert _answer(body) == Answer()


def test_an_answer_acknowledges_and_refuses_rows() -> None:
    body = b'{"acknowledged": true, "refused": [{"index": 3, "reason": "locked"}]}'
    assert _answer(body) == Answer(done=True, refused={3: "locked"})

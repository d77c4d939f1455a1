"""A query store whose tables are made from memory is the one that SQLAlchemy makes."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from adapters.sql import migrating
from adapters.sql.query_store import open_query_store
from tests.support import compiled_once


def dumped(path: Path) -> list[str]:
    with sqlite3.connect(path) as connection:
        lines = list(connection.iterdump())
    connection.close()
    return lines


def test_the_first_store_and_those_after_it_are_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(migrating, "_create", compiled_once._create_really)
        open_query_store(f"sqlite:///{tmp_path / 'really'}").close()
    monkeypatch.setattr(compiled_once, "_MADE", {})
    made = [tmp_path / name for name in ("first", "second", "third")]
    for path in made:
        open_query_store(f"sqlite:///{path}").close()
    assert [dumped(path) for path in made] == [dumped(tmp_path / "really")] * 3

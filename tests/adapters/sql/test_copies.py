"""Copies of databases: whatever their folder is called, and what others on the machine read.

Covers adapters/sql/copies.py.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from adapters.sql import copies
from adapters.sql.copies import copy_sqlite, prove_sqlite


@pytest.mark.parametrize("name", ["泸州 1", "node#1", "a%41", "a?b"])
def test_a_folder_of_any_name(tmp_path: Path, name: str) -> None:
    source, target = tmp_path / name / "one.db", tmp_path / name / "two.db"
    source.parent.mkdir()
    with closing(sqlite3.connect(source)) as connection:
        connection.execute("CREATE TABLE known (said TEXT)")
        connection.commit()
    copy_sqlite(source, target)
    prove_sqlite(target)
    with closing(sqlite3.connect(target)) as connection:
        assert connection.execute("SELECT count(*) FROM known").fetchone() == (0,)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://city:s3cret@db.example/node?sslmode=require",
        "postgresql+psycopg://city@db.example/node?sslmode=require&password=s3cret",
    ],
)
def test_a_password_is_no_argument(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    """Arguments of a program are read by everyone on its machine."""
    said = tmp_path / "said"
    program = tmp_path / "pg_dump"
    program.write_text(f'#!/bin/sh\necho "$PGPASSWORD" "$@" > {said}\n')
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    copies.dump_postgresql(url, tmp_path / "dump")
    password, *words = said.read_text().split()
    assert password == "s3cret"
    assert "--dbname=postgresql://city@db.example/node?sslmode=require" in words
    assert "s3cret" not in " ".join(words)

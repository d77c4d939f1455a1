"""The last day for an outcome follows the tables, and no broken table keeps an answer away.

Covers node/screening/due_days.py.
"""

from __future__ import annotations

from pathlib import Path

from adapters.catalog.working_days import FOLDER
from federation.ids import Date
from node.screening.due_days import DueDays

TABLE = "year: 2026\nsource: 演示\ndays_off: [2026-12-0{}]\n"


def test_tables_are_read_again_when_they_have_changed(tmp_path: Path) -> None:
    due = DueDays(tmp_path)
    assert due(Date(20261130), 1) == 20261201  # a Tuesday
    assert due(Date(20261130), 1) == 20261201
    (tmp_path / FOLDER).mkdir()
    table = tmp_path / FOLDER / "2026.yaml"
    table.write_text(TABLE.format(1), "utf-8")
    assert due(Date(20261130), 1) == 20261202
    table.write_text("year: [", "utf-8")
    assert due(Date(20261130), 1) == 0
    table.write_text(TABLE.format(1) + "# again\n", "utf-8")
    assert due(Date(20261130), 1) == 20261202


def test_of_a_year_without_a_table_no_day_is_named(tmp_path: Path) -> None:
    assert DueDays(tmp_path)(Date(20990102), 5) == 0

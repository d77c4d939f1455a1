"""The tables that docs/zh/files.md shows are such as the node takes."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.files.listings import read_listings
from adapters.files.mapping import built_in_mappings, find_mapping, list_names
from adapters.files.reliefs import ReliefContext, ReliefRow, read_reliefs
from tests.support.real_tables import CONTEXT, DEFAULTER

PAGE = Path(__file__).parents[3] / "docs" / "zh" / "files.md"
COURT = {"泸州市江阳区人民法院": "510502-court"}


@pytest.fixture
def shown(tmp_path: Path) -> tuple[Path, Path]:
    """The list and the relief file of the page."""
    tables = re.findall(r"^```csv\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    paths = tmp_path / "list.csv", tmp_path / "repairs.csv"
    for path, table in zip(paths, tables, strict=True):
        path.write_text(table, "utf-8")
    return paths


def test_the_list_shown_is_taken(shown: tuple[Path, Path]) -> None:
    context = replace(CONTEXT, authorities=COURT)
    reader = read_listings(shown[0], find_mapping(DEFAULTER), context)
    (listing,) = reader
    assert getattr(listing, "until", None), listing


def test_the_repair_shown_is_of_the_listing_shown(shown: tuple[Path, Path]) -> None:
    names = list_names(built_in_mappings().values())
    context = ReliefContext(authorities=COURT, list_types=names, today=CONTEXT.today)
    (relief,) = read_reliefs(shown[1], context)
    assert isinstance(relief, ReliefRow), relief
    assert relief.record is not None
    assert relief.record.document in shown[0].read_text("utf-8")

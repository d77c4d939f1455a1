"""The tutorial: what it tells people to click is what the pages say, and its list has one bad row.

Covers docs/zh/tutorial.md, docs/tutorial.md.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from federation.errors import FederationError
from federation.uscc import check_uscc
from node.console.pages import PAGES
from node.console.texts.shell import TEXTS as SHELL

DOCS = Path(__file__).parents[3] / "docs"
SAID = [pair for table in (SHELL, *(page.texts for page in PAGES)) for pair in table.values()]
ELSEWHERE = frozenset({"有效", "代码校验位不对", "修复", "代码对不上，请列入地补统一社会信用代码"})
"""A state, a kind and a code of the node, and what somebody types."""
QUOTED = re.compile("“([^”]+)”")
ITALIC = re.compile(r"(?<!\*)\*([A-Z][^*]+)\*(?!\*)")


def test_what_is_quoted_stands_on_the_pages() -> None:
    text = (DOCS / "zh" / "tutorial.md").read_text("utf-8")
    known = [chinese for chinese, _ in SAID]
    quoted = set(QUOTED.findall(text)) - ELSEWHERE
    assert len(quoted) > 20
    assert {one for one in quoted if not any(one in said for said in known)} == set()


@pytest.mark.parametrize("folder", ["zh", "."])
def test_who_has_the_tutorial_alone_has_its_list(folder: str) -> None:
    rows = (DOCS / "tutorial-list.csv").read_text("utf-8-sig").strip()
    assert f"```text\n{rows}\n```" in (DOCS / folder / "tutorial.md").read_text("utf-8")


def test_in_english_as_well() -> None:
    text = (DOCS / "tutorial.md").read_text("utf-8")
    named = set(ITALIC.findall(text))
    assert len(named) > 10
    assert {one for one in named if not any(one in english for _, english in SAID)} == set()


def test_the_list_has_one_row_at_fault_and_its_mending_is_told() -> None:
    with (DOCS / "tutorial-list.csv").open(encoding="utf-8", newline="") as file:
        first, second, third = (row["统一社会信用代码"] for row in csv.DictReader(file))
    check_uscc(first)
    check_uscc(second)
    with pytest.raises(FederationError):
        check_uscc(third)
    check_uscc(f"{third[:-1]}Q")
    for path in (DOCS / "tutorial.md", DOCS / "zh" / "tutorial.md"):  # what is searched for
        assert f"`{second}`" in path.read_text("utf-8")

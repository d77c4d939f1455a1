"""Each list has its own word for an end (node/texts/ends.py), from one table."""

from __future__ import annotations

from pathlib import Path

import pytest

from node.texts.ends import ENDS, Manner, manner_of, state_of
from node.texts.fields import ending, for_people, state_in_words

GLOSSARY = Path(__file__).parents[3] / "docs" / "glossary.md"


def test_the_glossary_has_the_table() -> None:
    page = GLOSSARY.read_text("utf-8")
    table = page[page.index("| lists | repair") :].splitlines()[2:]
    rows = [[cell.strip() for cell in line.strip("|").split("|")][1:] for line in table]
    assert rows == [
        [ENDS[manner][state][0] for state in ("repaired", "expired", "withdrawn")]
        for manner in Manner
    ]


@pytest.mark.parametrize(
    ("list_type", "state", "zh"),
    [
        ("judgment-defaulter", "repaired", "已删除"),
        ("unpaid-migrant-wages", "repaired", "已提前移出"),
        ("510000-cross-river-pollution", "expired", "已到期移出"),
        ("administrative-penalty-ordinary", "repaired", "已修复"),
        ("judgment-defaulter", "withdrawn", "已撤销"),
        ("judgment-defaulter", "active", "有效"),
        ("", "repaired", "已修复"),
    ],
)
def test_an_end_is_called_as_its_list_calls_it(list_type: str, state: str, zh: str) -> None:
    assert state_in_words(state, list_type) == zh
    assert for_people({"state": state, "list_type": list_type})["state"] == zh
    assert state_in_words(state, list_type, english=True)[0] < "一"


def test_what_is_shown_may_be_asked_for() -> None:
    for manner in Manner:
        for state, (zh, _) in ENDS[manner].items():
            assert state_of(zh) == state_of(f"已{zh}") == state
    assert state_of("有效") == ""
    assert manner_of("tax") is Manner.LIST


def test_what_ended_a_listing_is_told_in_its_words() -> None:
    ended = {
        "kind": "repair",
        "city": "泸州",
        "origin": "x",
        "authority": "court",
        "document": "1号",
        "decided_on": 20261101,
        "statement_id": "ab",
    }
    assert ending(ended, "judgment-defaulter").startswith("已删除：泸州")
    assert ending(ended, "customs").startswith("已提前移出：泸州")
    assert ending(ended, "customs", english=True).startswith("ended, removed early: 泸州")

"""What people sign, in words (node/texts/signed.py, node/cli/signing.py)."""

from __future__ import annotations

import pytest

from federation.charters.verification import Role, Tiles
from federation.ids import Date, Origin, StatementId, Timestamp
from federation.payloads import RelistingGround
from federation.persons import (
    Sort,
    clock_body,
    confirmation_body,
    decision_body,
    edition_body,
    go_on_body,
    inbox_body,
    letter_body,
    mapping_body,
    queries_body,
    query_log_body,
    relisting_body,
    rows_body,
)
from node.texts.signed import ROLES, SAID, SORTS, TILES, word_in_words

BODIES = {
    Sort.DECISION: decision_body(
        statement_id=StatementId(bytes(16)),
        rule="subject.name-differs",
        verdict="use",
        person="王演示",
        reason="核对",
    ),
    Sort.EDITION: edition_body("peer-2026", "text"),
    Sort.CONFIRMATION: confirmation_body(["peer-2026/x"]),
    Sort.MAPPING: mapping_body("m", "text"),
    Sort.CLOCK: clock_body(Timestamp(1_790_000_000), "断网"),
    Sort.RELISTING: relisting_body(
        relief=StatementId(bytes(16)),
        document="泸演决1号",
        decided_on=Date(20261101),
        ground=RelistingGround.FRAUD,
        content=b"",
    ),
    Sort.ROWS: rows_body(
        file="ab", list_type="x", mapping="", source="s", says=["one-subject"], reason="r"
    ),
    Sort.INBOX: inbox_body(
        platform="p", source="s", code="mapping.one-subject", rows="ab", reason="r"
    ),
    Sort.GO_ON: go_on_body(12, "断网", mark=True),
    Sort.LETTER: letter_body(kind="decision", about="ab", number="泸信办〔2026〕1号"),
    Sort.QUERY_LOG: query_log_body(Origin("queries.a.example/2"), "磁盘损坏"),
    Sort.QUERIES: queries_body(code="91510500ZZ00000018", name="甲（演示）", authorisation="授-1"),
}


def test_every_word_has_words() -> None:
    assert set(BODIES) == set(SORTS) == set(Sort)
    assert (set(ROLES), set(TILES)) == (set(Role), set(Tiles))


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("english", [False, True])
def test_every_field_of_every_word_is_labelled(sort: Sort, *, english: bool) -> None:
    shown = word_in_words(sort, BODIES[sort], english=english)
    assert set(shown) - {"所签事项", "about"} <= {pair[english] for pair in SAID.values()}
    assert shown["about" if english else "所签事项"] == SORTS[sort][english]


def test_values_are_in_words() -> None:
    said = word_in_words(Sort.RELISTING, BODIES[Sort.RELISTING], english=False)
    assert (said["决定日期"], said["文书号"]) == ("2026-11-01", "泸演决1号")
    assert "fraud" not in str(said)
    assert word_in_words(Sort.ROWS, BODIES[Sort.ROWS], english=False)["所确认"] == [
        "几乎各行确属同一主体"
    ]

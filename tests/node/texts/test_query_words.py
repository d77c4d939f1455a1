"""Words of the query log: every action and reading has one, and results are no codes.

Covers node/texts/query_words.py.
"""

from __future__ import annotations

import pytest

from federation.recognition.entitlement import Result as Entitled
from federation.screening.checks import Result
from federation.screening.outcomes import Result as Outcome
from node.services.reads import READS
from node.texts.query_words import ACTIONS, action_in_words, result_in_words


def test_every_reading_has_a_word() -> None:
    assert set(READS.values()) <= set(ACTIONS)


def test_what_no_table_has_stands_for_itself() -> None:
    assert action_in_words("records sing", english=False) == "records sing"
    assert result_in_words("512/600", english=False) == "512/600"


@pytest.mark.parametrize("result", [*Result, *Outcome, *Entitled])
def test_every_result_has_a_word(result: str) -> None:
    assert not result_in_words(result, english=False).isascii()


@pytest.mark.parametrize(
    ("result", "zh", "en"),
    [
        ("12", "12 条", "12"),
        ("revoked 0a1b2c3d", "吊销凭据 0a1b2c3d", "revoked 0a1b2c3d"),
        ("account new 0a1b2c3d", "开设账号 0a1b2c3d", "account made 0a1b2c3d"),
        ("sang 0a1b2c3d", "sang 0a1b2c3d", "sang 0a1b2c3d"),
        ("access.stopped", "凭据因疑似批量套取已暂停，须由专人解除", "access.stopped"),
    ],
)
def test_counts_and_what_was_done_to_a_credential_are_said(result: str, zh: str, en: str) -> None:
    assert result_in_words(result, english=False) == zh
    assert result_in_words(result, english=True) == en

"""Which repairs of a quarter are drawn, and who may recheck them."""

from __future__ import annotations

from hashlib import sha256

import pytest

from federation.errors import RefusedError
from federation.ids import Date, StatementId
from federation.relief.recheck import LEAST, check_persons, quarter_of, sample

REPAIRS = [StatementId(number.to_bytes(16, "big")) for number in range(200)]


@pytest.mark.parametrize(
    ("count", "drawn"), [(0, 0), (3, 3), (5, 5), (100, 5), (101, 6), (200, 10)]
)
def test_rx2_one_in_twenty_and_five_at_least(count: int, drawn: int) -> None:
    assert len(sample(b"seed", REPAIRS[:count])) == drawn


def test_rx2_the_seed_alone_chooses() -> None:
    drawn = sample(b"seed", REPAIRS)
    assert sample(b"seed", reversed(REPAIRS)) == drawn
    assert sample(b"other", REPAIRS) != drawn
    left = min(sha256(b"seed" + one).digest() for one in REPAIRS if one not in drawn)
    assert all(sha256(b"seed" + one).digest() < left for one in drawn)
    assert len(drawn) >= LEAST


def test_rx1_a_quarter_that_is_over() -> None:
    assert quarter_of(" 2026-q3", Date(20261001)) == ("2026-Q3", 20260701, 20260930)
    assert quarter_of("2024Q1", Date(20261001)) == ("2024-Q1", 20240101, 20240331)
    for text, today in (("2026-Q3", 20260930), ("2026-Q5", 20281001), ("2026", 20281001)):
        with pytest.raises(RefusedError) as refused:
            quarter_of(text, Date(today))
        assert refused.value.code == "recheck.quarter"


def test_rx3_another_person() -> None:
    assert check_persons(" 乙 ", "甲") == ("乙", "甲")
    for decider in ("乙", "　乙", ""):
        with pytest.raises(RefusedError) as refused:
            check_persons("乙", decider)
        assert refused.value.code == "recheck.same-person"

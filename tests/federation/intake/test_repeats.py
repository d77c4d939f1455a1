"""What comes more than once among many (federation/intake/repeats.py)."""

from __future__ import annotations

import random
import sys
from array import array
from collections import Counter

import pytest

from federation.intake import repeats
from federation.intake.repeats import Firsts, repeated, runs


@pytest.mark.parametrize("part", [1, 3, 7, repeats.PART])
def test_runs_count_what_comes_more_than_once_in_order(
    part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeats, "PART", part)
    drawn = random.Random(7)
    some = [drawn.randrange(-(1 << 63), 1 << 63) for _ in range(20)]
    edges = [-(1 << 63), (1 << 63) - 1, -1, 0]
    numbers = array("q", [*drawn.choices(some, k=60), *edges, 0])
    often = sorted((n, k) for n, k in Counter(numbers).items() if k > 1)
    assert list(runs(numbers)) == often
    assert list(repeated(numbers)) == [n for n, _ in often]
    assert list(runs(array("q"))) == []


def test_f50_texts_of_one_hash_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "hash", lambda _: 5, raising=False)
    firsts = Firsts(array("q", [5]))
    asked = [(b"a", 1), (b"b", 2), (b"c", 3), (b"b", 4), (b"a", 5), (b"c", 6)]
    assert [firsts.first(text, number) for text, number in asked] == [1, 2, 3, 2, 1, 3]


def test_what_comes_once_is_kept_nowhere() -> None:
    firsts = Firsts(array("q", [hash(b"a")]))
    assert [firsts.first(b"b", number) for number in (1, 2)] == [1, 2]
    assert [firsts.first(b"a", number) for number in (1, 2)] == [1, 1]


def test_32_bytes_are_kept_of_each_that_comes_twice() -> None:
    texts = [b"%d" % number for number in range(1000)]
    twice = repeated(array("q", map(hash, texts * 2)))
    firsts = Firsts(twice)
    for number, text in enumerate(texts * 2, 1):
        assert firsts.first(text, number) == (number - 1) % 1000 + 1
    kept = sum(map(sys.getsizeof, (twice, firsts._rows, firsts._digests)))
    assert kept < 34 * 1000
    assert firsts._others == {}

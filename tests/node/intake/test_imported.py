"""What is kept of an import: numbers of rows, many of them in few characters.

Covers node/intake/imported.py.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from crypto.keys import KeyType, Signer
from federation.ids import Origin, Timestamp
from federation.persons import Sort, Word, sign_word
from node.intake.imported import Import, ImportWord, Said, numbers_as_text, numbers_of
from node.intake.row_words import RowWords


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ([], ""),
        ([2], "2"),
        ([9, 2, 3, 4], "2-4,9"),
        ([2, 4, 6, 7], "2,4,6-7"),
        (range(2, 500_002), "2-500001"),
    ],
)
def test_numbers_of_rows_are_kept_as_runs(numbers: Sequence[int], text: str) -> None:
    assert numbers_as_text(numbers) == text
    assert numbers_of(text) == frozenset(numbers)


def test_up_to_when_persons_may_have_looked() -> None:
    """At the file as it was brought; where it lay nowhere, as they signed; else at this moment."""
    signer = Signer(name="示例人甲", type=KeyType.NOTE, seed=b"1" * 32)
    word = Word(origin=Origin("city.example/1"), sort=Sort.ROWS, at=Timestamp(70), body="{}")
    note = sign_word(word, signer)
    assert RowWords(note=note).said_at == 70
    assert RowWords().said_at == 0
    said = tuple(Said(person=name, credential="") for name in ("示例人甲", "示例人乙"))
    one = Import(
        number="0" * 32,
        at=Timestamp(60),
        until=Timestamp(90),
        by="desk",
        file="x.csv",
        sha256="0" * 64,
        kind="list",
        words=(ImportWord(sort=Sort.ROWS.value, text=word.text, note=note, said=said),),
    )
    assert one.row_words.said_at == 60

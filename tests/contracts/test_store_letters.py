"""The register of letters, on every database."""

from __future__ import annotations

import pytest

from adapters.errors import ConflictError
from federation.ids import Timestamp
from federation.ports.letters import KeptLetter
from tests.contracts.examples import Database

KEPT = KeptLetter(
    kind="decision",
    about="ab",
    number="泸信办〔2026〕1号",
    code="泸信办",
    year=2026,
    serial=1,
    issued_at=Timestamp(1_795_000_000),
    prepared="王五",
    prepared_unit="泸州市信用办（演示）",
    prepared_post="科员",
    person="张某",
    unit="",
    post="",
)
SECOND = KEPT._replace(about="cd", number="泸信办〔2026〕7号", serial=7)
FREE = KEPT._replace(about="ef", number="另一号", code="", year=0, serial=0)


def test_letters_are_found_by_what_they_are_about_and_by_their_numbers(database: Database) -> None:
    with database.store.write() as session:
        for one in (KEPT, SECOND, FREE):
            session.add_letter(one)
        session.drop_rows()
    with database.store.read() as snapshot:
        assert snapshot.letter("decision", "ab") == KEPT
        assert snapshot.letter("relief", "ab") is None
        assert snapshot.letter_numbered("另一号") == FREE
        assert snapshot.letter_numbered("泸信办〔2026〕2号") is None
        assert snapshot.last_serial("泸信办", 2026) == 7
        assert snapshot.last_serial("泸信办", 2027) == snapshot.last_serial("", 2026) == 0
        (third, free), (second, last) = snapshot.letters(0, 2)
        assert (free, last) == (FREE, SECOND)
        assert third > second
        assert [one for _, one in snapshot.letters(second, 9)] == [KEPT]


@pytest.mark.parametrize("twice", [KEPT._replace(number="n"), KEPT._replace(about="x")])
def test_neither_a_letter_nor_a_number_is_there_twice(
    database: Database, twice: KeptLetter
) -> None:
    with database.store.write() as session:
        session.add_letter(KEPT)
    with pytest.raises(ConflictError), database.store.write() as session:
        session.add_letter(twice)

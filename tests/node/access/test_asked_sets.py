"""`node.access.asked_sets`: who was asked about among many is found, and nobody else."""

from __future__ import annotations

from node.access.asked_sets import SIZE, asked_set, is_asked
from tests.support.invented import code_of, name_of


def test_who_was_asked_about_is_found_by_code_or_by_name() -> None:
    held = asked_set((code_of(number), name_of(number)) for number in range(500))
    assert len(held) == 2 * 500 * SIZE
    for number in range(500):
        assert is_asked(held, code=code_of(number), name="")
        assert is_asked(held, code="", name=name_of(number))
    for number in range(500, 900):
        assert not is_asked(held, code=code_of(number), name=name_of(number))
    assert not is_asked(held, code="", name="")
    assert not is_asked(held, code=name_of(1), name=code_of(1))
    assert not is_asked(b"", code=code_of(1), name=name_of(1))
    for value in (code_of(1), name_of(1)):
        assert value.encode() not in held


def test_bytes_of_two_neighbours_are_no_subject() -> None:
    held = asked_set([(code_of(1), name_of(1))])
    shifted = b"\0" + held + b"\0" * (SIZE - 1)
    assert not is_asked(shifted, code=code_of(1), name=name_of(1))
    assert is_asked(shifted + held, code=code_of(1), name="")

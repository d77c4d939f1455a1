"""What waits for a second person, by the settings (F58).

Covers node/intake/second_person.py.
"""

from __future__ import annotations

from typing import Any

import pytest

from federation.errors import RefusedError
from federation.intake.feed import SECOND_PERSON
from federation.statements import Kind
from node.directory.config import FilesSection
from node.intake.second_person import SecondPerson
from tests.support.payload_kinds import EXAMPLES

MODES = [
    ("auto", 0, False, False),
    ("auto", 1, False, False),
    ("auto", 2, True, False),
    ("no", 2, False, False),
    ("by-hand", 0, True, False),
    ("all", 0, True, True),
]


def asks(persons: int = 0, list_type: str = "any", **said: Any) -> tuple[bool, bool]:
    """Whether what persons bring waits, and what systems do."""
    second = SecondPerson(FilesSection(**said), lambda: persons)
    return second.asks(list_type, by_hand=True), second.asks(list_type, by_hand=False)


@pytest.mark.parametrize(("mode", "persons", "by_hand", "by_system"), MODES)
def test_f58_the_setting_says_what_waits(
    mode: str, persons: int, *, by_hand: bool, by_system: bool
) -> None:
    assert asks(persons, second_person=mode) == (by_hand, by_system)


def test_f58_auto_is_by_hand_where_two_persons_are_named_and_nothing_set_is_no() -> None:
    auto = [asks(persons, second_person="auto")[0] for persons in (0, 1, 2, 3)]
    assert auto == [False, False, True, True]
    assert asks(3) == (False, False)


@pytest.mark.parametrize("mode", ["no", "by-hand", "all"])
def test_f58_single_lists_have_their_own(mode: str) -> None:
    for other in ("auto", "no", "all"):
        said = {"second_person": other, "second_person_lists": {"this": mode}}
        assert asks(2, "this", **said) == asks(0, second_person=mode)
        assert asks(2, "that", **said) == asks(2, second_person=other)


ADVERSE = (Kind.LISTING, Kind.PENALTY, Kind.CORRECTION, Kind.RELISTING)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_f58_drafts_that_list_or_correct_somebody_are_refused_and_no_others(kind: Kind) -> None:
    second = SecondPerson(FilesSection(second_person="by-hand"), lambda: 0)
    SecondPerson(FilesSection(second_person="auto"), lambda: 1).check_drafts([EXAMPLES[kind]])
    if kind not in ADVERSE:
        second.check_drafts([EXAMPLES[kind]])
        return
    with pytest.raises(RefusedError) as caught:
        second.check_drafts([EXAMPLES[Kind.COMMENDATION], EXAMPLES[kind]])
    assert caught.value.code == SECOND_PERSON

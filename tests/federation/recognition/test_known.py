"""What belongs together: texts of one scenario, and what regions said of them (SN10, RG10)."""

from __future__ import annotations

from itertools import permutations

import pytest

from federation.ids import LeafHash, Origin
from federation.recognition.known import KnownScenario, Scenarios, known_scenarios
from federation.recognition.recognitions import RecognitionWord, Stands
from federation.recognition.scenarios import ScenarioWord
from federation.statements import RecognitionAction, ScenarioAction
from tests.support import recognising as make

OPENED, AMENDED, CLOSED = ScenarioAction
SECOND_EPOCH, STRANGER = Origin("510500.huxin.example/2"), Origin("510300.huxin.example/1")
FIRST = make.said(make.scenario())
SECOND = make.said(make.scenario(title="新"), 1, action=AMENDED, about=FIRST.statement_id)
THIRD = make.said(
    make.scenario(),
    2,
    action=CLOSED,
    about=SECOND.statement_id,
    origin=SECOND_EPOCH,
    epoch=1,
    leaf_hash=LeafHash(b"3" * 32),
)


def node_of(origin: Origin) -> Origin:
    return Origin(origin.partition("/")[0] + "/1")


def together(*words: ScenarioWord, said: tuple[RecognitionWord, ...] = ()) -> Scenarios:
    return known_scenarios(
        words,
        said,
        direct=lambda later, earlier: node_of(later.origin) == node_of(earlier.origin),
        node_of=node_of,
    )


def only(found: Scenarios) -> KnownScenario:
    (known,) = found.all
    return known


@pytest.mark.parametrize("words", list(permutations((FIRST, SECOND, THIRD))))
def test_texts_are_put_together_in_whatever_order_they_came(
    words: tuple[ScenarioWord, ...],
) -> None:
    found = together(*words)
    known = only(found)
    assert (known.id, known.node) == (FIRST.statement_id, make.OWNER)
    assert known.words == (FIRST, SECOND, THIRD)
    assert known.newest == THIRD
    for word in words:
        assert found.find(word.statement_id) == known
        assert found.at(word.origin, word.index) == (known, word)


def test_a_scenario_opened_in_a_later_epoch_is_of_the_same_node() -> None:
    moved = make.said(make.scenario(), origin=SECOND_EPOCH, epoch=1)
    known = only(together(moved, said=(make.word(moved),)))
    assert known.node == make.OWNER
    assert known.standing(make.OWNER, make.TODAY, frozenset()).action is Stands.OWN


def test_nobody_amends_or_closes_what_another_opened() -> None:
    strange = make.said(
        make.scenario(), 5, action=CLOSED, about=FIRST.statement_id, origin=STRANGER
    )
    assert only(together(FIRST, strange)).words == (FIRST,)


def test_an_amendment_of_what_is_not_held_waits() -> None:
    assert together(SECOND, THIRD).all == ()
    assert only(together(FIRST, THIRD)).words == (FIRST,)


def test_statements_that_name_each_other_lead_nowhere() -> None:
    one = make.said(make.scenario(), 7, action=AMENDED, about=b"o" * 16, statement_id=b"i" * 16)
    other = make.said(make.scenario(), 8, action=AMENDED, about=b"i" * 16, statement_id=b"o" * 16)
    alone = make.said(make.scenario(), 9, action=AMENDED, about=b"s" * 16, statement_id=b"s" * 16)
    assert together(one, other, alone).all == ()


def test_what_a_region_said_of_any_text_is_of_the_scenario() -> None:
    earlier, later = make.word(FIRST, index=3), make.word(SECOND, RecognitionAction.DECLINED, 4)
    known = only(together(FIRST, SECOND, said=(later, earlier)))
    assert known.said == {make.PEER: (earlier, later)}
    shared = frozenset({make.SOUTH})
    assert known.standing(make.PEER, make.TODAY, shared).action is Stands.DECLINED
    assert known.standing(make.OWNER, make.TODAY, shared).action is Stands.OWN
    assert known.standing(STRANGER, make.TODAY, shared).action is Stands.NONE


def test_a_recognition_of_another_leaf_is_of_nothing() -> None:
    """Origin and index are those of a text, and the leaf that was meant is another one."""
    meant = make.said(make.scenario(), leaf_hash=LeafHash(b"?" * 32))
    elsewhere = make.said(make.scenario(), 6)
    assert only(together(FIRST, said=(make.word(meant), make.word(elsewhere)))).said == {}


def test_two_scenarios_are_two() -> None:
    other = make.said(make.scenario(), 4)
    said = (make.word(other),)
    found = together(FIRST, other, said=said)
    assert [known.id for known in found.all] == [FIRST.statement_id, other.statement_id]
    assert [bool(known.said) for known in found.all] == [False, True]

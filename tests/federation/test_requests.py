"""Requests: each rule, and that the state is a function of the set of answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.ids import Date, LeafHash, Origin
from federation.payload_parts import Reference
from federation.requests import (
    OPEN_PER_DAY,
    OPEN_STATES,
    Asked,
    Came,
    RequestState,
    Said,
    judge,
    waiting,
)
from federation.statements import RequestAction

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "requests.json").read_text("utf-8")
)["cases"]
SPEAKER, LISTED, DELEGATE = map(Origin, ("asker.example/1", "listed.example/2", "other.example/1"))
STRANGER = Origin("stranger.example/1")
LEAF = Reference(origin=SPEAKER, index=7, leaf_hash=LeafHash(b"r" * 32))
ASKED = Asked(leaf=LEAF, speaker=[SPEAKER], answerers=[LISTED, DELEGATE])
ANSWERS = [action for action in RequestAction if action != RequestAction.FORWARDED]
DAY = Date(20261120)


def said(action: int, origin: Origin = LISTED, request: Reference = LEAF) -> Said:
    return Said(origin, action, request)


@pytest.mark.parametrize("action", ANSWERS)
def test_j1_all_three_must_agree(action: RequestAction) -> None:
    by = SPEAKER if action == RequestAction.WITHDRAWN else LISTED
    assert judge(ASKED, [said(action, by)]) == action.name.lower()
    for other in (
        Reference(origin=STRANGER, index=7, leaf_hash=LEAF.leaf_hash),
        Reference(origin=SPEAKER, index=8, leaf_hash=LEAF.leaf_hash),
        Reference(origin=SPEAKER, index=7, leaf_hash=LeafHash(b"o" * 32)),
    ):
        assert judge(ASKED, [said(action, by, other)]) == "forwarded"


def test_j2_only_its_own_speaker_withdraws_it() -> None:
    assert judge(ASKED, [said(RequestAction.WITHDRAWN, SPEAKER)]) == "withdrawn"
    for origin in (LISTED, DELEGATE, STRANGER):
        assert judge(ASKED, [said(RequestAction.WITHDRAWN, origin)]) == "forwarded"


@pytest.mark.parametrize("action", ANSWERS[:-1])
def test_j3_only_the_origin_of_the_listing_answers(action: RequestAction) -> None:
    for origin in (LISTED, DELEGATE):
        assert judge(ASKED, [said(action, origin)]) == action.name.lower()
    for origin in (SPEAKER, STRANGER):
        assert judge(ASKED, [said(action, origin)]) == "forwarded"


@given(st.lists(st.sampled_from(ANSWERS), max_size=9), st.randoms())
def test_j4_the_state_is_a_function_of_the_set(actions: list[RequestAction], random: Any) -> None:
    answers = [
        said(action, SPEAKER if action == RequestAction.WITHDRAWN else LISTED) for action in actions
    ]
    found = judge(ASKED, answers)
    random.shuffle(answers)
    assert judge(ASKED, answers) == found == judge(ASKED, [*answers, *answers])
    order = ["done", "withdrawn", "declined", "accepted", "received"]
    names = {action.name.lower() for action in actions}
    assert found == next((one for one in order if one in names), "forwarded")


def came(count: int, member: str = "a.example", state: str = "forwarded") -> Sequence[Came]:
    return [Came(member, DAY, RequestState(state))] * count


def test_j5_so_many_open_ones_of_a_member_and_day_are_taken_up() -> None:
    many = [*came(OPEN_PER_DAY), *came(2)]
    assert waiting(many) == [False] * OPEN_PER_DAY + [True] * 2
    # Another member, another day, and what is closed do not count.
    assert not any(waiting([*came(OPEN_PER_DAY), *came(9, "b.example")]))
    assert not any(waiting([*came(OPEN_PER_DAY), Came("a.example", Date(20261121), DONE)]))
    assert not any(waiting([*came(OPEN_PER_DAY), *came(9, state="done")]))
    assert not any(waiting([*came(9, state="withdrawn"), *came(OPEN_PER_DAY)]))


DONE = RequestState.DONE


def test_open_is_what_somebody_still_has_to_act_on() -> None:
    assert {"forwarded", "received", "accepted"} == OPEN_STATES


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_known_states(case: dict[str, Any]) -> None:
    def reference(of: dict[str, Any]) -> Reference:
        return Reference(
            origin=Origin(of["origin"]),
            index=of["index"],
            leaf_hash=LeafHash(bytes.fromhex(of["leaf_hash"])),
        )

    asked = Asked(
        leaf=reference(case["request"]),
        speaker=frozenset(map(Origin, case["speaker"])),
        answerers=frozenset(map(Origin, case["answerers"])),
    )
    answers = [
        Said(Origin(one["origin"]), one["action"], reference(one["request"]))
        for one in case["answers"]
    ]
    assert judge(asked, answers) == case["result"]
    assert judge(asked, answers[::-1]) == case["result"]

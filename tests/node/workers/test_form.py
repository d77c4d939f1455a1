"""What a worker answers is what the node would have read itself, and nothing else is believed.

Covers node/workers/process.py.
"""

from __future__ import annotations

import os
import random
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.state.lent_keys import LentKeys, Sealing
from crypto.errors import SealError
from federation.facts import PayloadFacts
from federation.life.reading import UNASKED, StatementReading
from federation.peers.openings import DeliveredOpening, check_openings
from federation.rows import OpeningStatus
from federation.statements import Kind
from node.workers.form import (
    Answer,
    FormError,
    Question,
    answer_from_bytes,
    answer_to_bytes,
    question_from_bytes,
    question_to_bytes,
)
from node.workers.process import Preparing
from tests.support.payload_strategies import ANY
from tests.support.proved_leaves import ORIGIN, PAYLOADS, of_every_kind, opened, question

KEYS = LentKeys(number=3, opening=b"o" * 32, lookup=b"l" * 32)
PREPARING = Preparing(Sealing(KEYS, token=lambda size: b"n" * size))
EVERY = list(of_every_kind())


def fault(index: int, kind: int, list_type: str, authority: str, _audience: Any) -> str:
    """Charters that let the odd leaves say nothing but what nobody may be kept from."""
    assert isinstance(list_type + authority, str)
    return "entitlement.kind" if index % 2 or kind == Kind.PENALTY else ""


READING = StatementReading(
    origin=ORIGIN,
    payloads=PAYLOADS,
    tagger=Sealing(KEYS, token=bytes),
    rights=SimpleNamespace(listing_rules=lambda _: SimpleNamespace(fault=fault)),
)


def by_worker(asked: Question) -> Answer:
    """What a worker reads, over the bytes of question and answer."""
    heard = question_from_bytes(question_to_bytes(asked))
    said = answer_to_bytes(heard.first, PREPARING.answer(heard))
    return answer_from_bytes(said, asked, READING.entitled)


def is_the_same(asked: Question) -> None:
    """The node's own reading of the same leaves."""
    answer = by_worker(asked)
    openings, misopened = check_openings(
        ORIGIN, asked.first, asked.leaves, asked.openings, by_origin=asked.by_origin
    )
    assert tuple(answer.openings) == openings
    assert tuple(answer.misopened) == misopened
    assert answer.examined == READING.examine(asked.first, asked.leaves, openings)
    assert not any(one.rule == UNASKED for one in answer.examined)
    present = [
        (index, opening.salt, opening.payload)
        for index, opening in enumerate(openings, asked.first)
        if opening.status == OpeningStatus.PRESENT
    ]
    assert answer.sealed == PREPARING._sealing.seal(ORIGIN, present)


@pytest.mark.parametrize("by_origin", [False, True])
def test_every_kind_and_every_fault_is_read_alike(by_origin: bool) -> None:
    is_the_same(question(EVERY, by_origin=by_origin))


@settings(max_examples=400 if os.environ.get("HUXIN_SOAK") else 40)
@given(
    said=st.lists(st.tuples(ANY, st.booleans()), max_size=8),
    first=st.integers(0, 2**62),
    by_origin=st.booleans(),
)
def test_whatever_is_said_is_read_alike(said: list[Any], first: int, by_origin: bool) -> None:
    leaves = [
        opened(number, kind, PAYLOADS.encode(payload))
        for number, ((kind, payload), _) in enumerate(said)
    ]
    held = [
        (leaf, opening if there else DeliveredOpening(OpeningStatus.NOT_FOR_US))
        for (leaf, opening), (_, there) in zip(leaves, said, strict=True)
    ]
    is_the_same(question(held, first, by_origin=by_origin))


def test_what_only_the_charters_say_is_not_asked_of_a_worker() -> None:
    asked = question([opened(1, Kind.LISTING, EVERY[0][1].payload)])
    (read,) = PREPARING.answer(asked).examined
    assert read.rule == UNASKED


def refused(said: bytes, asked: Question) -> bool:
    """Whether an answer is refused; else it has its leaves, and openings that were there."""
    try:
        answer = answer_from_bytes(said, asked, READING.entitled)
    except FormError:
        return True
    assert len(answer.examined) == len(answer.openings) == len(asked.leaves)
    for one, given_, leaf in zip(answer.openings, asked.openings, asked.leaves, strict=True):
        assert one == given_ or one.status != OpeningStatus.PRESENT
        assert isinstance(leaf, bytes)
    assert {one.index - asked.first for one in answer.sealed} == {
        place for place, one in enumerate(answer.examined) if one.opening == OpeningStatus.PRESENT
    }
    return False


def test_an_answer_cut_anywhere_or_longer_is_refused() -> None:
    asked = question(EVERY[:6])
    said = answer_to_bytes(asked.first, PREPARING.answer(asked))
    assert not refused(said, asked)
    assert all(refused(said[:length], asked) for length in range(len(said)))
    assert refused(said + b"\0", asked)


def test_an_answer_changed_anywhere_is_refused_or_read_within_its_bounds() -> None:
    asked = question(EVERY[:6])
    said = answer_to_bytes(asked.first, PREPARING.answer(asked))
    chance = random.Random(5)
    outcomes = set()
    for _ in range(3000):
        changed = bytearray(said)
        for _ in range(chance.randint(1, 3)):
            changed[chance.randrange(len(said))] = chance.choice((0, 1, 255, chance.randrange(256)))
        outcomes.add(refused(bytes(changed), asked))
    assert outcomes == {True, False}


def test_the_answer_to_another_question_is_refused() -> None:
    asked = question(EVERY[:6])
    said = answer_to_bytes(asked.first, PREPARING.answer(asked))
    assert refused(said, replace(asked, first=asked.first + 1))
    assert refused(said, question(EVERY[:5]))


def test_an_opening_that_nobody_delivered_is_not_taken() -> None:
    asked = question(EVERY[:6])
    said = answer_to_bytes(asked.first, PREPARING.answer(asked))
    none = (DeliveredOpening(OpeningStatus.PENDING),) * len(asked.leaves)
    assert refused(said, replace(asked, openings=none))


def test_what_the_charters_are_asked_for_is_of_a_leaf_that_has_a_kind() -> None:
    asked = question([(b"short", EVERY[0][1])])
    answer = PREPARING.answer(asked)
    lying = replace(answer, examined=[answer.examined[0]._replace(rule=UNASKED)])
    assert refused(answer_to_bytes(asked.first, lying), asked)


def test_the_facts_have_the_fields_that_are_sent() -> None:
    # A field more would be lost on the way.
    assert len(PayloadFacts._fields) == 17


def test_a_salt_that_is_none_is_never_sealed() -> None:
    with pytest.raises(SealError):
        Sealing(KEYS, token=bytes).seal(ORIGIN, [(0, b"short", b"")])


def test_keys_are_not_printed() -> None:
    assert repr(KEYS) == "LentKeys(number=3)"

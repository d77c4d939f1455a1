"""Where no line is allowed a question goes with a packet, and the answer with the next one back.

Covers node/attestation/packets.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from federation.errors import RefusedError
from federation.peers.frames import AttestAnswer, AttestQuestion
from federation.reconcile.findings import Finding
from tests.scenarios.test_packets import carry, packet, packets_of
from tests.support.attesting import HOME, TRUE, asks, carried_by, furnish, library_of, lie
from tests.support.catalogs import FixedLibrary
from tests.support.simulation import Federation, listing

Federate = Callable[..., Federation]
ASKER = "511500"
DAY = 86_400


@pytest.fixture
def federation(federate: Federate) -> Federation:
    made = federate(HOME, ASKER)
    furnish(made[HOME], library_of(1))
    furnish(made[ASKER], FixedLibrary())
    return made


def finding(federation: Federation) -> int:
    federation[ASKER].reconcile()
    return federation[ASKER].findings()[federation[HOME].origin, 0]


def test_question_and_answer_go_with_packets(federation: Federation) -> None:
    home, asker = federation[HOME], federation[ASKER]
    home.list_(listing(1, audience=home.audience()))
    carry(federation, HOME, ASKER)
    assert finding(federation) == Finding.SUBJECT_UNKNOWN
    question = packet(federation, ASKER, HOME)
    for _ in range(2):  # the same packet again is answered once
        packets_of(home).take(question)
    answers = [f for f in carried_by(home).frames(asker.member) if isinstance(f, AttestAnswer)]
    assert len(answers) == 1
    answer = packet(federation, HOME, ASKER)
    packets_of(asker).take(answer)
    assert finding(federation) == Finding.ATTESTED
    packets_of(asker).take(answer)
    carry(federation, HOME, ASKER)  # for a week, in case one is lost
    assert finding(federation) == Finding.ATTESTED


def test_what_was_asked_is_remembered_through_a_restart(federation: Federation) -> None:
    home, asker = federation[HOME], federation[ASKER]
    home.list_(listing(1, audience=home.audience()))
    carry(federation, HOME, ASKER)
    asker.reconcile()
    carry(federation, ASKER, HOME)
    asker.restart()
    home.restart()
    federation.clock.advance(3 * DAY)
    carry(federation, HOME, ASKER)
    assert finding(federation) == Finding.ATTESTED


def test_a_lie_in_a_packet_is_refused_and_keeps_nothing(federation: Federation) -> None:
    home, asker = federation[HOME], federation[ASKER]
    home.list_(listing(1, audience=home.audience()))
    carry(federation, HOME, ASKER)
    asker.reconcile()
    (sent,) = asks(asker)
    carried = carried_by(asker)
    federation.clock.advance(120)
    (question,) = [f for f in carried.frames(home.member) if isinstance(f, AttestQuestion)]
    digest = next(iter(carried._load()["asked"]))
    asked = replace(sent, asked=replace(sent.asked, question=bytes.fromhex(digest)))
    for false in (lie(asked, said=(TRUE, TRUE)), lie(asked)[:-2]):
        with pytest.raises(RefusedError) as caught:
            carried.take(home.member, [AttestAnswer(attestation=false)])
        assert caught.value.code in ("attestation.other", "attestation.malformed")
    assert finding(federation) == Finding.SUBJECT_UNKNOWN
    carried.take(home.member, [AttestAnswer(attestation=lie(sent))])  # to no open question
    assert finding(federation) == Finding.SUBJECT_UNKNOWN
    note = home.answers.answer(asker.member, question.question)
    carried.take(home.member, [AttestAnswer(attestation=note)])
    assert finding(federation) == Finding.ATTESTED


def test_a_question_that_cannot_be_answered_stops_no_packet(federation: Federation) -> None:
    home, asker = federation[HOME], federation[ASKER]
    carried_by(home).take(asker.member, [AttestQuestion(question=b"nonsense")])
    assert list(carried_by(home).frames(asker.member)) == []

"""Questions about subjects, and answers, in packets: where no line is allowed (SPEC §9.8, §9.9).

`DIR/state/attest-packets.json` remembers what was asked, until the answer comes, and our answers,
which go with each packet back for a week: one may be lost. It has places of leaves and signed
notes; of a subject at most the code of a successor. A lost file costs questions asked again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from adapters.errors import CorruptError
from adapters.files.atomic import write_atomically
from federation.errors import RefusedError, ReplicationError, StatementError
from federation.ids import CharterId, MemberId, Origin, Timestamp
from federation.peers.frames import AttestAnswer, AttestQuestion
from federation.reconcile.attestation import Asked, read_attestation
from node.attestation.answers import AttestationAnswers
from node.attestation.attesting import Attesting, Named, Sent
from node.charters.view import TrustView
from node.log.writer import OnWriter

QUESTIONS: Final = 128
"""Questions in one packet; a packet is made by hand, or once a day."""
ANSWERS: Final = 256
"""Answers kept for one member."""
ANSWERED_SECONDS: Final = 7 * 86_400
ASKED_SECONDS: Final = 30 * 86_400


class CarriedAttestations:
    """What packets bring and take of questions and answers; blocks."""

    def __init__(
        self,
        *,
        path: Path,
        attesting: Attesting,
        answers: AttestationAnswers,
        trust: Callable[[], TrustView],
        on_writer: OnWriter,
        now: Callable[[], Timestamp],
    ) -> None:
        """Wire it; the file need not exist yet."""
        self._path = path
        self._attesting = attesting
        self._answers = answers
        self._trust = trust
        self._on_writer = on_writer
        self._now = now

    def frames(self, peer: MemberId) -> Iterator[AttestQuestion | AttestAnswer]:
        """What goes into a packet to a peer: our answers, and questions that are due.

        Raises:
            CorruptError: the file does not read.
        """
        state = self._load()
        for kept in state["answers"].get(peer, ()):
            yield AttestAnswer(attestation=kept["note"].encode())
        self._on_writer(self._attesting.review)
        sent = self._attesting.questions([peer], QUESTIONS)
        for one in sent:
            state["asked"][one.asked.question.hex()] = self._written(one)
        if sent:
            self._store(state)
        yield from (AttestQuestion(question=one.question) for one in sent)

    def take(self, peer: MemberId, frames: Iterable[AttestQuestion | AttestAnswer]) -> None:
        """Take what a packet brought: answer questions, and keep answers to ours.

        Raises:
            RefusedError: `attestation.…`: the peer signed what is no answer to our question.
            CorruptError: the file does not read.
        """
        state = self._load()
        taken = list(frames)
        questions = [frame.question for frame in taken if isinstance(frame, AttestQuestion)]
        answers = [frame.attestation for frame in taken if isinstance(frame, AttestAnswer)]
        for question in questions:
            self._answer(state, peer, question)
        try:
            for note in answers:
                self._take_answer(state, peer, note)
        finally:
            if taken:
                self._store(state)

    def _answer(self, state: dict[str, Any], peer: MemberId, question: bytes) -> None:
        kept = state["answers"].setdefault(peer, [])
        digest = sha256(question).hexdigest()
        if any(one["question"] == digest for one in kept):
            return  # the same packet again
        try:
            note = self._answers.answer(peer, question)
        except (RefusedError, StatementError):
            return  # no question that we can answer; the peer asks again, or another
        made = {"question": digest, "note": note.decode(), "at": self._now()}
        state["answers"][peer] = [*kept, made][-ANSWERS:]

    def _take_answer(self, state: dict[str, Any], peer: MemberId, note: bytes) -> None:
        """Take an answer to a question that is still open; one that was taken is passed over."""
        try:
            digest = read_attestation(note, self._trust().document_keys).question.hex()
            open_ = state["asked"].get(digest)
            if open_ is None or open_["peer"] != peer:
                return
            sent = _read(digest, open_)
            self._on_writer(lambda: self._attesting.take(sent, note))
        except ReplicationError as error:
            raise RefusedError(error.code, f"{peer} signed what is false: {error}") from error
        del state["asked"][digest]

    def _written(self, sent: Sent) -> dict[str, Any]:
        return {
            "peer": sent.peer,
            "answerer": sent.asked.answerer,
            "asker": sent.asked.asker,
            "charter": sent.asked.charter.hex(),
            "named": [list(one) for one in sent.named],
            "at": self._now(),
        }

    def _load(self) -> dict[str, Any]:
        try:
            state = json.loads(self._path.read_bytes())
            now = self._now()
            return {
                "asked": {
                    digest: one
                    for digest, one in state["asked"].items()
                    if one["at"] > now - ASKED_SECONDS
                },
                "answers": {
                    peer: [one for one in kept if one["at"] > now - ANSWERED_SECONDS]
                    for peer, kept in state["answers"].items()
                },
            }
        except FileNotFoundError:
            return {"asked": {}, "answers": {}}
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            message = f"{self._path}: expected what packets left there; remove the file, then retry"
            raise CorruptError(message) from error

    def _store(self, state: dict[str, Any]) -> None:
        write_atomically(self._path, json.dumps(state, indent=1).encode(), mode=0o600)


def _read(digest: str, written: dict[str, Any]) -> Sent:
    named = tuple(
        Named(Origin(origin), int(listing), int(leaf)) for origin, listing, leaf in written["named"]
    )
    asked = Asked(
        answerer=Origin(written["answerer"]),
        asker=Origin(written["asker"]),
        charter=CharterId(bytes.fromhex(written["charter"])),
        question=bytes.fromhex(digest),
        items=len(named),
    )
    return Sent(peer=MemberId(written["peer"]), asked=asked, question=b"", named=named)

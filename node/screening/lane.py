"""A lane of a worker, at the node: its questions are admitted here, and its answers kept here.

    CW1  an answer of a worker assumes one state of the node (charters, catalog, keys that read, why
         nothing is signed, library) and names it by number. At the moment of keeping, on the query
         writer's thread, the number is compared: of another one nothing is kept, and the worker
         judges anew by the state of now. So nothing has to be told before it takes effect
    CW2  who asks, what is asked, the number and the time of an answer are the node's, as it
         admitted and told them; a worker says of the n-th question what it found, once, and
         nothing else

What the store holds is read after the question was admitted: a relief that was committed before is
in the answer. CW3 stands at `node.screening.lane_form`, CW4 and CW5 at `node.app.check_workers`,
CW6 at `node.screening.worker_desk`. One thread for each lane.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from federation.errors import RefusedError
from federation.screening.questions import Question
from federation.screening.roles import Asker
from node.access.presented import Presented
from node.screening.lane_form import (
    Form,
    Judged,
    Moment,
    Wish,
    error_to_json,
    kept_to_json,
    question_to_json,
    written,
)
from node.screening.recording import Kept, ToKeep
from node.workers.form import FormError

Reply = tuple[bytes, bytes]
"""An answer, and the state that goes with it; empty where the worker's is that of now."""


class States(Protocol):
    """What answers assume beside the store (`node.app.worker_states.WorkerStates`)."""

    def number(self) -> int:
        """Of the state of now; another one whenever anything in it is another."""
        ...

    def pickled(self) -> tuple[int, bytes]:
        """The number, and the state."""
        ...


class LaneDesk(Protocol):
    """`node.screening.desk.ScreeningDesk`, as lanes use it."""

    def admit(self, asker: Asker, raw: Mapping[str, Any]) -> Question:
        """Read a question, and let it be asked."""
        ...

    def keep(
        self, answers: Sequence[ToKeep], before: Callable[[], None]
    ) -> Sequence[Kept | RefusedError]:
        """Keep answers durably; `before` is called at the moment of keeping."""
        ...


class _OutdatedError(Exception):
    """The state that answers assume is not that of now."""


class Lane:
    """Answers a worker on one lane; on one thread, blocks."""

    def __init__(
        self,
        *,
        desk: LaneDesk,
        asker: Callable[[Presented], Asker],
        states: States,
        moment: Callable[[], Moment],
        number: Callable[[], str],
    ) -> None:
        """Wire it.

        Args:
            desk: admits and keeps.
            asker: who presents this.
            states: what answers assume.
            moment: of now.
            number: gives a number that no answer has.
        """
        self._desk = desk
        self._asker = asker
        self._states = states
        self._moment = moment
        self._number = number
        self._admitted: list[tuple[Asker, Question] | None] = []
        self._told = moment()

    def admit(self, said: Form) -> Reply:
        """Admit a group of questions; those before are forgotten.

        Raises:
            FormError: the worker's fault.
        """
        self._admitted = []
        asked = [self._one_admitted(wish) for wish in said.wishes()]
        return self._reply(said, {"asked": asked})

    def keep(self, said: Form) -> Reply:
        """Keep what a worker found, unless it assumes another state (CW1).

        Raises:
            FormError: the worker's fault.
            StoreError: the query store; nothing is kept.
        """
        assumed = said["state"].number(2**63)
        answers = [self._to_keep(one) for one in said.judged(len(self._admitted))]

        def compare() -> None:
            if self._states.number() != assumed:
                raise _OutdatedError

        try:
            compare()
            kept = self._desk.keep(answers, compare) if answers else ()
        except _OutdatedError:
            return self._reply(said, {"again": True})
        return self._reply(said, {"kept": [kept_to_json(one) for one in kept]})

    def _one_admitted(self, wish: Wish) -> dict[str, Any]:
        self._admitted.append(None)
        try:
            asker = self._asker(wish.presented)
            question = self._desk.admit(asker, wish.raw)
        except Exception as error:  # noqa: BLE001 - its caller is told, whatever it is
            return error_to_json(error)
        self._admitted[-1] = (asker, question)
        return {"credential": asker.credential, "question": question_to_json(question)}

    def _to_keep(self, judged: Judged) -> ToKeep:
        admitted = self._admitted[judged.place]
        if admitted is None:
            raise FormError("expected an answer to a question that was admitted")
        asker, question = admitted
        told = judged.told(self._number(), self._told.now)
        return ToKeep(asker=asker, question=question, told=told, due_on=judged.due_on)

    def _reply(self, said: Form, answer: dict[str, Any]) -> Reply:
        """An answer with the moment, and with the state where the worker has another one."""
        moment = self._told = self._moment()
        number, state = self._states.number(), b""
        if number != said["state"].number(2**63):
            number, state = self._states.pickled()
        more = {"state": number, "moment": [moment.now, moment.today, moment.wall]}
        return written(answer | more), state

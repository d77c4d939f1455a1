"""The desk of a worker: departments' questions, judged here, admitted and kept by the node.

The order is that of `node.screening.desk`; the node does what only one process may do (CW2), over
the lane of the thread that answers. An answer that assumed what is no longer so is judged anew.

    CW6  after `TRIES` judgements in turn that were outdated when they were to be kept a question is
         given up (`check.outdated`), kept by nobody; its caller may ask again
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final

from federation.errors import RefusedError
from federation.ids import Date, Timestamp
from federation.screening.questions import Question
from federation.screening.roles import Asker
from node.access.presented import Presented
from node.network.errors import UnavailableError
from node.screening.desk import document
from node.screening.grouped import Document, Grouped
from node.screening.judging import Judging
from node.screening.lane_form import (
    Moment,
    error_of,
    judged_to_json,
    kept_of,
    moment_of,
    presented_to_json,
    question_of,
    written,
)
from node.screening.recording import Answered
from node.system.failpoints import Failpoints
from node.workers.messages import receive, send

TRIES: Final = 5
MAX_STATE: Final = 512 * 2**20
"""Bytes; charters of a thousand members take a few million."""
_NOBODY: Final = Asker(credential="", department="", roles=frozenset())
"""Who asks is known to the node (CW2)."""

JudgingOf = Callable[[bytes, "MomentClock"], Judging]
"""What judges by a state of the node, by a clock."""


class MomentClock:
    """A `node.system.clock.Clock` of the moments that the node told last; of one lane."""

    def __init__(self) -> None:
        """Begin with no moment."""
        self.moment = Moment(now=Timestamp(0), today=Date(0), wall=Timestamp(0))

    def now(self) -> Timestamp:
        """The later of all clocks, seconds UTC."""
        return self.moment.now

    def today(self) -> Date:
        """Its day in China."""
        return self.moment.today

    def wall(self) -> Timestamp:
        """The machine's own clock, seconds UTC."""
        return self.moment.wall


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A question as it came.

    Attributes:
        presented: by its caller.
        raw: its fields.
        seen: told the caller's credential, where it has one that counts.
    """

    presented: Presented
    raw: Mapping[str, Any]
    seen: Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Admitted:
    place: int
    question: Question


class WorkerDesk:
    """Answers questions; one thread for each lane."""

    def __init__(
        self,
        *,
        lanes: Sequence[socket.socket],
        judging: JudgingOf,
        failpoints: Failpoints,
        lost: Callable[[], None],
    ) -> None:
        """Wire it.

        Args:
            lanes: to the node; as many as threads that answer (`node.access.together.THREADS`).
            judging: what judges by a state of the node.
            failpoints: for the crash tests.
            lost: called when the node is gone, or says what cannot be: the worker is to end.
        """
        self._lanes = [_Lane(link, judging, lost) for link in lanes]
        self._failpoints = failpoints
        self._mine = threading.local()
        self._lock = threading.Lock()
        self._grouped = Grouped(admit=self._admitted, answer=self._answers, name="check")

    def ask(self, call: Call) -> Future[Document]:
        """Let a question be answered; the future raises why it is not."""
        return self._grouped.ask(call)

    def _lane(self) -> _Lane:
        """The lane of this thread."""
        if not hasattr(self._mine, "lane"):
            with self._lock:
                self._mine.lane = self._lanes.pop()
        lane: _Lane = self._mine.lane
        return lane

    def _admitted(self, group: Sequence[Call]) -> list[_Admitted | Exception]:
        asked = [{**presented_to_json(one.presented), "raw": dict(one.raw)} for one in group]
        told = self._lane().ask("admit", asked=asked)["asked"]
        found: list[_Admitted | Exception] = []
        for place, (call, said) in enumerate(zip(group, told, strict=True)):
            if "error" in said:
                found.append(error_of(said))
                continue
            call.seen(said["credential"])
            found.append(_Admitted(place=place, question=question_of(said["question"])))
        return found

    def _answers(self, asked: Sequence[_Admitted]) -> list[Document | Exception]:
        lane = self._lane()
        for _ in range(TRIES):
            with self._failpoints.at("worker.judge"):
                judged = lane.judged([one.question for one in asked])
            if judged is None:
                continue
            answers = [
                judged_to_json(one.place, said)
                for one, said in zip(asked, judged, strict=True)
                if isinstance(said, Answered)
            ]
            told = lane.ask("keep", answers=answers)
            if "error" in told:
                raise error_of(told)
            if "again" not in told:
                with self._failpoints.at("worker.answer"):
                    kept = iter(told["kept"])
                    return [
                        _document(one, next(kept)) if isinstance(one, Answered) else one
                        for one in judged
                    ]
        message = "依据正在变化，请稍后重试 / what it is judged by is changing; ask again"
        raise UnavailableError("check.outdated", message)


def _document(said: Answered, told: Mapping[str, Any]) -> Document | Exception:
    kept = kept_of(told)
    return kept if isinstance(kept, Exception) else document(said, kept)


class _Lane:
    """The worker's end of a lane; on one thread."""

    def __init__(self, link: socket.socket, judging: JudgingOf, lost: Callable[[], None]) -> None:
        self._link = link
        self._judging_of = judging
        self._lost = lost
        self._clock = MomentClock()
        self._state = 0
        self._judging: Judging | None = None

    def ask(self, what: str, **more: Any) -> Mapping[str, Any]:  # noqa: ANN401 - JSON
        """Ask the node, and take its state where that is another one.

        Raises:
            UnavailableError: `check.outdated`: it is gone; so is this worker, at once.
        """
        try:
            send(self._link, written({"do": what, "state": self._state, **more}))
            said: dict[str, Any] = json.loads(receive(self._link, most=MAX_STATE))
            state = receive(self._link, most=MAX_STATE)
        except (OSError, EOFError) as error:
            self._lost()
            message = "节点正在停止，请稍后重试 / the node is stopping; ask again"
            raise UnavailableError("check.outdated", message) from error
        if "moment" in said:
            self._clock.moment = moment_of(said)
        if state:
            self._state = said["state"]
            self._judging = self._judging_of(state, self._clock)
        return said

    def judged(self, questions: Sequence[Question]) -> list[Answered | RefusedError] | None:
        """Judge questions by the state that is held; None where that is outdated by now.

        Raises:
            RefusedError: `check.unready`.
            StoreError: the store.
        """
        if self._judging is None:
            return None
        try:
            return self._judging.judged([(_NOBODY, question) for question in questions])
        except Exception:
            # By what is no longer so, such as a database that takes its next form, nothing is told.
            if "again" in self.ask("keep", answers=[]):
                return None
            raise

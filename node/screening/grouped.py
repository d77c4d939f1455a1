"""Questions that wait at one time, admitted, judged and kept together; each told for itself.

What one is refused or breaks is none of the others': a group that breaks is answered one by one,
unless what broke it is a store, and everybody's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, Final, Generic, TypeAlias, TypeVar

from adapters.errors import ConflictError, CorruptError, StoreError
from node.access.together import Together

R = TypeVar("R")
Q = TypeVar("Q")
Document: TypeAlias = dict[str, Any]

_ONES: Final = (ConflictError, CorruptError)
"""What a store raises about the rows of one question."""


class Grouped(Generic[R, Q]):
    """Answers questions in groups, on threads of its own (`node.access.together`)."""

    def __init__(
        self,
        *,
        admit: Callable[[Sequence[R]], Sequence[Q | Exception]],
        answer: Callable[[Sequence[Q]], Sequence[Document | Exception]],
        name: str,
    ) -> None:
        """Wire it.

        Args:
            admit: whether each may be asked, in their order: as it is answered, or why not.
            answer: answers those that may; of each the answer, or why there is none.
            name: of the threads.
        """
        self._admit = admit
        self._answered = answer
        self._together = Together(self._answer, name=name)

    def ask(self, raw: R) -> Future[Document]:
        """Let a question be answered with what else waits."""
        return self._together.ask(raw)

    def _answer(self, group: Sequence[tuple[R, Future[Document]]]) -> None:
        asked: list[tuple[Q, Future[Document]]] = []
        admitted = self._admit([raw for raw, _ in group])
        for (_, future), one in zip(group, admitted, strict=True):
            if isinstance(one, Exception):
                future.set_exception(one)
            else:
                asked.append((one, future))
        if not asked:
            return
        try:
            self._tell(asked)
        except Exception as error:
            everybodys = isinstance(error, StoreError) and not isinstance(error, _ONES)
            if len(asked) == 1 or everybodys:
                raise
            for alone in asked:
                self._alone(alone)

    def _alone(self, one: tuple[Q, Future[Document]]) -> None:
        try:
            self._tell([one])
        except Exception as error:  # noqa: BLE001 - its caller is told, whatever it is
            one[1].set_exception(error)

    def _tell(self, asked: Sequence[tuple[Q, Future[Document]]]) -> None:
        """Answer questions; raises before any is told."""
        told = self._answered([one for one, _ in asked])
        for (_, future), answer in zip(asked, told, strict=True):
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)

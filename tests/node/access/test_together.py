"""`node.access.together`: what waits is answered together, and each is told for itself."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import CancelledError, Future

import pytest

from node.access import together
from node.access.together import GROUP_MAX, THREADS, Together

Group = Sequence[tuple[int, "Future[int]"]]


class Doubling:
    """Answers with the double, once it may; keeps the groups."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.begun = threading.Semaphore(0)
        self.go = threading.Event()
        self.together = Together[int, int](self.answer, name="test")

    def answer(self, group: Group) -> None:
        self.groups.append([question for question, _ in group])
        self.begun.release()
        self.go.wait()
        for question, future in group:
            if question < 0:
                message = "negative"
                raise ValueError(message)
            future.set_result(2 * question)

    def busy(self) -> list[Future[int]]:
        """Have every thread answer something."""
        asked = []
        for number in range(THREADS):
            asked.append(self.together.ask(number))
            self.begun.acquire()
        return asked


def test_what_waits_while_all_threads_answer_is_one_group_in_order() -> None:
    doubling = Doubling()
    asked = doubling.busy()
    asked += [doubling.together.ask(number) for number in (7, 8, 9)]
    doubling.go.set()
    assert [one.result() for one in asked[THREADS:]] == [14, 16, 18]
    assert doubling.groups == [*([number] for number in range(THREADS)), [7, 8, 9]]


def test_a_group_has_a_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "GROUP_MAX", 2)
    doubling = Doubling()
    asked = [*doubling.busy(), *map(doubling.together.ask, (3, 4, 5))]
    doubling.go.set()
    assert [one.result() for one in asked[THREADS:]] == [6, 8, 10]
    assert sorted(doubling.groups[THREADS:]) == [[3, 4], [5]]
    assert GROUP_MAX > 2


def test_what_a_group_leaves_open_gets_what_it_raised_and_the_next_is_answered() -> None:
    doubling = Doubling()
    asked = [*doubling.busy(), *map(doubling.together.ask, (5, -1, 6))]
    doubling.go.set()
    assert asked[THREADS].result() == 10
    for one in asked[THREADS + 1 :]:
        with pytest.raises(ValueError, match="negative"):
            one.result()
    assert doubling.together.ask(4).result() == 8


def test_who_has_gone_is_not_answered() -> None:
    doubling = Doubling()
    doubling.busy()
    gone, stays = doubling.together.ask(5), doubling.together.ask(6)
    assert gone.cancel()
    doubling.go.set()
    assert stays.result() == 12
    assert doubling.groups[THREADS:] == [[6]]
    with pytest.raises(CancelledError):
        gone.result()

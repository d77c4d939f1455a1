"""Whatever happened, in whatever order: what a watch tells is what repeated questions differ in.

Random histories as for checks. After each step every subject is asked about by the desk of
questions, and the watch is read from where it was read last, or from an older position; what is
told is compared with the answers of then and now. At times the desk knows nothing any more, as
after a restart, or has little time.

Covers node/screening/watch_index.py, node/screening/watch_reading.py,
node/screening/watch_judging.py, adapters/sql/touching.py, federation/ports/touched.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from federation.errors import FederationError
from federation.screening.watches import HELD
from tests.scenarios.test_checks import World
from tests.scenarios.test_checks_property import SUBJECTS, History
from tests.support.watched import Watching

STEPS = 25
CLEAR: Any = ("clear", [], [], [])


def compared(answer: dict[str, Any]) -> Any:
    """What an answer says of the subject, without the days of outcomes and texts of codes."""
    matches = [
        {k: v for k, v in one.items() if k not in ("due_on", "message", "proof")}
        for one in answer["matches"]
    ]
    notes = [{k: v for k, v in one.items() if k != "proof"} for one in answer["notes"]]
    return answer["result"], matches, notes, answer["codes"]


class Watched(History):
    """A history that is watched, read by one who follows and one who lags."""

    def __init__(self, world: World, seed: int) -> None:
        super().__init__(world, seed)
        self.watching = Watching(world.screened)
        self.watch = self.watching.open(range(SUBJECTS))["watch"]
        self.position, self.known = "", [CLEAR] * SUBJECTS
        self.old: list[tuple[str, list[Any], int]] = []
        self.reads = self.told = 0

    def step(self) -> None:
        """Let something happen that changes answers more often than in other histories."""
        steps = [self.list_, self.list_, self.relieve, self.annotate, self.catalog, self.judge]
        if self.random.random() < 0.3:
            steps = [self.library, self.clock, self.clock, self.renew]
        try:
            self.random.choice(steps)()
        except FederationError:
            return
        self.world.federation.settle()

    def library(self) -> None:
        super().library()
        self.watching.restart()  # as the node did
        self.watching.listen()

    def read(self) -> None:
        if self.random.random() < 0.15:
            self.watching.restart()
        answers = [compared(self.world.check(number)) for number in range(SUBJECTS)]
        logs = {
            log["origin"]: log["state"]
            for log in self.world.check(0)["coverage"]
            if log["state"] != "ok"
        }
        events, position = self.watching.all(self.watch, self.position, size=self.size())
        assert {one["row"]: compared(one) for one in events} == {
            number + 1: now for number, now in enumerate(answers) if now != self.known[number]
        }
        page = self.watching.read(self.watch, position)
        assert (page["events"], page["logs"]) == ([], [])
        assert {
            log["origin"]: log["state"] for log in page["coverage"] if log["state"] != "ok"
        } == logs
        self.position, self.known = position, answers
        self.told += len(events)
        self.reads += 1
        self.lag(answers)
        self.old.append((position, answers, self.reads))

    def size(self) -> int:
        return self.random.choice([0, 0, 1])

    def lag(self, answers: list[Any]) -> None:
        """Who comes with an older position is told at least of all that differs since."""
        position, known, reads = self.random.choice([("", [CLEAR] * SUBJECTS, 0), *self.old])
        events, _ = self.watching.all(self.watch, position)
        differing = {number + 1 for number, now in enumerate(answers) if now != known[number]}
        rows = {one["row"]: compared(one) for one in events}
        assert differing <= rows.keys()
        assert all(answers[row - 1] == said for row, said in rows.items())
        if self.reads - reads < HELD:
            assert differing == rows.keys()


@pytest.mark.parametrize("seed", [1, 5])
def test_events_are_the_differences_of_repeated_checks(tmp_path: Path, seed: int) -> None:
    world = World(tmp_path)
    history = Watched(world, seed)
    for _ in range(STEPS):
        history.step()
        if history.random.random() < 0.8:
            history.read()
    history.read()
    assert history.told > STEPS // 10, "hardly anything was ever told"
    world.close()

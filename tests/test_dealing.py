"""How tests are dealt to workers: all once, a module or a group to one, long ones first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from xdist import scheduler

from tests.support.dealing import LONG, Dealing, rank, turned

HERE = Path(__file__).parent
WORKERS = 3


class Worker:
    """One that does what it is given."""

    def __init__(self) -> None:
        self.given: list[int] = []
        self.shutting_down = False
        self.gateway = SimpleNamespace(id="gw")

    def send_runtest_some(self, places: Sequence[int]) -> None:
        self.given += places

    def shutdown(self) -> None:
        self.shutting_down = True


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> list[Worker]:
    made = [Worker() for _ in range(WORKERS)]
    monkeypatch.setattr(scheduler.loadscope, "parse_tx_spec_config", lambda _: made)
    return made


def dealt(workers: Sequence[Worker], tests: Sequence[str]) -> list[list[str]]:
    """What each worker did, when all end one test after the other."""
    config = SimpleNamespace(option=SimpleNamespace(loadscopereorder=True, debug=False))
    dealing = Dealing(config, SimpleNamespace(loadscopesched=_nothing, loadgroupsched=_nothing))
    nodes = cast("Any", workers)
    for node in nodes:
        dealing.add_node(node)
    for node in nodes:
        dealing.add_node_collection(node, list(tests))
    dealing.schedule()
    for place in range(len(tests)):
        for node in nodes:
            if place < len(node.given):
                dealing.mark_test_complete(node, node.given[place])
    assert not dealing.has_pending
    return [[tests[place] for place in worker.given] for worker in workers]


def _nothing(*_: object) -> None:
    """Log nothing."""


def test_each_is_dealt_once_and_a_module_or_group_to_one(workers: list[Worker]) -> None:
    tests = [f"tests/test_{m}.py::test_{t}[a@b]" for m in range(20) for t in range(m + 1)]
    tests += [f"tests/test_{m}.py::test_{t}@shared" for m in range(3) for t in range(2)]
    done = dealt(workers, tests)
    assert sorted(test for one in done for test in one) == sorted(tests)
    assert [len([t for t in one if t.endswith("@shared")]) for one in done].count(0) == 2
    for module in range(20):
        own = [t for t in tests if t.startswith(f"tests/test_{module}.py") and t.endswith("]")]
        assert [[t for t in one if t in own] for one in done if set(one) & set(own)] == [own]


def test_they_are_dealt_in_the_order_in_which_they_were_collected(workers: list[Worker]) -> None:
    few, many = ["tests/test_a.py::test_1"], [f"tests/test_b.py::test_{n}" for n in range(9)]
    assert dealt(workers, [*few, *many])[0] == few


def test_what_takes_long_comes_first_and_is_there() -> None:
    assert [path for path in LONG if not (HERE.parent / path).exists()] == []
    named = [f"{path}test_x.py" if path.endswith("/") else path for path in LONG]
    assert [rank(f"{path}::test_1") for path in named] == list(range(len(LONG)))
    assert rank("tests/crypto/test_keys.py::test_1") == len(LONG)


def test_workers_collect_the_same_and_begin_elsewhere() -> None:
    lists = [turned(HERE, {"workerid": f"gw{n}", "workercount": WORKERS}) for n in range(WORKERS)]
    assert len({one[0] for one in lists}) == WORKERS
    modules = sorted(HERE.rglob("test_*.py"))
    for one in lists:
        found = [Path(part) for part in one]
        collected = [
            m for part in found for m in ([part] if part.is_file() else part.rglob("test_*.py"))
        ]
        assert sorted(collected) == modules

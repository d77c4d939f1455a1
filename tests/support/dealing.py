"""How tests are dealt to the workers of `make test`: by module, those that take long first.

pytest-xdist deals single tests (`loadgroup`): what a module makes once is then made in each worker,
and whenever a test ends all that its worker had before are counted again, ten seconds of a run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from xdist.scheduler import LoadGroupScheduling

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

LONG: Final = (
    "tests/scenarios/test_crash.py",
    "tests/browser/",
    "tests/golden/",
    "tests/fuzz/",
    "tests/deploy/",
    "tests/scenarios/",
    "tests/test_bench.py",
    "tests/simulation/",
    "tests/hostile/",
    "tests/contracts/",
)
"""Where a module takes many seconds. At the end, when a worker may have nothing left to do, the
modules are those of all other folders, a second each."""


def rank(nodeid: str) -> int:
    """The place of a test in the order in which they are dealt."""
    found = [place for place, path in enumerate(LONG) if nodeid.startswith(path)]
    return found[0] if found else len(LONG)


def turned(root: Path, worker: Mapping[str, Any]) -> list[str]:
    """All folders with tests, from such a one onward that each worker begins elsewhere.

    Args:
        root: the folder of all tests.
        worker: what pytest-xdist tells a worker of itself.

    Returns:
        What pytest is to collect: folders, and modules of those that have folders within.
    """
    modules = sorted(root.rglob("test_*.py"))
    above = {folder for path in modules for folder in path.parent.parents}
    named = [str(path if path.parent in above else path.parent) for path in modules]
    number = int(str(worker["workerid"]).removeprefix("gw"))
    begins = named[len(named) * number // int(worker["workercount"])]
    parts = list(dict.fromkeys(named))
    place = parts.index(begins)
    return parts[place:] + parts[:place]


class Dealing(LoadGroupScheduling):  # type: ignore[misc]  # it carries no types
    """Deals a module to one worker, and a group (`xdist_group`) of tests of several modules too."""

    def __init__(self, *args: object) -> None:
        """Begin as `loadgroup` does, in the order of the collection, not by numbers of tests."""
        super().__init__(*args)
        self.config.option.loadscopereorder = False
        self._places: dict[str, int] = {}

    def add_node_collection(self, node: WorkerController, collection: Sequence[str]) -> None:
        """Take what a worker has collected; all of them have the same."""
        super().add_node_collection(node, collection)
        self._places = {nodeid: place for place, nodeid in enumerate(collection)}

    def _split_scope(self, nodeid: str) -> str:
        return str(super()._split_scope(nodeid)).partition("::")[0]

    def _assign_work_unit(self, node: WorkerController) -> None:
        scope, unit = self.workqueue.popitem(last=False)
        self.assigned_work[node][scope] = unit
        node.send_runtest_some([self._places[one] for one, ended in unit.items() if not ended])

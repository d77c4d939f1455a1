"""A kill between a question about a benefit, its use, its OUTCOME and what is noted of it.

What was acknowledged stands in our log, once; what was kept is said by the job.
Covers the failpoints `benefit.…` of node/recognition/benefit_desk.py,
node/recognition/use_desk.py and node/recognition/use_saying.py.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from adapters.sql.benefits import count_unpublished
from adapters.sql.checks import check_by_number
from federation.ids import Date
from federation.statements import Kind
from node.demo.members import DemoMember
from node.system.failpoints import NAMES
from tests.support import recognising as make
from tests.support.benefit_crash_child import use
from tests.support.federation_dirs import WiredNode, found
from tests.support.outcome_crash_child import queries_of

CITY = DemoMember(region="510500", name="泸州")
ROOT = Path(__file__).parents[2]
CASES = [
    f"{name}:{moment}:2"
    for name in NAMES
    if name.startswith("benefit.")
    for moment in ("before", "after")
]


@pytest.fixture(scope="module")
def crashed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directories of all cases, each as its process left it."""
    root = tmp_path_factory.mktemp("crashed")
    found(root, (CITY, DemoMember(region="511500", name="宜宾")))
    (root / CITY.region).rename(root / "node")
    node = WiredNode(root / "node")
    scenario = make.scenario(
        charters=(),
        condition=None,
        conditions_text="",
        scales=(),
        valid_from=Date(20200101),
        valid_until=Date(0),
    )
    submission = node.registry.publish("1" * 32, [(int(Kind.SCENARIO), 1, b"", scenario)], "")
    node.submit(submission)
    node.close()
    (root / "scenario").write_text(submission.published[0].statement_id.hex())
    command = [sys.executable, "-m", "tests.support.benefit_crash_child", str(root), *CASES]
    subprocess.run(command, cwd=ROOT, check=True, timeout=100)
    return root


def said(node: WiredNode) -> Counter[str]:
    """The OUTCOMEs in our log, by statement id."""
    with node.store.read() as session:
        head = session.head(node.origin)
        assert head is not None
        rows = session.rows_between(head.log, 0, head.size)
    return Counter(row.statement_id.hex() for row in rows if row.kind == Kind.OUTCOME)


@pytest.mark.parametrize("case", CASES)
def test_what_was_acknowledged_is_said_once(crashed: Path, case: str) -> None:
    directory = crashed / case
    acknowledged = (directory / "acknowledged").read_text().split()
    answered = (directory / "answered").read_text().split()
    assert len(acknowledged) == 1  # it did die, at its second turn
    node = WiredNode(directory)
    node.job("benefit-uses")
    told = said(node)
    assert set(told.values()) == {1}
    assert set(acknowledged) <= set(told)
    store = queries_of(directory)
    with store.read() as reads:
        assert count_unpublished(reads) == 0
        assert all(check_by_number(reads, number) for number in answered)
    store.close()
    scenario = (crashed / "scenario").read_text()
    for request in ("r-1", "r-2", "r-3"):
        use(node, scenario, request)
    assert sum(said(node).values()) == 3
    (row,) = node.parts.uses.figures(Date(20200101), Date(20991231))
    assert row["uses"] == 3
    node.close()

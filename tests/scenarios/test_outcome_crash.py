"""A kill between a report, its OUTCOME, what is noted of it, and the reopening by relief.

What was acknowledged stands in our log, once; what was kept is said by the job; relief reopens.
Covers the failpoints `outcome.…` of node/screening/outcome_desk.py,
node/screening/outcome_saying.py and node/screening/outcome_job.py.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from adapters.sql.checks import StoredCheck, StoredMatch, add_checks, add_matches
from adapters.sql.outcomes import outcomes_of, unpublished
from federation.statements import Kind
from node.demo.members import DemoMember
from node.system.clock import SystemClock, date_of
from node.system.failpoints import NAMES
from tests.support.federation_dirs import WiredNode, found
from tests.support.outcome_crash_child import queries_of, report, the_match, withdraw
from tests.support.outcoming import DENY

CITY = DemoMember(region="510500", name="泸州")
ROOT = Path(__file__).parents[2]
NTH = {"outcome.take": 2, "outcome.said": 2, "outcome.reopen": 1}
CASES = [
    f"{name}:{moment}:{NTH[name]}"
    for name in NAMES
    if name.startswith("outcome.")
    for moment in ("before", "after")
]


@pytest.fixture(scope="module")
def crashed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directories of all cases, each as its process left it."""
    root = tmp_path_factory.mktemp("crashed")
    found(root, (CITY, DemoMember(region="511500", name="宜宾")))
    (root / CITY.region).rename(root / "node")
    node = WiredNode(root / "node")
    listed = node.list_("1" * 32, 1)
    node.close()
    number = f"510500-{date_of(SystemClock().now())}-0000000000a1"
    store = queries_of(root / "node")
    with store.write() as writes:
        add_checks(
            writes,
            [
                StoredCheck(
                    number=number,
                    asker="",
                    request_key=b"r" * 16,
                    question_tag=b"q" * 16,
                    department="交易中心（演示）",
                    matter="procurement",
                    case_tag=b"c" * 16,
                    at=SystemClock().now(),
                    result="match",
                    complete=True,
                    query_id=b"i" * 16,
                    key=1,
                    sealed=None,
                )
            ],
        )
        match = StoredMatch(
            number=number,
            origin=listed.origin,
            idx=listed.index,
            record_tag=b"t" * 16,
            list_type="judgment-defaulter",
            matter="procurement",
            measures=json.dumps([DENY], ensure_ascii=False),
            due_on=20991231,
            state="pending",
        )
        add_matches(writes, [match])
    store.close()
    command = [sys.executable, "-m", "tests.support.outcome_crash_child", str(root), *CASES]
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
def test_what_was_acknowledged_is_said_once_and_relief_reopens(crashed: Path, case: str) -> None:
    directory = crashed / case
    acknowledged = (directory / "acknowledged").read_text().split()
    assert 0 < len(acknowledged) < 3  # it did die, and not before the second report
    node = WiredNode(directory)
    node.job("outcomes")
    told = said(node)
    assert set(told.values()) == {1}
    assert set(acknowledged) <= set(told)
    match = the_match(directory)
    store = queries_of(directory)
    with store.read() as reads:
        assert unpublished(reads) == []
        kept = {row.statement_id.hex() for row in outcomes_of(reads, match)}
    store.close()
    assert kept == set(told)
    if not case.startswith("outcome.reopen"):
        report(node, match, "applied", corrects=True)
        withdraw(node, match)
        node.job("outcomes")
    assert the_match(directory).state == "reopened"
    report(node, match, "undone")
    assert the_match(directory).state == "undone"
    assert sum(said(node).values()) == 3
    node.close()

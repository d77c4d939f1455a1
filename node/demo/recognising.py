"""A step of the demo: 内江 opens scenarios, and two cities say what they think of one."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

from federation.ids import Date, StatementId
from node.demo.client import Clients
from node.demo.members import LUZHOU, NEIJIANG, ZIGONG, DemoMember
from node.demo.processes import DemoError

CONDITIONS: Final = "仅限在本市登记的企业（演示）"
_ENDS: Final = re.compile("(有效期止: )([0-9]{4})(?=-)")
_WRITTEN: Final = 2026
"""The year in which the demo's files were."""
DECLINED: Final = "本市暂无对应的提供单位（演示）"


def recognise(clients: Clients, lists: Path, today: Date) -> list[StatementId]:
    """Publish them, and wait until everybody has them.

    Args:
        clients: the running nodes.
        lists: the files of the departments.
        today: the day.

    Returns:
        The scenarios, the acceptance of the first by 泸州, and 自贡's refusal.

    Raises:
        DemoError: somebody refuses what they should publish.
    """
    path = lists / NEIJIANG.region / "scenarios.yaml"
    path.write_text(ending_after(path.read_text("utf-8"), today), "utf-8")
    published = all_published(clients[NEIJIANG].publish_file(path, kind="scenario"))
    for statement_id in published:
        clients.wait_record(NEIJIANG, statement_id, "in-force")
    words = (
        (LUZHOU, "accepted", "conditions", CONDITIONS),
        (ZIGONG, "declined", "reason", DECLINED),
    )
    said = []
    for member, action, field, text in words:
        document = _recognition(member, published[0], action, today) | {field: text}
        path = lists / member.region / f"recognition-{action}.json"
        path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", "utf-8")
        said += all_published(clients[member].publish_file(path, kind="recognition"))[:1]
    for (member, *_), statement_id in zip(words, said, strict=True):
        clients.wait_record(member, statement_id, "in-force")
    return [*published, *said]


def ending_after(text: str, today: Date) -> str:
    """Scenarios as of today: they end so many years after it as they did when they were written."""
    year = today // 10_000
    return _ENDS.sub(lambda found: f"{found[1]}{int(found[2]) - _WRITTEN + year}", text)


def all_published(result: dict[str, Any]) -> list[StatementId]:
    """The statements of a file's rows.

    Raises:
        DemoError: a row was refused.
    """
    if result["refused_rows"] or not result["statement_ids"]:
        raise DemoError(f"expected every row to be published, got {result}")
    return [StatementId(bytes.fromhex(text)) for text in result["statement_ids"]]


def _recognition(
    member: DemoMember, scenario: StatementId, action: str, today: Date
) -> dict[str, Any]:
    return {
        "kind": "recognition",
        "action": action,
        "scenario": {"statement_id": scenario.hex()},
        "authority": f"{member.region}-development",
        "decided_on": str(today),
    }

"""Codes and fields speak Chinese first, and no code of the documents is left without a text.

Covers node/texts/fields.py, node/texts/states.py.
"""

from __future__ import annotations

import re
from pathlib import Path

from federation.intake.feed import Decision
from federation.reconcile.findings import RULES
from node.texts.codes import CODES, chinese
from node.texts.fields import DECISIONS, STATES, for_people, labels
from node.texts.states import STATE_WORDS

DOCS = Path(__file__).parents[3] / "docs"
RECORD = {
    "statement_id": "00",
    "state": "repaired",
    "rule": "relief.direct",
    "issued_at": 1795261243,
    "decisions": {"listed": 2},
}


def documented() -> set[str]:
    """The codes that the tables of the operators' documents explain."""
    faults = (DOCS / "operations" / "faults.md").read_text("utf-8")
    cells = [line.split("|")[1] for line in faults.splitlines() if line.startswith("|")]
    cells.append(faults[faults.index("## Verifying") :])
    reconciliation = (DOCS / "reconciliation.md").read_text("utf-8")
    cells.append(reconciliation[reconciliation.index("## Refusals") :])
    return {
        code for cell in cells for code in re.findall(r"`([a-z]+(?:-[a-z]+)*\.[a-z0-9-]+)`", cell)
    }


def test_every_code_of_the_documents_has_a_chinese_text() -> None:
    known = CODES | {rule.code for rule in RULES.values()}
    assert sorted(documented() - known) == []


def test_every_state_and_decision_has_words() -> None:
    assert set(STATE_WORDS.values()) <= set(STATES)
    assert {decision.value for decision in Decision} == set(DECISIONS)


def test_a_document_for_people() -> None:
    shown = for_people(RECORD)
    assert shown["state"] == "已修复"
    assert shown["rule"] == f"relief.direct {chinese('relief.direct')}"
    assert shown["issued_at"] == "2026-11-21 19:40:43+08:00"
    assert shown["decisions"] == {"列入": 2}
    assert labels(RECORD)["state"] == "状态"
    assert labels(RECORD, english=True)["state"] == "state"
    assert for_people({"decisions": {"refused": 1}})["decisions"] == {"拒收": 1}
    in_english = for_people(RECORD, english=True)
    assert (in_english["state"], in_english["rule"]) == ("repaired", "relief.direct")
    assert in_english["decisions"] == {"listed": 2}

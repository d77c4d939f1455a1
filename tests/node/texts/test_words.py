"""What people read says each thing by one word: the table of docs/glossary.md."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from node.texts.codes import CODES, chinese

ROOT = Path(__file__).parents[3]
NEVER = ("结点", "中心节点", "红名单", "黑名单", "开启值", "叶子", "洗白", "拉黑", "挂起")
OPERATORS = ("batch.", "witness.", "checkpoint.", "tile.", "queries.")
"""Codes about logs as operators see them."""
FOR_OPERATORS = {"node/cli/charter/change.py"}
"""Commands of who keeps the charter."""


def texts(folder: str) -> Iterator[tuple[str, str]]:
    """Texts of the modules below a folder, without what stands in docstrings."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        documents = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                name = str(path.relative_to(ROOT))
                helps = name.startswith("node/cli")  # of commands the docstrings are read too
                if helps or id(node) not in documents:
                    yield name, node.value


@pytest.mark.parametrize("folder", ["node/cli", "node/texts", "node/demo", "node/status"])
def test_words_that_nobody_reads(folder: str) -> None:
    found = [
        (name, word, text[:60])
        for name, text in texts(folder)
        for word in (*NEVER, "检查点")
        if word in text and not (word == "检查点" and name in FOR_OPERATORS | {CODES_FILE})
    ]
    assert found == []


CODES_FILE = "node/texts/codes.py"


def test_only_operators_read_of_checkpoints() -> None:
    found = [code for code in CODES if "检查点" in chinese(code)]
    assert [code for code in found if not code.startswith(OPERATORS)] == []


def test_the_table_names_what_is_not_said() -> None:
    page = (ROOT / "docs" / "glossary.md").read_text("utf-8")
    rows = [line.split("|") for line in page.splitlines() if line.startswith("|")]
    not_said = "".join(row[4] for row in rows)
    assert [word for word in NEVER if word not in not_said] == []
    for word in NEVER:
        assert all(word not in row[1] for row in rows)

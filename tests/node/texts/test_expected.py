"""What should have stood in a cell: Chinese first, English beside, for every fault of a row.

Covers node/texts/expected.py.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.files.faults import RowFault
from node.texts.expected import expected, halves, told

ROOT = Path(__file__).parents[3]
_NAMES = re.compile(r"RFC \d+|YYYY|statement-id|uscc|organisation-code")


def fault(code: str, value: str) -> RowFault:
    return RowFault(row=3, column="代码", code=code, value="x", expected=value, message="m")


@pytest.mark.parametrize(
    ("code", "value", "words"),
    [
        ("field.missing", "", "不为空 / not empty"),
        ("field.missing", "标注、屏蔽", "其一：标注、屏蔽 / one of 标注, 屏蔽"),
        ("field.value", "已履行、未履行", "其一：已履行、未履行 / one of 已履行, 未履行"),
        ("field.value", "statement-id", "32 位十六进制编号 / an id of 32 hexadecimal digits"),
        ("field.value", "≤ 100 分", "≤ 100 分"),
        ("field.value", "每个键一次 / each key once", "每个键一次 / each key once"),
        (
            "identity.code-invalid",
            "uscc",
            "18 位统一社会信用代码 / a unified social credit code of 18 characters",
        ),
        ("date.future", "≤ 20261129", "日期 ≤ 20261129 / a day ≤ 20261129"),
        ("row.width", "4", "4 列 / 4 columns"),
        ("feed.gone-from-snapshot", "", ""),
    ],
)
def test_a_fault_is_told_in_both_languages(code: str, value: str, words: str) -> None:
    said = told(fault(code, value))
    assert said.expected == words
    assert (said.row, said.column, said.code, said.value, said.message) == (
        3,
        "代码",
        code,
        "x",
        "m",
    )


def test_each_language_is_found_again() -> None:
    assert halves("不为空 / not empty") == ("不为空", "not empty")
    assert halves("≤ 3") == ("≤ 3", "≤ 3")


def test_what_reads_rows_tells_no_words_of_one_language() -> None:
    """Literals of `expected` are bounds, days, words of a mapping, or stand in both languages."""
    found = list(_literals())
    assert len(found) > 40
    for where, code, text in found:
        plain = _NAMES.sub("", text)
        assert " / " in text or not re.search("[A-Za-z]{2,}", plain), (where, text)
        assert all(expected(code, text)) or not text, where


def _literals() -> Iterator[tuple[str, str, str]]:
    for path in sorted((ROOT / "adapters").rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
                continue
            if call.func.id not in ("CellError", "RowFault"):
                continue
            named = {one.arg: one.value for one in call.keywords}
            code, said = (
                (named["code"], named["expected"])
                if call.func.id == "RowFault"
                else (call.args[0], call.args[1])
            )
            text = str(said.value) if isinstance(said, ast.Constant) else _plain(said)
            yield f"{path.name}:{call.lineno}", str(getattr(code, "value", "")), text


def _plain(said: ast.expr) -> str:
    """The words of an f-string; nothing of what is made elsewhere."""
    if not isinstance(said, ast.JoinedStr):
        return "0"
    return (
        "".join(
            str(getattr(part, "value", "0"))
            for part in said.values
            if isinstance(part, ast.Constant)
        )
        or "0"
    )

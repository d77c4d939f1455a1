"""Texts `中文 / English`: whoever reads one half is told everything that is to be done.

Covers node/status/fixes.py.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import node

_HAN = re.compile("[一-鿿]")
_NAMED = re.compile(r"\bhuxin [a-z-]+(?: [a-z-]+)?|\bdocs/[\w/.#-]+|\bsystemctl [a-z-]+")
"""What is to be run, and the page to be read."""
_CLI = Path(node.__file__).parent / "cli"


def test_a_command_or_page_that_one_half_names_the_other_names_too() -> None:
    lacking = {
        (where, text): sorted(named(english) - named(chinese))
        for where, text, chinese, english in pairs()
        if named(english) - named(chinese)
    }
    assert lacking == {}


def test_what_is_read_in_chinese_ends_as_a_sentence_does() -> None:
    cut = [
        (where, chinese)
        for where, _, chinese, _ in pairs()
        if chinese.rstrip().endswith(("再", "：", "见", "，", "、"))
    ]
    assert cut == []


def named(half: str) -> set[str]:
    return set(_NAMED.findall(half))


@cache
def pairs() -> tuple[tuple[str, str, str, str], ...]:
    return tuple(_pairs())


def _pairs() -> Iterator[tuple[str, str, str, str]]:
    """Place, text, Chinese and English half of every text of the program in two halves."""
    for path in sorted(_CLI.parent.rglob("*.py")):
        for line, text in _texts(ast.parse(path.read_text("utf-8"))):
            chinese, divided, english = text.partition(" / ")
            if divided and _HAN.search(chinese) and re.search("[A-Za-z]{3}", english):
                yield f"{path.relative_to(_CLI.parent)}:{line}", text, chinese, english


def _texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """All texts of a module but those of `--help`, and docstrings: of a command its help."""
    passed = set()
    for one in ast.walk(tree):
        match one:
            case ast.JoinedStr():
                passed |= {id(value) for value in one.values}
            case ast.keyword(arg="help"):
                passed |= {id(below) for below in ast.walk(one.value)}
            case ast.Expr():
                passed.add(id(one.value))
    for one in ast.walk(tree):
        match one:
            case _ if id(one) in passed:
                pass
            case ast.JoinedStr():
                values = (v.value if isinstance(v, ast.Constant) else "X" for v in one.values)
                yield one.lineno, "".join(map(str, values))
            case ast.Constant(value=str() as text):
                yield one.lineno, text

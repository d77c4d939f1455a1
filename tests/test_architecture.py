"""The pages on architecture and storage say what is there: floors, rooms, steps, tables."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from adapters.sql import schema

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
PAGES = [ROOT / "docs" / "architecture.md", ROOT / "docs" / "storage.md"]
VOCABULARY = "(the vocabulary, at the root)"
SPAN = re.compile(r"`([^`\n]+)`")


def contracts() -> dict[str, list[str]]:
    """Layers of `node` and `federation`, from the highest; rooms of a floor joined by ` · `."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    found: dict[str, list[str]] = {}
    for contract in project["tool"]["importlinter"]["contracts"]:
        for container in contract.get("containers", ()):
            found[container] = [
                VOCABULARY if ":" in layer else layer.replace(" | ", " · ")
                for layer in contract["layers"]
            ]
    return found


def picture() -> dict[str, list[str]]:
    """The same, as the page draws it."""
    drawn = re.search(r"^## Floors$.*?^```$\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert drawn
    found: dict[str, list[str]] = {}
    name = ""
    for line in drawn[1].splitlines():
        begins, rooms = line[:12].strip(), line[12:].strip()
        name = begins or name
        found.setdefault(name, [])
        if rooms:
            found[name].append(rooms)
    return found


def rooms_of(folder: str) -> set[str]:
    return {path.parent.name for path in (ROOT / folder).glob("*/__init__.py")}


def test_the_picture_shows_the_floors_that_the_contracts_hold() -> None:
    drawn = picture()
    assert list(drawn) == ["node", "adapters", "federation", "crypto"]
    assert {name: drawn[name] for name in ("node", "federation")} == contracts()
    assert {room for line in drawn["adapters"] for room in line.split(" · ")} == rooms_of(
        "adapters"
    )


@pytest.mark.parametrize("folder", ["node", "federation", "adapters"])
def test_every_room_has_its_paragraph(folder: str) -> None:
    begins = PAGE.index(f"\n**{folder}**")
    ends = re.search(r"\n\*\*\w+\*\*|\n## |\n`protos/", PAGE[begins + 1 :])
    assert ends
    told = set(re.findall(r"\*\*(\w+)\*\*", PAGE[begins : begins + 1 + ends.start()]))
    assert rooms_of(folder) - told == set()
    assert told - rooms_of(folder) - {folder} == set()


@cache
def names_in(path: str) -> frozenset[str]:
    """Functions and classes of a module, methods with the class before them."""
    found: set[str] = set()
    for node in ast.parse((ROOT / path).read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            inner = (ast.FunctionDef, ast.AsyncFunctionDef)
            found |= {f"{node.name}.{one.name}" for one in node.body if isinstance(one, inner)}
    return frozenset(found)


def steps(text: str) -> list[tuple[str, str]]:
    """Modules that a page names, each with the function or class named right behind it."""
    found: list[tuple[str, str]] = []
    spans: list[Any] = [*SPAN.finditer(text), None]
    for span, behind in pairwise(spans):
        if not re.fullmatch(r"[a-z_]+(?:/[a-z_]+)+\.py", span[1]):
            continue
        near = behind is not None and not text[span.end() : behind.start()].strip()
        named = near and re.fullmatch(r"[A-Za-z]\w*(?:\.\w+)?", behind[1])
        found.append((span[1], behind[1] if named else ""))
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_every_module_and_function_that_is_named_exists(page: Path) -> None:
    text = page.read_text("utf-8")
    missing = [
        f"{path} {name}".rstrip()
        for path, name in steps(text)
        if not (ROOT / path).exists() or (name and name not in names_in(path))
    ]
    assert missing == []
    dotted = set(re.findall(r"`((?:node|federation|adapters|crypto)\.[a-z_.]+)`", text))
    assert [one for one in dotted if not (ROOT / f"{one.replace('.', '/')}.py").exists()] == []


def test_walks_name_their_steps() -> None:
    walks = PAGE[PAGE.index("## Walks") : PAGE.index("### And also")]
    for walk in re.split(r"^### ", walks, flags=re.MULTILINE)[1:]:
        title, numbered = walk.splitlines()[0], re.split(r"^\d+\. ", walk, flags=re.MULTILINE)[1:]
        assert len(numbered) >= 5, title
        assert all(steps(step) for step in numbered if not step.startswith("Publishing")), title


def test_a_step_that_does_not_exist_is_noticed() -> None:
    text = "`node/log/writer.py` `Writer.publish`, `node/log/writer.py` `Writer.gone`"
    (there, gone) = steps(text)
    assert there[1] in names_in(there[0])
    assert gone[1] not in names_in(gone[0])


def test_every_table_is_on_the_page_of_storage() -> None:
    text = (ROOT / "docs" / "storage.md").read_text("utf-8")
    cells = re.findall(r"^\| (`[^|]*`) \|", text, re.MULTILINE)
    named = {name for cell in cells for name in SPAN.findall(cell) if "." not in name}
    assert named == set(schema.metadata.tables)

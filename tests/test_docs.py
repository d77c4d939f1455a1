"""The documents say only what is there: commands, links, codes, settings, columns, tests."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from typer.main import get_command

from federation.reconcile.held_records import LogState
from federation.rows import State
from node.cli.main import app
from node.directory.config import Config
from node.system.failpoints import NAMES
from tests.support import layout_page
from tests.support.shown_commands import check

ROOT = Path(__file__).parents[1]
DOCS = sorted(
    [
        *(ROOT / name for name in ("README.md", "CHANGELOG.md", "SECURITY.md", "deploy/README.md")),
        *ROOT.glob("docs/**/*.md"),
    ]
)
CODE = ("crypto", "federation", "adapters", "node")
FILE_ENDINGS = (
    *(".py", ".md", ".json", ".toml", ".yaml", ".csv", ".proto"),
    *(".key", ".crt", ".db", ".sock", ".done", ".part", ".tmp"),
)
EXPLAINED = (
    *("file", "header", "mapping", "row", "cell", "field", "date", "authority", "source"),
    *("feed", "relief", "relisting", "correction", "suspended", "entitlement", "payload"),
    *("batch", "peer", "platform", "stream", "keys", "high-water", "own-log"),
)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def blocks(path: Path, language: str) -> Iterator[str]:
    fence = rf"^```{language}\n(.*?)^```$"
    yield from re.findall(fence, path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)


def commands() -> list[tuple[str, str]]:
    return [
        (named(path), line.removeprefix("$ "))
        for path in DOCS
        for block in blocks(path, "console")
        for line in block.splitlines()
        if line.removeprefix("$ ").startswith("huxin ")
    ]


def prose(path: Path) -> str:
    """The text without code blocks."""
    return re.sub(r"^```.*?^```$", "", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)


@cache
def code_text() -> str:
    """The program; without the console's texts, whose keys look like codes and are none."""
    texts = ROOT / "node" / "console" / "texts"
    files = [path for folder in CODE for path in (ROOT / folder).rglob("*.py")]
    return "\n".join(path.read_text("utf-8") for path in files if path.parent != texts)


# ---- commands


@pytest.mark.parametrize(("document", "line"), commands())
def test_the_commands_shown_exist(document: str, line: str) -> None:
    check(shlex.split(line, comments=True)[1:])
    assert document


@pytest.mark.parametrize(
    "line",
    [
        "ceremony",
        "publish",
        "publish a.csv --lists x",
        "publish a.csv --kind listing",
        "join invite.json",
        "annotate 00 mask a --document x --date 20261101",
        "charter settle",
    ],
)
def test_what_does_not_exist_is_noticed(line: str) -> None:
    with pytest.raises(AssertionError):
        check(shlex.split(line))


def test_the_tour_shows_commands() -> None:
    assert {line.split()[1] for name, line in commands() if name == "README.md"} >= {
        "init",
        "charter",
        "serve",
        "publish",
        "status",
        "records",
        "repair",
        "log",
        "proof",
    }


@pytest.mark.parametrize("name", ["install", "join", "upgrade", "daily", "incident"])
def test_a_page_in_two_languages_has_the_same_commands(name: str) -> None:
    english, chinese = ROOT / f"docs/operations/{name}.md", ROOT / f"docs/zh/operations/{name}.md"
    assert list(blocks(english, r"\w*")) == list(blocks(chinese, r"\w*"))


def figures(text: str) -> list[list[str]]:
    """What each row of the tables says in numbers, in any order of words."""
    rows = [line for line in text.splitlines() if line.startswith("|")]
    return [sorted(re.findall(r"\d+(?:[.,\-]\d+)*", row)) for row in rows]


def test_what_a_city_can_expect_is_the_same_in_two_languages() -> None:
    english = (ROOT / "docs/performance.md").read_text("utf-8")
    expected = english.partition("\n## What a city can expect\n")[2].partition("\n## ")[0]
    chinese = (ROOT / "docs/zh/operations/capacity.md").read_text("utf-8")
    assert any(figures(expected))
    assert figures(expected) == figures(chinese), "mend docs/zh/operations/capacity.md as well"


def test_commands_within_the_text_begin_as_commands_do() -> None:
    group: Any = get_command(app)
    for path in DOCS:
        for word in re.findall(r"`huxin ([a-z]+(?:-[a-z]+)*)", prose(path)):
            assert word in group.list_commands(None), f"{named(path)}: {word}"


# ---- links


def anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", prose(path), flags=re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings
    }


@pytest.mark.parametrize("path", DOCS, ids=named)
def test_links_resolve(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(path)):
        file, _, anchor = target.partition("#")
        assert "://" not in target
        place = (path.parent / file).resolve() if file else path
        assert place.exists(), target
        assert not anchor or anchor in anchors(place), target


def test_documents_that_the_program_names_exist() -> None:
    names = set(re.findall(r"docs/[a-z0-9/-]+\.md", code_text()))
    assert names
    assert [name for name in names if not (ROOT / name).exists()] == []


def test_every_decision_is_listed_once() -> None:
    folder = ROOT / "docs" / "adr"
    listed = re.findall(r"\]\((\d{4}-[a-z0-9-]+\.md)\)", (folder / "README.md").read_text("utf-8"))
    assert listed == sorted(path.name for path in folder.glob("[0-9]*.md"))
    for name in listed:
        text = (folder / name).read_text("utf-8")
        assert text.startswith(f"# {name[:4]} "), name
        for part in ("Problem", "Drivers", "Options", "Outcome"):
            assert f"\n## {part}\n" in text, f"{name}: {part}"


# ---- codes, settings, columns, tests, folders


def is_code(token: str) -> bool:
    return (
        re.fullmatch(r"[a-z]+(?:-[a-z]+)*\.[a-z0-9]+(?:-[a-z0-9]+)*", token) is not None
        and not token.endswith(FILE_ENDINGS)
        and token.partition(".")[0] in prefixes()
    )


@cache
def prefixes() -> frozenset[str]:
    """What stable codes begin with."""
    quoted = re.findall(r'f?"([a-z]+(?:-[a-z]+)*)\.(?:[a-z0-9-]+|\{)', code_text())
    settings = {name for name in Config.model_fields if name != "node"}
    return frozenset(quoted) - settings - set(CODE) - {"services"}


def in_the_code(code: str) -> bool:
    prefix, _, rest = code.partition(".")
    text = code_text()
    match prefix:
        case "charter":  # `_refuse` of federation/charters/rules.py puts the prefix before
            return f'"{code}"' in text or f'"{rest}"' in text
        case "witness":
            return rest in (ROOT / "federation" / "peers" / "witness.py").read_text("utf-8")
        case "identity":
            return code in text
        case _:
            return f'"{code}"' in text


@pytest.mark.parametrize("path", DOCS, ids=named)
def test_every_code_named_is_one_of_the_program(path: Path) -> None:
    for token in re.findall(r"`([^`\s]+)`", prose(path)):
        if is_code(token) and token not in NAMES:
            assert in_the_code(token), f"{named(path)}: {token}"


def test_codes_that_do_not_exist_are_noticed() -> None:
    assert is_code("batch.wrong")
    assert not in_the_code("batch.wrong")
    assert not is_code("timing.pull_seconds")


def test_codes_of_the_rules_are_explained() -> None:
    """The table of codes leaves out none that a row, a statement or a delivery can have."""
    text = (ROOT / "docs" / "operations" / "faults.md").read_text("utf-8")
    wanted = "|".join(EXPLAINED)
    codes = set(re.findall(rf'"((?:{wanted})\.[a-z0-9]+(?:-[a-z0-9]+)*)"', code_text()))
    known = {code for code in codes if code not in NAMES and not code.endswith(FILE_ENDINGS)}
    assert sorted(code for code in known if f"`{code}`" not in text) == []


def test_every_setting_is_explained() -> None:
    text = (ROOT / "docs" / "operations" / "running.md").read_text("utf-8")
    for section, field in Config.model_fields.items():
        kind = field.annotation
        if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
            continue
        for name, setting in kind.model_fields.items():
            assert f"`{section}.{name}" in text or f"`.{name}`" in text, f"{section}.{name}"
            if isinstance(setting.default, int | float) and setting.default:
                row = next(line for line in text.splitlines() if f"`{section}.{name}`" in line)
                assert f"{setting.default}" in row, f"{section}.{name}: {setting.default}"


def test_the_page_of_layouts_is_what_the_mappings_say() -> None:
    assert layout_page.PAGE.read_text("utf-8") == layout_page.page()


@pytest.mark.parametrize("path", DOCS, ids=named)
def test_every_test_and_folder_named_exists(path: Path) -> None:
    sources = "\n".join(file.read_text("utf-8") for file in (ROOT / "tests").rglob("*.py"))
    for name in re.findall(r"`(test_[a-z0-9_]+)`", prose(path)):
        assert re.search(rf"def {name}\b", sources), name
    top = (*CODE, "protos", "deploy", "tests", "docs", "bench")
    for name in re.findall(rf"`((?:{'|'.join(top)})/[A-Za-z0-9_./-]*)`", prose(path)):
        assert (ROOT / name).exists(), name


def test_the_states_of_a_record_are_in_the_architecture() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    for state in (State.WITHDRAWN, State.REPAIRED, State.EXPIRED, State.MASKED, State.PAUSED):
        assert f"| {state.name.lower()} " in text


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 150


@pytest.mark.parametrize("page", ["docs/zh/checking.md", "docs/operations/faults.md"])
def test_every_state_of_coverage_is_explained(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    assert [state for state in LogState if f"`{state.value}`" not in text] == []

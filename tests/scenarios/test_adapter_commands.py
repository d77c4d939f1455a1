"""`huxin adapter`, on a node that does not run."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.files.mapping import BUILT_IN
from node.demo.members import LUZHOU
from tests.support.commands import run
from tests.support.federation_dirs import LIST_TYPE, found, write_list

NODE = LUZHOU.region


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("adapter")
    found(made, (LUZHOU,))
    return made


@pytest.mark.parametrize("mapping", [LIST_TYPE, str(BUILT_IN / f"{LIST_TYPE}.yaml")])
def test_a_mapping_is_tried(directory: Path, mapping: str) -> None:
    path = directory / "list.csv"
    write_list(path, NODE, range(9), bad=1)
    tried = run(
        "adapter", "try", mapping, path, "--rows", 2, "--dir", directory / NODE, "-o", "json"
    )
    assert tried.code == 1
    assert (tried.json["rows"], tried.json["refused_rows"]) == (10, 1)
    assert [row["decision"] for row in tried.json["shown"]] == ["listed", "listed"]
    assert len(tried.json["refused"]) == 1
    shown = run("adapter", "try", mapping, path, "--dir", directory / NODE)
    assert "identity." in shown.out
    assert run("records", "list", "--dir", directory / NODE, "-o", "json").json == []


def test_a_clean_file_ends_with_0(directory: Path) -> None:
    path = directory / "clean.csv"
    write_list(path, NODE, range(3))
    assert run("adapter", "try", LIST_TYPE, path, "--dir", directory / NODE).code == 0


def test_a_mapping_that_is_not_there(directory: Path) -> None:
    path = directory / "clean.csv"
    write_list(path, NODE, range(3))
    ran = run("adapter", "try", "nothing", path, "--dir", directory / NODE)
    assert ran.code == 2
    assert "mapping.unknown" in ran.err


def test_a_file_that_is_no_table_is_named_by_its_code(directory: Path) -> None:
    path = directory / "empty.csv"
    path.touch()
    for words in (("adapter", "try", LIST_TYPE, path), ("publish", path)):
        ran = run(*words, "--dir", directory / NODE)
        assert ran.code == 2
        assert "file.empty" in ran.err

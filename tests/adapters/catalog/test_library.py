"""The base library as a file: what it knows of a subject, and of names that changed hands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from adapters.catalog.library import FILE_NAME, FileLibrary, import_library
from federation.reconcile.identity import USCC
from federation.subject_names import normal_name
from tests.support.identities import ATTACKS, make_world
from tests.support.identity_sweep import enough, sweep
from tests.support.invented import code_of

ROWS = """code,name,former_names,status,successor
{0},甲（演示）,乙（演示）|丙（演示）,,
{1},乙(演示),,,
{2},丁（演示）,丙（演示）,,
{3},戊（演示）,,cancelled,
{4},戊（演示）,,,
{5},己（演示）,,,
{6},己（演示）,,,
{7},庚（演示）,庚（演示）,,
"""
REUSED = {
    0: {"乙（演示）", "丙（演示）"},
    1: {"乙（演示）"},
    2: {"丙（演示）"},
    3: {"戊（演示）"},
    4: {"戊（演示）"},
    5: set(),
    6: set(),
    7: set(),
}


@pytest.fixture
def library(tmp_path: Path) -> Iterator[FileLibrary]:
    source = tmp_path / "library.csv"
    source.write_text(ROWS.format(*map(code_of, range(8))), encoding="utf-8")
    import_library(source, tmp_path / FILE_NAME, lambda _: None)
    with closing(FileLibrary(tmp_path / FILE_NAME)) as made:
        yield made


@pytest.mark.parametrize("number", REUSED)
def test_names_that_changed_hands_are_known(library: FileLibrary, number: int) -> None:
    """Two subjects that bear the same name today are told apart by the code alone."""
    code = code_of(number)
    found = library.by_code(USCC, [code])[code]
    assert set(found.reused_names) == {normal_name(name) for name in REUSED[number]}


def test_a_suggestion_knows_them_too(library: FileLibrary) -> None:
    found = library.by_name(normal_name("乙（演示）"), 5)
    assert {one.code: bool(one.reused_names) for one in found} == {
        code_of(0): True,
        code_of(1): True,
    }


def test_no_other_subject_is_recognised(tmp_path: Path) -> None:
    """A small part of `make soak NAME=identity`."""
    counts, wrong = sweep(20261121, tmp_path, subjects=1000, hostile=100 * len(ATTACKS))
    assert not wrong
    assert enough(counts), counts


def test_names_of_the_sweep_are_all_different() -> None:
    world = make_world(Random(1), 1000)
    names = [normal_name(subject.name) for subject in (*world.live, *world.ceased)]
    assert len(set(names)) == len(names)

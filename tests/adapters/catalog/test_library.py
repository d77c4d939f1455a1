"""The base library as a file: what it knows of a subject, and of names that changed hands."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from adapters.catalog.library import FILE_NAME, FileLibrary, Imported, import_library
from federation.errors import RefusedError
from federation.reconcile.identity import USCC, Status
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
PAGE = 4096
"""Bytes of a page of SQLite."""
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


SUCCESSIONS = """code,name,status,successor,organisation_code,registration_number
{0},甲（演示）,cancelled,{2},,510500000000011
{1},乙（演示）,,{2},,510500000000022
{2},丙（演示）,,,123456789,510500000000022
{3},丁（演示）,cancelled,,,
"""


@pytest.mark.parametrize("indexed", [True, False])
def test_who_was_before_and_by_what_else_a_subject_is_named(tmp_path: Path, indexed: bool) -> None:
    """A file of before has no index, and answers all the same."""
    source = tmp_path / "library.csv"
    source.write_text(SUCCESSIONS.format(*map(code_of, range(4))), encoding="utf-8")
    import_library(source, tmp_path / FILE_NAME, lambda _: None)
    indexes = ("subjects_by_successor", "formerly_by_code")
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        for index in indexes:
            if not indexed:
                connection.execute(f"DROP INDEX {index}")
        connection.commit()
    with closing(FileLibrary(tmp_path / FILE_NAME)) as library:
        before = library.predecessors([code_of(2)], 10)[code_of(2)]
        assert [(one.code, one.status) for one in before] == [
            (code_of(0), Status.CANCELLED),
            (code_of(1), Status.LIVE),
        ]
        assert library.predecessors([code_of(2)], 1) == {code_of(2): before[:1]}
        assert library.predecessors([code_of(3), ""], 10) == {}
        assert library.former_identifiers([code_of(number) for number in range(4)]) == {
            code_of(2): [("organisation-code", "123456789")],
            code_of(0): [("registration-number", "510500000000011")],
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


def put(tmp_path: Path, content: str | bytes, *, anyway: bool = False) -> Imported:
    source = tmp_path / "registry.csv"
    source.write_bytes(content.encode() if isinstance(content, str) else content)
    return import_library(source, tmp_path / FILE_NAME, lambda _: None, anyway=anyway)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_registry_with_chinese_headings(tmp_path: Path, encoding: str) -> None:
    code = code_of(1)
    text = (
        "法人库导出\t\t\r\n企业名称\t统一社会信用代码（必填）\t曾用名\t登记状态\t组织机构代码\r\n"
        f"甲（演示）\t{code.lower()} \t乙（演示）、丙（演示）；丁（演示）;戊（演示）\t"
        "存续（在营）\tYY000001-1\r\n"
    )
    assert put(tmp_path, text.encode(encoding)).subjects == 1
    with closing(FileLibrary(tmp_path / FILE_NAME)) as made:
        found = made.by_code(USCC, [code])[code]
        assert found.former_names == ("乙（演示）", "丙（演示）", "丁（演示）", "戊（演示）")
        assert found.status == Status.LIVE
        assert set(made.by_code("organisation-code", ["YY0000011"])) == {"YY0000011"}
        assert [one.code for one in made.by_name(normal_name("丙（演示）"), 5)] == [code]


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("在业", "live"),
        ("正常", "live"),
        ("吊销", "revoked"),
        ("吊销，未注销", "revoked"),
        ("吊销已注销", "cancelled"),
        ("注销", "cancelled"),
        ("迁出", "moved"),
        ("moved", "moved"),
        ("", "live"),
    ],
)
def test_words_of_registries(tmp_path: Path, word: str, status: str) -> None:
    put(tmp_path, f"code,name,status\n{code_of(1)},甲（演示）,{word}\n")
    with closing(FileLibrary(tmp_path / FILE_NAME)) as made:
        assert made.by_code(USCC, [code_of(1)])[code_of(1)].status == status


def test_f43_rows_that_are_none_are_counted_and_named(tmp_path: Path) -> None:
    rows = f"{code_of(1)},甲,\n{code_of(1)},乙,\n{code_of(2)},,\n{code_of(3)},丙,不明\nX,丁,\n"
    found = put(tmp_path, "code,name,status\n" + rows)
    assert (found.subjects, found.rows, found.left_out) == (1, 5, 4)
    assert [(one.row, one.code) for one in sorted(found.first, key=lambda one: one.row)] == [
        (3, "library.twice"),
        (4, "library.name"),
        (5, "library.status"),
        (6, "identity.code-length"),
    ]
    with closing(FileLibrary(tmp_path / FILE_NAME)) as made:
        assert made.by_code(USCC, [code_of(1)])[code_of(1)].name == "甲"


def many(count: int, bad: int = 0) -> str:
    good = "".join(f"{code_of(n)},虚构{n}（演示）\n" for n in range(count))
    return "code,name\n" + good + "".join(f"X{n},虚构（演示）\n" for n in range(bad))


def test_f43_a_file_that_is_mostly_bad_changes_nothing(tmp_path: Path) -> None:
    put(tmp_path, many(100))
    with pytest.raises(RefusedError, match="1000 行中有 999 行不能采用") as caught:
        put(tmp_path, many(1, 999))
    assert caught.value.code == "library.lost"
    with closing(FileLibrary(tmp_path / FILE_NAME)) as made:
        assert made.about()[1] == 100
    assert put(tmp_path, many(100, 11), anyway=True).left_out == 11


@pytest.mark.parametrize(("count", "kept"), [(80, True), (79, False)])
def test_f43_a_library_does_not_shrink_unseen(tmp_path: Path, count: int, *, kept: bool) -> None:
    put(tmp_path, many(100))
    if kept:
        assert put(tmp_path, many(count)).subjects == count
        return
    with pytest.raises(RefusedError, match="原有 100 户，新文件只有 79 户"):
        put(tmp_path, many(count))
    assert put(tmp_path, many(count), anyway=True).subjects == count


def test_subjects_are_counted_with_the_region_that_the_file_states(tmp_path: Path) -> None:
    rows = [
        (code_of(1), "", "510302"),
        (code_of(2), "注销", "510302"),
        (code_of(3), "吊销", "自流井区"),
        (code_of(4), "迁出", "510302"),
        (code_of(5), "存续", ""),
    ]
    lines = "".join(f"{code},甲{code},{status},{region}\n" for code, status, region in rows)
    assert put(tmp_path, "code,name,status,登记区划\n" + lines).subjects == len(rows)
    with closing(FileLibrary(tmp_path / FILE_NAME)) as made:
        assert dict(made.registered()) == {code_of(1): "510302", code_of(3): "", code_of(5): ""}


def test_a_library_made_before_regions_were_kept_is_counted(tmp_path: Path) -> None:
    put(tmp_path, f"code,name\n{code_of(1)},甲\n")
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as made:
        made.execute("DROP TABLE regions")
        made.commit()
    with closing(FileLibrary(tmp_path / FILE_NAME)) as made:
        assert list(made.registered()) == [(code_of(1), "")]


def damage(path: Path, *, whole: bool) -> None:
    """Overwrite all of a file, or the pages after its first one."""
    size = path.stat().st_size
    with path.open("rb+") as file:
        file.seek(0 if whole else PAGE)
        file.write(b"\x5a" * (size if whole else size - PAGE))


@pytest.mark.parametrize("whole", [True, False])
def test_f57_a_damaged_library_knows_nobody_it_says_so(
    library: FileLibrary, tmp_path: Path, *, whole: bool
) -> None:
    assert (library.fault(), library.fault(whole=True)) == ("", "")
    damage(tmp_path / FILE_NAME, whole=whole)
    code = code_of(0)
    for ask in (
        lambda: library.by_code(USCC, [code]),
        lambda: library.by_name(normal_name("甲（演示）"), 1),
        lambda: library.predecessors([code], 1),
        lambda: library.former_identifiers([code]),
        lambda: list(library.everybody()),
        lambda: list(library.registered()),
    ):
        with pytest.raises(RefusedError) as caught:
            ask()
        assert caught.value.code == "library.damaged"
        assert str(tmp_path / FILE_NAME) in str(caught.value)
        assert "huxin catalog library" in str(caught.value)
    assert library.fault(whole=True) == "library.damaged"
    assert library.fault() == "library.damaged"


def test_f57_another_one_takes_its_place(library: FileLibrary, tmp_path: Path) -> None:
    damage(tmp_path / FILE_NAME, whole=True)
    import_library(tmp_path / "library.csv", tmp_path / FILE_NAME, lambda _: None)
    assert code_of(0) in library.by_code(USCC, [code_of(0)])
    (tmp_path / FILE_NAME).unlink()
    assert library.fault() == library.fault(whole=True) == "library.none"

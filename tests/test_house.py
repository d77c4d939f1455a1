"""The build house: names, lock, menu, what is shipped, and the database of the tests."""

from __future__ import annotations

import ast
import re
import shutil
import statistics
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from sqlalchemy import create_engine, inspect, text

from adapters.sql import open_store
from federation.ids import Timestamp
from federation.ports.journal import JournalEntry
from tests.support import bare_sweep
from tests.support.fresh import Emptied
from tests.support.postgres import NoPostgresError, Programs, find_programs, running_server

ROOT = Path(__file__).parents[1]
PACKAGES = {"adapters", "buf", "crypto", "federation", "huxin", "node"}
LONGEST, MEDIAN = 450, 140
"""Lines of a module; a longer one says why in its docstring."""
TARGETS = {"bench", "check", "clean", "demo", "help", "lock", "mutants", "protos", "soak", "test"}


def locked() -> dict[str, Version]:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line.removesuffix("\\")) for line in lines if re.match(r"\w", line)]
    versions: dict[str, Version] = {}
    for pin in pins:
        (specifier,) = pin.specifier
        assert specifier.operator == "=="
        assert pin.url is None
        versions[canonicalize_name(pin.name)] = Version(specifier.version)
    return versions


def wanted() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    names = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    return [Requirement(name) for name in names]


def test_no_other_distribution_claims_our_package_names() -> None:
    # Where case is ignored, `Crypto` of pycryptodome would be our `crypto`.
    claims = {
        (package, owner)
        for package, owners in packages_distributions().items()
        for owner in owners
        if package.lower() in PACKAGES and owner != "huxin"
    }
    assert claims == set()


def test_the_lock_pins_all_that_the_project_wants() -> None:
    versions = locked()
    for requirement in wanted():
        name = canonicalize_name(requirement.name)
        assert name in versions, f"{name}: run `make lock`"
        assert requirement.specifier.contains(versions[name]), f"{name}: run `make lock`"


def test_the_lock_has_a_hash_for_every_pin_and_names_no_address() -> None:
    text_of_lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    for pin in re.split(r"^(?=\w)", text_of_lock, flags=re.MULTILINE)[1:]:
        assert "--hash=sha256:" in pin, pin
    assert "://" not in text_of_lock
    assert not re.search(r"^\s*-(?!-hash=)", text_of_lock, flags=re.MULTILINE)


def test_the_menu_lists_every_target() -> None:
    menu = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, check=True, capture_output=True
    )
    listed = set(re.findall(r"^ *make (\w+)", menu.stdout.decode(), flags=re.MULTILINE))
    assert listed == TARGETS


def test_readme_names_what_a_bare_machine_is_given() -> None:
    needs = re.search(r"^Needs (.*?)\. ", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    assert needs
    assert needs[1] == "Python 3.11 (with `venv`), make and git"
    assert bare_sweep.NAMED == ("python3", "python3-venv", "make", "git")


def test_the_menu_and_its_scripts_need_no_program_that_readme_does_not_name(
    tmp_path: Path,
) -> None:
    try:
        bare_sweep.link_programs(tmp_path)
    except bare_sweep.NotHereError as error:
        pytest.skip(str(error))
    assert shutil.which("column", path=str(tmp_path)) is None
    for command in (["make", "help"], [".ci/scratch"], [".ci/addresses"]):
        done = subprocess.run(
            command, cwd=ROOT, env={"PATH": str(tmp_path)}, check=False, capture_output=True
        )
        assert (done.returncode, done.stderr) == (0, b""), command


def test_a_wheel_ships_the_packages_and_the_generated_code_and_nothing_else(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    shipped = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert shipped == PACKAGES
    assert {"huxin/v1/payload_pb2.py", "buf/validate/validate_pb2.py"} <= names
    assert not any("__pycache__" in name for name in names)


def test_the_test_database_keeps_chinese_text_and_its_promises(postgres_database: str) -> None:
    engine = create_engine(postgres_database)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE subject (name TEXT)"))
        connection.execute(text("INSERT INTO subject VALUES ('自贡（演示）')"))
        assert connection.scalar(text("SELECT name FROM subject")) == "自贡（演示）"
        assert connection.scalar(text("SHOW fsync")) == "on"
        assert connection.scalar(text("SHOW server_encoding")) == "UTF8"
    engine.dispose()


def test_the_next_test_does_not_see_it(postgres_database: str) -> None:
    engine = create_engine(postgres_database)
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_a_database_that_is_lent_again_has_no_rows_and_counts_anew(
    postgres_emptied: Emptied,
) -> None:
    with postgres_emptied.lend() as first:
        assert _journal(first) == [1, 2]
    with postgres_emptied.lend() as again:
        assert again == first
        assert _journal(again) == [1, 2]


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE more (name TEXT)",
        "ALTER TABLE journal DROP COLUMN body",
        "ALTER TABLE journal ALTER COLUMN body DROP NOT NULL",
        "UPDATE alembic_version SET version_num = '0001'",
    ],
)
def test_a_database_that_a_test_has_changed_is_not_lent_again(
    postgres_emptied: Emptied, change: str
) -> None:
    with postgres_emptied.lend() as changed:
        engine = create_engine(changed)
        with engine.begin() as connection:
            connection.execute(text(change))
        engine.dispose()
    with postgres_emptied.lend() as other:
        assert other != changed


def _journal(url: str) -> list[int]:
    """Write two entries; the numbers of all that are there."""
    store = open_store(url)
    with store.write() as session:
        session.append_journal([JournalEntry(kind="go-on", at=Timestamp(0))] * 2)
    store.close()
    engine = create_engine(url)
    with engine.connect() as connection:
        numbers = list(connection.scalars(text("SELECT seq FROM journal ORDER BY seq")))
    engine.dispose()
    return numbers


@pytest.mark.postgres
def test_where_debian_has_no_server_the_wheel_s_is_run(tmp_path: Path) -> None:
    programs = find_programs(debian=tmp_path)
    assert not programs.public
    with running_server(programs) as url:
        engine = create_engine(url)
        with engine.connect() as connection:
            folder = connection.scalar(text("SHOW data_directory"))
        engine.dispose()
    assert folder
    assert not Path(folder).exists()


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    broken = Programs(folder=tmp_path, public=True)
    with pytest.raises(NoPostgresError, match="initdb"), running_server(broken):
        pass


CITING = ("adapters", "bench", "crypto", "deploy", "docs", "federation", "node", "soak", "tests")
FOREIGN = {"envelope.md", "protocol.md"}
"""Pages of the specification of DSSE."""


def texts_that_cite(*folders: str) -> Iterator[tuple[str, str]]:
    """Code and pages of folders, by name; vectors and what earlier versions wrote cite nothing."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.*")):
            if path.suffix in (".py", ".md") and path != Path(__file__).resolve():
                yield str(path.relative_to(ROOT)), path.read_text("utf-8")


def test_what_code_and_pages_cite_is_in_this_repository() -> None:
    """Sections of SPEC and decision records that are named exist; other papers are not cited."""
    spec = (ROOT / "protos" / "SPEC.md").read_text("utf-8")
    sections = set(re.findall(r"^#{2,3} ([0-9.]+) ", spec, re.MULTILINE))
    records = {path.name[:4] for path in (ROOT / "docs" / "adr").glob("0*.md")}
    assert len(sections) > 50
    dangling: list[str] = []
    for name, said in texts_that_cite(*CITING):
        cited = set(re.findall(r"SPEC(?:\.md)? §([0-9]+(?:\.[0-9]+)?)", said)) - sections
        cited |= set(re.findall(r"ADR ([0-9]{4})", said)) - records
        cited |= set(re.findall(r"\b(?:design|house|plan|paper) §|\b[Tt]he design\b", said))
        dangling += [f"{name}: {one}" for one in sorted(cited)]
    assert dangling == []


def test_pages_that_are_named_are_in_this_repository() -> None:
    """By their whole path in code, by that or from where it stands in a page."""
    dangling = [
        f"{name}: {page}"
        for name, said in texts_that_cite(*CITING)
        for page in set(re.findall(r"[\w./-]*\w\.md\b", said)) - FOREIGN
        if not (ROOT / page).exists()
        and not (name.endswith(".md") and (ROOT / name).parent.joinpath(page).exists())
        and not (name.startswith("tests/") and "/" not in page)
        and page != "SPEC.md"
    ]
    assert dangling == []


def test_rules_that_are_cited_are_defined() -> None:
    """A rule stands in a table of SPEC or docs, or in the docstring of the module that has it."""
    spec = [("protos/SPEC.md", (ROOT / "protos" / "SPEC.md").read_text("utf-8"))]
    code = list(texts_that_cite("adapters", "crypto", "federation", "node"))
    pages = [*spec, *texts_that_cite("docs")]
    defined = {
        rule
        for _, said in (*code, *pages)
        for rule in re.findall(r"^(?:\| | {4,8})([A-Z][0-9]{1,2})(?: \| | +\S)", said, re.MULTILINE)
    }
    assert len(defined) > 150
    letters = "".join(sorted({rule[0] for rule in defined}))
    named = rf"(?<![\w`\":])(?<!noqa: )([{letters}][0-9]{{1,2}})\b(?![`\"])"
    dangling = [
        f"{name}: {rule}"
        for name, said in (*code, *pages)
        for rule in sorted(set(re.findall(named, said)) - defined - {"A85"})  # ASCII85, in SPEC
    ]
    assert dangling == []


def modules() -> list[Path]:
    return [
        path
        for package in ("adapters", "federation", "node")
        for path in sorted((ROOT / package).rglob("*.py"))
    ]


def docstring(path: Path) -> str:
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_a_module_longer_than_450_lines_says_why() -> None:
    reason = f"Longer than {LONGEST} lines because "
    assert [str(p) for p in modules() if lines(p) > LONGEST and reason not in docstring(p)] == []
    assert [str(p) for p in modules() if lines(p) <= LONGEST and reason in docstring(p)] == []


def test_half_of_all_modules_are_short() -> None:
    assert statistics.median(lines(p) for p in modules() if p.name != "__init__.py") <= MEDIAN


def test_every_room_says_in_one_line_what_it_holds() -> None:
    rooms = {path.parent for path in modules()}
    silent = [
        str(room.relative_to(ROOT))
        for room in rooms
        if not docstring(room / "__init__.py").partition("\n")[0].endswith(".")
    ]
    assert silent == []


def test_every_module_of_the_node_is_covered_by_a_test_that_says_so() -> None:
    """By a file of its name in the mirrored tree, or by one whose docstring names it."""
    said = " ".join(
        ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
    )
    covered = set(re.findall(r"node/[\w/]+\.py", said))
    modules = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "node").rglob("*.py")
        if path.name != "__init__.py"
    }
    assert covered - modules == set()
    mirrored = {
        name
        for name in modules
        if (ROOT / "tests" / name).with_name(f"test_{Path(name).name}").exists()
    }
    assert sorted(modules - covered - mirrored) == []

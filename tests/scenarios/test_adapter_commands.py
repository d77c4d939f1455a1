"""`huxin adapter`, on a node that does not run.

Covers node/cli/adapter.py, node/intake/mapping_trial.py, node/services/platforms.py.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, NullPool, create_engine, make_url, text

from adapters.files.mapping import BUILT_IN
from node.demo.members import LUZHOU
from tests.support.commands import run
from tests.support.exchange_tables import PASSWORD, drop_role, laid, lay, make_tables
from tests.support.federation_dirs import LIST_TYPE, code_of, found, list_row, write_list

NODE = LUZHOU.region


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("adapter")
    found(made, (LUZHOU,))
    with (made / NODE / "huxin.toml").open("a") as config:
        config.write('\n[platform.city]\nurl = "sqlite:///city.db"\nsources = ["court"]\n')
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


# ---------------------------------------------------------------- tables of a platform


def tried_on(directory: Path, *words: object) -> tuple[int, dict[str, Any], str]:
    ran = run("adapter", "try", LIST_TYPE, *words, "--dir", directory / NODE, "-o", "json")
    return ran.code, ran.json if ran.out else {}, ran.err


@pytest.fixture
def platform(directory: Path) -> URL:
    """An exchange database of the city with three rows, one of them bad."""
    path = directory / NODE / "city.db"
    path.unlink(missing_ok=True)
    url = make_url(f"sqlite:///{path}")
    make_tables(url)
    bad = list_row(NODE, 3, 统一社会信用代码="91510500YY9999999Z")
    lay(url, list_row(NODE, 1), list_row(NODE, 2), bad)
    return url


@pytest.mark.parametrize("address", ["sqlite:///city.db", "platform:city"])
def test_a_mapping_is_tried_on_the_inbox_of_a_platform(
    directory: Path, platform: URL, address: str
) -> None:
    code, tried, _ = tried_on(directory, address)
    assert code == 1
    assert [(row["row"], row["decision"]) for row in tried["shown"]] == [
        (1, "listed"),
        (2, "listed"),
    ]
    assert tried["shown"][0]["listing"]["subject"]["code"] == code_of(1)
    assert [(row["row"], row["faults"][0]["code"]) for row in tried["refused"]] == [
        (3, "identity.code-alphabet")
    ]
    assert tried["file"].endswith("city.db#huxin_inbox")
    assert [row["answered_at"] for row in laid(platform)] == [None] * 3


def test_f12_is_seen_before_the_rows_are_taken(directory: Path, platform: URL) -> None:
    one = {"统一社会信用代码": code_of(31)}
    lay(platform, *(list_row(NODE, number, **one) for number in range(31, 71)))
    code, tried, _ = tried_on(directory, "platform:city", "--rows", 0)
    assert (code, tried["suspicions"]) == (1, ["mapping.one-subject"])


def test_a_mapping_is_tried_on_a_view_of_a_department(directory: Path, platform: URL) -> None:
    names = json.loads(list_row(NODE, 1)["content"])
    columns = ", ".join(f"json_extract(content, '$.{name}') AS {name}" for name in names)
    with create_engine(platform, poolclass=NullPool).begin() as connection:
        connection.execute(text(f"CREATE VIEW court AS SELECT {columns} FROM huxin_inbox"))
    code, tried, _ = tried_on(directory, "platform:city", "--table", "court")
    assert (code, tried["rows"], tried["refused_rows"]) == (1, 3, 1)
    assert tried["file"].endswith("#court")


@pytest.mark.postgres
@pytest.mark.xdist_group("role")
def test_the_password_of_a_database_is_read_from_a_file(
    directory: Path, tmp_path: Path, postgres_database: str
) -> None:
    owner = make_url(postgres_database)
    role = make_tables(owner)
    try:
        lay(owner, list_row(NODE, 1))
        address = f"postgresql://{role.username}@{role.host}:{role.port}/{role.database}"
        secret = tmp_path / "password"
        secret.write_text(f"{PASSWORD}\n")
        secret.chmod(0o600)
        code, tried, _ = tried_on(directory, address, "--password-file", secret)
        assert (code, len(tried["shown"])) == (0, 1)
        assert PASSWORD not in json.dumps(tried)
        secret.chmod(0o644)
        code, _, err = tried_on(directory, address, "--password-file", secret)
        assert (code, "table.address" in err, "0600" in err) == (2, True, True)
        code, _, err = tried_on(directory, address)
        assert (code, "platform.unreachable" in err) == (4, True)
    finally:
        drop_role(owner)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://huxin_node:geheim@127.0.0.1/exchange",
        "postgresql://huxin_node@127.0.0.1/exchange?password=geheim",
        "https://127.0.0.1/huxin",
        "oracle://127.0.0.1/exchange",
        "sqlite:///nothing.db",
        "platform:nothing",
    ],
)
def test_addresses_that_are_not_taken(directory: Path, address: str) -> None:
    code, _, err = tried_on(directory, address)
    assert (code, "table.address" in err) == (2, True)
    assert "geheim" not in err
    assert not (directory / NODE / "nothing.db").exists()


def test_a_table_that_is_not_there_is_named(directory: Path, platform: URL) -> None:
    assert platform
    code, _, err = tried_on(directory, "platform:city", "--table", "nothing")
    assert (code, "table.unknown" in err) == (2, True)


def test_options_of_databases_are_not_for_files(directory: Path) -> None:
    path = directory / "clean.csv"
    write_list(path, NODE, range(3))
    assert tried_on(directory, path, "--table", "court")[0] == 2
    assert tried_on(directory, directory / "nothing.csv")[0] == 2


def test_refused_rows_are_shown_and_a_word_is_taken(directory: Path, platform: URL) -> None:
    assert platform
    place = ("--dir", directory / NODE, "-o", "json")
    shown = run("adapter", "inbox", "city", *place)
    assert (shown.code, shown.json["rows"], shown.json["said"]) == (0, [], [])
    assert run("adapter", "inbox", "city", "--dir", directory / NODE).code == 0
    word = ("--one-subject", "--source", "court", "--by", "示例人甲")
    alone = run("adapter", "inbox", "city", *word, *place)
    assert (alone.code, "rows.two-persons" in alone.err) == (3, True)
    second = ("--by", "示例人乙", "--reason", "核对过")
    said = run("adapter", "inbox", "city", *word, *second, *place)
    assert (said.code, said.json["outcomes"]) == (0, {})
    assert run("adapter", "inbox", "city", "--one-subject", *place).code == 2
    assert run("adapter", "inbox", "city", "--by", "甲", *place).code == 2
    none = run("adapter", "inbox", "nothing", *place)
    assert (none.code, "platform.no-inbox" in none.err) == (3, True)

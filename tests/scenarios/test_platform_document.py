"""The examples of docs/platform.md are run: settings, SQL, commands, and the service's HTTP.

Covers node/demo/receiver.py.
"""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import urllib3
from sqlalchemy import URL, NullPool, create_engine, make_url, text

from adapters.files.mapping import BUILT_IN
from adapters.files.outbox import OutboxRow
from adapters.platform.service import ServicePlatform
from federation.ids import Origin
from federation.statements import Kind
from node.demo.members import LUZHOU
from node.demo.receiver import receiving
from node.directory.config import PlatformSection
from tests.support.commands import run
from tests.support.crash_checks import rows_of
from tests.support.days import DECIDED
from tests.support.exchange_tables import drop_role, laid, make_tables
from tests.support.federation_dirs import COURT_NAME, LIST_TYPE, WiredNode, found
from tests.support.platform_service import PlatformService

DOCUMENT = (Path(__file__).parents[2] / "docs" / "platform.md").read_text("utf-8")
AUTHORITY = "泸州市江阳区人民法院"
"""Of the example's row."""
TOKEN = "token-of-the-test"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE)


def statements() -> list[str]:
    """Those shown, of a listing that has not run out: its day is a little behind today."""
    (block,) = blocks("sql")
    for shown, day in (("2026-01-05", DECIDED), ("2026-01-04", DECIDED - timedelta(days=1))):
        assert shown in block
        block = block.replace(shown, day.isoformat())
    return [one.strip() for one in block.split(";\n") if one.strip()]


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.xdist_group("role")]),
    ]
)
def platform(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[URL]:
    if request.param == "sqlite":
        yield make_url(f"sqlite:///{tmp_path / LUZHOU.region / 'city.db'}")
        return
    url = make_url(request.getfixturevalue("postgres_database"))
    try:
        yield url
    finally:
        drop_role(url)


@pytest.fixture
def directory(tmp_path: Path, platform: URL) -> Path:
    """A node whose court is the example's, and whose platform is the database."""
    found(tmp_path, (LUZHOU,))
    folder = tmp_path / LUZHOU.region
    role = make_tables(platform)
    config = folder / "huxin.toml"
    said = config.read_text("utf-8").replace(COURT_NAME, AUTHORITY)
    url, secret = "sqlite:///city.db", ""
    if role.password:
        (folder / "keys" / "platform-city").write_text(str(role.password), "utf-8")
        (folder / "keys" / "platform-city").chmod(0o600)
        url = f"postgresql://{role.username}@{role.host}:{role.port}/{role.database}"
        secret = 'password_file = "keys/platform-city"\n'
    config.write_text(f'{said}\n[platform.city]\nurl = "{url}"\n{secret}sources = ["court"]\n')
    return folder


def test_the_settings_shown_are_settings() -> None:
    for block in blocks("toml"):
        for section in tomllib.loads(block)["platform"].values():
            assert PlatformSection(**section).password_file


def test_the_sql_shown_lists_and_corrects(directory: Path, platform: URL) -> None:
    insert, update = statements()
    node = WiredNode(directory)
    try:
        for statement, outcome in ((insert, "listed"), (update, "corrected")):
            with create_engine(platform, poolclass=NullPool).begin() as connection:
                connection.exec_driver_sql(statement)
            node.job("platform.city")
            (row,) = laid(platform)
            assert (row["outcome"], row["code"]) == (outcome, "")
        kinds = [row.kind for row in rows_of(node, node.origin)]
        assert kinds == [Kind.LISTING, Kind.CORRECTION]
    finally:
        node.close()


@pytest.mark.parametrize("platform", ["sqlite"], indirect=True)
def test_the_commands_shown_are_answered(
    directory: Path, platform: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(directory)
    names = json.loads(re.findall(r"\{.*\}", statements()[0], re.DOTALL)[0])
    columns = ", ".join(f"json_extract(content, '$.{name}') AS {name}" for name in names)
    with create_engine(platform, poolclass=NullPool).begin() as connection:
        connection.exec_driver_sql(statements()[0])
        connection.execute(text(f"CREATE VIEW court_list AS SELECT {columns} FROM huxin_inbox"))
    mapping = (BUILT_IN / f"{LIST_TYPE}.yaml").read_text("utf-8")
    (directory / "court.yaml").write_text(mapping, "utf-8")
    (directory / "courts.password").write_text("secret")
    commands = [line for block in blocks("console") for line in block.splitlines()]
    for line in commands:
        words = line.removeprefix("$ huxin ").replace(
            "postgresql://reader@db.example/courts", "sqlite:///city.db"
        )
        ran = run(*shlex.split(words.replace("public.", "main.")), "--dir", directory)
        assert ran.code == 0, (line, ran.err)
    assert {line.split()[3] for line in commands} == {"try", "inbox"}


def request_shown() -> tuple[str, str, dict[str, str], dict[str, Any]]:
    """Method, path, headers and document of the example."""
    (block,) = blocks("http")
    head, body = block.split("\n\n", 1)
    first, *lines = head.splitlines()
    method, path, _ = first.split()
    headers = dict(line.split(": ", 1) for line in lines)
    return method, path, headers, json.loads(body.replace(", …}", "}"))


def test_the_node_posts_what_is_shown() -> None:
    _, path, headers, document = request_shown()
    origin, places, number = headers["Idempotency-Key"].rsplit(":", 2)
    first, last = map(int, places.split("-"))
    (shown,) = document["rows"]
    rows = [
        OutboxRow(
            index=index,
            kind=Kind[shown["kind"].upper()],
            statement_id=f"{index:032x}",
            state=shown["state"],
        )
        for index in (first, last)
    ]
    with PlatformService() as service:
        sender = ServicePlatform(service.url, token=service.token, first_pause=0.0)
        sender.tell(Origin(origin), rows, int(number))
        assert service.paths == [path]
        (sent,) = service.headers
        assert sent.keys() >= headers.keys()
        for name in ("Content-Type", "Idempotency-Key"):
            assert sent[name] == headers[name]
        assert sent["Authorization"].split()[0] == headers["Authorization"].split()[0]
        (told, _) = [row for _, _, row in service.told]
    assert shown.items() <= told.items()
    assert document.keys() == {"format", "number", "origin", "rows"}
    assert document["origin"] == origin


def test_a_service_that_does_as_is_asked_takes_what_is_shown() -> None:
    method, path, headers, document = request_shown()
    (row,) = document["rows"]
    row |= {"statement_id": "00" * 16, "rule": ""}
    headers |= {"Authorization": f"Bearer {TOKEN}"}
    with receiving(TOKEN) as receiver, urllib3.PoolManager(retries=False) as pool:
        assert receiver.url.endswith(path)

        def status(body: object, **changes: str) -> int:
            sent = {name.replace("_", "-"): value for name, value in changes.items()}
            content = json.dumps(body).encode()
            return pool.request(method, receiver.url, body=content, headers=headers | sent).status

        assert status(document, Authorization="Bearer other") == 401
        assert not receiver.by_log()
        assert status(document) == 200
        row["state"] = "repaired"
        assert status(document) == 200  # the same key: taken already
        assert receiver.states() == {"active": 1}
        assert status(document, Idempotency_Key="another") == 200
        assert status(document, Idempotency_Key="a third") == 200  # says nothing new
        assert status([], Idempotency_Key="bad") == 400
        assert [one["state"] for one in receiver.way("00" * 16)] == ["active", "repaired"]
        assert receiver.by_log() == {document["origin"]: 2}

"""Imports by command and over HTTP on one node: begun here, said there, published once.

Covers node/cli/imports.py, node/services/imports.py, node/texts/imports.py.
"""

from __future__ import annotations

import csv
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from huxin.v1.access_pb2 import NewCredentialRequest
from huxin.v1.access_pb2_grpc import AccessStub

from federation.screening.roles import Role
from node.app.local import connect
from node.app.wiring import build
from node.demo.members import DemoMember
from node.directory.config import FILE_NAME
from node.web.uploads import Uploads
from tests.support.asgi import Answered, ask
from tests.support.commands import Ran, run
from tests.support.federation_dirs import LIST_TYPE, found, write_list
from tests.support.operated import KEY, Operated, Reached

CITY = DemoMember(region="510300", name="自贡")
PEER = DemoMember(region="510500", name="泸州")
PERSONS = ("张某", "李某")
FINDINGS = 1


@dataclass(frozen=True)
class Town:
    """A node whose persons have keys, and a file of which they must speak."""

    folder: Path
    node: Path
    file: Path

    def run(self, *words: object) -> Ran:
        return run(*words, "--dir", self.node)

    def key(self, name: str) -> Path:
        return self.folder / f"{PERSONS.index(name)}.key"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    folder = tmp_path_factory.mktemp("imports")
    found(folder, (CITY, PEER))
    node = folder / CITY.region
    made = Town(folder=folder, node=node, file=folder / "list.csv")
    keys = {
        name: run("keys", "person", name, "--out", made.key(name), "-o", "json").json["vkey"]
        for name in PERSONS
    }
    lines = "".join(f'"{name}" = "{vkey}"\n' for name, vkey in keys.items())
    config = node / FILE_NAME
    text = config.read_text("utf-8").replace("[persons]\n", f"[persons]\n{lines}")
    config.write_text(text, "utf-8")
    write_list(made.file, CITY.region, range(1, 31))
    with made.file.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    at = rows[0].index(next(one for one in rows[0] if "信用代码" in one))
    for row in rows[2:]:
        row[1], row[at] = rows[1][1], rows[1][at]  # of one name, too: none waits for it
    with made.file.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return made


def test_two_persons_speak_and_it_is_published(town: Town) -> None:
    brought = town.run("imports", "new", town.file, "--list", LIST_TYPE, "-o", "json")
    assert brought.code == FINDINGS, brought.err
    number = brought.json["import"]
    assert [one["word"] for one in brought.json["awaited"]] == ["one-subject"]
    word, note = town.folder / "word.txt", town.folder / "word.note"
    options = ("--says", "one-subject", "--reason", "已核对", "--out", word)
    assert town.run("imports", "word", number, "rows", *options).code == FINDINGS
    listed = town.run("imports", "list")
    assert "待另一人确认" in listed.out
    assert town.file.name in listed.out
    (one,) = town.run("imports", "list", "-o", "json").json["imports"]
    assert (one["called"], one["person"]) == (town.file.name, ""), "on the node's own socket"
    for name in PERSONS:
        signed = run("sign", "text", note, word, "--key", town.key(name))
        assert signed.code == 0, signed.err
        said = town.run("imports", "say", number, "rows", "--by", name, "--note", note)
        assert name in said.out, said.err
    other = town.folder / "other.txt"
    other.write_text(word.read_text("utf-8").replace("已核对", "另一"), "utf-8")
    refused = run("sign", "text", note, other, "--key", town.key("张某"))
    assert (refused.code, "person.other-words" in refused.err) == (3, True)
    shown = town.run("imports", "show", number)
    assert "已确认，可发布" in shown.out
    assert "几乎各行确属同一主体" in shown.out
    rows = town.run("imports", "rows", number, "--limit", 2, "--lang", "en")
    assert ("虚构企业1" in rows.out, "--after 2" in rows.out) == (True, True), rows.err
    done = town.run("imports", "publish", number, "-o", "json")
    assert done.json["state"] == "published", done.err
    assert done.json["result"]["published"] > 0
    assert town.run("imports", "publish", number).code == 3
    assert town.run("imports", "drop", number).code == 0
    assert town.run("imports", "list", "-o", "json").json == {"imports": []}


def test_over_http_it_is_the_same_document(town: Town, tmp_path: Path) -> None:
    with connect(town.node, build) as channel, ThreadPoolExecutor(2) as threads:
        wanted = NewCredentialRequest(
            department="信用中心（演示）",
            roles=[Role.OPERATOR],
            budget=9,
            expires_on=20991231,
            by="张某",
        )
        token = AccessStub(channel).NewCredential(wanted).token
        uploads = Uploads(tmp_path / "uploads", 1 << 20)
        world = Operated(threads, Reached(channel), uploads)

        def call(
            method: str, target: str, said: Any = None, kind: str = "application/json"
        ) -> Answered:
            body = said if isinstance(said, bytes) else json.dumps(said or {}).encode()
            headers = [("Authorization", f"Bearer {token}"), ("Content-Type", kind)]
            if target.endswith(":publish"):
                headers.append(("Idempotency-Key", KEY))
            return ask(world.app, method, target, headers, b"" if method == "GET" else body)

        small = tmp_path / "small.csv"
        write_list(small, CITY.region, range(101, 104))
        query = f"kind=list&list_type={LIST_TYPE}"
        brought = call("POST", f"/v1/imports?{query}", small.read_bytes(), "text/csv").json()
        assert brought["state"] == "tried", brought
        at = f"/v1/imports/{brought['import']}"
        named = call("POST", f"{at}:name", {"called": "欠薪名单11月.csv"}).json()
        assert brought["called"] == ""
        assert named == brought | {"called": "欠薪名单11月.csv"}
        assert call("POST", f"{at}:name", {"called": ""}).status == 422
        assert call("GET", at).json() == named
        assert call("GET", f"{at}/errors").body == b""
        refused = call(
            "POST", f"{at}:word", {"sort": "rows", "says": ["one-subject"], "reason": "x"}
        )
        assert (refused.status, refused.json()["code"]) == (409, "import.word")
        done = call("POST", f"{at}:publish").json()
        assert done["result"]["published"] == 3
        assert call("POST", f"{at}:publish").json() == done
    shown = town.run("imports", "show", brought["import"], "-o", "json")
    assert shown.json == done

"""Imports over HTTP: what came goes to the node as it came, and what it says comes back.

Covers node/web/operations_imports.py, node/web/operations_import_rows.py,
node/web/operations_tables.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from huxin.v1 import imports_pb2 as pb

from federation.errors import RefusedError
from node.web.uploads import Uploads
from tests.support.asgi import ask
from tests.support.fake_calls import TOKEN
from tests.support.operated import KEY, Operated

NUMBER = "4d1f0c7be12a3d4e6f8091a2b3c4d5e6"
AT = f"/v1/imports/{NUMBER}"
DOCUMENT = {"import": NUMBER, "state": "waits", "awaited": [], "words": []}
ANSWER = pb.ImportResponse(json=json.dumps(DOCUMENT))


@pytest.fixture(scope="module")
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as made:
        yield made


@pytest.fixture
def world(threads: ThreadPoolExecutor, tmp_path: Path) -> Operated:
    world = Operated(threads, uploads=Uploads(tmp_path / "uploads", 4096))
    names = ("NewImport", "GetImport", "MapImport", "BeginWord", "SayWord", "PublishImport")
    world.node.answers = {
        f"Imports/{name}": [pb.ImportResponse(rows_read=1), ANSWER] for name in names
    }
    for name in ("GetImport", "BeginWord", "SayWord", "ProposeMapping", "DropImport"):
        world.node.answers[f"Imports/{name}"] = [ANSWER]
    return world


def asked(world: Operated) -> Any:
    return world.node.asked[-1][2]


def test_a_file_is_brought_as_the_query_says(world: Operated) -> None:
    target = "/v1/imports?kind=list&list_type=judgment-defaulter&mapping=court-own&source=court"
    headers = [("Authorization", f"Bearer {TOKEN}"), ("Content-Type", "text/csv")]
    found = ask(world.app, "POST", f"{target}&full_snapshot=true", headers, b"a,b\r\n")
    assert found.json() == DOCUMENT
    request = asked(world)
    assert Path(request.path).name.startswith("http-")
    assert (request.kind, request.list_type, request.source) == (
        "list",
        "judgment-defaulter",
        "court",
    )
    assert (request.mapping, request.full_snapshot) == ("court-own", True)
    path = "/v1/imports?kind=list&mapping=../x"
    assert ask(world.app, "POST", path, headers, b"a,b\r\n").status == 400


def test_a_word_is_begun_and_said_as_it_came(world: Operated) -> None:
    said: dict[str, Any] = {"sort": "rows", "says": ["one-subject"], "reason": "已核对"}
    assert world.post(f"{AT}:word", said).json() == DOCUMENT
    assert asked(world) == pb.BeginWordRequest(number=NUMBER, **said)
    for told in ({"note": "huxin/person/v1\n…"}, {"shown": "0" * 64}):
        said = {"sort": "rows", "person": "张某（演示）"} | told
        assert world.post(f"{AT}:say", said).json() == DOCUMENT
        assert asked(world) == pb.SayWordRequest(number=NUMBER, **said)
    assert world.post(f"{AT}:word", {"sort": "rows", "says": [1]}).status == 422


def test_a_mapping_is_proposed_chosen_and_tried(world: Operated) -> None:
    said: dict[str, Any] = {"columns": {"单位代码": "code"}, "name": "court-own"}
    assert world.post(f"{AT}:propose", said).json() == DOCUMENT
    column = pb.ChosenColumn(name="单位代码", target="code")
    expected = pb.ProposeMappingRequest(number=NUMBER, columns=[column], name="court-own")
    assert asked(world) == expected
    assert world.post(f"{AT}:propose", {"columns": {"a": 1}}).status == 422
    assert world.post(f"{AT}:map", {"text": "format: 1"}).json() == DOCUMENT
    assert asked(world) == pb.MapImportRequest(number=NUMBER, text="format: 1")


def test_it_is_published_under_the_number_of_the_request(world: Operated) -> None:
    assert world.post(f"{AT}:publish", {}).json()["code"] == "http.idempotency"
    found = world.post(f"{AT}:publish", {}, ("Idempotency-Key", KEY))
    assert found.json() == DOCUMENT
    assert asked(world) == pb.PublishImportRequest(number=NUMBER, request_id=KEY)


def test_it_is_shown_listed_and_dropped(world: Operated) -> None:
    assert world.get(AT).json() == DOCUMENT
    assert world.post(f"{AT}:drop", {}).json() == DOCUMENT
    world.node.answers["Imports/ListImports"] = [pb.ListImportsResponse(imports_json=["{}"])]
    assert world.get("/v1/imports").json() == {"imports": [{}]}
    assert world.get("/v1/imports/x").status == 404
    world.node.answers["Imports/ListMappings"] = [pb.ListMappingsResponse(mappings_json=["{}"])]
    assert world.get("/v1/mappings").json() == {"mappings": [{}]}


def test_what_its_file_is_called_stands_in_the_body(world: Operated) -> None:
    world.node.answers["Imports/NameImport"] = [ANSWER]
    assert world.post(f"{AT}:name", {"called": "欠薪名单11月.xlsx"}).json() == DOCUMENT
    assert asked(world) == pb.NameImportRequest(number=NUMBER, called="欠薪名单11月.xlsx")


def test_a_list_has_blank_tables(world: Operated) -> None:
    world.node.answers["Imports/ListMappings"] = [pb.ListMappingsResponse()]
    blank = world.get("/v1/lists/work-safety/table")
    filled = world.get("/v1/lists/work-safety/table?filled=true")
    assert filled.body.startswith(blank.body)
    assert "（演示）" in filled.body.decode()
    assert 'filename="work-safety-example.csv"' in filled.headers["content-disposition"]
    assert world.get("/v1/lists/work-safety/workbook").body.startswith(b"PK")
    unknown = world.get("/v1/lists/no-such-list/table")
    assert (unknown.status, unknown.json()["code"]) == (409, "mapping.unknown")


def test_its_first_rows_are_shown(world: Operated) -> None:
    told = {"import": NUMBER, "good": 1, "rows": [], "next": 0}
    world.node.answers["Imports/GetImportRows"] = [pb.ImportResponse(json=json.dumps(told))]
    assert world.get(f"{AT}/rows").json() == told
    assert asked(world) == pb.GetImportRowsRequest(number=NUMBER)
    assert world.get(f"{AT}/rows?after=50&limit=9&decision=listed").status == 200
    assert asked(world) == pb.GetImportRowsRequest(
        number=NUMBER, after=50, limit=9, decision="listed"
    )
    assert world.get(f"{AT}/rows?decision=refused").status == 400


def test_its_errors_are_a_file(world: Operated) -> None:
    parts = [pb.ImportErrorsResponse(part=b"row,"), pb.ImportErrorsResponse(part=b"column")]
    world.node.answers["Imports/GetImportErrors"] = parts
    found = world.get(f"{AT}/errors")
    assert (found.status, found.body) == (200, b"row,column")
    assert found.headers["content-type"].startswith("text/csv")
    assert f"{NUMBER}.errors.csv" in found.headers["content-disposition"]


@pytest.mark.parametrize(
    ("code", "status"),
    [("import.unknown", 404), ("import.said-before", 409), ("import.waits", 409)],
)
def test_what_the_node_refuses_is_told(world: Operated, code: str, status: int) -> None:
    world.node.error = RefusedError(code, "不 / no")
    found = world.get(AT)
    assert (found.status, found.json()["code"]) == (status, code)

"""Files over HTTP: who may, how they lie, and that nothing is left of them (HT17).

Covers node/web/operations_files.py.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message
from huxin.v1 import admin_pb2 as pb
from openpyxl import Workbook
from prometheus_client import generate_latest
from structlog.testing import capture_logs

from adapters.files.faults import RowFault, write_faults
from federation.errors import RefusedError, StatementError
from node.web import uploads
from node.web.uploads import Uploads
from tests.support.asgi import Answered, ask
from tests.support.fake_calls import OTHER, TOKEN, FakeNode
from tests.support.operated import KEY, Operated

TARGET = "/v1/files:publish?kind=list&dry_run=true&source=hrss&list_type=unpaid-migrant-wages"
CSV = "代码,名称\r\n91510500MAXA00000X,泸州甲建筑有限公司（演示）\r\n".encode()
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class FileNode(FakeNode):
    """Reads the file while it lies there, and finds a fault in it."""

    def __init__(self) -> None:
        super().__init__()
        self.request = pb.PublishFileRequest()
        self.data = b""
        self.modes: list[int] = []
        self.refusal: Exception | None = None

    def call(self, token: str, rpc: str, request: Message, seconds: float = 1) -> Sequence[Any]:
        assert isinstance(request, pb.PublishFileRequest)
        assert (rpc, seconds) == ("Admin/PublishFile", 600.0)
        if token != TOKEN:
            raise RefusedError("access.denied", "角色无此权限 / expected another role")
        if not request.path:
            raise StatementError("request.invalid", "path: value length must be at least 1")
        self.request = request
        path = Path(request.path)
        self.data = path.read_bytes()
        looked = (path, path.parent, path.parent.parent)
        self.modes = [stat.S_IMODE(one.stat().st_mode) for one in looked]
        if self.refusal is not None:
            raise self.refusal
        fault = RowFault(
            row=2, column="代码", code="code.check", value="=1", expected="", message="不符"
        )
        beside = write_faults(path, [fault])
        result = {"file": str(path), "refused_rows": 1, "faults": {"code.check": 1}}
        result["errors_file"] = str(beside)
        return [
            pb.PublishFileResponse(rows_read=1),
            pb.PublishFileResponse(rows_read=2, result_json=json.dumps(result)),
        ]


class World(Operated):
    def __init__(self, threads: ThreadPoolExecutor, folder: Path) -> None:
        self.folder = folder / "uploads"
        self.files = FileNode()
        super().__init__(threads, self.files, Uploads(self.folder, 100_000))

    def send(
        self,
        body: bytes | Sequence[bytes],
        target: str = TARGET,
        *headers: tuple[str, str],
        kind: str = "text/csv",
        token: str = TOKEN,
        **more: Any,
    ) -> Answered:
        always = (("Authorization", f"Bearer {token}"), ("Content-Type", kind))
        return ask(self.app, "POST", target, (*always, *headers), body, **more)

    @property
    def left(self) -> list[Path]:
        return list(self.folder.rglob("*"))


@pytest.fixture(scope="module")
def threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(2)


@pytest.fixture
def world(threads: ThreadPoolExecutor, tmp_path: Path) -> World:
    return World(threads, tmp_path)


def test_a_file_is_taken_as_the_command_takes_it(world: World) -> None:
    found = world.send([CSV[:10], CSV[10:]]).json()
    assert world.files.data == CSV
    request = world.files.request
    assert (request.kind, request.dry_run, request.full_snapshot) == ("list", True, False)
    assert (request.source, request.list_type) == ("hrss", "unpaid-migrant-wages")
    assert found["refused_rows"] == 1
    (fault,) = found["errors"]
    assert (fault["code"], fault["value"], fault["row"]) == ("code.check", "=1", "2")
    assert "errors_file" not in found
    assert found["file"] == world.send(CSV).json()["file"], "the same bytes are the same batch"
    assert Path(request.path).suffix == ".csv"
    world.send(b"PK", kind=XLSX)
    assert world.files.request.path.endswith(".xlsx")


def test_ht17_it_lies_where_nobody_else_looks_and_nothing_is_left(world: World) -> None:
    world.send(CSV)
    assert world.files.modes == [0o600, 0o700, 0o700]
    assert world.left == []
    world.files.refusal = ValueError("no")
    assert world.send(CSV).status == 500
    world.files.refusal = RefusedError("file.not-of-listings", "no")
    assert world.send(CSV).json()["code"] == "file.not-of-listings"
    assert world.send([CSV], leaves=True).status == 400
    assert world.left == []


def test_ht17_who_may_not_publish_sends_no_byte(world: World) -> None:
    found = world.send([], token=OTHER)  # a body that never comes is not waited for
    assert (found.status, found.json()["code"]) == (403, "access.denied")
    assert not world.folder.exists()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ((("Content-Length", "100001"),), 413),
        ((("Content-Length", "x"),), 413),
        ((("Content-Encoding", "gzip"),), 415),
        ((("Content-Type", "text/csv"),), 415),
        ((("Content-Length", "3"), ("Transfer-Encoding", "chunked")), 415),
        ((("Idempotency-Key", KEY),), 400),
    ],
)
def test_ht17_what_the_head_says_is_enough_to_refuse(
    world: World, headers: tuple[tuple[str, str], ...], status: int
) -> None:
    assert world.send(CSV, TARGET, *headers).status == status
    assert world.files.data == b""


@pytest.mark.parametrize("kind", ["", "application/zip", "text/html", "multipart/form-data"])
def test_ht17_a_type_that_is_not_named_is_refused(world: World, kind: str) -> None:
    assert world.send(CSV, kind=kind).status == 415


def test_ht17_a_file_is_bounded_in_bytes_and_in_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert world.send([b"x" * 60_000, b"x" * 60_000]).json()["code"] == "http.too-large"
    monkeypatch.setattr(uploads, "SECONDS", 0.01)
    assert world.send([]).json()["code"] == "http.slow"
    assert world.left == []


def test_ht17_what_a_crash_left_goes_at_the_next_start(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for one in (old, new):
        one.mkdir()
        (one / "coming").write_bytes(CSV)
    os.utime(old, (1, 1))
    Uploads(tmp_path, 1)
    assert [one.name for one in tmp_path.iterdir()] == ["new"]


def test_ht1_a_token_in_a_file_is_refused_and_told(world: World) -> None:
    at = 20
    for body in ([CSV, OTHER.encode()], [OTHER[:at].encode(), OTHER[at:].encode()]):
        assert world.send(body).json()["code"] == "access.token-exposed"
    assert world.calls.told == [(OTHER, "body")] * 2
    assert world.left == []


@pytest.mark.parametrize(
    "query",
    ["", "?kind=list&mapping=../keys", "?kind=list&mapping=huxin.toml", "?kind=x", "?name=a.csv"],
)
def test_ht2_what_is_done_with_it_stands_in_closed_forms(world: World, query: str) -> None:
    assert world.send(CSV, f"/v1/files:publish{query}").json()["code"] == "http.query"


def test_ht2_nothing_of_a_file_is_logged_or_counted(world: World) -> None:
    world.files.refusal = ValueError("泸州甲建筑有限公司（演示）")
    with capture_logs() as logs:
        found = world.send(CSV)
    assert found.status == 500
    for text in (str(logs), generate_latest(world.registry).decode(), found.body.decode()):
        for canary in ("91510500MAXA00000X", "演示", TOKEN):
            assert canary not in text


def test_two_files_come_in_at_a_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "AT_ONCE", 0)
    found = world.send(CSV)
    assert (found.status, found.json()["code"]) == (503, "http.busy")
    assert found.headers["retry-after"] == "1"


class AskingNode(FakeNode):
    """Lets who has the token ask about many, and refuses a question about nobody."""

    def call(self, token: str, rpc: str, request: Message, seconds: float = 1) -> Sequence[Any]:
        del request, seconds
        assert rpc == "Screening/CheckRows"
        if token != TOKEN:
            raise RefusedError("access.denied", "角色无此权限 / expected another role")
        raise StatementError("request.invalid", "json: value length must be at least 1")


def test_a_table_of_subjects_is_read_and_nobody_is_asked_about(
    threads: ThreadPoolExecutor, tmp_path: Path
) -> None:
    folder = tmp_path / "uploads"
    world = Operated(threads, AskingNode(), Uploads(folder, 100_000))

    def read(data: bytes, media: str, token: str = TOKEN) -> Any:
        headers = [("Authorization", f"Bearer {token}"), ("Content-Type", media)]
        return ask(world.app, "POST", "/v1/subjects:read", headers, data)

    one = {"code": "91510500MAXA00000X", "name": "泸州甲建筑有限公司（演示）"}
    assert read(CSV, "text/csv").json() == {"rows": [one], "faults": []}
    evil = CSV + "=1+1,乙\r\n".encode()
    (fault,) = read(evil, "text/csv").json()["faults"]
    assert (fault["row"], fault["code"]) == (3, "cell.formula")
    headless = read("案号,姓\r\n1,2\r\n".encode(), "text/csv")
    assert (headless.status, headless.json()["code"]) == (422, "header.missing")
    book = Workbook()
    sheet = book.create_sheet(index=0)
    sheet.append(["案号", "主体名称", "统一社会信用代码"])
    sheet.append([1, one["name"], one["code"]])
    book.save(tmp_path / "t.xlsx")
    assert read((tmp_path / "t.xlsx").read_bytes(), XLSX).json()["rows"] == [one]
    assert read(CSV, "text/csv", OTHER).status == 403
    assert list(folder.iterdir()) == []

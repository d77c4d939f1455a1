"""`huxin access` over a node that does not run, and what its operator reads there.

Covers node/cli/access.py, node/cli/queries.py, node/cli/query_export.py,
node/services/queries.py, node/services/reads.py,
node/access/reading.py, node/access/new_log.py.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from huxin.v1 import cases_pb2 as cases_pb
from huxin.v1 import imports_pb2 as imports_pb
from huxin.v1 import registry_pb2 as pb
from huxin.v1.payload_pb2 import Subject as SubjectMessage

from adapters.sql.query_logs import query_log_head
from federation.ids import Timestamp
from federation.screening.roles import Action
from node.access.query_log import Subject
from node.access.wiring import wire_queries
from node.directory.config import NodeSection
from node.directory.creation import NewNode, create_node
from node.directory.opened import open_directory
from node.services.doors import METHODS
from node.services.reads import READS, _asked, _shown
from node.system.entropy import token
from tests.support.commands import run

CODE, NAME = "91510500ZZ00000018", "泸州示例建筑工程有限公司（演示）"


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("access") / "a"
    identity = NodeSection(region="510500", name="泸州", role="city", origin="a.example/1")
    new = NewNode(identity=identity, listen="127.0.0.1:0", advertise="", charter_key=None)
    create_node(made, new, now=Timestamp(1_795_000_000), token=token)
    return made


def asked(directory: Path, *more: str) -> Any:
    words = ("--name", NAME, "--by", "张某", "--by", "李某", "--authorisation", "授-1")
    ran = run(
        "access", "queries", "--subject", CODE, *words, *more, "--dir", directory, "-o", "json"
    )
    assert ran.code == 0, ran.err
    return ran.json


def test_a_reading_is_told_to_whom_it_was_about_and_verifies(
    directory: Path, tmp_path: Path
) -> None:
    assert run("records", "list", "--code", CODE, "--dir", directory).code == 0
    assert [one["action"] for one in asked(directory)] == ["records list"]
    assert [one["action"] for one in asked(directory)] == ["queries-read", "records list"]
    verified = run("access", "verify", "--dir", directory, "-o", "json")
    assert (verified.code, verified.json["ok"], verified.json["waiting"]) == (0, True, 0)
    assert verified.json["size"] == verified.json["rows"] >= 3
    assert "相符" in run("access", "verify", "--dir", directory).out
    folder = tmp_path / "out"
    assert run("access", "export", folder, "--dir", directory).code == 0
    assert {path.name for path in folder.iterdir()} == {"key", "checkpoint", "tile"}
    assert run("access", "export", folder, "--dir", directory).code == 3
    offline = run("access", "verify-export", folder, "-o", "json")
    assert offline.code == 0, offline.err
    assert (offline.json["trust"], offline.json["promises"]) == ("export", [])
    assert offline.json["size"] >= verified.json["size"]
    table = run("access", "verify-export", folder)
    assert "导出自带的密钥，未经核对" in table.err + table.out
    (folder / "tile" / "extra").write_bytes(b"")
    (folder / "checkpoint").write_bytes(b"x")
    harmed = run("access", "verify-export", folder)
    assert (harmed.code, "queries.checkpoint" in harmed.out) == (1, True)
    (folder / "key").unlink()
    keyless = run("access", "verify-export", folder)
    assert (keyless.code, "没有可读的公钥" in keyless.err) == (3, True)


def test_what_is_not_asked_rightly_is_refused(directory: Path) -> None:
    for words in ((), ("--subject", CODE, "--department", "d")):
        ran = run("access", "queries", *words, "--dir", directory)
        assert (ran.code, "queries.subject" in ran.err) == (3, True)
    alone = run("access", "queries", "--subject", CODE, "--by", "张某", "--dir", directory)
    assert alone.code == 3
    assert (
        run("access", "queries", "--department", "财政局", "--by", "张某", "--dir", directory).code
        == 0
    )


def test_a_removed_row_is_a_finding_and_a_store_set_back_shows_no_record(
    directory: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "a"
    shutil.copytree(directory, copy)
    assert run("records", "list", "--dir", copy).code == 0
    opened = open_directory(copy)
    queries = wire_queries(opened)
    with queries.store.write() as writes:
        assert query_log_head(writes, 1) is not None
        writes.connection.exec_driver_sql("DELETE FROM query_rows WHERE idx = 0")
    queries.close()
    opened.store.close()
    found = run("access", "verify", "--dir", copy, "-o", "json")
    assert (found.code, [one["code"] for one in found.json["findings"]]) == (
        1,
        ["queries.row-missing"],
    )
    assert "queries.row-missing" in run("access", "verify", "--dir", copy).out
    for name in ("queries.db", "queries.db-wal", "queries.db-shm"):
        (copy / name).unlink(missing_ok=True)
    refused = run("records", "list", "--dir", copy)
    assert (refused.code, "queries.behind" in refused.err) == (3, True)
    status = run("status", "--dir", copy, "-o", "json").json
    assert "queries.behind" in [one["code"] for one in status["problems"]]
    new = ("access", "new-log", "--reason", "磁盘损坏", "--dir", copy, "--by", "张某")
    assert "queries.two-persons" in run(*new).err
    assert "queries.a.example/2" in run(*new, "--by", "李某").err
    assert run("records", "list", "--dir", copy).code == 0
    again = run("access", "verify", "--dir", copy, "-o", "json").json
    assert (again["origin"], again["findings"], again["ok"]) == ("queries.a.example/2", [], False)
    (former,) = again["former"]
    assert "queries.behind" in [one["code"] for one in former["findings"]]


FIGURES = {
    f"/huxin.v1.{call}"
    for call in (
        "Admin/FindStatement",  # digits of an id
        "Admin/CountDigits",
        "Campaigns/GetCampaign",  # counts
        "Campaigns/ListCampaigns",
        "Cases/CountWaitingCases",  # counts
        "Cases/GetCaseHands",  # officers
        "Repairs/GetRepairProgress",  # members, times
        "Letters/GetLetter",  # numbers, ids, officers
        "Letters/ListLetters",
        "Displays/GetDisplays",  # numbers of rows
        "Displays/ListDisplays",
        "Displays/ReportDisplays",
        "Platforms/GetTotals",
        "Repairs/GetRepairRates",
        "Screening/OutcomeReport",
    )
}
"""They show no subject."""


def test_every_call_that_shows_records_is_recorded() -> None:
    reading = {method for method, action in METHODS.items() if action is Action.READ_RECORDS}
    assert reading - set(READS) == FIGURES
    assert "/huxin.v1.Imports/GetImportRows" in READS  # of what was published
    assert set(READS) <= set(METHODS)


def test_what_an_answer_shows_is_recorded_with_its_subjects() -> None:
    record = pb.Record(statement_id=b"s" * 16, subject=SubjectMessage(code=CODE, name=NAME))
    erased = pb.Record(statement_id=b"e" * 16)
    page = pb.ListRecordsResponse(records=[record, erased])
    whole = Subject(code=CODE, name=NAME)
    assert _shown(pb.ListRecordsRequest(), page) == [
        ((b"s" * 16).hex(), whole),
        ((b"e" * 16).hex(), None),
    ]
    get = pb.GetRecordRequest(statement_id=b"s" * 16)
    assert _shown(get, record) == [((b"s" * 16).hex(), whole)]
    assert _shown(get, None) == [((b"s" * 16).hex(), None)]
    assert list(_asked(pb.ListRecordsRequest(code=CODE))) == [Subject(code=CODE)]
    assert list(_asked(get)) == []
    rows = [
        {"statement_id": "ab", "code": CODE, "name": NAME},
        {"statement_id": "", "code": CODE, "name": NAME},
    ]
    found = imports_pb.ImportResponse(json=json.dumps({"import": "0", "rows": rows}))
    assert _shown(imports_pb.GetImportRowsRequest(), found) == [("ab", whole)]
    case = {"statement_id": "ab", "subject_code": CODE, "subject_name": NAME}
    cases = cases_pb.ListCasesResponse(cases_json=[json.dumps(case)])
    assert _shown(cases_pb.ListCasesRequest(), cases) == [("ab", whole)]

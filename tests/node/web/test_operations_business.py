"""Operations of business over HTTP: what each asks of the node, and the document that it gives.

Covers node/web/messages.py, node/web/operations_access.py, node/web/operations_accounts.py,
node/web/operations_cases.py, node/web/operations_catalog.py, node/web/operations_members.py,
node/web/operations_quality.py, node/web/operations_repairs.py, node/web/operations_requests.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message
from huxin.v1 import (
    access_pb2,
    accounts_pb2,
    admin_pb2,
    cases_pb2,
    catalogs_pb2,
    certificates_pb2,
    displays_pb2,
    quality_pb2,
    queries_pb2,
    recognition_pb2,
    repairs_pb2,
    requests_pb2,
    screening_pb2,
)
from prometheus_client import generate_latest
from structlog.testing import capture_logs

from federation.errors import RefusedError
from node.web import (
    operations_access,
    operations_accounts,
    operations_cases,
    operations_catalog,
    operations_members,
    operations_quality,
    operations_repairs,
    operations_requests,
)
from node.web.node_channel import method_of
from node.web.operations_catalog import EDITION_MAX
from tests.support.fake_calls import TOKEN
from tests.support.operated import KEY, Operated, call

ID = "4d1f0c7be12a3d4e6f8091a2b3c4d5e6"
RAW = bytes.fromhex(ID)
NUMBER = "511500-20261129-0123456789ab"
TWO = '[{"in_force": true}, {"in_force": false}]'
OURS = [
    *operations_access.OPERATIONS,
    *operations_accounts.OPERATIONS,
    *operations_cases.OPERATIONS,
    *operations_catalog.OPERATIONS,
    *operations_members.OPERATIONS,
    *operations_quality.OPERATIONS,
    *operations_repairs.OPERATIONS,
    *operations_requests.OPERATIONS,
]
PAGE = Path(__file__).parents[3] / "docs" / "zh" / "operations" / "api.md"
CANARY = "91510500ZZCANARY18"
BY_NAME = {one.name: one for one in OURS}


@dataclass(frozen=True)
class Case:
    """An operation: what is sent, what the node is asked and answers, what comes back."""

    name: str
    target: str
    asked: Message
    answers: Sequence[Message]
    found: Any
    body: dict[str, Any] | None = field(default=None)


CASES = (
    Case(
        "listCases",
        "/v1/cases?rule=ground.unknown&page_size=2&page_token=WzFd",
        cases_pb2.ListCasesRequest(rule="ground.unknown", page_size=2, page_token="WzFd"),
        [cases_pb2.ListCasesResponse(cases_json=['{"a": 1}'], next_page_token="WzJd")],
        {"cases": [{"a": 1}], "next_page_token": "WzJd"},
    ),
    Case(
        "searchCases",
        "/v1/cases:search?waits=second&page_size=2",
        cases_pb2.ListCasesRequest(
            sought="鑫源", list_type="510000-cross-river-pollution", waits="second", page_size=2
        ),
        [cases_pb2.ListCasesResponse(cases_json=['{"a": 1}'])],
        {"cases": [{"a": 1}], "next_page_token": ""},
        body={"sought": "鑫源", "list_type": "510000-cross-river-pollution"},
    ),
    Case(
        "countWaitingCases",
        "/v1/cases:waiting",
        cases_pb2.CountWaitingCasesRequest(),
        [cases_pb2.CountWaitingCasesResponse(json='{"second": 1, "letter": 2}')],
        {"second": 1, "letter": 2},
    ),
    Case(
        "getCase",
        f"/v1/cases/{ID}",
        cases_pb2.GetCaseRequest(statement_id=RAW),
        [cases_pb2.GetCaseResponse(json='{"rule": "r"}')],
        {"rule": "r"},
    ),
    Case(
        "getCaseHands",
        f"/v1/cases/{ID}/hands",
        cases_pb2.GetCaseRequest(statement_id=RAW),
        [cases_pb2.GetCaseResponse(json='{"handled": []}')],
        {"handled": []},
    ),
    Case(
        "decideCase",
        f"/v1/cases/{ID}:decide",
        cases_pb2.DecideCaseRequest(
            statement_id=RAW,
            verdict="use",
            person="张某",
            reason="已核对",
            note="signed",
            shown="5e" * 32,
        ),
        [cases_pb2.DecideCaseResponse(json='{"second_person_needed": true}')],
        {"second_person_needed": True},
        {
            "verdict": "use",
            "person": "张某",
            "reason": "已核对",
            "note": "signed",
            "shown": "5e" * 32,
        },
    ),
    Case(
        "proposeEdition",
        f"/v1/cases/{ID}:propose",
        cases_pb2.ProposeEditionRequest(statement_id=RAW, like="judgment-defaulter", person="张某"),
        [cases_pb2.ProposeEditionResponse(text="edition: e\n")],
        {"text": "edition: e\n"},
        {"like": "judgment-defaulter", "person": "张某"},
    ),
    Case(
        "showCatalog",
        "/v1/catalog?list_type=judgment-defaulter&on=20261120",
        catalogs_pb2.ShowCatalogRequest(list_type="judgment-defaulter", on=20261120),
        [catalogs_pb2.ShowCatalogResponse(json='{"lists": []}')],
        {"lists": []},
    ),
    Case(
        "showDeadlines",
        "/v1/catalog/deadlines",
        catalogs_pb2.ShowDeadlinesRequest(),
        [catalogs_pb2.ShowDeadlinesResponse(json='{"deadlines": []}')],
        {"deadlines": []},
    ),
    Case(
        "showMatters",
        "/v1/catalog/matters?on=20261120",
        catalogs_pb2.ShowMattersRequest(on=20261120),
        [catalogs_pb2.ShowMattersResponse(json='{"matters": []}')],
        {"matters": []},
    ),
    Case(
        "diffEditions",
        "/v1/catalog:diff",
        catalogs_pb2.DiffEditionsRequest(old="a", new="b"),
        [catalogs_pb2.DiffEditionsResponse(json='{"differences": []}')],
        {"differences": []},
        {"old": "a", "new": "b"},
    ),
    Case(
        "checkCatalog",
        "/v1/catalog:check",
        catalogs_pb2.CheckCatalogRequest(),
        [catalogs_pb2.CheckCatalogResponse(json='{"unconfirmed": []}')],
        {"unconfirmed": []},
    ),
    Case(
        "importEdition",
        "/v1/catalog:import",
        catalogs_pb2.ImportEditionRequest(text="e", persons=["张某", "李某"], note="signed"),
        [
            catalogs_pb2.ImportEditionResponse(judged=7),
            catalogs_pb2.ImportEditionResponse(judged=9, result_json='{"adopted": true}'),
        ],
        {"adopted": True},
        {"text": "e", "persons": ["张某", "李某"], "note": "signed"},
    ),
    Case(
        "confirmEntries",
        "/v1/catalog:confirm",
        catalogs_pb2.ConfirmEntriesRequest(entries=["e/a", "e/b"], person="张某", note="signed"),
        [catalogs_pb2.ConfirmEntriesResponse()],
        {"confirmed": 2},
        {"entries": ["e/a", "e/b"], "person": "张某", "note": "signed"},
    ),
    Case(
        "listAccounts",
        "/v1/accounts",
        accounts_pb2.ListAccountsRequest(),
        [accounts_pb2.ListAccountsResponse(json='{"name": "王五"}')],
        {"accounts": [{"name": "王五"}]},
    ),
    Case(
        "newAccount",
        "/v1/accounts",
        accounts_pb2.NewAccountRequest(
            name="王五",
            unit="信用办",
            post="科员",
            roles=["operator"],
            budget=1000,
            expires_on=20271231,
            by="张某",
        ),
        [
            accounts_pb2.NewAccountResponse(
                json='{"name": "王五"}', password="p", secret="S", uri="otpauth://u"
            )
        ],
        {"name": "王五", "password": "p", "secret": "S", "uri": "otpauth://u"},
        {
            "name": "王五",
            "unit": "信用办",
            "post": "科员",
            "roles": ["operator"],
            "expires_on": 20271231,
            "by": "张某",
        },
    ),
    Case(
        "resetAccount",
        "/v1/accounts:password",
        accounts_pb2.ResetAccountRequest(name="王五", by="张某"),
        [accounts_pb2.ResetAccountResponse(json="{}", password="p", secret="S", uri="u")],
        {"password": "p", "secret": "S", "uri": "u"},
        {"name": "王五", "by": "张某"},
    ),
    Case(
        "revokeAccount",
        "/v1/accounts:revoke",
        accounts_pb2.RevokeAccountRequest(name="王五", by="张某"),
        [accounts_pb2.RevokeAccountResponse(json='{"state": "revoked"}')],
        {"state": "revoked"},
        {"name": "王五", "by": "张某"},
    ),
    Case(
        "getQuality",
        "/v1/quality?period=2026-W42&shares=true",
        quality_pb2.GetQualityRequest(first=20261012, last=20261018, shares=True),
        [quality_pb2.GetQualityResponse(json=part) for part in ('{"period": ', '{"first": 1}}')],
        {"period": {"first": 1, "name": "2026-W42"}},
    ),
    Case(
        "listOutcomes",
        "/v1/outcomes",
        screening_pb2.ListOutcomesRequest(),
        [screening_pb2.ListOutcomesResponse(json=TWO)],
        {"outcomes": [{"in_force": True}]},
    ),
    Case(
        "listOutcomes",
        "/v1/outcomes?all=true",
        screening_pb2.ListOutcomesRequest(),
        [screening_pb2.ListOutcomesResponse(json=TWO)],
        {"outcomes": [{"in_force": True}, {"in_force": False}]},
    ),
    Case(
        "pendingOutcomes",
        "/v1/outcomes:pending",
        screening_pb2.PendingOutcomesRequest(),
        [screening_pb2.PendingOutcomesResponse(json="[]")],
        {"outcomes": [], "next_page_token": ""},
    ),
    Case(
        "pendingOutcomes",
        "/v1/outcomes:pending?page_size=2&page_token=eA==",
        screening_pb2.PendingOutcomesRequest(page_size=2, page_token="eA=="),
        [screening_pb2.PendingOutcomesResponse(json=part, next_page_token="b") for part in "[]"],
        {"outcomes": [], "next_page_token": "b"},
    ),
    Case(
        "outcomeReport",
        "/v1/outcomes:report?period=2026-10",
        screening_pb2.OutcomeReportRequest(first=20261001, last=20261031),
        [screening_pb2.OutcomeReportResponse(json='{"rows": []}')],
        {"rows": []},
    ),
    Case(
        "getOutcomes",
        f"/v1/outcomes/{NUMBER}",
        screening_pb2.GetOutcomesRequest(check=NUMBER),
        [screening_pb2.GetOutcomesResponse(json='{"matches": []}')],
        {"matches": []},
    ),
    Case(
        "listRepairs",
        "/v1/repairs?late=true&member=510300&since=20261001&list_type=judgment-defaulter",
        repairs_pb2.ListRepairsRequest(
            late=True,
            member="510300",
            since=20261001,
            list_type="judgment-defaulter",
            page_size=100,
        ),
        [repairs_pb2.ListRepairsResponse(repairs_json=['{"a": 1}'])],
        {"repairs": [{"a": 1}], "next_page_token": ""},
    ),
    Case(
        "getRepair",
        f"/v1/repairs/{ID}",
        repairs_pb2.GetRepairRequest(statement_id=RAW),
        [repairs_pb2.GetRepairResponse(json='{"over": false}')],
        {"over": False},
    ),
    Case(
        "getRepairProgress",
        f"/v1/repairs/{ID}/progress",
        repairs_pb2.GetRepairRequest(statement_id=RAW),
        [repairs_pb2.GetRepairResponse(json='{"late": []}')],
        {"late": []},
    ),
    Case(
        "getRepairRates",
        "/v1/repairs:rates?period=2026-Q3",
        repairs_pb2.GetRepairRatesRequest(first=20260701, last=20260930),
        [repairs_pb2.GetRepairRatesResponse(json='{"share": null}')],
        {"share": None},
    ),
    Case(
        "auditRepairs",
        "/v1/repairs:audit",
        repairs_pb2.AuditRepairsRequest(),
        [repairs_pb2.AuditRepairsResponse(json='{"code": "repair.late"}')],
        {"findings": [{"code": "repair.late"}]},
    ),
    Case(
        "listRequests",
        "/v1/requests",
        requests_pb2.ListRequestsRequest(open=True, page_size=100),
        [requests_pb2.ListRequestsResponse(requests_json=['{"a": 1}'], next_page_token="WzJd")],
        {"requests": [{"a": 1}], "next_page_token": "WzJd"},
    ),
    Case(
        "sendRequest",
        "/v1/requests",
        requests_pb2.SendRequestRequest(
            request_id=KEY,
            statement_id=RAW,
            type="objection",
            received_on=20261118,
            text="收文号：自信收〔2026〕3号\n文书已被撤销",
        ),
        [requests_pb2.SendRequestResponse(json='{"state": "sent"}')],
        {"state": "sent"},
        {
            "request_id": KEY,
            "statement_id": ID,
            "type": "objection",
            "received_on": 20261118,
            "document": "自信收〔2026〕3号",
            "text": "文书已被撤销",
        },
    ),
    Case(
        "getRequest",
        f"/v1/requests/{ID}",
        requests_pb2.GetRequestRequest(statement_id=RAW),
        [requests_pb2.GetRequestResponse(json='{"answers": []}')],
        {"answers": []},
    ),
    Case(
        "answerRequest",
        f"/v1/requests/{ID}:answer",
        requests_pb2.AnswerRequestRequest(
            request_id=KEY,
            statement_id=RAW,
            verdict="granted",
            how="repair",
            document="泸信修〔2026〕7号",
            decided_on=20261120,
            result=RAW,
        ),
        [requests_pb2.AnswerRequestResponse(json='{"state": "granted"}')],
        {"state": "granted"},
        {
            "request_id": KEY,
            "verdict": "granted",
            "how": "repair",
            "document": "泸信修〔2026〕7号",
            "decided_on": 20261120,
            "result": ID,
        },
    ),
    Case(
        "listCredentials",
        "/v1/credentials",
        access_pb2.ListCredentialsRequest(),
        [access_pb2.ListCredentialsResponse(json='{"id": "0123abcd"}')] * 2,
        {"credentials": [{"id": "0123abcd"}] * 2},
    ),
    Case(
        "getCredential",
        "/v1/credentials/0123abcd",
        access_pb2.GetCredentialRequest(credential="0123abcd"),
        [access_pb2.GetCredentialResponse(json='{"id": "0123abcd"}')],
        {"id": "0123abcd"},
    ),
    Case(
        "newCredential",
        "/v1/credentials",
        access_pb2.NewCredentialRequest(
            department="交易中心（演示）",
            roles=["department"],
            matters=["procurement"],
            budget=1000,
            expires_on=20271231,
            by="张某",
        ),
        [access_pb2.NewCredentialResponse(json='{"id": "0123abcd"}', token="once")],
        {"id": "0123abcd", "token": "once"},
        {
            "department": "交易中心（演示）",
            "matters": ["procurement"],
            "expires_on": 20271231,
            "by": "张某",
        },
    ),
    Case(
        "revokeCredential",
        "/v1/credentials/0123abcd:revoke",
        access_pb2.RevokeCredentialRequest(credential="0123abcd", by="张某"),
        [access_pb2.RevokeCredentialResponse(json='{"state": "revoked"}')],
        {"state": "revoked"},
        {"by": "张某"},
    ),
    Case(
        "searchQueries",
        "/v1/queries:search",
        queries_pb2.ListQueriesRequest(
            code="91510500ZZ00000018", by=["张某", "李某"], authorisation="授-1", note="signed"
        ),
        [queries_pb2.ListQueriesResponse(queries_json=['{"kind": "check"}'])],
        {"queries": [{"kind": "check"}]},
        {
            "code": "91510500ZZ00000018",
            "by": ["张某", "李某"],
            "authorisation": "授-1",
            "note": "signed",
        },
    ),
    Case(
        "verifyQueries",
        "/v1/queries:verify",
        queries_pb2.VerifyQueriesRequest(promises=["查询".encode()]),
        [queries_pb2.VerifyQueriesResponse(json='{"ok": true}')],
        {"ok": True},
        {"promises": ["查询"]},
    ),
    Case(
        "listPending",
        "/v1/charters/pending",
        admin_pb2.ListPendingRequest(),
        [admin_pb2.ListPendingResponse(json='{"pending": []}')],
        {"pending": []},
    ),
    Case(
        "listDisplays",
        "/v1/displays",
        displays_pb2.ListDisplaysRequest(),
        [displays_pb2.ListDisplaysResponse(json='{"number": "1"}')],
        {"displays": [{"number": "1"}]},
    ),
    Case(
        "getDisplays",
        f"/v1/displays/{NUMBER}",
        displays_pb2.GetDisplaysRequest(number=NUMBER),
        [displays_pb2.GetDisplaysResponse(json='{"remove": []}')],
        {"remove": []},
    ),
    Case(
        "reportDisplays",
        "/v1/displays:report",
        displays_pb2.ReportDisplaysRequest(),
        [displays_pb2.ReportDisplaysResponse(json='{"overdue": 1}')],
        {"parties": [{"overdue": 1}]},
    ),
    Case(
        "scenarioMatrix",
        "/v1/scenarios:matrix",
        recognition_pb2.GetMatrixRequest(),
        [recognition_pb2.GetMatrixResponse(json=part) for part in ('{"regions"', ": []}")],
        {"regions": []},
    ),
    Case(
        "scenarioHistory",
        f"/v1/scenarios/{ID}/history",
        recognition_pb2.GetHistoryRequest(scenario=ID),
        [recognition_pb2.GetHistoryResponse(json='[{"day": 20261120}]')],
        {"history": [{"day": 20261120}]},
    ),
)
ELSEWHERE = {
    "listPeers": "tests/node/documents/test_peers.py",
    "makeCertificate": "below",
    "getCaseLetter": "tests/node/web/test_operations_letters.py",
    "getRequestLetter": "tests/node/web/test_operations_letters.py",
    "getCredentialForm": "tests/node/web/test_operations_act_letters.py",
    "getQueriesLetter": "tests/node/web/test_operations_act_letters.py",
}
"""Their answers are made of more than one document, or are none."""


@pytest.fixture(scope="module")
def threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1)


@pytest.fixture
def world(threads: ThreadPoolExecutor) -> Operated:
    return Operated(threads)


@pytest.mark.parametrize("case", CASES, ids=[one.target + " " * bool(one.body) for one in CASES])
def test_an_operation_asks_the_node_and_gives_its_document(world: Operated, case: Case) -> None:
    (rpc,) = BY_NAME[case.name].rpcs
    world.node.answers[rpc] = case.answers
    made = world.get(case.target) if case.body is None else world.post(case.target, case.body)
    assert (made.status, made.json()) == (200, case.found)
    assert world.node.asked == [(TOKEN, rpc, case.asked)]


@pytest.mark.parametrize("case", CASES, ids=[one.target + " " * bool(one.body) for one in CASES])
def test_what_the_node_refuses_leaves_with_its_code(world: Operated, case: Case) -> None:
    world.node.error = RefusedError("record.unknown", "没有此声明 / no such statement")
    made = world.get(case.target) if case.body is None else world.post(case.target, case.body)
    assert (made.status, made.json()["code"]) == (404, "record.unknown")


def test_every_operation_of_business_has_a_case() -> None:
    assert {one.name for one in OURS} == {one.name for one in CASES} | set(ELSEWHERE)


def test_every_operation_of_business_stands_in_the_chinese_page() -> None:
    page = PAGE.read_text("utf-8")
    assert [one.name for one in OURS if f"| `{one.method} {one.path}` |" not in page] == []


def test_a_certificate_is_a_file(world: Operated) -> None:
    pieces = [
        certificates_pb2.MakeCertificateResponse(number="CX-1", pdf=b"%PDF-"),
        certificates_pb2.MakeCertificateResponse(pdf=b"1.7"),
    ]
    world.node.answers["Certificates/MakeCertificate"] = pieces
    said: dict[str, Any] = {
        "subject": "91510500ZZ00000018",
        "check": "https://credit.example/check",
    }
    made = world.post(f"/v1/repairs/{ID}/certificate", said)
    assert (made.status, made.body) == (200, b"%PDF-1.7")
    assert made.headers["content-type"] == "application/pdf"
    assert made.headers["content-disposition"] == 'attachment; filename="CX-1.pdf"'
    assert made.headers["cache-control"] == "no-store"
    ((_, _, asked),) = world.node.asked
    assert asked == certificates_pb2.MakeCertificateRequest(statement_id=RAW, **said)


def test_ht18_what_asks_words_of_persons_takes_them() -> None:
    for one in OURS:
        asks = any("note" in method_of(rpc).input_type.fields_by_name for rpc in one.rpcs)
        assert asks == any(field.name == "note" for field in one.body or ()), one.name


# ------------------------------------------------------------------ what does not fit


@pytest.mark.parametrize(
    ("target", "body", "code"),
    [
        ("/v1/credentials", {"matters": [1]}, "http.field"),
        ("/v1/credentials", {"matters": "procurement"}, "http.field"),
        ("/v1/credentials", {"budget": 2**32}, "http.field"),
        ("/v1/queries:search", {"by": [["张某"]]}, "http.field"),
        ("/v1/queries:verify", {"promises": [None]}, "http.field"),
        (f"/v1/requests/{ID}:answer", {"result": "no id"}, "id.malformed"),
        (f"/v1/cases/{ID}:decide", {"verdict": 1}, "http.field"),
    ],
)
def test_what_has_no_room_is_refused_before_the_node_is_asked(
    world: Operated, target: str, body: dict[str, Any], code: str
) -> None:
    always: dict[str, dict[str, Any]] = {
        "/v1/credentials": {"department": "d", "expires_on": 20271231, "by": "张某"},
        "/v1/queries:search": {"by": ["张某"]},
        "/v1/queries:verify": {},
        f"/v1/requests/{ID}:answer": {"request_id": KEY, "verdict": "granted"},
        f"/v1/cases/{ID}:decide": {"verdict": "use", "person": "张某", "reason": "已核对"},
    }
    made = world.post(target, always[target] | body)
    assert (made.status, made.json()["code"]) == (422, code)
    assert world.node.asked == []


@pytest.mark.parametrize(
    "target",
    [
        "/v1/quality?period=2026-13-1",
        "/v1/outcomes:report",
        "/v1/outcomes:report?period=2026-W42",
        "/v1/repairs?member=泸州",
        "/v1/repairs?page_size=201",
        "/v1/catalog?on=20261301",
        "/v1/requests?all=1",
    ],
)
def test_ht2_a_query_holds_closed_forms_alone(world: Operated, target: str) -> None:
    made = world.get(target.replace("泸州", "%E6%B3%B8%E5%B7%9E"))
    assert (made.status, made.json()["code"]) == (400, "http.query")
    assert world.node.asked == []


def test_a_period_that_is_none_is_refused(world: Operated) -> None:
    made = world.get("/v1/quality?period=2026-13")
    assert (made.status, made.json()["code"]) == (422, "quality.period")
    assert world.node.asked == []


@pytest.mark.parametrize("target", ["/v1/cases/no-id", "/v1/displays/1", "/v1/credentials/zz"])
def test_ht2_a_path_holds_closed_forms_alone(world: Operated, target: str) -> None:
    made = world.get(target)
    assert (made.status, made.json()["code"]) == (404, "http.path")
    assert world.node.asked == []


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("access.no-credential", 404),
        ("access.ended", 409),
        ("access.value", 422),
        ("access.roles", 422),
        ("queries.two-persons", 422),
        ("person.unsigned", 409),
    ],
)
def test_what_is_wrong_with_what_was_sent_is_not_told_of_who_sent_it(
    world: Operated, code: str, status: int
) -> None:
    """401 and 403 would say that the caller's own token is none, or may not; 503: come again."""
    world.node.error = RefusedError(code, "没有 / none")
    made = world.post("/v1/credentials/0123abcd:revoke", {"by": "张某"})
    assert (made.status, "www-authenticate" in made.headers) == (status, False)


@pytest.mark.parametrize("code", ["case.unknown", "relief.unknown", "request.unknown"])
def test_what_is_not_there_is_not_found(world: Operated, code: str) -> None:
    world.node.error = RefusedError(code, "没有 / none")
    assert world.get(f"/v1/cases/{ID}").status == 404


def test_ht2_no_subject_stands_in_logs_figures_or_problems(world: Operated) -> None:
    """Whatever fails: what was sent comes back in nothing that stays."""
    world.node.error = ValueError(CANARY)
    with capture_logs() as logs:
        for one in OURS:
            texts = {f.name: CANARY for f in one.body or () if f.kind == "string" and not f.words}
            made = call(world.app, one, TOKEN, **texts)
            assert made.status in (422, 500), one.name
            assert CANARY not in made.body.decode(), one.name
    assert CANARY not in str(logs)
    assert CANARY not in generate_latest(world.registry).decode()


def test_an_edition_may_be_longer_than_other_texts_and_is_bounded(
    threads: ThreadPoolExecutor,
) -> None:
    world = Operated(threads)
    told = catalogs_pb2.ImportEditionResponse(result_json='{"adopted": false}')
    world.node.answers["Catalogs/ImportEdition"] = [told]
    assert world.post("/v1/catalog:import", {"text": "版" * EDITION_MAX}).status == 200
    found = world.post("/v1/catalog:import", {"text": "版" * (EDITION_MAX + 1)})
    assert (found.status, found.json()["code"]) == (422, "http.field")

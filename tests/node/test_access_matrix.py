"""Who may do what: every call of every service and every route of HTTP stands here, once.

role × action × matter × purpose. A new call, or a new route, fails here until somebody has said
whose it is (`node/services/doors.py`, AC13-AC15).
"""

from __future__ import annotations

import importlib
from itertools import product
from pathlib import Path
from typing import Any, cast

import grpc
import pytest

from federation.errors import RefusedError
from federation.screening.roles import Action, Role, allowed
from node.app.local import connect
from node.network.errors import error_of
from node.services.doors import DEPARTMENTS, METHODS, OPEN, PEERS
from node.web import log_app
from node.web.app import ROUTES
from node.web.operation_tables import OPERATIONS
from tests.support.admitted import admitting
from tests.support.invented import code_of
from tests.support.parts import FakeNode

GENERATED = Path(__file__).parents[2] / "protos" / "gen" / "huxin" / "v1"
SYSTEM, SECURITY, AUDIT = Role.SYSTEM, Role.SECURITY, Role.AUDIT
OPERATOR, REVIEWER, DEPARTMENT = Role.OPERATOR, Role.REVIEWER, Role.DEPARTMENT
THIRD_PARTY = Role.THIRD_PARTY
OUTSIDE = {DEPARTMENT, THIRD_PARTY}
BUSINESS = {OPERATOR, REVIEWER}

WHO = {
    "Access/NewCredential": {SECURITY},
    "Access/ListCredentials": {SECURITY, AUDIT},
    "Access/GetCredential": {SECURITY, AUDIT},
    "Access/RevokeCredential": {SECURITY, SYSTEM},
    "Access/LiftStop": {SECURITY},
    "Accounts/NewAccount": {SECURITY},
    "Accounts/ListAccounts": {SECURITY, AUDIT},
    "Accounts/RevokeAccount": {SECURITY, SYSTEM},
    "Accounts/ResetAccount": {SECURITY},
    "Accounts/OpenSession": {*Role} - {THIRD_PARTY},
    "Accounts/BeginProviderSession": {*Role} - {THIRD_PARTY},
    "Accounts/FinishProviderSession": {*Role} - {THIRD_PARTY},
    "Accounts/CloseSession": {*Role} - {THIRD_PARTY},
    "Admin/GetStatus": {*Role} - OUTSIDE,
    "Admin/PublishFile": {OPERATOR},
    "Admin/TryMapping": {OPERATOR},
    "Admin/GetProof": BUSINESS,
    "Admin/FindStatement": BUSINESS,
    "Admin/CountDigits": BUSINESS,
    "Admin/ReloadCharters": {SYSTEM},
    "Admin/ListPending": {*Role} - OUTSIDE,
    "Admin/GetCharter": {*Role} - OUTSIDE,
    "Admin/Rebuild": {SYSTEM},
    "Admin/RotateKeys": {SYSTEM},
    "Admin/Recover": {SYSTEM},
    "Admin/ExportPacket": {SYSTEM},
    "Admin/ImportPacket": {SYSTEM},
    "Admin/GoOn": {SYSTEM},
    "Admin/ShowClock": {*Role} - OUTSIDE,
    "Admin/ConfirmClock": {SYSTEM},
    "Cases/ListCases": BUSINESS,
    "Cases/CountWaitingCases": BUSINESS,
    "Cases/GetCase": BUSINESS,
    "Cases/GetCaseHands": BUSINESS,
    "Cases/DecideCase": {REVIEWER},
    "Cases/ProposeEdition": {REVIEWER},
    "Cases/CheckWords": BUSINESS,
    "Catalogs/ImportEdition": {REVIEWER},
    "Catalogs/ShowCatalog": BUSINESS,
    "Catalogs/ShowDeadlines": BUSINESS,
    "Catalogs/ShowMatters": BUSINESS,
    "Catalogs/DiffEditions": BUSINESS,
    "Catalogs/CheckCatalog": BUSINESS,
    "Catalogs/ConfirmEntries": {REVIEWER},
    "Catalogs/ImportLibrary": {OPERATOR},
    "Certificates/MakeCertificate": BUSINESS,
    "Displays/SubmitDisplays": {OPERATOR, THIRD_PARTY},
    "Displays/AcknowledgeDisplays": {OPERATOR, THIRD_PARTY},
    "Displays/ListDisplays": BUSINESS,
    "Displays/GetDisplays": BUSINESS,
    "Displays/ReportDisplays": BUSINESS,
    "Campaigns/OpenCampaign": {OPERATOR},
    "Campaigns/EnterCampaign": {OPERATOR},
    "Campaigns/ListCampaigns": BUSINESS,
    "Campaigns/GetCampaign": BUSINESS,
    "Campaigns/ListCampaignSubjects": BUSINESS,
    "Imports/NewImport": {OPERATOR},
    "Imports/ListImports": BUSINESS,
    "Imports/GetImport": BUSINESS,
    "Imports/GetImportRows": BUSINESS,
    "Imports/GetImportErrors": BUSINESS,
    "Imports/ListMappings": BUSINESS,
    "Imports/ProposeMapping": {OPERATOR},
    "Imports/MapImport": {OPERATOR},
    "Imports/BeginWord": {OPERATOR},
    "Imports/SayWord": BUSINESS,
    "Imports/PublishImport": {OPERATOR},
    "Imports/NameImport": {OPERATOR},
    "Imports/DropImport": {OPERATOR},
    "Letters/GetLetter": BUSINESS,
    "Letters/IssueLetter": BUSINESS,
    "Letters/ListLetters": BUSINESS,
    "Notices/ListNotices": BUSINESS,
    "Notices/GetNotice": BUSINESS,
    "Notices/RemindNotices": {OPERATOR},
    "Platforms/GetSuspected": BUSINESS,
    "Platforms/ReleaseRows": {OPERATOR},
    "Platforms/GetTotals": BUSINESS,
    "Platforms/Redeliver": {SYSTEM},
    "Quality/GetQuality": BUSINESS,
    "Queries/ListQueries": {AUDIT},
    "Queries/VerifyQueries": {AUDIT},
    "Queries/ExportQueryLog": {AUDIT},
    "Recognitions/ListScenarios": {OPERATOR, REVIEWER, DEPARTMENT},
    "Recognitions/GetScenario": {OPERATOR, REVIEWER, DEPARTMENT},
    "Recognitions/GetMatrix": {OPERATOR, REVIEWER, DEPARTMENT},
    "Recognitions/GetHistory": {OPERATOR, REVIEWER, DEPARTMENT},
    "Recognitions/CheckBenefit": {OPERATOR, DEPARTMENT},
    "Recognitions/ListBenefits": {OPERATOR, DEPARTMENT},
    "Recognitions/ReportBenefitUse": {OPERATOR, DEPARTMENT},
    "Recognitions/MakePage": BUSINESS,
    "Registry/Publish": {OPERATOR},
    "Registry/Relieve": {OPERATOR},
    "Registry/Annotate": {OPERATOR},
    "Registry/GetRecord": BUSINESS,
    "Registry/ListRecords": BUSINESS,
    "Registry/WatchRecords": BUSINESS,
    "Repairs/ListRepairs": BUSINESS,
    "Repairs/GetRepair": BUSINESS,
    "Repairs/GetRepairProgress": BUSINESS,
    "Repairs/AuditRepairs": BUSINESS,
    "Repairs/GetRepairRates": BUSINESS,
    "Repairs/DrawRechecks": {REVIEWER},
    "Repairs/ListRechecks": BUSINESS,
    "Repairs/KeepRecheck": {REVIEWER},
    "Requests/SendRequest": {OPERATOR},
    "Requests/ListRequests": BUSINESS,
    "Requests/GetRequest": BUSINESS,
    "Requests/AnswerRequest": {OPERATOR},
    "Screening/Check": {OPERATOR, DEPARTMENT},
    "Screening/ListMatters": {OPERATOR, REVIEWER, DEPARTMENT},
    "Screening/ListMeasures": {OPERATOR, REVIEWER, DEPARTMENT},
    "Screening/NoteExposed": {*Role} - OUTSIDE,
    "Screening/ReportOutcome": {OPERATOR, DEPARTMENT},
    "Screening/CheckBatch": {OPERATOR, DEPARTMENT},
    "Screening/CheckRows": {OPERATOR, DEPARTMENT},
    "Screening/GetOutcomes": {OPERATOR, REVIEWER, DEPARTMENT},
    "Screening/ListOutcomes": {OPERATOR, REVIEWER, DEPARTMENT},
    "Screening/PendingOutcomes": {OPERATOR, REVIEWER, DEPARTMENT},
    "Screening/OutcomeReport": BUSINESS,
    "Watches/CloseWatch": {OPERATOR, DEPARTMENT},
    "Watches/ListWatches": {OPERATOR, DEPARTMENT},
    "Watches/OpenWatch": {OPERATOR, DEPARTMENT},
    "Watches/ReadWatch": {OPERATOR, DEPARTMENT},
}
"""Written out by hand: what the tables of the program lead to is compared with it."""

HTTP = {
    ("POST", "/v1/checks"): Action.CHECK,
    ("POST", "/v1/checks:batch"): Action.CHECK,
    ("POST", "/v1/checks/{number}/outcomes"): Action.REPORT_OUTCOME,
    ("POST", "/v1/displays"): Action.DISPLAYS,
    ("POST", "/v1/displays/{number}/acknowledgements"): Action.DISPLAYS,
    ("GET", "/v1/matters"): Action.MATTERS,
    ("GET", "/v1/measures"): Action.MATTERS,
    ("POST", "/v1/benefits/checks"): Action.BENEFIT,
    ("POST", "/v1/benefits/checks/{number}/uses"): Action.REPORT_USE,
    ("POST", "/v1/benefits:list"): Action.BENEFIT,
    ("GET", "/v1/scenarios"): Action.SCENARIOS,
    ("GET", "/v1/scenarios/{id}"): Action.SCENARIOS,
    ("POST", "/v1/sessions"): None,
    ("POST", "/v1/sessions:begin"): None,
    ("POST", "/v1/sessions:finish"): None,
    ("POST", "/v1/sessions:close"): None,
    ("GET", "/v1/openapi.json"): None,
    ("GET", "/v1/"): None,
    ("GET", "/healthz"): None,
}
"""Each route is one of the calls above, or says the same to everybody."""


UNKNOWN = {"nobody": "access.unknown", "": "access.missing"}


STRANGERS = {
    ("GET", "/logs/{log}/checkpoint"),
    ("GET", "/logs/{log}/tile/{tile}"),
    ("GET", "/logs/{log}/openings/{opening}"),
    ("GET", "/charters/{alliance}/{version}.json"),
    ("POST", "/witness/add-checkpoint"),
    ("GET", "/witness/{origin_hash}/checkpoint"),
    ("POST", "/huxin/v1/join"),
}
"""Whom the charter lets, or who holds an invitation (JN5); nothing about a subject (HT10, HT12)."""


def calls() -> dict[str, tuple[bool, bool]]:
    """Every call of every service in the specification: does either side stream?"""
    found = {}
    for path in sorted(GENERATED.glob("*_pb2.py")):
        module = importlib.import_module(f"huxin.v1.{path.stem}")
        for service in module.DESCRIPTOR.services_by_name.values():
            for method in service.methods:
                name = f"/{service.full_name}/{method.name}"
                found[name] = (method.client_streaming, method.server_streaming)
    return found


def test_every_call_is_in_the_table_and_nothing_else() -> None:
    assert set(calls()) == set(METHODS) | PEERS
    assert not set(METHODS) & PEERS
    assert {name.removeprefix("/huxin.v1.") for name in METHODS} == set(WHO)
    assert set(METHODS) > DEPARTMENTS
    assert not OPEN & set(METHODS)


def test_every_route_is_in_the_table_and_nothing_else() -> None:
    operations = {(one.method, one.path): one.rpcs for one in OPERATIONS}
    assert not set(HTTP) & set(operations)
    assert set(ROUTES) == set(HTTP) | set(operations)
    assert {f"/huxin.v1.{rpc}" for rpcs in operations.values() for rpc in rpcs} <= set(METHODS)
    assert set(log_app.ROUTES) == STRANGERS
    asked = {METHODS[one] for one in DEPARTMENTS} | {Action.DISPLAYS}
    assert {action for action in HTTP.values() if action} <= asked


@pytest.mark.parametrize("role", Role)
def test_the_tables_lead_to_what_is_written_here(role: Role) -> None:
    may = {name for name, action in METHODS.items() if allowed(role, action)}
    assert may == {f"/huxin.v1.{name}" for name, roles in WHO.items() if role in roles}


def test_departments_reach_nothing_but_their_calls() -> None:
    theirs = {f"/huxin.v1.{name}" for name, roles in WHO.items() if DEPARTMENT in roles}
    sessions = ("Open", "Close", "BeginProvider", "FinishProvider")
    console = {f"/huxin.v1.Accounts/{name}Session" for name in sessions}
    assert theirs - console == DEPARTMENTS


def test_tp9_a_third_party_hands_in_and_acknowledges_and_may_do_nothing_else() -> None:
    theirs = {name for name, roles in WHO.items() if THIRD_PARTY in roles}
    assert theirs == {"Displays/SubmitDisplays", "Displays/AcknowledgeDisplays"}
    assert [one for one in Action if allowed(THIRD_PARTY, one)] == [Action.DISPLAYS]
    assert {one for one in Role if allowed(one, Action.DISPLAYS)} == {OPERATOR, THIRD_PARTY}


def test_what_is_denied_is_denied_at_the_socket(tmp_path: Path) -> None:
    node = FakeNode(tmp_path)
    wrong = []
    with connect(tmp_path, lambda _: node.parts()) as channel:
        for (name, (_, streams)), token in product(calls().items(), (*Role, "nobody", "")):
            roles = WHO.get(name.removeprefix("/huxin.v1."), set())
            if name in PEERS or token in roles:
                continue
            said = refusal(channel, name, token or " ", streams=streams)
            if said != UNKNOWN.get(token, "access.denied"):
                wrong.append((name, token, said))
    assert wrong == []
    assert node.asked == []


def refusal(channel: grpc.Channel, name: str, token: str, *, streams: bool) -> str:
    """With which code a call is refused."""
    make = channel.unary_stream if streams else channel.unary_unary
    call: Any = make(name, request_serializer=None, response_deserializer=None)
    try:
        answer = call(b"", timeout=20, metadata=(("authorization", f"Bearer {token}"),))
        list(answer) if streams else None
    except grpc.RpcError as failure:
        return error_of(cast("grpc.aio.AioRpcError", failure)).code
    return "answered"


def test_role_action_matter_and_purpose(tmp_path: Path) -> None:
    """Of a check each of them decides alone, of a benefit the purpose; of all else neither."""
    here = admitting(tmp_path)
    try:
        security_last = sorted(Role, key=(SECURITY,).count)
        askers = {role: here.new(roles=frozenset({role}))[0].asker for role in security_last}
        wrong = []
        cases = product(Role, Action, ("procurement", "tax", ""), ("joint-punishment", "audit", ""))
        for at, (role, action, matter, purpose) in enumerate(cases):
            bound = {
                Action.CHECK: (matter, purpose) == ("procurement", "joint-punishment"),
                Action.BENEFIT: purpose == "joint-punishment",
            }
            may = allowed(role, action) and bound.get(action, True)
            try:
                here.access.admit(
                    askers[role],
                    action,
                    matter=matter,
                    purpose=purpose,
                    case=str(at),
                    subject_code=code_of(at),
                )
                done = True
            except RefusedError:
                done = False
            if done != may:
                wrong.append((role, action, matter, purpose))
        assert wrong == []
    finally:
        here.close()

"""Registry and Admin as a client on the Unix socket sees them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import grpc
import pytest
from huxin.v1 import admin_pb2, payload_pb2, registry_pb2
from huxin.v1.admin_pb2_grpc import AdminStub
from huxin.v1.registry_pb2_grpc import RegistryStub

from federation.errors import FederationError, RefusedError, StatementError
from federation.statements import AnnotationAction
from node.app.local import connect
from node.network.errors import error_of
from node.network.startup_inquiry import expected
from tests.support.parts import ORIGIN, FakeNode, statement, view

REQUEST = "0123456789abcdef" * 2
DATE = 20260901


@dataclass
class Operator:
    node: FakeNode
    registry: RegistryStub
    admin: AdminStub


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Operator]:
    node = FakeNode(tmp_path)
    with connect(tmp_path, lambda _: node.parts()) as channel:
        yield Operator(node=node, registry=RegistryStub(channel), admin=AdminStub(channel))


def scenario() -> payload_pb2.Scenario:
    return payload_pb2.Scenario(
        min_reader=1,
        scenario_type="信易游",
        title="景区门票优惠",
        provider="文旅局（演示）",
        benefits=[payload_pb2.Benefit(text="门票八折")],
        subject_kinds=[payload_pb2.SUBJECT_KIND_ENTERPRISE],
    )


def error(caught: pytest.ExceptionInfo[grpc.RpcError]) -> FederationError:
    return error_of(cast("grpc.aio.AioRpcError", caught.value))


def test_drafts_are_published(operator: Operator) -> None:
    draft = registry_pb2.Draft(scenario=scenario(), action=1)
    request = registry_pb2.PublishRequest(request_id=REQUEST, drafts=[draft], source="court")
    (published,) = operator.registry.Publish(request, timeout=60).published
    assert (published.statement_id, published.origin, published.index) == (
        statement(1),
        ORIGIN,
        1,
    )
    ((what, request_id, drafts, source),) = operator.node.asked
    assert (what, request_id, len(drafts), source) == ("publish", REQUEST, 1, "court")


@pytest.mark.parametrize("count", [0, 1025])
def test_the_number_of_drafts_is_bounded(operator: Operator, count: int) -> None:
    draft = registry_pb2.Draft(scenario=scenario(), action=1)
    request = registry_pb2.PublishRequest(request_id=REQUEST, drafts=[draft] * count)
    with pytest.raises(grpc.RpcError) as caught:
        operator.registry.Publish(request, timeout=60)
    assert isinstance(error(caught), StatementError)
    assert not operator.node.asked


def test_relief_is_published_and_its_refusal_told(operator: Operator) -> None:
    request = registry_pb2.RelieveRequest(
        request_id=REQUEST,
        kind=registry_pb2.RELIEF_KIND_REPAIR,
        statement_id=statement(9),
        document="（2026）1号",
        decided_on=DATE,
    )
    assert operator.registry.Relieve(request, timeout=60).published.index == 1
    fields = operator.node.asked[0][2]
    assert fields["statement_id"] == statement(9)
    request.document = "again"
    with pytest.raises(grpc.RpcError) as caught:
        operator.registry.Relieve(request, timeout=60)
    refusal = error(caught)
    assert isinstance(refusal, RefusedError)
    assert refusal.code == "relief.already"


def test_an_annotation_is_published(operator: Operator) -> None:
    request = registry_pb2.AnnotateRequest(
        request_id=REQUEST, statement_id=statement(9), action=3, document="x", decided_on=DATE
    )
    assert operator.registry.Annotate(request, timeout=60).published.index == 1
    request.action = 7
    with pytest.raises(grpc.RpcError) as caught:
        operator.registry.Annotate(request, timeout=60)
    assert error(caught).code == "request.invalid"


def test_records_are_shown_and_paged(operator: Operator) -> None:
    operator.node.views = [view(number) for number in range(5)]
    shown = operator.registry.GetRecord(
        registry_pb2.GetRecordRequest(statement_id=statement(3)), timeout=60
    )
    assert (shown.statement_id, shown.kind, shown.state) == (statement(3), "listing", "active")
    seen, token = [], ""
    while True:
        page = operator.registry.ListRecords(
            registry_pb2.ListRecordsRequest(page_size=2, page_token=token), timeout=60
        )
        seen += [record.index for record in page.records]
        token = page.next_page_token
        if not token:
            break
    assert seen == [0, 1, 2, 3, 4]
    with pytest.raises(grpc.RpcError) as caught:
        operator.registry.GetRecord(
            registry_pb2.GetRecordRequest(statement_id=statement(77)), timeout=60
        )
    assert error(caught).code == "record.unknown"


def test_a_watcher_sees_all_and_then_what_changes(operator: Operator) -> None:
    operator.node.views = [view(1), view(2, "masked")]
    watch = operator.registry.WatchRecords(
        registry_pb2.WatchRecordsRequest(state="active"), timeout=60
    )
    assert next(watch).index == 1
    operator.node.views = [view(1, "repaired"), view(2, "masked"), view(3)]
    operator.node.exchange.changes.ring()
    first, second = next(watch), next(watch)
    assert (first.index, first.state) == (1, "repaired")
    assert second.index == 3
    watch.cancel()


def test_a_file_is_taken_with_progress(operator: Operator) -> None:
    request = admin_pb2.PublishFileRequest(path="/srv/rows.csv", kind="list", dry_run=True)
    *_, last = operator.admin.PublishFile(request, timeout=30)
    result = json.loads(last.result_json)
    assert (result["path"], result["dry_run"], last.rows_read) == ("/srv/rows.csv", True, 7)
    with pytest.raises(grpc.RpcError) as caught:
        list(operator.admin.PublishFile(admin_pb2.PublishFileRequest(path="x"), timeout=60))
    assert error(caught).code == "request.invalid"


def test_a_proof_is_handed_out(operator: Operator) -> None:
    request = admin_pb2.GetProofRequest(statement_id=statement(2))
    proof = operator.admin.GetProof(request, timeout=60)
    assert proof.proof == b"proof " + statement(2)
    assert (proof.salt, proof.payload) == (b"", b"")


@pytest.mark.parametrize("check_only", [True, False])
def test_tables_are_compared_or_derived_again(operator: Operator, check_only: bool) -> None:
    answer = operator.admin.Rebuild(admin_pb2.RebuildRequest(check_only=check_only), timeout=60)
    assert answer.equal is check_only
    assert list(answer.differences) == ([] if check_only else ["row 1"])


def test_the_next_lookup_key_is_made_ready_with_progress(operator: Operator) -> None:
    asked = admin_pb2.RotateKeysRequest(lookup=True)
    *steps, last = operator.admin.RotateKeys(asked, timeout=30)
    assert (last.tags, last.lookup_key, last.opening_key) == (7, 2, 0)
    assert [(one.tags, one.lookup_key) for one in steps] == [(7, 0)]


def test_keys_are_rotated_with_progress(operator: Operator) -> None:
    *_, last = operator.admin.RotateKeys(admin_pb2.RotateKeysRequest(), timeout=30)
    assert (last.opening_key, last.sealed, last.lost) == (2, 9, 1)


def test_our_own_log_is_refilled_with_progress(operator: Operator) -> None:
    *_, last = operator.admin.Recover(admin_pb2.RecoverRequest(wait_seconds=5), timeout=30)
    assert (last.size, last.refilled, last.openings, last.done) == (9, 4, 3, True)


def test_members_are_asked_before_what_must_not_fork_and_never_before_relief(
    operator: Operator,
) -> None:
    for kind in (registry_pb2.RELIEF_KIND_REPAIR, registry_pb2.RELIEF_KIND_WITHDRAWAL):
        operator.registry.Relieve(relieve(kind), timeout=60)
    operator.registry.Annotate(annotate(AnnotationAction.MASKING_BEGUN), timeout=60)
    for spared in (
        admin_pb2.PublishFileRequest(path="/reliefs.csv", kind="repair"),
        admin_pb2.PublishFileRequest(path="/list.csv", kind="list", dry_run=True),
    ):
        list(operator.admin.PublishFile(spared, timeout=30))
    assert not operator.node.ended
    draft = registry_pb2.Draft(scenario=scenario(), action=1)
    publish = registry_pb2.PublishRequest(request_id=REQUEST, drafts=[draft], source="court")
    file = admin_pb2.PublishFileRequest(path="/list.csv", kind="list")
    for call in (
        lambda: operator.registry.Publish(publish, timeout=60),
        lambda: operator.registry.Relieve(relieve(registry_pb2.RELIEF_KIND_RELISTING), timeout=60),
        lambda: operator.registry.Annotate(annotate(AnnotationAction.MASKING_ENDED), timeout=60),
        lambda: list(operator.admin.PublishFile(file, timeout=30)),
    ):
        operator.node.ended = False
        call()
        assert operator.node.ended


def test_a_running_node_waits_while_an_answer_may_come(tmp_path: Path) -> None:
    node = FakeNode(tmp_path, looks=2)
    asyncio.run(expected(node))
    assert node.looks < 0


def relieve(kind: registry_pb2.ReliefKind.ValueType) -> registry_pb2.RelieveRequest:
    return registry_pb2.RelieveRequest(
        request_id=REQUEST,
        kind=kind,
        statement_id=statement(1),
        document="川修〔2026〕1号",
        decided_on=DATE,
        approved_by=["王演示", "李演示"],
        ground=payload_pb2.RELISTING_GROUND_FRAUD
        if kind == registry_pb2.RELIEF_KIND_RELISTING
        else payload_pb2.RELISTING_GROUND_UNSPECIFIED,
    )


def annotate(action: int) -> registry_pb2.AnnotateRequest:
    return registry_pb2.AnnotateRequest(
        request_id=REQUEST,
        statement_id=statement(1),
        action=action,
        document="（2026）川05破1号",
        decided_on=DATE,
    )


def test_persons_give_their_word(operator: Operator) -> None:
    operator.admin.GoOn(admin_pb2.GoOnRequest(by=["王演示"], reason="断网"), timeout=60)
    assert operator.node.asked == [("go-on", ("王演示",), "断网", "")]

"""What a failed call carries, byte for byte, and what a caller makes of it (SPEC §9.7)."""

from __future__ import annotations

from typing import Any

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import ErrorInfo, LocalizedMessage, RetryInfo
from google.rpc.status_pb2 import Status
from grpc.aio import AioRpcError, Metadata

from federation.errors import (
    CharterError,
    EntitlementError,
    FederationError,
    RefusedError,
    ReplicationError,
    StatementError,
)
from federation.peers.witness import WitnessError
from node.network.errors import DETAILS_KEY, UnavailableError, error_of, status_of
from node.network.transport import PeerRefusedError
from tests.support.vectors import compare, held

CODES = {code.value[0]: code for code in grpc.StatusCode}

ERRORS: list[FederationError] = [
    PeerRefusedError("peer.unknown", "this certificate is in no charter of this node"),
    EntitlementError("entitlement.kind", "kind 9 is not said under this segment"),
    StatementError("openings.count", "expected 1 to 256 indices, got 0"),
    CharterError("charter.threshold", "expected 3 signatures, got 2"),
    ReplicationError("batch.gap", "expected leaves from 3, got 7"),
    RefusedError("log.unknown", "no such log is offered"),
    UnavailableError("calls.many", "expected at most 64 calls at once"),
    WitnessError(404, "unknown origin"),
    WitnessError(403, "no good signature of the log's key"),
    WitnessError(400, "old size 3 is larger than the checkpoint's 2"),
    WitnessError(409, "expected old size 7, got 3", size=7),
    WitnessError(422, "consistency proof: it leads to another root"),
]


def packed(code: grpc.StatusCode, *details: Message) -> bytes:
    status = Status(code=code.value[0], message="x")
    for detail in details:
        one = AnyMessage()
        one.Pack(detail)
        status.details.append(one)
    data: bytes = status.SerializeToString(deterministic=True)
    return data


def foreign() -> list[tuple[str, grpc.StatusCode, bytes]]:
    """Failures that no node of ours sends, or that gRPC itself makes."""
    internal, away = grpc.StatusCode.INTERNAL, grpc.StatusCode.UNAVAILABLE
    refused = grpc.StatusCode.FAILED_PRECONDITION
    known = ErrorInfo(reason="log.unknown", domain="huxin")
    huge = ErrorInfo(reason="witness.409", domain="huxin", metadata={"size": "9" * 5000})
    return [
        ("no details: UNAVAILABLE", away, b""),
        ("no details: DEADLINE_EXCEEDED", grpc.StatusCode.DEADLINE_EXCEEDED, b""),
        ("no details: RESOURCE_EXHAUSTED", grpc.StatusCode.RESOURCE_EXHAUSTED, b""),
        ("no details: CANCELLED", grpc.StatusCode.CANCELLED, b""),
        ("no details: INTERNAL", internal, b""),
        ("no details: UNIMPLEMENTED", grpc.StatusCode.UNIMPLEMENTED, b""),
        ("no details: UNKNOWN", grpc.StatusCode.UNKNOWN, b""),
        ("another domain", refused, packed(refused, ErrorInfo(reason="x", domain="example.com"))),
        ("no ErrorInfo", refused, packed(refused, LocalizedMessage(locale="en", message="x"))),
        ("details that are no Status", refused, b"\xff\xff"),
        ("other details besides", refused, packed(refused, RetryInfo(), known)),
        ("a reason that is not known", refused, packed(refused, ErrorInfo(
            reason="log.tired", domain="huxin"))),
        ("409 with a size beyond 2^63-1", refused, packed(refused, huge)),
        ("409 without a size", refused, packed(refused, ErrorInfo(
            reason="witness.409", domain="huxin"))),
    ]  # fmt: skip


def arrived(code: grpc.StatusCode, details: bytes) -> FederationError:
    trailing = Metadata((DETAILS_KEY, details)) if details else Metadata()
    return error_of(AioRpcError(code, Metadata(), trailing, details="x"))


def made(error: FederationError) -> dict[str, Any]:
    status = status_of(error)
    data = status.SerializeToString(deterministic=True)
    info, chinese, english = ErrorInfo(), LocalizedMessage(), LocalizedMessage()
    for detail, into in zip(status.details, (info, chinese, english), strict=True):
        assert detail.Unpack(into)
    return {
        "name": error.code,
        "grpc": CODES[status.code].name,
        "reason": info.reason,
        "metadata": dict(info.metadata),
        "zh-CN": chinese.message,
        "en": english.message,
        "details": data.hex(),
        "result": error.code,
    }


def test_vectors_of_errors() -> None:
    about = (
        "`details` (hex) is the value of grpc-status-details-bin before gRPC's own base64; empty: "
        "there is none. Other implementations may write other texts. `result` is what a caller "
        "goes by: the reason, or peer.unavailable (try again later), or peer.internal (tell the "
        "operator of the other side)."
    )
    cases = [made(error) for error in ERRORS]
    for name, code, details in foreign():
        error = arrived(code, details)
        size = {"size": error.size} if isinstance(error, WitnessError) else {}
        row = {"name": name, "grpc": code.name, "details": details.hex(), "result": error.code}
        cases.append(row | size)
    compare("errors", "9.7", about, cases)
    for case in held("errors")["cases"]:
        found = arrived(grpc.StatusCode[case["grpc"]], bytes.fromhex(case["details"]))
        assert found.code == case["result"], case["name"]
    results = [case["result"] for case in held("errors")["cases"]][len(ERRORS) :]
    assert results == [
        *["peer.unavailable"] * 4, *["peer.internal"] * 6,
        "log.unknown", "log.tired", "witness.409", "witness.409",
    ]  # fmt: skip

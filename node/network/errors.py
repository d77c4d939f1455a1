"""Errors of ours to gRPC statuses and back; the only place that knows both (google.rpc).

    RefusedError        FAILED_PRECONDITION     CharterError      INVALID_ARGUMENT
    EntitlementError    PERMISSION_DENIED       ReplicationError  INVALID_ARGUMENT
    StatementError      INVALID_ARGUMENT        ForkError         ABORTED
    PeerRefusedError    UNAUTHENTICATED         UnavailableError  UNAVAILABLE
    WitnessError 404    NOT_FOUND               WitnessError 403  PERMISSION_DENIED
    WitnessError 400    INVALID_ARGUMENT        WitnessError 409  FAILED_PRECONDITION, with size
    WitnessError 422    OUT_OF_RANGE            AdapterError      UNAVAILABLE
    FileAdapterError    INVALID_ARGUMENT        PlatformError     UNAVAILABLE

Each carries an `ErrorInfo` whose reason is the stable code, in the domain `huxin`, and its text in
Chinese and English. What is not listed becomes a bare INTERNAL: its text may hold anything, so
only an id leaves the process, and the log has the rest under that id.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final, TypeAlias

import grpc
import protovalidate
import structlog
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import DecodeError, Message
from google.rpc.error_details_pb2 import ErrorInfo, LocalizedMessage
from google.rpc.status_pb2 import Status

from adapters.errors import AdapterError
from adapters.files.errors import FileAdapterError
from adapters.platform.errors import PlatformError
from crypto.errors import FormatError
from crypto.strict import parse_decimal
from federation.errors import (
    CharterError,
    EntitlementError,
    FederationError,
    RefusedError,
    ReplicationError,
    StatementError,
)
from federation.peers import witness
from federation.peers.replica import ForkError
from federation.peers.witness import WitnessError
from node.network.transport import PeerRefusedError
from node.system.entropy import token
from node.texts.codes import chinese

_log = structlog.get_logger()

DOMAIN: Final = "huxin"
DETAILS_KEY: Final = "grpc-status-details-bin"
Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]

MAX_TEXT: Final = 1024
"""Characters of a message that go over the wire."""
MAX_ENCODED: Final = 2048
"""Its bytes there, where each that is not printable ASCII takes three; metadata above 8 KiB may be
refused as a whole, and the details carry the message again."""


class UnavailableError(FederationError):
    """The other side, or its database, cannot be reached, or is not ready; try again later."""


class InternalError(FederationError):
    """The other side's fault; its log has the rest under the id in the message."""


_STATUS: Final[tuple[tuple[type[FederationError], grpc.StatusCode, str], ...]] = (
    (RefusedError, grpc.StatusCode.FAILED_PRECONDITION, "与规则或当前状态不符，未作任何更改"),
    (EntitlementError, grpc.StatusCode.PERMISSION_DENIED, "无权作此声明或查询"),
    (StatementError, grpc.StatusCode.INVALID_ARGUMENT, "请求内容不符合规范"),
    (CharterError, grpc.StatusCode.INVALID_ARGUMENT, "联盟章程无效"),
    (ReplicationError, grpc.StatusCode.INVALID_ARGUMENT, "所传数据未通过验证"),
    (ForkError, grpc.StatusCode.ABORTED, "日志出现分叉"),
    (PeerRefusedError, grpc.StatusCode.UNAUTHENTICATED, "对方身份与章程不符"),
    (UnavailableError, grpc.StatusCode.UNAVAILABLE, "暂时无法提供服务，请稍后重试"),
)
_WITNESS: Final = {
    witness.NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    witness.FORBIDDEN: grpc.StatusCode.PERMISSION_DENIED,
    witness.BAD_REQUEST: grpc.StatusCode.INVALID_ARGUMENT,
    witness.CONFLICT: grpc.StatusCode.FAILED_PRECONDITION,
    witness.UNPROCESSABLE: grpc.StatusCode.OUT_OF_RANGE,
}
_WITNESS_TEXT: Final = "检查点未被见证"
_WITNESS_PREFIX: Final = "witness."

# By status, what a client raises; by the first of the list where several share one.
_ERRORS: Final[dict[grpc.StatusCode, type[FederationError]]] = {
    code: error for error, code, _ in reversed(_STATUS)
}
_AWAY: Final = (
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.CANCELLED,
)


@asynccontextmanager
async def answering(context: Context, *, operator: bool = False) -> AsyncIterator[None]:
    """Turn whatever a call raises into its status; every method of every service stands in it.

    Args:
        context: the call.
        operator: whether the caller is the node's own operator.
    """
    try:
        yield
    except grpc.aio.AbortError:
        raise
    except Exception as error:  # noqa: BLE001 - the edge: nothing else may leave
        if isinstance(error, FileAdapterError):
            error = StatementError(error.code, str(error))
        elif isinstance(error, PlatformError):
            error = UnavailableError(error.code, str(error))
        elif isinstance(error, AdapterError):
            failed = str(getattr(error, "code", "store.failed"))
            _log.error("store failed", code=failed, error=str(error))
            # Its text is for the operator, who is whoever calls on the Unix socket.
            text = str(error) if operator else "the store of the other side failed"
            error = UnavailableError(failed if operator else "store.failed", text)
        status = status_of(error)
        code = _code(status.code)
        if code is grpc.StatusCode.INTERNAL:
            _log.error("unexpected error", code="internal", id=status.message, exc_info=error)
            await context.abort(code, status.message)
        await context.abort(code, status.message, ((DETAILS_KEY, status.SerializeToString()),))


def status_of(error: Exception) -> Status:
    """Turn an error into a google.rpc status; an unknown one into a bare INTERNAL with an id."""
    metadata: dict[str, str] = {}
    if isinstance(error, WitnessError):
        code, text = _WITNESS[error.status], _WITNESS_TEXT
        if error.status == witness.CONFLICT:
            metadata["size"] = str(error.size)
    else:
        found = next(((c, t) for e, c, t in _STATUS if isinstance(error, e)), None)
        if found is None:
            return Status(code=grpc.StatusCode.INTERNAL.value[0], message=token(8).hex())
        code, text = found
    if not isinstance(error, FederationError):
        raise TypeError(error)
    english = bounded(str(error))
    status = Status(code=code.value[0], message=english)
    _pack(status, ErrorInfo(reason=error.code, domain=DOMAIN, metadata=metadata))
    _pack(
        status,
        LocalizedMessage(locale="zh-CN", message=f"{chinese(error.code) or text}（{error.code}）"),
    )
    _pack(status, LocalizedMessage(locale="en", message=english))
    return status


def bounded(text: str) -> str:
    """As much of a message as fits into a status."""
    spent = 0
    for at, char in enumerate(text[:MAX_TEXT]):
        spent += (
            1 if char.isascii() and char.isprintable() else 3 * len(char.encode("utf-8", "replace"))
        )
        if spent > MAX_ENCODED:
            return text[:at]
    return text[:MAX_TEXT]


def error_of(failure: grpc.aio.AioRpcError) -> FederationError:
    """Turn the failure of a call into the error that the other side raised."""
    code, message = failure.code(), failure.details() or failure.code().name
    info = _info(failure)
    if info is None:
        if code in _AWAY:
            return UnavailableError("peer.unavailable", message)
        return InternalError("peer.internal", f"{code.name}: {message}")
    if info.reason.startswith(_WITNESS_PREFIX):
        status = next((s for s, c in _WITNESS.items() if c is code), witness.BAD_REQUEST)
        try:
            size = parse_decimal(info.metadata.get("size", "0"))
        except FormatError:
            size = 0
        return WitnessError(status, message, size=size)
    error = _ERRORS.get(code, InternalError)
    if error is ForkError:  # its proof does not travel in a status
        error = RefusedError
    return error(info.reason, message)


def check_request(message: Message, *, apart: str = "") -> None:
    """Check a request against the rules beside its fields.

    Args:
        message: the request.
        apart: a field that somebody else checks.

    Raises:
        StatementError: `request.invalid`, naming the field and the rule, never its content.
    """
    for violation in protovalidate.collect_violations(message, fail_fast=not apart):
        proto = violation.proto
        path = [e.field_name for e in proto.field.elements] if proto.field else []
        if not apart or path[:1] != [apart]:
            text = f"{'.'.join(path) or 'request'}: {proto.message} ({proto.rule_id})"
            raise StatementError("request.invalid", text)


def _pack(status: Status, detail: Message) -> None:
    packed = AnyMessage()
    packed.Pack(detail)
    status.details.append(packed)


def _info(failure: grpc.aio.AioRpcError) -> ErrorInfo | None:
    for key, value in failure.trailing_metadata() or ():
        if key != DETAILS_KEY or not isinstance(value, bytes):
            continue
        info = ErrorInfo()
        try:
            details = Status.FromString(value).details
            if any(d.Unpack(info) for d in details) and info.domain == DOMAIN:
                return info
        except DecodeError:
            return None
    return None


def _code(number: int) -> grpc.StatusCode:
    return next(code for code in grpc.StatusCode if code.value[0] == number)

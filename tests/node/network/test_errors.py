from __future__ import annotations

from typing import Any
from urllib.parse import quote

import grpc
import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc.error_details_pb2 import ErrorInfo, LocalizedMessage
from huxin.v1 import exchange_pb2 as pb
from huxin.v1 import registry_pb2

from adapters.errors import FullError
from crypto.checkpoint import Checkpoint, sign_checkpoint
from crypto.fork import ForkProof
from crypto.keys import KeyType, Signer
from crypto.merkle import EMPTY_ROOT
from federation.errors import (
    CharterError,
    EntitlementError,
    FederationError,
    RefusedError,
    ReplicationError,
    StatementError,
)
from federation.ids import Origin
from federation.peers.replica import ForkError
from federation.peers.witness import WitnessError
from node.network.errors import (
    DETAILS_KEY,
    InternalError,
    UnavailableError,
    answering,
    check_request,
    error_of,
    status_of,
)
from node.network.transport import PeerRefusedError

NOTE = sign_checkpoint(
    Checkpoint(origin="o/1", size=0, root=EMPTY_ROOT),
    Signer(name="o/1", type=KeyType.NOTE, seed=bytes(32)),
).to_bytes()
FORK = ForkError(Origin("o/1"), ForkProof(smaller=NOTE, larger=NOTE, prefix=None, path=()))


class AbortedError(Exception):
    pass


class Call:
    """A servicer context that keeps what it is told, and the failure that the caller sees."""

    def __init__(self) -> None:
        self.code = grpc.StatusCode.OK
        self.details = ""
        self.trailing: tuple[tuple[str, bytes], ...] = ()

    async def abort(
        self, code: grpc.StatusCode, details: str = "", trailing_metadata: Any = ()
    ) -> None:
        self.code, self.details, self.trailing = code, details, trailing_metadata
        raise AbortedError

    @property
    def failure(self) -> grpc.aio.AioRpcError:
        metadata = grpc.aio.Metadata(*self.trailing)
        return grpc.aio.AioRpcError(self.code, grpc.aio.Metadata(), metadata, self.details)


async def failed(error: Exception, *, operator: bool = False) -> Call:
    call: Any = Call()
    with pytest.raises(AbortedError):
        async with answering(call, operator=operator):
            raise error
    assert isinstance(call, Call)
    return call


@pytest.mark.parametrize(
    ("error", "code", "returned"),
    [
        (RefusedError("a.b", "x"), "FAILED_PRECONDITION", RefusedError),
        (EntitlementError("a.b", "x"), "PERMISSION_DENIED", EntitlementError),
        (StatementError("a.b", "x"), "INVALID_ARGUMENT", StatementError),
        (CharterError("a.b", "x"), "INVALID_ARGUMENT", StatementError),
        (ReplicationError("a.b", "x"), "INVALID_ARGUMENT", StatementError),
        (FORK, "ABORTED", RefusedError),
        (PeerRefusedError("a.b", "x"), "UNAUTHENTICATED", PeerRefusedError),
        (UnavailableError("a.b", "x"), "UNAVAILABLE", UnavailableError),
        (WitnessError(404, "x"), "NOT_FOUND", WitnessError),
        (WitnessError(403, "x"), "PERMISSION_DENIED", WitnessError),
        (WitnessError(400, "x"), "INVALID_ARGUMENT", WitnessError),
        (WitnessError(409, "x", size=7), "FAILED_PRECONDITION", WitnessError),
        (WitnessError(422, "x"), "OUT_OF_RANGE", WitnessError),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
async def test_an_error_arrives_with_its_code_and_text(
    error: FederationError, code: str, returned: type[FederationError]
) -> None:
    call = await failed(error)
    assert call.code is grpc.StatusCode[code]
    arrived = error_of(call.failure)
    assert type(arrived) is returned
    assert (arrived.code, str(arrived)) == (error.code, str(error))
    if isinstance(error, WitnessError):
        assert isinstance(arrived, WitnessError)
        assert (arrived.status, arrived.size) == (error.status, error.size)


def test_a_status_speaks_chinese_and_english() -> None:
    info, texts = ErrorInfo(), {}
    for detail in status_of(RefusedError("relief.already", "it stands")).details:
        text = LocalizedMessage()
        if detail.Unpack(text):
            texts[text.locale] = text.message
        else:
            assert detail.Unpack(info)
    assert (info.domain, info.reason) == ("huxin", "relief.already")
    assert texts["en"] == "it stands"
    assert "relief.already" in texts["zh-CN"]


@pytest.mark.parametrize("error", [ValueError("某公司（演示）"), KeyError("secret")])
async def test_an_unknown_error_leaves_nothing_but_an_id(
    error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    call = await failed(error)
    assert call.code is grpc.StatusCode.INTERNAL
    assert not call.trailing
    assert bytes.fromhex(call.details)
    assert call.details in capsys.readouterr().out
    arrived = error_of(call.failure)
    assert isinstance(arrived, InternalError)
    assert call.details in str(arrived)


async def test_a_failed_store_is_told_in_full_to_the_operator_only() -> None:
    stranger = await failed(FullError("free space on /srv/huxin"))
    operator = await failed(FullError("free space on /srv/huxin"), operator=True)
    assert stranger.code is operator.code is grpc.StatusCode.UNAVAILABLE
    assert "/srv" not in stranger.details
    assert operator.details == "free space on /srv/huxin"
    assert error_of(operator.failure).code == "store.failed"


@pytest.mark.parametrize("text", ["x", "字", "\n", "\U00020bb7"])
async def test_a_long_message_is_cut(text: str) -> None:
    call = await failed(RefusedError("a.b", text * 100_000))
    details = sum(len(value) for _, value in call.trailing) * 4 // 3  # in base64
    assert details + len(quote(call.details, safe="")) < 8000


@pytest.mark.parametrize("code", ["UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED"])
def test_a_peer_that_is_away_is_unavailable(code: str) -> None:
    failure = grpc.aio.AioRpcError(
        grpc.StatusCode[code], grpc.aio.Metadata(), grpc.aio.Metadata(), "gone"
    )
    assert isinstance(error_of(failure), UnavailableError)


@pytest.mark.parametrize("value", [b"\xff\xff", b""])
def test_details_that_cannot_be_read_are_nobodys_code(value: bytes) -> None:
    metadata = grpc.aio.Metadata((DETAILS_KEY, value))
    failure = grpc.aio.AioRpcError(
        grpc.StatusCode.FAILED_PRECONDITION, grpc.aio.Metadata(), metadata, "x"
    )
    assert isinstance(error_of(failure), InternalError)


def test_another_domains_reason_is_not_taken_for_ours() -> None:
    status = status_of(RefusedError("a.b", "x"))
    status.ClearField("details")
    packed = AnyMessage()
    packed.Pack(ErrorInfo(domain="googleapis.com", reason="a.b"))
    status.details.append(packed)
    metadata = grpc.aio.Metadata((DETAILS_KEY, status.SerializeToString()))
    failure = grpc.aio.AioRpcError(
        grpc.StatusCode.FAILED_PRECONDITION, grpc.aio.Metadata(), metadata, "x"
    )
    assert isinstance(error_of(failure), InternalError)


def test_a_request_is_checked_by_the_rules_beside_its_fields() -> None:
    check_request(pb.GetOpeningsRequest(origin="o/1", indices=[1]))
    with pytest.raises(StatementError, match=r"indices.*repeated\.min_items") as caught:
        check_request(pb.GetOpeningsRequest(origin="o/1"))
    assert caught.value.code == "request.invalid"


def test_a_field_may_be_left_to_another_check() -> None:
    request = registry_pb2.PublishRequest(request_id="0" * 32)
    request.drafts.add().listing.SetInParent()
    with pytest.raises(StatementError):
        check_request(request)
    check_request(request, apart="drafts")
    request.request_id = "x"
    with pytest.raises(StatementError, match="request_id"):
        check_request(request, apart="drafts")

"""Operations: what an operator's program does with a node over HTTP, as one table.

Each is a route that is transcoded onto calls of the node's own services, made on its Unix socket
with the caller's token. Routes, their description (`node.web.openapi_operations`) and the matrix of
roles in the tests are all made from the tables in `node.web.operation_tables`.

    HT14  An operation calls the node with the token that came with it, and no other way: who may do
          what is said where it is said for every call (`node.services.doors`, AC13-AC15). It calls
          what it names, and nothing else
    HT15  What runs a node stands on no route: its keys, recovery, charters, clock, packets, and the
          deriving of its tables (`NEVER`)
    HT16  Who asks for something to be written names its request, in the body or in the header
          `Idempotency-Key`; both, and different, is refused, and so is a key where none is taken.
          The same again gives the first answer; another act under it, one about another statement,
          or of other content is refused (`request.reused`, `node.publishing.submissions`)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from federation.errors import StatementError
from node.web.bodies import BODY_MAX, Field
from node.web.node_channel import SECONDS, Caller, method_of
from node.web.parameters import Parameter
from node.web.schemas import Schema

Said: TypeAlias = Mapping[str, Any]
"""What came with a request, by name: of its path, its query and its body."""

NEVER: Final = frozenset(
    {
        "Access/LiftStop",
        "Admin/ConfirmClock",
        "Admin/ExportPacket",
        "Admin/GoOn",
        "Admin/ImportPacket",
        "Admin/Rebuild",
        "Admin/Recover",
        "Admin/ReloadCharters",
        "Admin/RotateKeys",
        "Platforms/Redeliver",
        "Screening/NoteExposed",
    }
)
"""Calls that no operation makes (HT15)."""

REQUEST_ID: Final = Field(
    name="request_id",
    zh="请求号：32 位小写十六进制，如去掉连字符的 UUID；重发时用同一个，也可放在 "
    "Idempotency-Key 头",
    en="the caller's own number, 32 hexadecimal digits, as a UUID without hyphens; the same when "
    "sent again; or in the header Idempotency-Key",
    required=False,
    example="5f0c7be12a3d4e6f8091a2b3c4d5e6f7",
)
_NOTHING_ASKED: Final = "request.invalid"
_HEX: Final = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """An answer that is a file."""

    data: bytes
    media: str
    name: str


class Ask:
    """A node, as one operation may call it for one caller (HT14); blocks."""

    def __init__(self, caller: Caller, token: str, operation: Operation) -> None:
        """Bind the caller's token and the calls that the operation names."""
        self._caller = caller
        self._token = token
        self._operation = operation

    def one(self, rpc: str, request: Message) -> Any:  # noqa: ANN401 - the answer of that call
        """Make a call that is answered once."""
        (answer,) = self.many(rpc, request)
        return answer

    def check_allowed(self) -> None:
        """Ask whether the caller may: with a call that asks for nothing, and is refused for that.

        Raises:
            FederationError: `access.…`, and where the node cannot be reached.
        """
        rpc = self._operation.rpcs[0]
        try:
            self.many(rpc, GetMessageClass(method_of(rpc).input_type)())
        except StatementError as error:
            if error.code != _NOTHING_ASKED:
                raise

    def many(self, rpc: str, request: Message) -> Sequence[Any]:
        """Make a call that is answered in parts; all of them."""
        if rpc not in self._operation.rpcs:
            raise ValueError(rpc)
        return self._caller.call(self._token, rpc, request, self._operation.seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One route."""

    method: str
    path: str
    name: str
    """`operationId` of the description."""
    zh: str
    en: str
    rpcs: tuple[str, ...]
    """The calls that it makes, `Service/Method`, the one that it is for first."""
    serve: Callable[[Ask, Said], object]
    """Calls the node and returns the answer: what JSON can hold, as `huxin … -o json` prints it, or
    `Content`."""
    answer: Schema
    """Of an answer in JSON; empty where it is `Content`."""
    place: tuple[Parameter, ...] = ()
    """What stands in the path, by the names in its braces."""
    query: tuple[Parameter, ...] = ()
    body: tuple[Field, ...] | None = None
    """Fields of its JSON; None where it takes no body. `request_id` is added where `keyed`."""
    body_max: int = BODY_MAX
    file: bool = False
    """Whether its body is a file; then `said["file"]` is its path (`node.web.uploads`)."""
    keyed: bool = False
    """Whether it takes the number of a request (HT16); then `said["request_id"]` is there."""
    media: str = "application/json"
    """Of its answer."""
    seconds: float = SECONDS
    """After which a call of it is given up."""

    @property
    def fields(self) -> tuple[Field, ...] | None:
        """All fields of its body."""
        if self.body is None or not self.keyed:
            return self.body
        return (*self.body, REQUEST_ID)


def request_key(operation: Operation, in_body: str, in_headers: Sequence[str]) -> str:
    """Return the number of a request as the node takes it; empty where the operation takes none.

    Args:
        operation: what is asked for.
        in_body: as `request_id`, or empty.
        in_headers: each header `Idempotency-Key`.

    Raises:
        StatementError: `http.idempotency` (HT16).
    """
    said = {_plain(one) for one in (in_body, *in_headers) if one}
    if not operation.keyed:
        if said:
            message = (
                "此操作不用 Idempotency-Key，重发即重做 / expected no Idempotency-Key here: "
                "what is sent again is done again"
            )
            raise StatementError("http.idempotency", message)
        return ""
    if len(said) != 1 or len(in_headers) > 1:
        message = (
            "须给出一个请求号：正文的 request_id 或 Idempotency-Key 头，同给时须一致 / "
            "expected one request_id or header Idempotency-Key, the same where both are given; "
            f"got {len(said)}"
        )
        raise StatementError("http.idempotency", message)
    (key,) = said
    return key


def _plain(key: str) -> str:
    """A UUID as its digits."""
    plain = key.strip().lower().replace("-", "")
    if len(plain) != 32 or not _HEX.issuperset(plain):
        message = (
            "请求号须为 32 位十六进制，如 UUID / expected a request id of 32 hexadecimal digits, "
            "as of a UUID"
        )
        raise StatementError("http.idempotency", message)
    return plain

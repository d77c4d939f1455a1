"""Requests of the node's services, made of what came with a request over HTTP.

HT18  What persons sign before it is done on the socket they sign before it is done over HTTP:
      an operation hands on the word that came, as it came, and adds none
"""

from __future__ import annotations

from typing import Any, Final, TypeVar

from google.protobuf.message import Message

from federation.errors import StatementError
from federation.ids import StatementId, statement_id_from_hex
from node.web.bodies import Field
from node.web.operations import Said

M = TypeVar("M", bound=Message)

PAGE: Final = 100
"""Entries of a page, where none are asked for."""


def message(kind: type[M], **fields: Any) -> M:  # noqa: ANN401 - of whatever types they are
    """Make a request.

    Args:
        kind: of the specification.
        fields: by name.

    Raises:
        StatementError: `http.field`: the specification has no room for a value, such as a number
            of more than 32 bits.
    """
    for name, value in fields.items():
        try:
            kind(**{name: value})
        except (TypeError, ValueError):
            message = f"{name}：超出范围 / {name}: out of bounds"
            raise StatementError("http.field", message) from None
    return kind(**fields)


def paged(said: Said) -> dict[str, Any]:
    """The page that is asked for."""
    return {
        "page_size": said.get("page_size", PAGE),
        "page_token": said.get("page_token", ""),
    }


def statement(said: Said, name: str = "statement_id") -> StatementId:
    """The statement that a path or a body names, by its whole id.

    Raises:
        StatementError: `id.malformed`; what came is not repeated, since it may name somebody.
    """
    try:
        return statement_id_from_hex(said[name])
    except StatementError as error:
        message = (
            f"{name}：应为声明编号，32 位十六进制 / {name}: expected the id of a statement, 32 "
            "hexadecimal digits"
        )
        raise StatementError(error.code, message) from None


PERSON: Final = Field(name="person", zh="决定人姓名", en="who decides", example="张某（演示）")
BY: Final = Field(
    name="by",
    zh="办理人姓名，记入查询日志",
    en="who does it, kept in the query log",
    example="张某（演示）",
)
SHOWN: Final = Field(
    name="shown",
    zh="本人所见的 shown（查看时所给）；其后已改的不予办理",
    en="the `shown` of what this person saw; what has changed since is refused",
    required=False,
    example="e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
)
NOTE: Final = Field(
    name="note",
    zh="本人签署的文件内容（huxin sign …）；节点配置了签名人时必填",
    en="the note that the persons signed; demanded where the node has keys of persons",
    required=False,
    example="huxin/person/v1\n…",
)
"""Words of persons 具名签署, as on the socket: what widens a penalty is refused without them."""

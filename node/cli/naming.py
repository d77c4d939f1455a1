"""Statements as people name them: by the first digits of their ids, which a node knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from huxin.v1 import admin_pb2 as pb

from federation.ids import StatementId, statement_id_from_hex
from node.cli import render
from node.cli.client import Services
from node.cli.options import IdPrefix

_WHOLE: Final = 32
_AT_ONCE: Final = 1000
"""As in admin.proto."""


def named(node: Services, prefix: IdPrefix) -> StatementId:
    """The statement whose id begins so; all digits name it whether or not it is held.

    Raises:
        RpcError: `record.unknown`, `record.ambiguous`; `services` ends the program with them.
    """
    if len(prefix) == _WHOLE:
        return statement_id_from_hex(prefix)
    asked = pb.FindStatementRequest(prefix=prefix)
    return StatementId(node.admin.FindStatement(asked).statement_id)


def abbreviated(node: Services, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Cut the ids of rows to digits that name each, where a table on a terminal shows them."""
    found = [dict(row) for row in rows]
    shown = [row for row in found if row.get("statement_id")]
    if not render.is_narrow():
        return found
    for start in range(0, len(shown), _AT_ONCE):
        some = shown[start : start + _AT_ONCE]
        ids = [bytes.fromhex(row["statement_id"]) for row in some]
        answer = node.admin.CountDigits(pb.CountDigitsRequest(statement_ids=ids))
        for row, digits in zip(some, answer.digits, strict=True):
            row["statement_id"] = row["statement_id"][:digits]
    return found

"""A batch of checks over gRPC: one call opens it, asks it part by part, and closes it.

The next message is read when the one before is answered, so that what waits is bounded by the
transport. A call that ends early has answered what it has answered; the next one goes on.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from concurrent.futures import Executor
from functools import partial
from typing import Any, Final, Protocol

from huxin.v1 import screening_pb2 as pb

from federation.errors import StatementError
from federation.screening.batches import Rows
from federation.screening.roles import Asker
from node.screening.batch_desk import Batch
from node.system.threads import in_thread

PIECE: Final = 256 * 1024
"""Characters of one message; each is at most four bytes."""
_OPENING: Final = ("request_id", "matter", "case_no", "purpose", "input")


class BatchAnswers(Protocol):
    """What the service needs of `node.screening.batch_desk.BatchDesk`; blocks."""

    def open(self, asker: Asker, raw: Mapping[str, Any]) -> Batch:
        """Open a batch, or go on with one."""
        ...

    def part(self, batch: Batch, number: int, rows: Rows) -> dict[str, Any]:
        """Answer the rows of a part."""
        ...

    def close(self, batch: Batch) -> dict[str, Any]:
        """Judge every match again, and say what became of the batch."""
        ...

    def ask(self, asker: Asker, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a batch that comes in one message."""
        ...


def rows_said(text: str) -> dict[str, Any]:
    """Read what is asked in one message.

    Raises:
        StatementError: `batch.rows`: no JSON object.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise StatementError("batch.rows", "应为一个 JSON 对象 / expected one JSON object")
    return found


async def answered(
    desk: BatchAnswers,
    asker: Asker,
    said: AsyncIterator[pb.CheckBatchRequest],
    readers: Executor,
) -> AsyncIterator[pb.CheckBatchResponse]:
    """Answer what is said of one batch, each message with one document.

    Raises:
        StatementError: `batch.order`: not an opening, parts, and a closing; and what the desk
            raises.
    """
    batch: Batch | None = None
    closed = False
    async for one in said:
        what = one.WhichOneof("said")
        if closed or (what == "open") != (batch is None):
            raise _order()
        if batch is None:
            raw = {name: getattr(one.open, name) for name in _OPENING}
            batch = await in_thread(readers, desk.open, asker, raw)
            document = {"number": batch.opened.head.number, "as_of": batch.opened.as_of}
        elif what == "rows":
            rows = _rows(one.rows)
            document = await in_thread(readers, partial(desk.part, batch, one.rows.part, rows))
        elif what == "close":
            document, closed = await in_thread(readers, desk.close, batch), True
        else:
            raise _order()
        for piece in _pieces(document):
            yield piece


def _rows(said: pb.BatchRows) -> Rows:
    codes = said.line_codes.split("\n") if said.lines else []
    names = said.line_names.split("\n") if said.lines else []
    if not (
        len(said.rows) == len(said.codes) == len(said.names)
        and len(said.lines) == len(codes) == len(names)
    ):
        message = "行号、代码、名称须一样多 / expected as many numbers as codes and as names"
        raise StatementError("batch.part", message)
    return Rows(
        numbers=[*said.lines, *said.rows],
        codes=[*codes, *said.codes],
        names=[*names, *said.names],
    )


def _pieces(document: object) -> Iterator[pb.CheckBatchResponse]:
    text = json.dumps(document, ensure_ascii=False)
    for begin in range(0, len(text), PIECE):
        more = begin + PIECE < len(text)
        yield pb.CheckBatchResponse(json=text[begin : begin + PIECE], more=more)


def _order() -> StatementError:
    message = "先开始，再逐段，最后结束 / expected an opening, then parts, then a closing"
    return StatementError("batch.order", message)

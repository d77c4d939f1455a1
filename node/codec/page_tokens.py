"""Tokens of pages: after which place the next page begins. Only this node reads its own."""

from __future__ import annotations

import base64
import json

from federation.errors import StatementError
from federation.ports.findings import Place


def write(after: Place | None) -> str:
    """Write the token of the page after a place; empty where there is none."""
    return "" if after is None else base64.urlsafe_b64encode(json.dumps(after).encode()).decode()


def read(token: str) -> Place | None:
    """Read a token; None for the first page, whose token is empty.

    Raises:
        StatementError: `page-token.invalid`.
    """
    if not token:
        return None
    try:
        log, index = json.loads(base64.urlsafe_b64decode(token))
        return int(log), int(index)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        message = "page token: expected one that this node gave with the page before"
        raise StatementError("page-token.invalid", message) from error

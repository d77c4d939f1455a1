"""Tokens of pages: after which place the next page begins. Only this node reads its own."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from federation.errors import StatementError
from federation.ports.findings import Place


def write(after: Place | None) -> str:
    """Write the token of the page after a place; empty where there is none."""
    return "" if after is None else written(after)


def read(token: str) -> Place | None:
    """Read a token; None for the first page, whose token is empty.

    Raises:
        StatementError: `page-token.invalid`.
    """
    if not token:
        return None
    try:
        log, index = parts(token)
        return int(log), int(index)
    except (ValueError, TypeError, OverflowError) as error:
        raise invalid() from error


def written(said: Sequence[str | int]) -> str:
    """Write a token of what orders the rows of a list."""
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode()


def parts(token: str) -> list[Any]:
    """What a token says, of any kind and number; nothing for the first page.

    Raises:
        StatementError: `page-token.invalid`.
    """
    if not token:
        return []
    try:
        said = json.loads(base64.urlsafe_b64decode(token))
    except (ValueError, RecursionError) as error:
        raise invalid() from error
    if not isinstance(said, list) or not said:
        raise invalid()
    return said


def invalid() -> StatementError:
    """That a token is none of ours."""
    message = "page token: expected one that this node gave with the page before"
    return StatementError("page-token.invalid", message)

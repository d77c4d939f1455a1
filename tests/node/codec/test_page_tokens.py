"""Tokens of pages: what this node gave is read; all else is told, never an INTERNAL."""

from __future__ import annotations

from base64 import urlsafe_b64encode

import pytest

from federation.errors import StatementError
from node.codec import page_tokens


@pytest.mark.parametrize("place", [None, (1, 0), (3, 2**40)])
def test_what_was_given_is_read_again(place: tuple[int, int] | None) -> None:
    assert page_tokens.read(page_tokens.write(place)) == place


@pytest.mark.parametrize(
    "said", [b"", b"[1]", b"1", b"[1, 2, 3]", b'["a", 1]', b"[1e999, 1]", b"[null, 1]"]
)
def test_what_nobody_gave_is_refused(said: bytes) -> None:
    with pytest.raises(StatementError) as told:
        page_tokens.read(urlsafe_b64encode(said or b"\xff").decode())
    assert told.value.code == "page-token.invalid"


@pytest.mark.parametrize(
    "token", ["%", "x", urlsafe_b64encode(b"[" * 100_000).decode()], ids=["sign", "short", "deep"]
)
def test_what_is_no_token_at_all_is_refused(token: str) -> None:
    with pytest.raises(StatementError) as told:
        page_tokens.read(token)
    assert told.value.code == "page-token.invalid"

"""Where a token may stand in a request: in the header Authorization, and nowhere else (HT1).

URLs come to lie in logs of gateways and in histories, bodies in traces and in error reports; there
a token is no secret any more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote_plus

from federation.errors import RefusedError

MISSING: Final = "http.authorization"
EXPOSED: Final = "access.token-exposed"

_TOKEN: Final = re.compile(r"hx1_[A-Za-z0-9_-]{43}")
_BEARER: Final = re.compile(rf"[Bb][Ee][Aa][Rr][Ee][Rr] +({_TOKEN.pattern})")


def bearer(values: Iterable[str]) -> str:
    """Return the token of a request.

    Args:
        values: of all its headers Authorization.

    Raises:
        RefusedError: `http.authorization`: there is not exactly one of the form `Bearer hx1_…`.
    """
    found = list(values)
    match = _BEARER.fullmatch(found[0].strip()) if len(found) == 1 else None
    if match is None:
        message = (
            "须以 Authorization: Bearer hx1_… 出示凭据，且仅一次 / expected one header "
            f"Authorization: Bearer hx1_…, got {'another form' if found else 'none'}"
        )
        raise RefusedError(MISSING, message)
    return match[1]


def in_target(path: bytes, query: bytes) -> str:
    """Return a token that stands in a URL, also percent-encoded; empty where none does."""
    text = f"{path.decode('latin-1')}?{query.decode('latin-1')}"
    found = _TOKEN.search(text) or _TOKEN.search(unquote_plus(text))
    return found[0] if found else ""


def in_body(body: bytes) -> str:
    """Return a token that stands in a body as it came; empty where none does."""
    found = _TOKEN.search(body.decode("latin-1"))
    return found[0] if found else ""


def in_values(said: object) -> str:
    """Return a token in the texts of a body that was read, also one written with escapes."""
    waiting = [said]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str) and (found := _TOKEN.search(one)):
            return found[0]
        if isinstance(one, dict):
            waiting += (*one, *one.values())
        elif isinstance(one, list):
            waiting += one
    return ""


def refusal(place: str) -> RefusedError:
    """What is answered to a request with a token in a place where others can read it."""
    message = (
        "凭据出现在网址或正文中，视为已泄露，请求未办理；请联系运维换发 / the token stands in the "
        f"{place}, where others can read it; nothing was done. Ask the operator for a new one"
    )
    return RefusedError(EXPOSED, message)

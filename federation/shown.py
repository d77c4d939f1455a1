"""What a person saw of a thing before saying a word about it.

V10  who says a word about a thing that others may change meanwhile names what was shown, by a
     digest; the writer compares it where nothing more can come between, and where the thing is no
     longer what was shown the word is refused and nothing is changed

A program that showed nobody anything leaves it empty; then the rules of the thing alone hold. Of
imports the digest is that of the bytes of the word (IM7).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from federation.errors import RefusedError

_CHINA: Final = dt.timezone(dt.timedelta(hours=8))
LATEST: Final = 253_402_271_999
"""The last second of the year 9999 there."""


def digest(thing: Mapping[str, object]) -> str:
    """SHA-256, hexadecimal, of what is shown of a thing; values as JSON has them."""
    text = json.dumps(thing, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def check_shown(shown: str, now: str, last: str = "") -> None:
    """Check that a thing is what a person saw (V10).

    Args:
        shown: digest of what was seen; empty: nothing is compared.
        now: digest of what it is.
        last: who did the last thing to it and when, in Chinese; may be empty.

    Raises:
        RefusedError: `seen.changed`.
    """
    if shown and shown != now:
        by = f"（{last}）" if last else ""
        message = (
            f"在您查看之后有了变化{by}，没有记下您所作的，请重看 / it has changed since it was "
            "shown; nothing was kept: look at it as it stands, then say it"
        )
        raise RefusedError("seen.changed", message)


def minute(at: int) -> str:
    """A time as a message gives it, Asia/Shanghai, to the minute."""
    return f"{dt.datetime.fromtimestamp(min(at, LATEST), _CHINA):%Y-%m-%d %H:%M}"

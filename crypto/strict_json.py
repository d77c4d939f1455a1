"""JSON read so that no two readers see two things in it (SPEC §7.1); whatever stands where.

UTF-8 without a byte order mark; no name twice in an object, once its escapes are read; integers
from 0 to 2⁶³-1 only, without a sign; no lone surrogate; at most 32 levels of objects and lists.
"""

from __future__ import annotations

import json
from typing import Final, NoReturn

from crypto.errors import FormatError
from crypto.strict import MAX_SIZE

MAX_LEVELS: Final = 32
"""Objects and lists within each other, the outermost counted: a charter has nine."""

_MAX_DIGITS: Final = len(str(MAX_SIZE))


def load_json(data: bytes) -> object:
    """Read a JSON text.

    Raises:
        FormatError: it is no JSON, or not as strict as the module says.
    """
    try:
        value: object = json.loads(
            data.decode(),
            object_pairs_hook=_each_once,
            parse_int=_integer,
            parse_float=_no_number,
            parse_constant=_no_number,
        )
    except (ValueError, RecursionError) as error:
        msg = f"expected strict JSON in UTF-8, got {str(error)[:200]}"
        raise FormatError(msg) from error
    _check(value, MAX_LEVELS)
    return value


def _check(value: object, levels: int) -> None:
    """Check texts and depth; recursion ends with the levels."""
    if isinstance(value, str):
        if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
            msg = "expected text that UTF-8 can carry, got a lone surrogate"
            raise FormatError(msg)
    elif isinstance(value, dict | list):
        if levels == 0:
            msg = f"expected at most {MAX_LEVELS} levels of objects and lists, got more"
            raise FormatError(msg)
        for inner in value:
            _check(inner, levels - 1)
        for inner in value.values() if isinstance(value, dict) else ():
            _check(inner, levels - 1)


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) != len(pairs):
        msg = f"a name twice in an object, among {sorted(value)[:8]!a}"
        raise ValueError(msg)
    return value


def _integer(digits: str) -> int:
    if digits.startswith("-") or len(digits) > _MAX_DIGITS or int(digits) > MAX_SIZE:
        _no_number(digits)
    return int(digits)


def _no_number(digits: str) -> NoReturn:
    msg = f"the number {digits[:32]}, which is no integer from 0 to {MAX_SIZE}"
    raise ValueError(msg)

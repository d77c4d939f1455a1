"""Strict reading of JSON values: each reader takes a value and its path, and refuses the rest.

A field given twice, a fraction, hex or base64 in another spelling than the one that is written,
text that UTF-8 cannot carry: all are refused, so that no two readers see two charters in one
payload.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final, NoReturn, TypeVar

from crypto.errors import FormatError
from crypto.keys import VerifierKey
from crypto.strict import b64_strict
from crypto.strict_json import load_json
from federation.errors import CharterError

MAX_PAYLOAD: Final = 1 << 20
"""Bytes of a charter's payload; a member takes about 4 KiB."""

MAX_ITEMS: Final = 1024
"""Items of any list: more than any alliance or catalog of lists needs."""

MAX_TEXT: Final = 256
MAX_ENCODED: Final = 64 * 1024
"""Characters of a certificate or checkpoint in base64."""

DIGEST_SIZE: Final = 32
MAX_KIND: Final = 255

T = TypeVar("T")
Read = Callable[[object, str], T]
"""A reader: (value, path for the message) to what it means."""


def load(data: bytes) -> object:
    """Parse JSON as strictly as `crypto.strict_json`, also within `x`.

    Raises:
        CharterError: `charter.size` or `charter.json`.
    """
    if len(data) > MAX_PAYLOAD:
        message = f"charter: expected at most {MAX_PAYLOAD} bytes, got {len(data)}"
        raise CharterError("charter.size", message)
    try:
        return load_json(data)
    except FormatError as error:
        message = f"charter: {error}"
        raise CharterError("charter.json", message) from error


def dump(value: object) -> str:
    """Write an extension object as text that `load` reads back."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Fields:
    """One JSON object: take every field by name, then `close` refuses what was not taken."""

    def __init__(self, value: object, path: str) -> None:
        """Take the object at `path`.

        Raises:
            CharterError: it is not an object (`charter.field`).
        """
        if not isinstance(value, dict):
            wrong(path, "an object", value)
        self._path = path
        self._left: dict[str, object] = dict(value)

    def take(self, key: str, read: Read[T]) -> T:
        """Take a field that must be there."""
        if key not in self._left:
            wrong(f"{self._path}.{key}", "a value", "nothing")
        return read(self._left.pop(key), f"{self._path}.{key}")

    def maybe(self, key: str, read: Read[T]) -> T | None:
        """Take a field that may be missing; `null` is a value, and no field has it."""
        return self.take(key, read) if key in self._left else None

    def some(self, key: str, read: Read[T]) -> tuple[T, ...]:
        """Take a list that may be missing."""
        return self.maybe(key, listed(read)) or ()

    def many(self, key: str, read: Read[T]) -> tuple[T, ...]:
        """Take a list that must be there."""
        return self.take(key, listed(read))

    def extensions(self) -> str:
        """Take the object `x`, where newer writers may say more, and close."""
        value = self._left.pop("x", {})
        if not isinstance(value, dict):
            wrong(f"{self._path}.x", "an object", value)
        self.close()
        return dump(value)

    def close(self) -> None:
        """Refuse what was not taken.

        Raises:
            CharterError: an unknown field (`charter.field`).
        """
        for key, value in self._left.items():
            wrong(f"{self._path}.{key[:64]}", "no such field", value)


def listed(read: Read[T]) -> Read[tuple[T, ...]]:
    """Make a reader of lists out of a reader of items."""

    def read_list(value: object, path: str) -> tuple[T, ...]:
        if not isinstance(value, list) or len(value) > MAX_ITEMS:
            wrong(path, f"a list of at most {MAX_ITEMS} items", value)
        return tuple(read(item, f"{path}[{i}]") for i, item in enumerate(value))

    return read_list


def wrong(path: str, expected: str, got: object) -> NoReturn:
    """Refuse the value at `path`.

    Raises:
        CharterError: always, `charter.field`.
    """
    message = f"{path}: expected {expected}, got {ascii(got)[:64]}"
    raise CharterError("charter.field", message)


def text(value: object, path: str, limit: int = MAX_TEXT) -> str:
    """Read text of 1 to `limit` characters."""
    if not isinstance(value, str) or not 0 < len(value) <= limit:
        wrong(path, f"text of 1 to {limit} characters", value)
    if any(char < " " for char in value):
        wrong(path, "text without control characters", value)
    return value


def integer(value: object, path: str) -> int:
    """Read an integer, which `load` has bounded; `true` is none."""
    if isinstance(value, bool) or not isinstance(value, int):
        wrong(path, "an integer", value)
    return value


def kind(value: object, path: str) -> int:
    """Read a kind of statement, one byte; kinds that are not known here are let pass."""
    number = integer(value, path)
    if not 0 < number <= MAX_KIND:
        wrong(path, f"a kind from 1 to {MAX_KIND}", value)
    return number


def digest(value: object, path: str) -> bytes:
    """Read a SHA-256 in lower-case hexadecimal."""
    digits = text(value, path)
    try:
        raw = bytes.fromhex(digits)
    except ValueError:
        raw = b""
    if len(raw) != DIGEST_SIZE or raw.hex() != digits:
        wrong(path, f"{2 * DIGEST_SIZE} lower-case hexadecimal digits", value)
    return raw


def encoded(value: object, path: str) -> bytes:
    """Read bytes in canonical base64."""
    try:
        return b64_strict(text(value, path, MAX_ENCODED))
    except FormatError as error:
        wrong(path, "canonical base64", error)


def hash32(value: object, path: str) -> bytes:
    """Read 32 bytes in canonical base64: a public key or a root."""
    raw = encoded(value, path)
    if len(raw) != DIGEST_SIZE:
        wrong(path, f"base64 of {DIGEST_SIZE} bytes", value)
    return raw


def verifier_key(value: object, path: str) -> VerifierKey:
    """Read a verifier key in the text form of signed notes.

    Raises:
        CharterError: it is no text of that length (`charter.field`), or no safe key of a known
            type with its own id (`charter.key`).
    """
    written = text(value, path, 2 * MAX_TEXT)
    try:
        return VerifierKey.parse(written)
    except FormatError as error:
        message = f"{path}: expected a verifier key, got: {error}"
        raise CharterError("charter.key", message) from error


def reader(fields: Fields) -> int:
    """Take `min_reader`, which is read before any other field."""
    number = fields.take("min_reader", integer)
    if number == 0:
        wrong("min_reader", "1 or more", number)
    return number

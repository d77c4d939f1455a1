"""Fields of a mapping or scenario file, taken one by one, with errors that name their path."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from adapters.files._documents import Document
from adapters.files.errors import MappingError

_SHOWN: Final = 80
"""Characters of a value that a message repeats."""


class Fields:
    """One object of a document; a field that nobody took is an error (`done`)."""

    def __init__(self, value: Document, path: str) -> None:
        self._path = path
        if not isinstance(value, dict):
            raise self.error("", f"keys with values, got {_kind(value)}")
        self._rest = dict(value)

    def has(self, key: str) -> bool:
        """Whether the key is there and not yet taken."""
        return self._rest.get(key, "") != ""

    def left(self) -> tuple[str, ...]:
        """The keys that nobody took yet, as they stand in the file."""
        return tuple(self._rest)

    def text(self, key: str, longest: int, default: str | None = None) -> str:
        """Take a text; without a default it must be there."""
        value = self._take(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.error(key, f"a text, got {_kind(value)}")
        if len(value) > longest:
            raise self.error(key, f"at most {longest} characters, got {len(value)}")
        return value.strip()

    def one_of(self, key: str, words: Sequence[str]) -> str:
        """Take one of some words."""
        value = self.text(key, 256)
        if value not in words:
            raise self.error(key, f"one of {', '.join(words)}, got {_shown(value)}")
        return value

    def whatever(self, key: str) -> Document:
        """Take a value of any form; it must be there."""
        return self._take(key, None)

    def number(self, key: str, least: int, most: int) -> int:
        """Take a whole number."""
        value = self.text(key, 32)
        if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
            raise self.error(key, f"a whole number from {least} to {most}, got {_shown(value)}")
        return int(value)

    def texts(
        self,
        key: str,
        *,
        default: tuple[str, ...] | None = None,
        among: Sequence[str] = (),
    ) -> tuple[str, ...]:
        """Take a list of texts, none empty, none twice; without a default at least one."""
        value = self._take(key, None if default is None else list(default))
        if not isinstance(value, list) or (default is None and not value):
            raise self.error(key, f"a list of texts, got {_kind(value)}")
        found: list[str] = []
        for item in value:
            if not isinstance(item, str) or not item or item in found:
                raise self.error(key, f"texts, none empty and none twice, got {_kind(item)}")
            if among and item not in among:
                raise self.error(key, f"only {', '.join(among)}, got {_shown(item)}")
            found.append(item)
        return tuple(found)

    def table(self, key: str, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Take an object whose keys are among some names and whose values are lists of texts."""
        inner = self.inner(key)
        found = {name: inner.texts(name) for name in names if inner.has(name)}
        inner.done()
        return found

    def words(self, key: str, names: Iterable[str]) -> dict[str, str]:
        """Take an object, if there, whose keys are among some names and whose values are texts."""
        if not self.has(key):
            return {}
        inner = self.inner(key)
        found = {name: inner.text(name, 2048) for name in names if inner.has(name)}
        inner.done()
        return found

    def inner(self, key: str) -> Fields:
        """Take an object."""
        return Fields(self._take(key, None), self._at(key))

    def many(self, key: str) -> list[Fields]:
        """Take a list of objects; none where there is no such key."""
        value = self._take(key, [])
        if not isinstance(value, list):
            raise self.error(key, f"a list, got {_kind(value)}")
        return [Fields(item, f"{self._at(key)}.{number}") for number, item in enumerate(value)]

    def done(self) -> None:
        """Refuse what nobody took: a misspelt key must not be silently without effect."""
        if self._rest:
            raise self.error(next(iter(self._rest)), "no such key; is it misspelt?")

    def error(self, key: str, expected: str) -> MappingError:
        """Return the error for a key."""
        where = self._at(key) or "the file"
        return MappingError("mapping.invalid", f"{where}: expected {expected}")

    def _take(self, key: str, default: Document | None) -> Document:
        value = self._rest.pop(key, "")
        if value != "":
            return value
        if default is None:
            raise self.error(key, "a value, got nothing")
        return default

    def _at(self, key: str) -> str:
        return ".".join(filter(None, (self._path, key)))


def _kind(value: Document) -> str:
    return _shown(value) if isinstance(value, str) else f"a {type(value).__name__}"


def _shown(value: Document) -> str:
    """A value in a message: a mapping may turn out to be any file."""
    return repr(value[:_SHOWN] if isinstance(value, str) else value)[:_SHOWN]

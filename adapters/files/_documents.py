"""YAML and JSON files as trees of dict, list and str, strictly.

Every scalar stays the text that was written: `011000` is no octal number, `no` no boolean and
`2026-01-31` no date object, so that the reader of each field decides what it is. Refused: aliases
(a short file can blow up), a key written twice, more than 4 MiB.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import yaml

from adapters.files.errors import TableError

Document = dict[str, "Document"] | list["Document"] | str
"""Empty text stands for null and for "nothing written"."""

_BYTES_MAX: Final = 4 * 1024 * 1024
_DEPTH_MAX: Final = 32
"""Forms have three levels. libyaml builds by recursion in C: tens of thousands end the process."""


class _Loader(yaml.CBaseLoader):
    """Scalars as text; no key twice."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[str, Any]:
    pairs = [(loader.construct_scalar(key), value) for key, value in node.value]
    return _unique([(key, loader.construct_object(value, deep=True)) for key, value in pairs])


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def read_document(path: Path) -> Document:
    """Read a `.json` file as JSON and any other as YAML, in UTF-8 or GB 18030.

    Raises:
        TableError: too large, not the format, an alias, or a key twice (`file.format`).
        OSError: it cannot be read.
    """
    return parse_document(path, document_bytes(path))


def document_bytes(path: Path) -> bytes:
    """Return the bytes of a document's file, read once.

    Raises:
        TableError: `file.size`.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        data = file.read(_BYTES_MAX + 1)
    if len(data) > _BYTES_MAX:
        message = f"文件过大 / expected at most {_BYTES_MAX} bytes, got more"
        raise TableError("file.size", message)
    return data


def parse_document(path: Path, data: bytes) -> Document:
    """Read the bytes of a file of this path as `read_document` does.

    Raises:
        TableError: `file.format`.
    """
    try:
        text = _text(data)
        if path.suffix.lower() == ".json":
            return _plain(
                json.loads(text, object_pairs_hook=_unique, parse_int=str, parse_float=str)
            )
        _check_form(text)
        return _plain(yaml.load(text, _Loader))  # noqa: S506 - builds only dict, list and str
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        message = f"{path.name}: 不是有效的 YAML 或 JSON / not valid YAML or JSON: {error}"
        raise TableError("file.format", message) from error


def _check_form(text: str) -> None:
    """Check, while nothing is built yet, that YAML has no alias and is not nested without end."""
    depth = 0
    for event in yaml.parse(text, yaml.CBaseLoader):
        if isinstance(event, yaml.AliasEvent):
            message = "an alias (*name): write the value out"
            raise ValueError(message)  # noqa: TRY004 - told as any other format error
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEPTH_MAX:
            message = f"expected at most {_DEPTH_MAX} levels, one within the other"
            raise ValueError(message)


def _text(data: bytes) -> str:
    """The text of a document: UTF-8, or GB 18030 as Chinese Windows writes it."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030")


def _unique(pairs: list[tuple[Any, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        message = f"the key {twice!r} stands twice"
        raise ValueError(message)
    return found


def _plain(value: object) -> Document:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)

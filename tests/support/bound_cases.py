"""The cases of `tests/vectors/bounds.json`: of each bound in payload.proto a payload beyond it.

Made from the options that stand beside the fields, by walking one good payload of each kind; of
each bound of each message the first place where it is met. `python -m tests.support.bound_cases`
writes the file anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from buf.validate import validate_pb2
from google.protobuf.descriptor import FieldDescriptor

from tests.support.payload_kinds import EXAMPLES
from tests.support.payload_vectors import Case, _case, message_of, payload_cases

FILE = Path(__file__).parents[1] / "vectors" / "bounds.json"
BYTES_MAX = 6_000
"""Longer payloads are left out: the file stays small, and the bound is of the same sort."""
_NUMBERS = {FieldDescriptor.CPPTYPE_UINT32, FieldDescriptor.CPPTYPE_UINT64}
Change = Callable[[Any], None]


def bound_cases() -> Iterator[Case]:
    """Every bound, once."""
    seen: set[str] = set()
    for kind, raw, action in _good():
        for where, changes in _places(raw):
            for what, change in changes:
                if f"{where} {what}" in seen:
                    continue
                seen.add(f"{where} {what}")
                changed = type(raw)()
                changed.CopyFrom(raw)
                change(changed)
                if changed.ByteSize() <= BYTES_MAX:
                    name = f"{where}: {what}"
                    yield _case(name, kind, changed, "payload.invalid", action=action)


def _good() -> Iterator[tuple[int, Any, int | None]]:
    for kind in EXAMPLES:
        yield kind, message_of(kind), None
    for case in payload_cases():
        if case["result"] == "ok" and "says" in case:
            message = type(message_of(case["kind"]))()
            message.ParseFromString(bytes.fromhex(case["payload"]))
            yield case["kind"], message, case["action"]


def _places(root: Any) -> Iterator[tuple[str, list[tuple[str, Change]]]]:
    yield from _walk(root, lambda top: top)


def _walk(
    message: Any, reach: Callable[[Any], Any]
) -> Iterator[tuple[str, list[tuple[str, Change]]]]:
    for field in message.DESCRIPTOR.fields:
        where = f"{message.DESCRIPTOR.name}.{field.name}"
        yield where, list(_beyond(field, reach))
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        name = field.name
        inner = value[0] if field.is_repeated else value

        def deeper(top: Any, name: str = name, many: bool = field.is_repeated) -> Any:
            found = getattr(reach(top), name)
            return found[0] if many else found

        yield from _walk(inner, deeper)


def _put(reach: Callable[[Any], Any], name: str, value: Any) -> Change:
    """Set a field, or fill a list."""

    def change(top: Any) -> None:
        if isinstance(value, list):
            target = getattr(reach(top), name)
            del target[:]
            target.extend(value)
        else:
            setattr(reach(top), name, value)

    return change


def _beyond(field: FieldDescriptor, reach: Callable[[Any], Any]) -> Iterator[tuple[str, Change]]:
    rules = field.GetOptions().Extensions[validate_pb2.field]
    name = field.name
    if rules.required:
        yield "not set", lambda top: reach(top).ClearField(name)
    if field.is_repeated:
        for what, value in _wrong_lists(field, rules.repeated):
            yield what, _put(reach, name, value)
    elif field.message_type is None:
        for what, value in _wrong(field, rules):
            yield what, _put(reach, name, value)


def _wrong_lists(field: FieldDescriptor, many: Any) -> Iterator[tuple[str, list[Any]]]:
    """Lists beyond the bounds of one, and lists of one item that is beyond its own."""
    if many.HasField("min_items"):
        yield "none", []
    sample = _sample(field)
    if many.HasField("max_items") and sample is not None:
        yield "one too many", [sample] * (many.max_items + 1)
    if field.message_type is None:
        for what, value in _wrong(field, many.items):
            yield f"an item {what}", [value]


def _wrong(field: FieldDescriptor, rules: Any) -> Iterator[tuple[str, Any]]:
    """Values beyond the bounds of one value."""
    if field.enum_type is not None:
        if 0 in rules.enum.not_in:
            yield "unspecified", 0
        if rules.enum.defined_only:
            yield "not defined", 99
    elif field.type == FieldDescriptor.TYPE_BYTES:
        if rules.bytes.HasField("len"):
            yield "too short", bytes(rules.bytes.len - 1)
            yield "too long", bytes(rules.bytes.len + 1)
    elif field.type == FieldDescriptor.TYPE_STRING:
        yield from _wrong_texts(rules.string)
    elif field.cpp_type in _NUMBERS:
        number = rules.uint32 if rules.HasField("uint32") else rules.uint64
        if number.HasField("gte"):
            yield "too small", number.gte - 1
        if number.HasField("lte"):
            yield "too large", number.lte + 1


def _wrong_texts(text: Any) -> Iterator[tuple[str, str]]:
    if text.HasField("min_len"):
        yield "empty", ""
    if text.HasField("max_len"):
        yield "too long", "x" * (text.max_len + 1)
    if getattr(text, "in"):
        yield "another", "isbn"
    if text.HasField("pattern"):
        yield "of another form", "510"


def _sample(field: FieldDescriptor) -> Any:
    """One item that is within bounds by itself; None where none is made here."""
    if field.message_type is not None:
        return None
    if field.enum_type is not None or field.cpp_type in _NUMBERS:
        return 1
    if field.type == FieldDescriptor.TYPE_BYTES:
        return bytes(32 if field.name == "charters" else 16)
    return "51" if field.name in ("places", "registered_in") else "x"


def document() -> str:
    """The text of the file."""
    about = (
        "Each payload is good but for one bound of 5.6, which its name says: message, field, and "
        "how it is beyond it. `result` is the code by which a reader refuses it."
    )
    lines = ",\n".join(f"  {json.dumps(case, ensure_ascii=False)}" for case in bound_cases())
    head = f'{{"clause": "SPEC 5.6",\n "about": {json.dumps(about)},\n "cases": [\n'
    return f"{head}{lines}\n ]}}\n"


if __name__ == "__main__":
    FILE.write_text(document(), encoding="utf-8")

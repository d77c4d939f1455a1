"""Payloads out of JSON documents, as `node.codec.as_json` writes them.

    bytes         hexadecimal
    enumerations  their names in lower case with hyphens (`severe`), or as in the .proto file
    conditions    as in the .proto file: `{"all": {…}}`, `{"on_list": {…}}`
    all else      as JSON has it; a whole number is no text, and a text no number

null stands for what is not there. A name that a message has not, and a value of another type, are
refused with the place and without the value. What values must be `node.codec.drafts` says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NoReturn, TypeVar

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message
from huxin.v1 import payload_pb2 as pb
from huxin.v1 import registry_pb2

from federation.errors import StatementError
from federation.names import KINDS, action_code

M = TypeVar("M", bound=Message)

_SHOWN: Final = 64
"""Characters of a name that is not known."""
_DEEPEST: Final = 16
"""Messages within messages; payloads have four."""
_INTEGERS: Final = frozenset(
    {
        FieldDescriptor.CPPTYPE_INT32,
        FieldDescriptor.CPPTYPE_INT64,
        FieldDescriptor.CPPTYPE_UINT32,
        FieldDescriptor.CPPTYPE_UINT64,
    }
)


def draft_from_json(document: object, place: str = "draft") -> registry_pb2.Draft:
    """Read a draft: one payload under the name of its kind, `action` by its name, `about` an id.

    Raises:
        StatementError: `payload.invalid`, naming the place.
    """
    if not isinstance(document, dict):
        _refuse(place, "an object")
    fields = dict(document)
    action = fields.pop("action", "")
    draft = message_from_json(registry_pb2.Draft(), fields, place)
    kind = draft.WhichOneof("payload")
    if kind is not None and action:
        if not isinstance(action, str):
            _refuse(f"{place}.action", "the name of an action")
        draft.action = action_code(KINDS.code(kind), action)
    return draft


def listing_from_json(document: Mapping[str, Any], place: str = "listing") -> pb.Listing:
    """Read the payload of a listing.

    Raises:
        StatementError: `payload.invalid`, naming the place.
    """
    return message_from_json(pb.Listing(), document, place)


def message_from_json(message: M, document: Mapping[str, Any], place: str, depth: int = 0) -> M:
    """Fill a message; `min_reader`, where it has one and none is given, becomes 1.

    Raises:
        StatementError: `payload.invalid`, naming the place.
    """
    if depth > _DEEPEST:
        _refuse(place, "fewer objects within objects")
    fields: Mapping[str, Any] = message.DESCRIPTOR.fields_by_name
    for name, value in document.items():
        field = fields.get(name)
        if field is None:
            shown = ascii(str(name)[:_SHOWN])[1:-1]
            _refuse(f"{place}.{shown}", f"one of {', '.join(fields)}")
        there = f"{place}.{name}"
        if field.is_repeated:
            _fill_array(getattr(message, name), field, value, there, depth)
        elif value is not None:
            _fill_one(message, field, value, there, depth)
    if "min_reader" in fields and "min_reader" not in document:
        setattr(message, "min_reader", 1)  # noqa: B010 - of whichever message has it
    return message


def _fill_array(
    several: Any,  # noqa: ANN401 - repeated, of whatever type
    field: FieldDescriptor,
    value: object,
    place: str,
    depth: int,
) -> None:
    if not isinstance(value, list):
        _refuse(place, "an array")
    for number, one in enumerate(value):
        there = f"{place}.{number}"
        if field.message_type:
            _fill(several.add(), one, there, depth)
            continue
        try:
            several.append(_value(field, one, there))
        except (ValueError, TypeError):
            _refuse(there, "a value within its bounds")


def _fill_one(
    message: Message, field: FieldDescriptor, value: object, place: str, depth: int
) -> None:
    if field.message_type:
        part = getattr(message, field.name)
        part.SetInParent()
        _fill(part, value, place, depth)
        return
    made = _value(field, value, place)
    try:
        setattr(message, field.name, made)
    except (ValueError, TypeError):
        _refuse(place, "a value within its bounds")


def _fill(message: Message, value: object, place: str, depth: int) -> None:
    if not isinstance(value, dict):
        _refuse(place, "an object")
    message_from_json(message, value, place, depth + 1)


def _value(field: FieldDescriptor, value: object, place: str) -> Any:  # noqa: ANN401 - of the field
    kind = field.cpp_type
    if field.type == FieldDescriptor.TYPE_BYTES:
        return _hexadecimal(value, place)
    if field.enum_type is not None:
        return _enumerated(field.enum_type, value, place)
    if kind in _INTEGERS:
        if type(value) is not int:
            _refuse(place, "a whole number")
    elif kind == FieldDescriptor.CPPTYPE_BOOL:
        if type(value) is not bool:
            _refuse(place, "true or false")
    elif not isinstance(value, str) or value != value.encode("utf-8", "replace").decode("utf-8"):
        _refuse(place, "a text")
    return value


def _hexadecimal(value: object, place: str) -> bytes:
    try:
        return bytes.fromhex(value) if isinstance(value, str) else _refuse(place, "hexadecimal")
    except ValueError:
        _refuse(place, "hexadecimal")


def _enumerated(enum: EnumDescriptor, value: object, place: str) -> int:
    numbers = {one.name: one.number for one in enum.values}
    first = next(iter(numbers))
    prefix = first.removesuffix("UNSPECIFIED")
    names = {name.removeprefix(prefix).lower().replace("_", "-"): n for name, n in numbers.items()}
    found = (numbers | names).get(value) if isinstance(value, str) else None
    if found is None:
        _refuse(place, f"one of {', '.join(names)}")
    return found


def _refuse(place: str, expected: str) -> NoReturn:
    raise StatementError("payload.invalid", f"{place}: expected {expected}, got something else")

"""The table of SPEC.md §5.6, from the rules that stand beside the fields of payload.proto.

`python -m tests.support.payload_bounds` writes it anew.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from buf.validate import validate_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from huxin.v1 import payload_pb2 as pb

SPEC = Path(__file__).parents[2] / "protos" / "SPEC.md"
HEAD = "| message | bounds |\n|---|---|\n"


def table() -> str:
    """The table: a row for each message that has bounds, in the order of the file."""
    messages = pb.DESCRIPTOR.message_types_by_name.values()
    rows = [(message.name, "; ".join(_bounds(message))) for message in messages]
    return HEAD + "".join(f"| {name} | {bounds} |\n" for name, bounds in rows if bounds)


def _bounds(message: Descriptor) -> list[str]:
    found = []
    for field in message.fields:
        said = _of_field(field)
        if said:
            found.append(f"`{field.name}` {said}")
    found += [
        "one of " + ", ".join(f"`{one.name}`" for one in oneof.fields)
        for oneof in message.oneofs
        if oneof.GetOptions().Extensions[validate_pb2.oneof].required
    ]
    rules = message.GetOptions().Extensions[validate_pb2.message]
    return found + [f"{cel.message} ({cel.id})" for cel in rules.cel]


def _of_field(field: FieldDescriptor) -> str:
    rules = field.GetOptions().Extensions[validate_pb2.field]
    if rules.required:
        return "required"
    if field.is_repeated:
        items = _of_rules(rules.repeated.items)
        if not (rules.repeated.max_items or items):
            return ""
        count = f"{rules.repeated.min_items}–{rules.repeated.max_items}"
        return (
            count
            + (f" × {items}" if items else "")
            + (", no two equal" if rules.repeated.unique else "")
        )
    said = _of_rules(rules)
    empty = rules.ignore == validate_pb2.IGNORE_IF_ZERO_VALUE
    return f"empty or {said}" if empty and said else said


def _of_rules(rules: Any) -> str:
    kind = rules.WhichOneof("type")
    return _WORDS[kind](getattr(rules, kind)) if kind else ""


def _of_string(rules: Any) -> str:
    if allowed := getattr(rules, "in"):
        return "one of " + ", ".join(f"`{one}`" for one in allowed)
    if rules.pattern:
        return f"`{rules.pattern}`"
    return f"{rules.min_len}–{rules.max_len}"


def _of_number(rules: Any) -> str:
    if not rules.HasField("lte"):
        return f"≥ {rules.gte}"
    return f"{rules.gte}–{rules.lte}" if rules.HasField("gte") else f"≤ {rules.lte}"


def _of_enum(rules: Any) -> str:
    return "a member defined" + (", not 0" if rules.not_in else "")


_WORDS: Final[dict[str, Callable[[Any], str]]] = {
    "string": _of_string,
    "bytes": lambda rules: f"{rules.len} bytes",
    "uint32": _of_number,
    "uint64": _of_number,
    "enum": _of_enum,
}


def written(text: str) -> str:
    """The table as the text has it."""
    start = text.index(HEAD)
    return text[start : text.index("\n\n", start) + 1]


if __name__ == "__main__":
    said = SPEC.read_text("utf-8")
    SPEC.write_text(said.replace(written(said), table()), encoding="utf-8")

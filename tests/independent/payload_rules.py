"""Payloads by §5.2, §5.5, §5.6, records by §6.1. The bounds are read from SPEC's own table."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.message import DecodeError, Message
from huxin.v1 import payload_pb2 as pb

from tests.independent.forms import Refused, demand, lp, sha256

PROTOS = Path(__file__).parents[2] / "protos"
TABLE_SHA256 = "d8abb0638607803410443fd90c08f4960e0f72d6b8c3bc68ce41e43b4a926220"
KINDS: dict[int, type[Message]] = {
    **dict(enumerate((pb.Listing, pb.Correction, pb.Annotation, pb.Relief, pb.Relief), 1)),
    **dict(enumerate((pb.Relisting, pb.Scenario, pb.Recognition, pb.Commendation), 6)),
    **dict(enumerate((pb.Receipt, pb.Outcome, pb.AudienceKey, pb.CharterAdopted), 10)),
    **dict(enumerate((pb.Erasure, pb.Continuation, pb.Request, pb.Commitment, pb.Penalty), 14)),
}
DATES = {"publish_until", "due_on", "decided_from", "decided_to", "valid_until", "valid_from"}
PLAIN = {"scheme", "code", "name", "subject_name", "list_type", "authority", "document"}
# The rules of §5.6 that have a name; the words stand there.
NAMED: dict[str, Callable[[Any], bool]] = {
    "exit.months": lambda m: m.months >= 1 if m.kind in {2, 3} else m.months == 0,
    "listing.prior_notice": lambda m: (
        not (m.HasField("prior_notice_attested") and m.prior_notice_on)
    ),
    "listing.term": lambda m: (m.term == 3) == (m.publish_until == 0),
    "penalty.term": lambda m: (m.term == 3) == (m.publish_until == 0),
    "commendation.grade": lambda m: not m.grade or bool(m.grade_method and m.grade_edition),
    "commitment.authorisation": lambda m: not m.self_declared or bool(m.authorisation),
    "outcome.benefit": lambda m: (m.result == 5) == m.HasField("scenario"),
    "outcome.measure": lambda m: m.result not in {1, 4, 6} or bool(m.measure),
    "outcome.basis": lambda m: not m.measure or bool(m.measure_basis),
    "outcome.reason": lambda m: m.result not in {2, 3} or bool(m.reason),
    "outcome.undone": lambda m: m.result != 6 or len(m.replaces) == 32,
}


def span(text: str, value: int) -> bool:
    low, _, high = text.partition("–")
    return int(low) <= value <= int(high or low)


def one_value(text: str, value: Any, enum: EnumDescriptor | None) -> bool:
    """One value by the words of a bound."""
    if enum or text.startswith("a member"):
        return (
            enum is not None
            and value in enum.values_by_number
            and (value != 0 or "not 0" not in text)
        )
    if match := re.fullmatch(r"(empty or )?(\d+) bytes", text):
        return len(value) == int(match[2]) or bool(match[1] and not value)
    if match := re.fullmatch(r"`(\^.*\$)`", text):
        return re.fullmatch(match[1][1:-1], value, re.ASCII) is not None
    if text.startswith("one of "):
        return value in re.findall("`([^`]*)`", text)
    if match := re.fullmatch(r"([≤≥]) (\d+)", text):
        return bool(value <= int(match[2]) if match[1] == "≤" else value >= int(match[2]))
    return span(text, value if isinstance(value, int) else len(value))


def field_bound(message: Any, name: str, text: str) -> bool:
    """One item of the table: a field and its bound."""
    field: FieldDescriptor = message.DESCRIPTOR.fields_by_name[name]
    value = getattr(message, name)
    if text == "required":
        return bool(message.HasField(name))
    if not field.is_repeated:
        unset = field.containing_oneof is not None and not message.HasField(name)
        return unset or one_value(text, value, field.enum_type)
    count, _, each = text.partition(" × ")
    each, _, equal = each.partition(", no two equal")
    bare, tail = (count, equal) if each else (count.removesuffix(", no two equal"), "")
    return (
        span(bare, len(value))
        and all(one_value(each, item, field.enum_type) for item in value if each)
        and not ("no two equal" in text and len(set(value)) != len(value))
        and not tail
    )


@cache
def bounds() -> Mapping[str, Sequence[str]]:
    """The table of §5.6: the items of each message."""
    text = (PROTOS / "SPEC.md").read_text(encoding="utf-8")
    table = text.split("### 5.6 ")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (\w+) \| (.*) \|$", table, re.MULTILINE)
    return {name: items.split("; ") for name, items in rows if name != "message"}


def within_bounds(message: Any) -> bool:
    """Rule P5 of one message; of those within, their own rows."""
    for item in bounds().get(message.DESCRIPTOR.name, ()):
        if match := re.fullmatch(r"`(\w+)` (.*)", item):
            good = field_bound(message, match[1], match[2])
        elif item.startswith("one of "):
            good = sum(map(message.HasField, re.findall(r"`(\w+)`", item))) == 1
        else:
            good = NAMED[item.rpartition("(")[2].rstrip(")")](message)
        if not good:
            return False
    return all(within_bounds(part) for part in parts(message))


def parts(message: Any) -> Iterator[Any]:
    for field, value in message.ListFields():
        if field.message_type:
            yield from value if field.is_repeated else [value]


def everywhere(message: Any) -> Iterator[tuple[Any, str, Any]]:
    for field, value in message.ListFields():
        yield message, field.name, value
    for part in parts(message):
        yield from everywhere(part)


def is_day(value: int) -> bool:
    try:
        date(value // 10_000, value // 100 % 100, value % 100)
    except ValueError:
        return False
    return True


def in_order(first: int, last: int) -> bool:
    return not first or not last or first <= last


def days_in_order(message: Any) -> bool:
    """P7 of one message."""
    name = message.DESCRIPTOR.name
    if name == "NoticeAttestation":
        return in_order(message.decided_from, message.decided_to)
    ends = {
        "Listing": ["publish_until"],
        "Commendation": ["valid_until"],
        "Penalty": ["valid_until", "publish_until"],
        "Recognition": ["effective_on"],
    }
    return all(in_order(message.decided_on, getattr(message, end)) for end in ends.get(name, ()))


def depth_and_count(condition: Any) -> tuple[int, int]:
    test = condition.WhichOneof("test")
    inner = [condition.negated] if test == "negated" else []
    inner = list(getattr(condition, test).of) if test in {"all", "any"} else inner
    found = [depth_and_count(one) for one in inner]
    return 1 + max([d for d, _ in found], default=0), 1 + sum(n for _, n in found)


def condition_bounds(condition: Any) -> bool:
    depth, count = depth_and_count(condition)
    return depth <= 8 and count <= 64


def read(kind: int, action: int, payload: bytes) -> Any:
    """A payload by P1 to P12 and S11, or the code of its refusal."""
    demand(kind in KINDS, "payload.kind")
    demand(len(payload) <= 32_768, "payload.long")
    try:
        message: Any = KINDS[kind].FromString(payload)
    except DecodeError:
        raise Refused("payload.malformed") from None
    found = list(everywhere(message))
    readers = [message.min_reader, *(v for _, name, v in found if name == "min_reader")]
    demand(max(readers) <= 1, "payload.min-reader")
    demand(within_bounds(message), "payload.invalid")
    days = [v for _, n, v in found if n in DATES or n.endswith("_on")]
    demand(all(map(is_day, days)), "payload.date")
    whole = [message, *(part for m, _, _ in found for part in parts(m))]
    demand(all(map(days_in_order, whole)), "payload.date")
    named = {"Subject", "RecordKey", "NoticeAttestation", "Submission", message.DESCRIPTOR.name}
    named |= {"Listing", "Commendation", "Penalty"}
    plain = [
        c
        for m, n, v in found
        if n in PLAIN and m.DESCRIPTOR.name in named and isinstance(v, str)
        for c in v
    ]
    demand(all(unicodedata.category(c) != "Cc" for c in plain), "payload.text")
    lists = [m.list_type for m in whole if m.DESCRIPTOR.name in {"Listing", "Commendation"}]
    demand(not any(x.startswith("administrative-penalty") for x in lists), "payload.list-type")
    penalties = [m for m in whole if m.DESCRIPTOR.name == "Penalty"]
    exempt = any(1 in {m.grade, m.procedure} for m in penalties)
    demand(not exempt, "payload.penalty-exempt")
    tops = [v for m, n, v in found if n in {"condition", "further"}]
    demand(all(map(condition_bounds, tops)), "payload.condition")
    demand(kind not in {11, 16} or message.audience.members, "payload.members")
    if kind == 16:
        demand(
            message.WhichOneof("body") == ("submission" if action == 1 else "answer"),
            "request.body",
        )
        demand(action != 4 or message.answer.reason, "request.body")
    return message


def enum_name(enum: EnumDescriptor, number: int) -> str:
    prefix = re.sub("(?<!^)(?=[A-Z])", "_", enum.name).upper() + "_"
    value = enum.values_by_number.get(number, enum.values_by_number[0])
    return value.name.removeprefix(prefix).lower().replace("_", "-")


def says(field: FieldDescriptor, value: Any) -> Any:
    """A value as the vectors write it."""
    if field.is_repeated:
        return [single(field, one) for one in value]
    return single(field, value)


def single(field: FieldDescriptor, value: Any) -> Any:
    if field.message_type:
        return spoken(value)
    if field.enum_type:
        return enum_name(field.enum_type, value)
    return (value.hex() or None) if isinstance(value, bytes) else value


def spoken(message: Any) -> Any:
    """All fields of a message, a oneof under its own name where it holds whole payloads."""
    if message.DESCRIPTOR.name == "Condition":
        test = message.WhichOneof("test")
        if test is None:
            return None
        value = getattr(message, test)
        inner = {"registered_in": "region", "negated": "condition"}.get(test)
        said = value if isinstance(value, str) else spoken(value)
        # a guess: the vectors name these two otherwise than payload.proto
        return {inner: said} if inner else said
    found: dict[str, Any] = {}
    for field in message.DESCRIPTOR.fields:
        group = field.containing_oneof
        unset = field.message_type and not field.is_repeated and not message.HasField(field.name)
        value = None if unset else says(field, getattr(message, field.name))
        if group and group.name in {"payload", "body"}:
            found[group.name] = value if value is not None else found.get(group.name)
        else:
            found[field.name] = value
    return found


def decide(condition: Any, answers: Iterator[str]) -> str:
    """K3 to K6: yes, no or undecided."""
    test = condition.WhichOneof("test")
    if test is None:
        return "undecided"
    if test == "negated":
        told = decide(condition.negated, answers)
        return {"yes": "no", "no": "yes"}.get(told, told)
    if test not in {"all", "any"}:
        return next(answers)
    told_all = [decide(one, answers) for one in getattr(condition, test).of]
    order = ("no", "undecided", "yes") if test == "all" else ("yes", "undecided", "no")
    return next(word for word in order if word in told_all)


def compare_grade(asked: str, held: str | None, grades: list[str] | None) -> str:
    """K8."""
    if grades is None or asked not in grades or held not in {*grades, None}:
        return "undecided"
    return "yes" if held is not None and grades.index(held) <= grades.index(asked) else "no"


def kept(text: str, marks: str) -> str:
    return "".join(c for c in text if unicodedata.category(c)[0] in marks)


def subject(scheme: str, code: str) -> tuple[str, str]:
    """(scheme', code') of §6.1."""
    if scheme == "uscc" and len(code) == 18:
        return subject("organisation-code", code[8:17])
    bare = code.replace("-", "")
    if scheme == "organisation-code" and len(bare) == 9:
        upper = {c: c.upper() for c in "abcdefghijklmnopqrstuvwxyz"}
        return scheme, "".join(upper.get(c, c) for c in bare)
    return scheme, code


def record_key(record: Any) -> bytes:
    document = kept(unicodedata.normalize("NFKC", record.document).upper(), "LN")
    pair = subject(record.scheme, record.code)
    return b"".join(map(lp, (*pair, record.list_type, record.authority, document)))


@cache
def simplified() -> Mapping[str, str]:
    data = (PROTOS / "comparison" / "traditional.tsv").read_bytes()
    demand(sha256(data).hex() == TABLE_SHA256)
    lines = [line for line in data.decode().split("\n") if line and not line.startswith("#")]
    return {pair[0]: pair[1] for pair in (line.split("\t") for line in lines)}


DIGITS = {**dict(zip("〇零一二三四五六七八九", (0, *range(10)), strict=True)), "○": 0, "◯": 0}
UNITS = {"十": 10, "百": 100, "千": 1000}


def number(match: re.Match[str]) -> str:
    """C2 of one run."""
    run, total, digit = match[0], 0, None
    if not set(run) - set("○◯"):
        return " "
    if not set(run) & set(UNITS):
        return "".join(str(DIGITS[c]) for c in run)
    for c in run:
        if c in UNITS:
            total, digit = total + UNITS[c] * (1 if digit is None else digit), None
        else:
            digit = DIGITS[c]
    return str(total + (digit or 0))


def comparison(text: str) -> str:
    """C(x) of §6.1, steps C1 to C4."""
    step = unicodedata.normalize("NFKD", text)
    step = "".join(c for c in step if unicodedata.category(c) not in {"Cf", "Mn", "Me"}).upper()
    step = "".join(simplified().get(c, c) for c in step)
    step = "".join(
        str(unicodedata.digit(c)) if unicodedata.category(c) == "Nd" else c for c in step
    )
    step = re.sub("[〇零一二三四五六七八九十百千○◯]+", number, step)
    step = "".join(
        c if unicodedata.category(c)[0] in "LN" and c not in "号第字" else " " for c in step
    )
    tokens = re.findall(r"[0-9]+|[^0-9 ]+", step)
    joined = ""
    for token in tokens:
        both = joined[-1:].isdecimal() and token[0].isdecimal()
        shown = (token.lstrip("0") or "0") if token.isdecimal() else token
        joined += ("-" if both else "") + shown
    return joined

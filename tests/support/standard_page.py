"""docs/zh/standard.md: the tables of the draft of the standard, from what the English SPEC has.

`python -m tests.support.standard_page` writes them into the page; a test compares. The text around
them is written by hand: a test holds that it has every numbered rule of SPEC.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from buf.validate import validate_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from huxin.v1 import payload_pb2 as pb

from tests.support import standard_names as names

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "zh" / "standard.md"
SPEC = ROOT / "protos" / "SPEC.md"

BLOCK = re.compile(r"<!-- 生成：(\w+) -->\n.*?<!-- 生成止 -->", re.DOTALL)
_ROW = re.compile(r"^\| (.+) \|$", re.MULTILINE)
_RULE = re.compile(r"\b[A-Z]{1,2}[0-9]{1,2}\b")
_OPEN: Final = {"open": "公开", "closed": "受限"}
_CLOSED_WORDS: Final = (
    ("zeros, or the earlier version (2, 3)", "全零，或者前一文本（2、3）"),
    ("the statement whose opening was erased", "被删除开启值的声明"),
    ("a relief, the first one named in the payload", "载荷指名的第一个解除"),
    ("the LISTING, PENALTY or COMMENDATION", "该列入、处罚或者守信"),
    ("the listing", "该列入"),
    ("zeros", "全零"),
)
_ACTIONS: Final = {
    "ANNOTATION": "1 异议开始、2 异议结束；3 屏蔽开始、4 屏蔽结束；5 暂停、6 恢复",
    "SCENARIO": "1 提供、2 修改、3 终止",
    "RECOGNITION": "1 承认、2 不予承认、3 暂停、4 终止",
    "CONTINUATION": "1 首叶、2 闭合叶",
    "REQUEST": "1 转办、2 收到、3 受理、4 不予支持、5 办结、6 撤回",
}


def page(text: str) -> str:
    """The page with its tables made anew."""
    return BLOCK.sub(
        lambda found: (
            f"<!-- 生成：{found[1]} -->\n" + "\n".join(_TABLES[found[1]]()) + "\n<!-- 生成止 -->"
        ),
        text,
    )


def rules_of_spec() -> set[str]:
    """Every numbered rule of SPEC.md: what stands in the first cell of a table's row."""
    found: set[str] = set()
    for row in _ROW.findall(SPEC.read_text("utf-8")):
        first = row.split(" | ")[0]
        if re.fullmatch(r"[A-Z]{1,2}[0-9]{1,2}(?:, [A-Z]{1,2}[0-9]{1,2})*", first):
            found |= set(first.split(", "))
    return found


def rules_of_page(text: str) -> set[str]:
    """The numbered rules that the draft has."""
    return {row.split(" | ")[0] for row in _ROW.findall(text) if _RULE.match(row)}


def _rows_under(heading: str) -> list[list[str]]:
    text = SPEC.read_text("utf-8")
    section = re.split(r"\n#{2,4} ", text.split(heading, 1)[1], maxsplit=1)[0]
    return [[cell.strip() for cell in row.split(" | ")] for row in _ROW.findall(section)]


def _kinds() -> Iterator[str]:
    yield "| 编码 | 种类 | 消息 | 开启值 | `about` | 动作 |\n|---|---|---|---|---|---|"
    for row in _rows_under("### 5.1 Kinds"):
        if not row[0].isdecimal():
            continue
        code, kind, message, opening, about, _actions = row
        english, _, chinese = kind.rpartition(" ")
        said = dict(_CLOSED_WORDS)[about]
        yield (
            f"| {code} | {chinese} {english} | {message} | {_OPEN[opening]} | {said} | "
            f"{_ACTIONS.get(english, '0')} |"
        )


def _elements() -> Iterator[str]:
    for number, message in enumerate(pb.DESCRIPTOR.message_types_by_name.values(), 1):
        yield f"### A.{number} {names.MESSAGES[message.name]} `{message.name}`"
        yield ""
        yield "| 序号 | 标识符 | 中文名称 | 类型 | 长度或值域 | 必填 | 代码表 |"
        yield "|---|---|---|---|---|---|---|"
        for field in message.fields:
            yield _element(message, field)
        cels = message.GetOptions().Extensions[validate_pb2.message].cel
        if cels:
            yield ""
            yield "约束：" + "、".join(cel.id for cel in cels) + "（见 SPEC 5.6）。"
        yield ""


def _element(message: Descriptor, field: FieldDescriptor) -> str:
    name = names.OF_MESSAGE.get(f"{message.name}.{field.name}") or names.FIELDS[field.name]
    rules = field.GetOptions().Extensions[validate_pb2.field]
    bound, needed = _bound(field, rules)
    table = ""
    if field.enum_type is not None:
        table = f"B.{_enum_number(field.enum_type.name)}"
    elif field.name in ("list_type", "list_types"):
        table = "名单类型"
    return (
        f"| {field.number} | `{field.name}` | {name} | {_type(field)} | {bound} | "
        f"{'M' if needed else 'O'} | {table} |"
    )


def _type(field: FieldDescriptor) -> str:
    if field.message_type is not None:
        return f"O {field.message_type.name}"
    if field.enum_type is not None:
        return "E"
    if field.type == FieldDescriptor.TYPE_BOOL:
        return "F"
    if field.type == FieldDescriptor.TYPE_BYTES:
        return "B"
    if field.type == FieldDescriptor.TYPE_STRING:
        return "C"
    dated = field.name.endswith(("_on", "_until")) or field.name in _DATES
    return "D" if field.type == FieldDescriptor.TYPE_UINT32 and dated else "N"


_DATES: Final = ("valid_from", "decided_from", "decided_to")


def _bound(field: FieldDescriptor, rules: Any) -> tuple[str, bool]:
    """What a field may hold, and whether it must be there."""
    if field.is_repeated:
        most, least = rules.repeated.max_items, rules.repeated.min_items
        item, _ = _of_rules(rules.repeated.items)
        count = f"{least}～{most} 个" if most else ""
        return " × ".join(one for one in (count, item) if one), bool(least)
    said, needed = _of_rules(rules)
    if rules.ignore == validate_pb2.IGNORE_IF_ZERO_VALUE and said:
        return f"空，或者 {said}", False
    oneof = field.containing_oneof
    if oneof is not None and oneof.GetOptions().Extensions[validate_pb2.oneof].required:
        return "与同组其他择一", False
    return said, needed or bool(rules.required)


def _of_rules(rules: Any) -> tuple[str, bool]:
    kind = rules.WhichOneof("type")
    if not kind:
        return "", False
    one = getattr(rules, kind)
    if kind == "string":
        if allowed := getattr(one, "in"):
            return "、".join(f"`{word}`" for word in allowed), True
        if one.pattern:
            return f"`{one.pattern}`", False
        return f"{one.min_len}～{one.max_len}", bool(one.min_len)
    if kind == "bytes":
        return f"{one.len} 字节", True
    if kind == "enum":
        return "所列代码" + ("，不为 0" if one.not_in else ""), bool(one.not_in)
    if not one.HasField("lte"):
        return f"≥ {one.gte}", True
    return (f"{one.gte}～{one.lte}", True) if one.HasField("gte") else (f"≤ {one.lte}", False)


def _enum_number(name: str) -> int:
    return list(names.ENUMERATIONS).index(name) + 1


def _enumerations() -> Iterator[str]:
    for name, (title, words) in names.ENUMERATIONS.items():
        members = [one for one in pb.DESCRIPTOR.enum_types_by_name[name].values if one.number]
        yield f"### B.{_enum_number(name)} {title} `{name}`"
        yield ""
        yield "| 代码 | 名称 | 标识 |\n|---|---|---|"
        for member, word in zip(members, words, strict=True):
            short = member.name.removeprefix(_prefix(name))
            yield f"| {member.number} | {word} | `{short}` |"
        yield ""


def _prefix(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper() + "_"


def _lists() -> Iterator[str]:
    yield "| 代码 | 名称 |\n|---|---|"
    for row in _rows_under("### 13.4 List types"):
        if not row[0].startswith("`"):
            continue
        code = re.findall(r"`([a-z-]+)`", row[0])[0]
        name = re.sub(r" *\(.*\)", "", row[1])
        only = "（只用于守信）" if code.startswith(_COMMENDED) else ""
        yield f"| `{code}` | {name}{only} |"


_COMMENDED: Final = ("tax-grade", "customs-adv", "trustworthy", "public-credit")


def _codes() -> Iterator[str]:
    yield "| 编码 | 含义 |\n|---|---|"
    for one in json.loads((ROOT / "protos" / "codes.json").read_text("utf-8"))["codes"]:
        yield f"| `{one['code']}` | {one['zh']} |"


def _answers() -> Iterator[str]:
    yield "| 名称 | 十六进制 |\n|---|---|"
    found = json.loads((ROOT / "tests" / "vectors" / "spec.json").read_text("utf-8"))["hex"]
    for name, value in found.items():
        if len(value) <= _SHORT:
            yield f"| {name} | `{value}` |"


_SHORT: Final = 152
"""Hexadecimal digits of a leaf; what is longer stands in SPEC §11."""


def _conformance() -> Iterator[str]:
    yield "| 类别 | 含义 | 用以自测的已知答案（`tests/vectors`） |\n|---|---|---|"
    for row in _rows_under("## 15 Conformance"):
        if row[0] in names.CLASSES and len(row) == 2:
            chinese, meaning = names.CLASSES[row[0]]
            said = row[1].replace("those of a verifier", "验证者的全部")
            said = said.replace("those of a follower", "接收者的全部").replace(", ", "、")
            yield f"| {chinese} {row[0]} | {meaning} | {said} |"


_TABLES: Final[dict[str, Callable[[], Iterable[str]]]] = {
    "kinds": _kinds,
    "elements": _elements,
    "enumerations": _enumerations,
    "lists": _lists,
    "codes": _codes,
    "answers": _answers,
    "conformance": _conformance,
}


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), encoding="utf-8")

"""What should have stood in a cell, in words by the fault's code: Chinese first, English beside.

What reads a row tells of a fault only what is of no language: a bound, a day, the words that its
mapping has. Here that is put into words, wherever a fault leaves the node: the errors file, the
answers of `-o json` and HTTP, the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from adapters.files.faults import RowFault
from node.texts.fields import Pair

BETWEEN: Final = "、"
"""Between several values of a fault."""
_HALVES: Final = " / "
_BOUNDS: Final = ("≤", "≥")
_SAME: Final[Pair] = ("{}", "{}")

_ALONE: Final[Mapping[str, Pair]] = {
    "basis.blank": ("法律、法规及条款", "the law, and its article"),
    "cell.damaged-number": ("设为文本格式后重新填写的号码", "the number, entered anew as text"),
    "cell.ditto": ("填写完整的值", "the value itself"),
    "cell.error": ("一个值", "a value"),
    "cell.struck": ("没有删除线的值", "a value that is not struck through"),
    "cell.type": ("文本、整数、小数或日期", "text, whole number, decimal or date"),
    "name.lost": ("营业执照上的名称", "the name on the licence"),
    "relief.not-granted": ("已准予的修复、撤销", "a relief that was granted"),
    "extract.several": ("恰好一个值", "one value exactly"),
    "field.control": ("不含控制字符的文字", "text without control characters"),
    "field.missing": ("不为空", "not empty"),
    "field.personal-id": ("不含公民身份号码", "no citizen's ID number"),
    "period.missing": ("公示截止日期或期限", "a last day, or a period"),
    "subject.natural-person": (
        "单位；关于自然人的行请删去",
        "an organisation; leave out rows about persons",
    ),
}
"""Where the code says it all."""
_OF: Final[Mapping[str, Pair]] = {
    "authority.mismatch": ("与代码相符的“{}”", "the name of that code, {}"),
    "authority.not-bound": ("其一：{}", "one of {}"),
    "cell.long": ("字数 {}", "characters {}"),
    "date.calendar": ("形如 {} 的日期", "a day written as {}"),
    "date.early": ("日期 {}", "a day {}"),
    "date.format": ("形如 {} 的日期", "a day written as {}"),
    "date.future": ("日期 {}", "a day {}"),
    "date.order": ("日期 {}", "a day {}"),
    "date.over": ("日期 {}", "a day {}"),
    "extract.none": ("含有形如 {} 的值", "a value such as {}"),
    "document.no-number": ("形如 {} 的文书号", "a document number such as {}"),
    "field.differs": ("与“{}”为同一主体", "the same subject as {}"),
    "field.long": ("字数或个数 {}", "characters, or how many, {}"),
    "field.missing": ("其一：{}", "one of {}"),
    "field.value": ("其一：{}", "one of {}"),
    "notice.after-decision": ("日期 {}", "a day {}"),
    "payload.condition": ("条件的个数、层数各 {}", "number and depth of conditions {}"),
    "period.differs": ("与止期 {} 一致", "the same end, {}"),
    "period.unread": ("形如 {}", "such as {}"),
    "row.encoding": ("{} 编码", "text in {}"),
    "row.other-list": ("{}，或不填", "{}, or an empty cell"),
    "row.malformed": ("形如 {} 的一行", "a row in the form of {}"),
    "row.width": ("{} 列", "{} columns"),
}
"""Around the value that the fault tells."""
_VALUES: Final[Mapping[str, Pair]] = {
    "uscc": ("18 位统一社会信用代码", "a unified social credit code of 18 characters"),
    "statement-id": ("32 位十六进制编号", "an id of 32 hexadecimal digits"),
    "organisation-code": ("9 位组织机构代码", "an organisation code of 9 characters"),
}
"""Values that are names of ours."""


def told(fault: RowFault) -> RowFault:
    """Return a fault as people are told it: `expected` in words, as `中文 / English`."""
    zh, en = expected(fault.code, fault.expected)
    return replace(fault, expected=zh if zh == en else f"{zh}{_HALVES}{en}")


def expected(code: str, value: str) -> Pair:
    """What should have stood there.

    Args:
        code: of the fault.
        value: `RowFault.expected` as it was made: values with `BETWEEN` between them, or nothing;
            one that was made in both languages stays.
    """
    if _HALVES in value:
        return halves(value)
    if not value:
        return _ALONE.get(code, ("", ""))
    zh, en = _OF.get(code, _SAME)
    if code == "field.value" and (value.startswith(_BOUNDS) or BETWEEN not in value):
        zh, en = _SAME
    said = [_VALUES.get(one, (one, one)) for one in value.split(BETWEEN)]
    if zh == _SAME[0] and all(one == other for one, other in said):
        return value, value
    return zh.format(BETWEEN.join(one for one, _ in said)), en.format(
        ", ".join(other for _, other in said)
    )


def halves(text: str) -> Pair:
    """Both languages of a text that `told` made, or of a message; one alone is both."""
    zh, _, en = text.partition(_HALVES)
    return zh, en or zh

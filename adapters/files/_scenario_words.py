"""Chinese keys and words of scenario files, and the ones they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from adapters.files._cell_error import CellError
from adapters.files._documents import Document
from adapters.files._fields import Fields
from federation.payloads import SubjectKind

KEYS: Final = {
    "类型": "kind",
    "操作": "action",
    "原声明编号": "about",
    "场景类型": "scenario_type",
    "场景名称": "title",
    "提供单位": "provider_name",
    "提供单位代码": "provider",
    "优惠措施": "incentives",
    "适用条件": "conditions",
    "适用主体": "subject_kinds",
    "依据": "basis",
    "有效期起": "valid_from",
    "有效期止": "valid_until",
    "联盟": "charters",
    "场景": "scenario",
    "认可单位": "authority_name",
    "认可单位代码": "authority",
    "原因": "reason",
    "决定日期": "decided_on",
    "适用地区": "places",
    "服务窗口": "windows",
    "判定条件": "condition",
    "等级次序": "scales",
    "另附判定条件": "further",
    "等级对照": "equivalences",
    "受理业务": "services",
    "生效日期": "effective_on",
}
WORDS: Final = {
    "场景": "scenario",
    "互认": "recognition",
    "开放": "opened",
    "修订": "amended",
    "关闭": "closed",
    "认可": "accepted",
    "不认可": "declined",
    "暂停": "suspended",
    "终止": "ended",
    "企业": "enterprise",
    "个体工商户": "sole-trader",
    "社会组织": "social-organisation",
    "机关事业单位": "public-body",
    "农民专业合作社": "cooperative",
    "其他组织": "other-organisation",
}
SUBJECT_KINDS: Final = {kind.name.lower().replace("_", "-"): kind for kind in SubjectKind if kind}
NAMES: Final = {english: chinese for chinese, english in KEYS.items()}
"""What messages call the keys."""
WORD_NAMES: Final = {english: chinese for chinese, english in WORDS.items()}
OPEN_END: Final = frozenset({"长期", "永久", "长期有效", "无期限"})
"""Words for a scenario without an end."""


def fields_of(said: Document, where: str, keys: Mapping[str, str]) -> Fields:
    """The fields of an object within a scenario, by their English keys.

    Args:
        said: as the file has it.
        where: what messages call it.
        keys: English keys of the Chinese ones.

    Raises:
        CellError: `field.value`: it is no object, or has a key in both languages.
    """
    if not isinstance(said, dict):
        raise bad(where, "“键: 值” / keys with values")
    found = {keys.get(key, key): value for key, value in said.items()}
    if len(found) != len(said):
        raise bad(where, "每个键一次 / each key once, in one language")
    return Fields(found, where)


def bad(where: str, expected: str) -> CellError:
    """What a value at a place within a scenario should be; Chinese first."""
    return CellError("field.value", expected[:80], f"{where}: 应为 / expected {expected}")

"""Chinese keys and words of scenario files, and the ones they stand for."""

from __future__ import annotations

from typing import Final

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
NAMES: Final = {english: chinese for chinese, english in KEYS.items()}
"""What messages call the keys."""
WORD_NAMES: Final = {english: chinese for chinese, english in WORDS.items()}
OPEN_END: Final = frozenset({"长期", "永久", "长期有效", "无期限"})
"""Words for a scenario without an end."""

"""Small tables of characters that are taken for each other, and names made of ordinary ones.

Of each pair of `HOMOPHONES`, `LOOKALIKES` and `TRADITIONAL` the two are different characters in
every name. `WRITTEN_OTHERWISE` are spellings of one character in which a name stays itself.
"""

from __future__ import annotations

from typing import Final

HOMOPHONES: Final = (
    *(
        [
            "恒衡",
            "达答",
            "瑞锐",
            "丰峰",
            "鑫新",
            "源原",
            "盛胜",
            "宏弘",
            "泰态",
            "华桦",
            "和禾",
            "兴星",
            "康慷",
            "龙隆",
            "安桉",
            "福富",
        ]
    ),
    *(
        [
            "利立",
            "永咏",
            "光广",
            "明名",
            "建健",
            "嘉佳",
            "诚成",
            "祥翔",
            "金津",
            "程呈",
            "材财",
            "装庄",
            "贸茂",
            "酒久",
            "食石",
            "机基",
        ]
    ),
)
"""Same sound."""

LOOKALIKES: Final = (
    *(
        [
            "未末",
            "己已",
            "土士",
            "日曰",
            "人入",
            "大太",
            "天夭",
            "千干",
            "戊戌",
            "申甲",
            "由田",
            "王玉",
            "木本",
            "目自",
            "晴睛",
            "候侯",
        ]
    ),
    *(
        [
            "博搏",
            "辨辩",
            "兰三",
            "北比",
            "贝见",
            "今令",
            "刀力",
            "夫失",
            "白百",
            "师帅",
            "午牛",
            "乌鸟",
            "折拆",
            "泸沪",
            "宜宣",
            "微徽",
        ]
    ),
)
"""Same look."""

TRADITIONAL: Final = [
    "达達",
    "丰豐",
    "华華",
    "兴興",
    "龙龍",
    "广廣",
    "诚誠",
    "业業",
    "贸貿",
    "机機",
    "电電",
    "东東",
    "门門",
    "车車",
    "云雲",
    "万萬",
]
"""Simplified, then traditional: the registries write simplified characters only."""

WRITTEN_OTHERWISE: Final = {
    "〇": "零○◯〇",
    "·": "•・‧∙⋅･",
    "（": "([【〔",
    "）": ")]】〕",
    "－": "-‐–—―",
    "一": "\u2f00",
    "金": "\u2fa6\uf90a",
    "立": "\u2f74\uf9f7",
}
"""What typists, fonts and old code pages make of one and the same character."""

INVISIBLE: Final = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u3000 \u00a0\ufe00"
"""Blank, or nothing at all."""

PRIVATE: Final = "\ue000\ue863\uf8ff\U000f0000"
"""Private use: each font shows another character."""

PLACES: Final = ["甲州市", "乙川市", "丙江市", "丁阳市", "戊山县", "己水县", "庚平区", "辛安区"]
"""Invented regions; a name begins with one."""

TRADES: Final = [
    "装饰",
    "建材",
    "酒业",
    "食品",
    "机电",
    "贸易",
    "运输",
    "农业",
    "纺织",
    "化工",
    "印务",
    "工程",
]
SHAPES: Final = ["有限公司", "有限责任公司", "股份有限公司", "经营部", "商行", "专业合作社"]
WORDS: Final = (
    "".join(pair[0] for pair in (*HOMOPHONES[:16], *LOOKALIKES, *TRADITIONAL)) + "〇一立金"
)
"""Characters of the part of a name that tells subjects apart."""

LATIN: Final = "ABCDEFGHJKLMNPQRTUWXY"

"""Words of the alliance's report 联席会议报告, Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from federation.audit.alliance_report import Name
from node.texts.fields import Pair

FIGURES: Final[Mapping[Name, Pair]] = {
    Name.LISTED: ("列入", "listed"),
    Name.COMMENDED: ("守信、承诺", "commended"),
    Name.AMENDED: ("更正、标注、恢复", "amended"),
    Name.RELIEVED: ("修复、撤销", "relieved"),
    Name.REQUESTED: ("转办", "requests"),
    Name.AGREED: ("场景、互认", "scenarios"),
    Name.OUTCOMES: ("惩戒反馈", "outcomes"),
    Name.PUNISHED: ("其中已采取惩戒", "of these punished"),
    Name.BENEFITS: ("其中享受激励", "of these benefits used"),
    Name.RECOGNISED: ("采用他市列入", "recognised"),
    Name.HELD: ("待核", "held"),
    Name.REFUSED: ("未采用", "not recognised"),
    Name.IN_TIME: ("按时解除", "lifted in time"),
    Name.LATE: ("逾期或未解除", "late or not lifted"),
    Name.WAITING: ("未到期", "not due"),
    Name.NOT_KNOWN: ("不能判断", "not known"),
    Name.CHECKED: ("查询日志条目", "entries of query logs"),
}
GROUPS: Final[Mapping[Pair, tuple[Name, ...]]] = {
    ("交换", "Exchanged"): (
        Name.LISTED,
        Name.COMMENDED,
        Name.AMENDED,
        Name.RELIEVED,
        Name.REQUESTED,
        Name.AGREED,
    ),
    ("对他市列入的采用", "What became of others' listings"): (
        Name.RECOGNISED,
        Name.HELD,
        Name.REFUSED,
    ),
    ("修复、撤销在各市的执行", "Reliefs and who lifted"): (
        Name.IN_TIME,
        Name.LATE,
        Name.WAITING,
        Name.NOT_KNOWN,
    ),
    ("核查与惩戒反馈", "Checks and outcomes"): (
        Name.CHECKED,
        Name.OUTCOMES,
        Name.PUNISHED,
        Name.BENEFITS,
    ),
}
"""Figures that stand in one table, and in one chart."""
WORDS: Final[Mapping[str, Pair]] = {
    "title": ("联席会议报告", "Report of the alliance"),
    "public": ("（公开部分）", " (public part)"),
    "period": ("期间", "Period"),
    "as_of": ("日志所证明的最晚时间", "Newest time that the logs prove"),
    "unknown": ("未证明", "not proved"),
    "id": ("联盟标识", "Alliance id"),
    "by_city": ("按城市", "by city"),
    "by_month": ("按月", "by month"),
    "city": ("城市", "City"),
    "region": ("区划代码", "Region"),
    "month": ("月份", "Month"),
    "total": ("合计", "Total"),
    "withheld": ("不公布", "withheld"),
    "figure": ("指标", "Figure"),
    "number": ("数量", "Number"),
    "leaves": ("所依据的条目", "Leaves it rests on"),
    "by": ("作出说明的回执", "Receipts that say so"),
    "detail": ("各数字所依据的日志条目", "What every figure rests on"),
    "not_counted": ("未计入的日志（不在手中或未通过核验）", "Logs that are not counted"),
    "unchecked": ("查询日志无从得知的城市", "Cities of whose query log nothing is known"),
    "none": ("无", "none"),
    "notes": ("说明", "Notes"),
}
NOTES: Final[tuple[Pair, ...]] = (
    (
        "月份按声明自报的时间（北京时间）。惩戒反馈的结果写在非公开内容中：「其中」两项只计出具报告者手中移交的内容。",
        (
            "Months are those of the claimed time. Results of outcomes are in closed openings: "
            "“of these” counts only openings that were handed over."
        ),
    ),
    (
        "修复按发布之月计，每个应解除的城市计一次；逾期只计已证明的。查询日志条目含查询、调阅与管理操作，按他方见证的两次签名之差计。",
        (
            "A relief counts in the month of publication, once for each city that is to lift it; "
            "late is only what is proved. Entries of query logs are the difference of witnessed "
            "sizes."
        ),
    ),
)
PUBLIC_NOTE: Final[Pair] = (
    "小于 5 的数字，以及可由其他数字推算出它们的，不公布。",
    "Numbers below 5, and those from which they could be computed, are withheld.",
)

"""The formulas of quality in words, as they are applied: every report prints them."""

from __future__ import annotations

from typing import Final

from federation.quality.formulas import Formulas

_COLLECTION: Final = [
    (
        "归集情况：目录各项在期内有发布的为已归集；责任单位以目录所载为准，目录未载明的为“未知”",
        "collected: published in the period; who owes an item is what the catalog says, or unknown",
    ),
    (
        "应归未归只说明期内没有归集；是否有应报信息，本系统无从得知",
        "missing says that nothing came in the period, not that there was anything to report",
    ),
    (
        "区县归集按认定单位所在地；占比按主体登记地，法人库未载登记区划的按统一代码第3至8位",
        "districts: seat of the authority; of shares the library's region, or that in the code",
    ),
    (
        "占比 = 本市认定的现行列入所涉主体（每名单一户计一次）÷ 法人库在册主体，不含自然人",
        "share = subjects listed and recognised here ÷ those of the base library, no persons",
    ),
]
"""CS1-CS5, SH1-SH4."""


def wording(formulas: Formulas) -> list[tuple[str, str]]:
    """The formulas as they are applied, Chinese and English."""
    held = ("、待核", " or held") if not formulas.ignore_held else ("", "")
    ignored = ", ".join(formulas.ignored_reasons)
    judged = formulas.compliance_of == "judged"
    whole = (
        ("受理时被拒与已获反馈之和", "those refused at intake or judged by a receiver")
        if judged
        else ("上报数", "reported")
    )
    share = (
        ("发布数", "published")
        if formulas.timeliness_of == "published"
        else ("可判定数", "those of which it is known")
    )
    days = formulas.working_days
    lines = [
        (
            "上报数 = 期内发布的列入 + 期内受理时被拒的行",
            "reported = listings published in the period + rows refused at intake",
        ),
        (
            f"合规率 = 未被拒收且未被任何接收方搁置或不予认定{held[0]} ÷ {whole[0]}",
            (
                "compliance = neither refused here, nor rejected or not recognised"
                f"{held[1]} by any receiver ÷ {whole[1]}"
            ),
        ),
        (
            f"及时率 = 决定之日起 {days} 个工作日内发布 ÷ {share[0]}",
            f"timeliness = published within {days} working days of the decision ÷ {share[1]}",
        ),
        (
            "行政处罚的及时按目录中经核实的公示时限判定，无此时限为“未知”",
            "of penalties the catalog's confirmed deadline counts; without one: unknown",
        ),
        (
            "无工作日表的年份、无决定日期的记录为“未知”，不作推测",
            "a year without a table and a record without a date are unknown, never guessed",
        ),
        (
            "错码率 = 代码有误 ÷ 上报数，以万分之计",
            "wrong codes = wrong subject codes ÷ reported, per ten thousand",
        ),
        (
            "修复、撤销被拒的行另计，不入其他指标",
            "refused rows of reliefs are counted by themselves, in no other figure",
        ),
    ]
    lines += [
        (
            "覆盖率 = 发布数 ÷（发布数 + 漏报数）",
            "coverage = published ÷ (published + missed)",
        ),
        (
            "漏报 = 本市认定单位期内决定、见于他方日志而本日志没有的有效列入",
            "missed = what stands in other logs, decided by ours in the period, and not in our log",
        ),
        (
            f"完整率 = 1 − 所缺事项（{'、'.join(formulas.incomplete_reasons)}）÷ 上报数",
            f"completeness = 1 − those with {', '.join(formulas.incomplete_reasons)} ÷ reported",
        ),
        (
            f"规范率 = 1 − 书写不规范（{'、'.join(formulas.irregular_reasons)}）÷ 上报数",
            f"standardness = 1 − those with {', '.join(formulas.irregular_reasons)} ÷ reported",
        ),
        (
            f"关联率 = 1 − 未关联到主体（{'、'.join(formulas.unlinked_reasons)}）÷ 已获反馈数",
            f"linkage = 1 − those with {', '.join(formulas.unlinked_reasons)} ÷ judged",
        ),
        (
            f"中断 = 前后两次发布相隔超过 {formulas.gap_days} 天的次数",
            f"gaps = times that more than {formulas.gap_days} days lay between two publications",
        ),
    ]
    lines += _COLLECTION
    if ignored:
        lines.append((f"不计入数源责任的原因：{ignored}", f"reasons not the source's: {ignored}"))
    return lines

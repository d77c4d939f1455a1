"""Texts of the page of quality."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from node.texts.fields import Pair

TEXTS: Final[Mapping[str, Pair]] = {
    "title": ("数据质量", "Quality"),
    "lead": (
        "各数源部门报得怎么样：合规、及时、覆盖，问题出在哪里，哪些名单没有归集。",
        "How well each source reported, what was wrong, and which lists did not come.",
    ),
    "period": ("周、月或季", "Week, month or quarter"),
    "unit.month": ("月", "Month"),
    "unit.quarter": ("季", "Quarter"),
    "unit.week": ("周", "Week"),
    "show": ("查看", "Show"),
    "days": ("{first} 至 {last}", "{first} to {last}"),
    "nothing": ("这一期没有部门上报。", "Nothing was reported in this period."),
    "counted-at": ("数字截至 {at}", "figures as of {at}"),
    "counting": (
        "数据较多，这些数字正在后台统计，通常几秒到一分钟，算好即显示。",
        "There is much to count: these figures are being counted, which takes up to a minute.",
    ),
    "counting.of": ("已完成 {done} / {all} 期。", "{done} of {all} periods are done."),
    "counting.again": ("再看一次", "Look again"),
    "since": ("本节点自 {day} 起有上报。", "The first listing of this node is of {day}."),
    "since.never": ("本节点还没有收到过名单。", "No listing was ever reported to this node."),
    "owed": (
        "目录里有 {n} 类名单应归未归，见下面的归集情况；部门上报后，这里就有指标。",
        "{n} lists of the catalog are missing, see the collection below; figures follow them.",
    ),
    "owed.none": (
        "没有应归未归的名单；部门上报后，这里就有指标。",
        "No list of the catalog is missing; figures follow what is reported.",
    ),
    "import": ("导入名单", "Import a list"),
    "early": (
        "上月没有上报，先显示本月至今；上月的通报在上面选择。",
        "Nothing was reported last month: this month so far is shown; choose the other above.",
    ),
    "by-source": ("各部门上报", "Reported, by source"),
    "source": ("数源部门", "Source"),
    "source-list": ("数源部门 · 名单", "Source · list"),
    "no-source": ("未载明部门", "source not said"),
    "compliant": ("合规", "compliant"),
    "faulty": ("接收方待核", "held by receivers"),
    "refused": ("受理被拒", "refused at intake"),
    "rates": ("合规、及时、覆盖", "Compliance, timeliness, coverage"),
    "all-figures": ("全部指标", "All figures"),
    "reasons": ("问题原因", "What was wrong"),
    "reason": ("原因", "Reason"),
    "number": ("数量", "Number"),
    "collection": ("归集情况", "Collection"),
    "held": ("各市待核或未采用的本市列入", "Listings of ours that others hold or did not take"),
    "held.open": ("看是哪几条", "Look which ones"),
    "held.lead": (
        "接收的城市对这些列入待核或没有采用，在那里不采取措施；核对后更正，或把依据补给对方。",
        (
            "Cities that received these hold them or did not take them, and no measure follows "
            "there: compare, then correct the row or send what is lacking."
        ),
    ),
    "held.none": ("没有。", "There is none."),
    "held.record": ("记录", "Record"),
    "held.missed": ("漏报，本市没有记录", "missed: no record of ours"),
    "held.look": ("查看记录", "Look at the record"),
    "trend": ("各期走势", "One period after the other"),
    "trend.lead": (
        "各期上报的数量与问题，最早的在前；逐期从日志统计，请稍候。",
        "What was reported in each period, the first one first; counted out of the log.",
    ),
    "trend.of": ("按", "By"),
    "by-period": ("各期上报", "Reported, by period"),
    "faults": ("迟报、漏报、错码", "Late, missed, wrong codes"),
    "trend.period": ("期", "Period"),
    "trend.all": ("全部部门", "All sources"),
    "report.file": ("数据质量通报", "quality-"),
    "report": ("本期通报", "Report of the period"),
    "report.lead": (
        "周调度、月通报、季评估，与命令 huxin quality report 写出的相同，不含主体名称。",
        "As huxin quality report writes it; without names of subjects.",
    ),
    "report.show": ("看通报", "Show the report"),
    "report.keep": ("下载通报（XLSX）", "Keep the report (XLSX)"),
    "report.print": (
        "用浏览器打印，即得不带栏目的通报。",
        "Print it from the browser: the menu stays out.",
    ),
    "report.blanks": ("文号：　　　　　　　　主送：", "Number:                    To:"),
    "report.hands": (
        "经办：　　　　　　审核：　　　　　　签发：　　　　　　（盖章）　　　　年　　月　　日",
        "Done by:            Checked by:            Issued by:            (seal)            Date:",
    ),
    "report.workbook": (
        "问题记录 {faults} 行、各数字背后的记录 {records} 行在工作簿（XLSX）中。",
        "{faults} rows of faults and {records} of records behind figures are in the workbook.",
    ),
    "short": ("本期要点", "In short"),
    "short.reported": (
        "上报 {n} 条：受理被拒 {refused}，合规 {well}，接收方待核 {held}。",
        "{n} reported: {refused} refused at intake, {well} compliant, {held} held by receivers.",
    ),
    "short.timely": (
        "能判定是否及时的 {known} 条中，及时 {timely}，迟报 {late}。",
        "Of {known} of which it is known, {timely} in time and {late} late.",
    ),
    "short.unknown": (
        "另有 {n} 条未知（决定日不详，或无该年工作日表），不计入及时率。",
        "Of {n} more it is unknown (no date, or no table of working days): not in the rate.",
    ),
    "short.others": (
        "另有 {n} 个部门，见后面的指标表。",
        "{n} more sources stand in the table of figures.",
    ),
    "short.missed": ("漏报 {n} 条。", "{n} missed."),
    "short.owed": ("应归未归 {n} 类名单", "{n} lists of the catalog are missing"),
    "owed.none.short": ("没有应归未归的名单。", "No list of the catalog is missing."),
    "column.reported": ("上报", "reported"),
    "column.compliant": ("合规", "compliant"),
    "column.held": ("接收方待核", "held by receivers"),
    "column.refused": ("受理被拒", "refused"),
    "column.late": ("迟报", "late"),
    "column.unknown": ("及时未知", "timeliness unknown"),
    "column.missed": ("漏报", "missed"),
    "unknown-beside": ("（未知 {n}）", ", {n} unknown"),
    "relieved": ("本期各市修复与解除", "Reliefs of the period, by city"),
    "relieved.city": ("作出城市", "City"),
    "relieved.total": ("合计", "all"),
    "relieved.sum": ("各市合计", "All cities"),
    "relieved.done": ("已全部执行", "done everywhere"),
    "relieved.none": (
        "本期没有修复、撤销、屏蔽、暂停。",
        "No repair, withdrawal, masking or pause in the period.",
    ),
    "relieved.hint": (
        "按决定日计；“已全部执行”指须执行的市、县都已执行，本市部门也没有待办。",
        "By the day of decision; done: by every city and county that has to, and departments here.",
    ),
    "relieved.more": ("数量过多，只统计了一部分。", "Too many: only a part was counted."),
    "report.more": (
        "这里显示前 {shown} 行，共 {all} 行，全部在下载的工作簿中。",
        "The first {shown} of {all} rows; all are in the workbook.",
    ),
    "back": ("返回数据质量", "Back to quality"),
    "formulas": ("计算公式与说明", "Formulas and notes"),
}

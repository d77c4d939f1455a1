"""Operations about figures: quality of what sources reported, outcomes 惩戒反馈 of a period."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from huxin.v1 import quality_pb2 as pb
from huxin.v1 import screening_pb2

from node.documents import answers, quality
from node.documents.periods import named
from node.web import parameters
from node.web.operations import Ask, Operation, Said
from node.web.parameters import Parameter
from node.web.schemas import Schema, array, number, record, text

_PERIOD: Final = Parameter(
    name="period",
    zh="周、月或季，如 2026-W42、2026-10、2026-Q3；缺省为全部",
    en="a week, month or quarter, as 2026-W42, 2026-10 or 2026-Q3; all there is where absent",
    form="[0-9]{4}-(?:W[0-9]{2}|[0-9]{2}|Q[1-4])",
    sample="2026-10",
)
ANY_PERIOD: Final = replace(
    _PERIOD,
    zh="周、月或季，如 2026-W42、2026-10、2026-Q3",
    en="a week, month or quarter, as 2026-W42, 2026-10 or 2026-Q3",
    required=True,
)
_ONE_PERIOD: Final = Parameter(
    name="period",
    zh="月或季，如 2026-10、2026-Q3",
    en="a month or quarter, as 2026-10 or 2026-Q3",
    form="[0-9]{4}-(?:[0-9]{2}|Q[1-4])",
    sample="2026-10",
    required=True,
)
CHECK: Final = Parameter(
    name="number",
    zh="核查编号",
    en="number of a check's answer",
    form="[1-9][0-9]{5}-[0-9]{8}-[0-9a-f]{8,32}",
    sample="511500-20261129-0123456789ab",
)
_ROWS: Final[Schema] = {"type": "object"}
_OUTCOMES: Final = record({"outcomes": array(_ROWS, "反馈", "outcomes")}, "outcomes")


def _quality(ask: Ask, said: Said) -> object:
    of = named(said.get("period", ""))
    asked = pb.GetQualityRequest(
        first=of.first,
        last=of.last,
        records=said.get("records", False),
        shares=said.get("shares", False),
        at_once=said.get("at_once", False),
    )
    return quality.figures(ask.many("Quality/GetQuality", asked), of)


def _outcomes(ask: Ask, said: Said) -> object:
    pieces = ask.many("Screening/ListOutcomes", screening_pb2.ListOutcomesRequest())
    return {"outcomes": quality.in_force(pieces, all_=said.get("all", False))}


def _pending(ask: Ask, said: Said) -> object:
    asked = screening_pb2.PendingOutcomesRequest(
        page_size=said.get("page_size", 0), page_token=said.get("page_token", "")
    )
    pieces = ask.many("Screening/PendingOutcomes", asked)
    found, token = answers.joined(pieces), pieces[-1].next_page_token
    return {"outcomes": found, "next_page_token": token}


def _of_check(ask: Ask, said: Said) -> object:
    asked = screening_pb2.GetOutcomesRequest(check=said["number"])
    return answers.document(ask.one("Screening/GetOutcomes", asked))


def _report(ask: Ask, said: Said) -> object:
    of = named(said["period"])
    asked = screening_pb2.OutcomeReportRequest(first=of.first, last=of.last)
    return answers.joined(ask.many("Screening/OutcomeReport", asked))


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/v1/quality",
        name="getQuality",
        zh="一周、一月或一季的数据质量，缺省为全部",
        en="Quality of what sources reported in a week, month or quarter; of all where absent",
        rpcs=("Quality/GetQuality",),
        serve=_quality,
        answer=record(
            {
                "rows": array(_ROWS, "数源部门和名单", "by source and list"),
                "since": number("首次上报之日，0 为没有", "day of the first listing; 0: none"),
                "counted_at": number(
                    "何时统计，UTC 秒；数据多的节点才有，数据少时每次现算",
                    "when it was counted, seconds UTC; of a node that holds much alone",
                ),
            },
            *("rows", "since"),
        ),
        query=(
            _PERIOD,
            parameters.flag("records", "列出每个数字背后的记录", "name the records behind figures"),
            parameters.flag("shares", "另计列入主体占比", "count the share of listed subjects"),
            parameters.flag(
                "at_once",
                "不等统计：尚未统计的答 counting，稍后再问",
                "not to wait: what is not counted yet is `counting`, to be asked for again",
            ),
        ),
        seconds=120.0,
    ),
    Operation(
        method="GET",
        path="/v1/outcomes",
        name="listOutcomes",
        zh="本地的反馈和各地对本地列入的反馈",
        en="What was reported here, and by others about our listings",
        rpcs=("Screening/ListOutcomes",),
        serve=_outcomes,
        answer=_OUTCOMES,
        query=(parameters.flag("all", "含已更正的", "those as well that were corrected"),),
    ),
    Operation(
        method="GET",
        path="/v1/outcomes:pending",
        name="pendingOutcomes",
        zh="待反馈和须解除、复核的命中",
        en="Matches to be reported, undone or re-examined",
        rpcs=("Screening/PendingOutcomes",),
        serve=_pending,
        answer=record(
            {
                "outcomes": array(_ROWS, "反馈", "outcomes"),
                "next_page_token": text("下一页的标记；最后一页为空", "of the next page; or empty"),
            },
            "outcomes",
            "next_page_token",
        ),
        query=(
            parameters.number(
                "page_size",
                1,
                1000,
                "一页至多几条，缺省为全部",
                "at most so many; all where absent",
            ),
            parameters.PAGE_TOKEN,
        ),
    ),
    Operation(
        method="GET",
        path="/v1/outcomes:report",
        name="outcomeReport",
        zh="一月或一季的反馈统计",
        en="Figures of a month or quarter",
        rpcs=("Screening/OutcomeReport",),
        serve=_report,
        answer=record({"rows": array(_ROWS, "统计", "figures")}, "rows"),
        query=(_ONE_PERIOD,),
    ),
    Operation(
        method="GET",
        path="/v1/outcomes/{number}",
        name="getOutcomes",
        zh="一次核查的命中和反馈",
        en="A check's matches, and what was reported of them",
        rpcs=("Screening/GetOutcomes",),
        serve=_of_check,
        answer=record({"matches": array(_ROWS, "命中", "matches")}),
        place=(CHECK,),
    ),
)

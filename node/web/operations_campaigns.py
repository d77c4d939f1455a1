"""Operations about campaigns 专项治理: opened, filled, and how far they have come."""

from __future__ import annotations

from typing import Any, Final

from huxin.v1 import campaigns_pb2 as pb

from node.documents import answers
from node.web import parameters
from node.web.bodies import Field
from node.web.messages import message, paged, statement
from node.web.operations import Ask, Content, Operation, Said
from node.web.schemas import Schema, array, number, record, text

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PAGE: Final = 1000
NUMBER_MAX: Final = 1_000_000_000
_NUMBER: Final = parameters.number(
    "campaign", 1, NUMBER_MAX, "专项的编号", "number of the campaign", required=True
)
_CAMPAIGN: Final[Schema] = record(
    {
        "campaign": number("编号", "its number"),
        "name": text("名称", "name"),
        "document": text("文号", "number of its document"),
        "unit": text("责任单位", "who is responsible"),
        "due": number("期限；0 为未定", "by when; 0: not said"),
        "subjects": number("台账主体数", "subjects of the ledger"),
        "exited": number("已退出", "exited"),
        "overdue": number("逾期未退出", "overdue"),
        "rate": {
            "type": ["number", "null"],
            "description": "退出率；空台账为 null / exit rate; null of an empty ledger",
        },
    },
    *("campaign", "name", "subjects", "exited", "overdue", "rate"),
)
_SUBJECT: Final[Schema] = record(
    {
        "statement_id": text("首条列入的声明编号", "id of its first listing"),
        "unit": text("责任单位", "who is responsible"),
        "ground": text("退出依据；未退出为空", "by what it exited; or empty"),
        "exited_on": number("退出日期；未退出为 0", "day on which it exited; or 0"),
    },
    *("statement_id", "unit", "ground"),
)
_ENTERED: Final[Schema] = record(
    {
        "added": number("新记入条数", "entered now"),
        "already": number("已在台账的条数", "there already"),
        "unknown": array(
            {"type": "string"}, "没有有效列入的", "what names no listing that is in force"
        ),
    },
    *("added", "already", "unknown"),
)


def _list(ask: Ask, said: Said) -> object:
    del said
    found = ask.one("Campaigns/ListCampaigns", pb.ListCampaignsRequest())
    return {"campaigns": list(answers.rows(found.campaigns_json))}


def _get(ask: Ask, said: Said) -> object:
    asked = message(pb.GetCampaignRequest, campaign=said["campaign"], day=said.get("day", 0))
    return answers.document(ask.one("Campaigns/GetCampaign", asked))


def _subjects(ask: Ask, said: Said) -> object:
    asked = message(
        pb.ListCampaignSubjectsRequest,
        campaign=said["campaign"],
        brief=said.get("brief", False),
        **paged(said),
    )
    page = ask.one("Campaigns/ListCampaignSubjects", asked)
    return answers.page("subjects", page.subjects_json, page.next_page_token)


def ledger(ask: Ask, campaign: int) -> list[dict[str, Any]]:
    """All subjects of a ledger."""
    request = pb.ListCampaignSubjectsRequest(campaign=campaign, page_size=_PAGE)
    found: list[dict[str, Any]] = []
    while True:
        page = ask.one("Campaigns/ListCampaignSubjects", request)
        found += answers.rows(page.subjects_json)
        if not page.next_page_token:
            return found
        request.page_token = page.next_page_token


def _sheet(ask: Ask, said: Said) -> Content:
    from node.campaigns.sheet import report_of  # noqa: PLC0415
    from node.quality.report import workbook  # noqa: PLC0415 - loads all of openpyxl

    number = said["campaign"]
    asked = message(pb.GetCampaignRequest, campaign=number, day=said.get("day", 0))
    found = answers.document(ask.one("Campaigns/GetCampaign", asked))
    made = workbook(report_of(found, ledger(ask, number)))
    return Content(data=made, media=XLSX, name=f"campaign-{number}-{found['day']}.xlsx")


def _open(ask: Ask, said: Said) -> object:
    asked = message(pb.OpenCampaignRequest, **said)
    return answers.document(ask.one("Campaigns/OpenCampaign", asked))


def _enter(ask: Ask, said: Said) -> object:
    named = said.get("statement_ids", ())
    ids = [statement({"statement_ids": one}, "statement_ids") for one in named]
    asked = message(pb.EnterCampaignRequest, **{**said, "statement_ids": ids})
    return answers.document(ask.one("Campaigns/EnterCampaign", asked))


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/v1/campaigns",
        name="listCampaigns",
        zh="各专项及其退出率",
        en="Campaigns with their exit rates",
        rpcs=("Campaigns/ListCampaigns",),
        serve=_list,
        answer=record({"campaigns": array(_CAMPAIGN, "专项", "campaigns")}, "campaigns"),
    ),
    Operation(
        method="POST",
        path="/v1/campaigns",
        name="openCampaign",
        zh="开立专项",
        en="Open a campaign",
        rpcs=("Campaigns/OpenCampaign",),
        serve=_open,
        answer=_CAMPAIGN,
        body=(
            Field(name="name", zh="名称", en="its name", example="失信治理（演示）"),
            Field(name="document", zh="文号", en="number of its document", example="〔2026〕8号"),
            Field(name="unit", zh="责任单位", en="who is responsible", example="市发展改革委"),
            Field(
                name="due",
                kind="integer",
                zh="期限 YYYYMMDD",
                en="by when, YYYYMMDD",
                required=False,
                example=20261231,
            ),
        ),
        keyed=True,
    ),
    Operation(
        method="GET",
        path="/v1/campaigns/{campaign}",
        name="getCampaign",
        zh="一个专项的退出率，截至某日",
        en="One campaign with its exit rate as of a day",
        rpcs=("Campaigns/GetCampaign",),
        serve=_get,
        answer=_CAMPAIGN,
        place=(_NUMBER,),
        query=(parameters.day("day", "截至此日，缺省今日", "as of this day; today where absent"),),
    ),
    Operation(
        method="GET",
        path="/v1/campaigns/{campaign}/sheet",
        name="getCampaignSheet",
        zh="月报表，XLSX：退出率与台账，截至某日，同 huxin campaign sheet",
        en="The monthly sheet, XLSX: rate and ledger as of a day, as `huxin campaign sheet`",
        rpcs=("Campaigns/GetCampaign", "Campaigns/ListCampaignSubjects"),
        serve=_sheet,
        answer={},
        place=(_NUMBER,),
        query=(parameters.day("day", "截至此日，缺省今日", "as of this day; today where absent"),),
        media=XLSX,
    ),
    Operation(
        method="GET",
        path="/v1/campaigns/{campaign}/subjects",
        name="listCampaignSubjects",
        zh="台账，逐个主体",
        en="The ledger, subject by subject",
        rpcs=("Campaigns/ListCampaignSubjects",),
        serve=_subjects,
        answer=record(
            {
                "subjects": array(_SUBJECT, "主体", "subjects"),
                "next_page_token": text("下一页的标记；最后一页为空", "of the next page; or empty"),
            },
            "subjects",
            "next_page_token",
        ),
        place=(_NUMBER,),
        query=(
            *parameters.PAGED,
            parameters.flag("brief", "只列主体，不列其各条列入", "subjects without their listings"),
        ),
    ),
    Operation(
        method="POST",
        path="/v1/campaigns/{campaign}:enter",
        name="enterCampaign",
        zh="把有效的列入记入台账；不可删除",
        en="Enter listings in force; none is ever taken out",
        rpcs=("Campaigns/EnterCampaign",),
        serve=_enter,
        answer=_ENTERED,
        place=(_NUMBER,),
        body=(
            Field(
                name="statement_ids",
                kind="array",
                each="string",
                zh="列入的声明编号，至多 1000 个",
                en="ids of listings, at most 1000",
                required=False,
                example=["4d1f0c7be12a3d4e6f8091a2b3c4d5e6"],
            ),
            Field(
                name="codes",
                kind="array",
                each="string",
                zh="统一社会信用代码，至多 1000 个",
                en="unified codes, at most 1000",
                required=False,
                example=["91510500YY0700024K"],
            ),
            Field(
                name="list_type",
                zh="按条件：本地主体在此名单上的列入；与以下各项同时满足",
                en="by query: listings of ours on this list, that fit what follows too",
                required=False,
                example="judgment-defaulter",
            ),
            Field(
                name="authority",
                zh="认定机关代码",
                en="code of the determining authority",
                required=False,
                example="511502-court",
            ),
            Field(
                name="origin",
                zh="所在日志",
                en="log in which it stands",
                required=False,
                example="511500.huxin.example/1",
            ),
            Field(
                name="decided_until",
                kind="integer",
                zh="此日及以前认定，YYYYMMDD",
                en="decided on this day or before, YYYYMMDD",
                required=False,
                example=20251231,
            ),
            Field(
                name="unit",
                zh="责任单位，缺省为专项的",
                en="who is responsible; that of the campaign where absent",
                required=False,
                example="市住建局",
            ),
        ),
    ),
)

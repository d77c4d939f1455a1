"""Operations about repairs: how far each has come, who is late, comparisons, certificates."""

from __future__ import annotations

from typing import Final

from huxin.v1 import certificates_pb2
from huxin.v1 import repairs_pb2 as pb

from node.documents import answers
from node.documents.certificates import whole
from node.documents.periods import named
from node.web import parameters
from node.web.bodies import Field
from node.web.messages import message, paged, statement
from node.web.operations import Ask, Content, Operation, Said
from node.web.operations_quality import ANY_PERIOD
from node.web.schemas import Schema, array, number, record, text

_REPAIR: Final[Schema] = record(
    {
        "statement_id": text("声明编号", "id of the statement"),
        "kind": text("种类", "kind"),
        "document": text("文书号", "number of the decision"),
    },
    "statement_id",
)
_ROWS: Final[Schema] = {"type": "object"}


def _list(ask: Ask, said: Said) -> object:
    asked = message(
        pb.ListRepairsRequest,
        late=said.get("late", False),
        outstanding=said.get("outstanding", False),
        member=said.get("member", ""),
        since=said.get("since", 0),
        list_type=said.get("list_type", ""),
        **paged(said),
    )
    page = ask.one("Repairs/ListRepairs", asked)
    return answers.page("repairs", page.repairs_json, page.next_page_token)


def _get(ask: Ask, said: Said) -> object:
    asked = pb.GetRepairRequest(statement_id=statement(said))
    return answers.document(ask.one("Repairs/GetRepair", asked))


def _progress(ask: Ask, said: Said) -> object:
    asked = pb.GetRepairRequest(statement_id=statement(said))
    return answers.document(ask.one("Repairs/GetRepairProgress", asked))


def _audit(ask: Ask, _said: Said) -> object:
    return {"findings": answers.each(ask.many("Repairs/AuditRepairs", pb.AuditRepairsRequest()))}


def _rates(ask: Ask, said: Said) -> object:
    of = named(said["period"])
    asked = pb.GetRepairRatesRequest(first=of.first, last=of.last)
    return answers.document(ask.one("Repairs/GetRepairRates", asked))


def _certificate(ask: Ask, said: Said) -> object:
    asked = message(
        certificates_pb2.MakeCertificateRequest,
        statement_id=statement(said),
        subject=said["subject"],
        check=said.get("check", ""),
        report=said.get("report", "").encode(),
    )
    made = whole(ask.many("Certificates/MakeCertificate", asked))
    return Content(data=made.pdf, media="application/pdf", name=f"{made.number}.pdf")


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/v1/repairs",
        name="listRepairs",
        zh="修复、撤销、屏蔽、暂停及各成员执行情况",
        en="Reliefs and who has executed them",
        rpcs=("Repairs/ListRepairs",),
        serve=_list,
        answer=record(
            {
                "repairs": array(_REPAIR, "修复；一页可少于所求", "reliefs; fewer than asked for"),
                "next_page_token": text("下一页的标记；最后一页为空", "of the next page; or empty"),
            },
            "repairs",
            "next_page_token",
        ),
        query=(
            parameters.flag("late", "只列有逾期的", "only where somebody is or was late"),
            parameters.flag("outstanding", "只列尚有成员未执行的", "only those not done"),
            parameters.region("member", "只看此成员的行政区划代码", "region of a member"),
            parameters.day("since", "此日起决定的", "decided since"),
            parameters.code("list_type", "unpaid-migrant-wages", "名单代码", "code of a list"),
            parameters.number(
                "page_size", 1, 200, "一页至多几条，缺省 100", "at most so many; 100 where absent"
            ),
            parameters.PAGE_TOKEN,
        ),
    ),
    Operation(
        method="GET",
        path="/v1/repairs/{statement_id}",
        name="getRepair",
        zh="一条修复在各成员的时间与时限",
        en="One relief: times at each member, and its deadline",
        rpcs=("Repairs/GetRepair",),
        serve=_get,
        answer=_REPAIR,
        place=(parameters.statement_id(),),
    ),
    Operation(
        method="GET",
        path="/v1/repairs/{statement_id}/progress",
        name="getRepairProgress",
        zh="一条修复在各成员执行得如何；不含主体，不记入查询日志",
        en="How far one relief has come at each member; no subject, and not in the query log",
        rpcs=("Repairs/GetRepairProgress",),
        serve=_progress,
        answer=record(
            {
                "members": number("成员数", "members that it is due at"),
                "executed": number("已执行的", "who has executed it"),
                "late": array({"type": "string"}, "逾期的", "who is or was late"),
                "by_member": array({"type": "object"}, "各成员", "each member"),
            },
            *("members", "executed", "late", "by_member"),
        ),
        place=(parameters.statement_id(),),
    ),
    Operation(
        method="GET",
        path="/v1/repairs:rates",
        name="getRepairRates",
        zh="本市所作修复在一周、一月或一季的及时率、当日执行率",
        en="Our reliefs of a week, month or quarter: executed in time, and on the same day",
        rpcs=("Repairs/GetRepairRates",),
        serve=_rates,
        answer=_ROWS,
        query=(ANY_PERIOD,),
    ),
    Operation(
        method="GET",
        path="/v1/repairs:audit",
        name="auditRepairs",
        zh="核对各方，找出错修、漏修、晚修",
        en="Wrong, missed and late repairs: origin, members and platforms compared",
        rpcs=("Repairs/AuditRepairs",),
        serve=_audit,
        answer=record({"findings": array(_ROWS, "所见", "findings")}, "findings"),
        seconds=120.0,
    ),
    Operation(
        method="POST",
        path="/v1/repairs/{statement_id}/certificate",
        name="makeCertificate",
        zh="出具信用修复结果跨区域执行情况证明（PDF）；节点不留存",
        en="Make a certificate of how a repair was executed, as PDF; nothing of it is kept",
        rpcs=("Certificates/MakeCertificate",),
        serve=_certificate,
        answer={},
        place=(parameters.statement_id(),),
        body=(
            Field(
                name="subject",
                zh="申请主体的代码，须与决定一致",
                en="code of the firm that asks, as the relief's",
                example="91510500ZZ00000018",
            ),
            Field(
                name="check",
                zh="核验地址，印入二维码",
                en="where it may be checked; goes into the QR code",
                required=False,
                example="https://credit.example/check",
            ),
            Field(
                name="report",
                zh="所引用的审计报告签名文件内容",
                en="the signed note of an audit's report, to be cited",
                required=False,
                example="report.example\n…",
            ),
        ),
        media="application/pdf",
        seconds=60.0,
    ),
)

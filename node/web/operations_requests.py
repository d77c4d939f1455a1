"""Operations about requests 转办: what is forwarded to a listing's origin, and what is answered."""

from __future__ import annotations

from typing import Final

from huxin.v1 import requests_pb2 as pb

from federation.relief.requests import How, Verdict
from node.documents import answers
from node.texts.letters import DOCX
from node.texts.requests import handed_in
from node.web import parameters
from node.web.bodies import Field
from node.web.letters import REGISTER, content, given
from node.web.messages import message, paged, statement
from node.web.operations import Ask, Operation, Said
from node.web.schemas import Schema, array, record, text

_REQUEST: Final[Schema] = record(
    {
        "statement_id": text("转办编号", "id of the request"),
        "type": text("事项", "type"),
        "state": text("状态", "state"),
    },
    "statement_id",
)


def _list(ask: Ask, said: Said) -> object:
    asked = message(pb.ListRequestsRequest, open=not said.get("all", False), **paged(said))
    page = ask.one("Requests/ListRequests", asked)
    return answers.page("requests", page.requests_json, page.next_page_token)


def _get(ask: Ask, said: Said) -> object:
    asked = pb.GetRequestRequest(statement_id=statement(said))
    return answers.document(ask.one("Requests/GetRequest", asked))


def _letter(ask: Ask, said: Said) -> object:
    from node.relief.request_letters import kind_of, letter  # noqa: PLC0415 - python-docx

    asked = pb.GetRequestRequest(statement_id=statement(said))
    found = answers.document(ask.one("Requests/GetRequest", asked))
    made = letter(found, given(ask, kind_of(found), found["statement_id"]))
    return content(made, found["statement_id"])


def _send(ask: Ask, said: Said) -> object:
    asked = message(
        pb.SendRequestRequest,
        request_id=said["request_id"],
        statement_id=statement(said),
        type=said["type"],
        received_on=said["received_on"],
        text=handed_in(said.get("document", ""), said.get("text", "")),
    )
    return answers.document(ask.one("Requests/SendRequest", asked))


def _answer(ask: Ask, said: Said) -> object:
    result = said.get("result", "")
    asked = message(
        pb.AnswerRequestRequest,
        request_id=said["request_id"],
        statement_id=statement(said),
        verdict=said["verdict"],
        reason=said.get("reason", ""),
        how=said.get("how", ""),
        document=said.get("document", ""),
        decided_on=said.get("decided_on", 0),
        result=statement(said, "result") if result else b"",
    )
    return answers.document(ask.one("Requests/AnswerRequest", asked))


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/v1/requests",
        name="listRequests",
        zh="转出的和待本地答复的转办",
        en="What was forwarded from here, and what is to be answered here",
        rpcs=("Requests/ListRequests",),
        serve=_list,
        answer=record(
            {
                "requests": array(_REQUEST, "转办", "requests"),
                "next_page_token": text("下一页的标记；最后一页为空", "of the next page; or empty"),
            },
            "requests",
            "next_page_token",
        ),
        query=(
            parameters.flag("all", "含已办结的", "those that are closed as well"),
            *parameters.PAGED,
        ),
    ),
    Operation(
        method="POST",
        path="/v1/requests",
        name="sendRequest",
        zh="把异议或修复申请转交认定方",
        en="Forward an objection or an application to the listing's origin",
        rpcs=("Requests/SendRequest",),
        serve=_send,
        answer=_REQUEST,
        body=(
            Field(
                name="statement_id",
                zh="外地的列入，声明编号",
                en="the listing of another, its id",
                example="4d1f0c7be12a3d4e6f8091a2b3c4d5e6",
            ),
            Field(
                name="type",
                zh="异议或修复申请",
                en="an objection or an application for repair",
                words=("objection", "repair-application"),
                example="objection",
            ),
            Field(
                name="received_on",
                kind="integer",
                zh="本地收到申请之日 YYYYMMDD",
                en="day on which it was handed in, YYYYMMDD",
                example=20261118,
            ),
            Field(
                name="document",
                zh="本地收文号",
                en="number of the receipt here",
                required=False,
                example="自信收〔2026〕3号",
            ),
            Field(
                name="text",
                zh="申请内容，至多 4096 字",
                en="what is asked and why, at most 4096 characters",
                required=False,
                example="文书已被撤销",
            ),
        ),
        keyed=True,
    ),
    Operation(
        method="GET",
        path="/v1/requests/{statement_id}",
        name="getRequest",
        zh="一件转办：内容、期限、答复",
        en="One request: what is asked, until when, what was answered",
        rpcs=("Requests/GetRequest",),
        serve=_get,
        answer=_REQUEST,
        place=(parameters.statement_id(),),
    ),
    Operation(
        method="GET",
        path="/v1/requests/{statement_id}/letter",
        name="getRequestLetter",
        zh="转办单；办结后为处理告知书，DOCX",
        en="The letter that forwards it, or that tells what became of it; DOCX",
        rpcs=("Requests/GetRequest", REGISTER),
        serve=_letter,
        answer={},
        place=(parameters.statement_id(),),
        media=DOCX,
    ),
    Operation(
        method="POST",
        path="/v1/requests/{statement_id}:answer",
        name="answerRequest",
        zh="答复转办；支持即发布修复、撤销、屏蔽或暂停",
        en="Answer a request; granting publishes the relief that was asked for",
        rpcs=("Requests/AnswerRequest",),
        serve=_answer,
        answer=_REQUEST,
        place=(parameters.statement_id(),),
        body=(
            Field(
                name="verdict",
                zh="收到、受理、支持、不予支持；撤回由转出方",
                en="what is said; withdrawn by who sent it",
                words=tuple(Verdict),
                example="accepted",
            ),
            Field(
                name="reason",
                zh="不予支持的理由代码",
                en="why it is refused, as a code",
                required=False,
                example="request.no-ground",
            ),
            Field(
                name="how",
                zh="以何种声明支持",
                en="by what it is granted, said with it",
                required=False,
                words=tuple(How),
                example="repair",
            ),
            Field(
                name="document",
                zh="决定文书号",
                en="number of the decision",
                required=False,
                example="泸信修〔2026〕7号",
            ),
            Field(
                name="decided_on",
                kind="integer",
                zh="决定日 YYYYMMDD",
                en="day of the decision, YYYYMMDD",
                required=False,
                example=20261120,
            ),
            Field(
                name="result",
                zh="已发布的支持声明，其编号",
                en="the statement that grants it and was said before, its id",
                required=False,
                example="4d1f0c7be12a3d4e6f8091a2b3c4d5e6",
            ),
        ),
        keyed=True,
    ),
)

"""Operations about cases: what a rule held, and what persons say about it."""

from __future__ import annotations

from typing import Final

from huxin.v1 import cases_pb2 as pb

from federation.letters import LetterKind
from federation.reconcile.cases import Waits
from node.documents import answers
from node.texts.letters import DOCX
from node.web import parameters
from node.web.bodies import Field
from node.web.letters import REGISTER, content, given
from node.web.messages import NOTE, PERSON, SHOWN, message, paged, statement
from node.web.operations import Ask, Operation, Said
from node.web.schemas import Schema, array, number, record, text

_CASE: Final[Schema] = record(
    {
        "statement_id": text("声明编号", "id of the listing"),
        "list_type": text("名单", "list"),
        "rule": text("规则", "code of the rule that held it"),
        "since": number("自何时等待，秒", "since when it waits, seconds UTC"),
        "working_days": {
            "type": ["integer", "null"],
            "description": "已等几个工作日；工作日表未载为 null / working days it has waited; "
            "null: no table of working days says",
        },
    },
    "statement_id",
)


_CASES: Final[Schema] = record(
    {
        "cases": array(_CASE, "案件", "cases"),
        "next_page_token": text("下一页的标记；最后一页为空", "of the next page; or empty"),
    },
    "cases",
    "next_page_token",
)


def _list(ask: Ask, said: Said) -> object:
    wanted = {name: said[name] for name in ("rule", "list_type", "waits", "sought") if name in said}
    asked = message(pb.ListCasesRequest, **wanted, **paged(said))
    page = ask.one("Cases/ListCases", asked)
    return answers.page("cases", page.cases_json, page.next_page_token)


def _waiting(ask: Ask, _said: Said) -> object:
    asked = pb.CountWaitingCasesRequest()
    return answers.document(ask.one("Cases/CountWaitingCases", asked))


def _get(ask: Ask, said: Said) -> object:
    asked = pb.GetCaseRequest(statement_id=statement(said))
    return answers.document(ask.one("Cases/GetCase", asked))


def _hands(ask: Ask, said: Said) -> object:
    asked = pb.GetCaseRequest(statement_id=statement(said))
    return answers.document(ask.one("Cases/GetCaseHands", asked))


def _letter(ask: Ask, said: Said) -> object:
    from node.reconcile.decision_letters import decision_letter  # noqa: PLC0415 - python-docx

    asked = pb.GetCaseRequest(statement_id=statement(said))
    case = answers.document(ask.one("Cases/GetCase", asked))
    of = given(ask, LetterKind.DECISION, case["letter"], case["handled"])
    return content(decision_letter(case, of), case["statement_id"])


def _decide(ask: Ask, said: Said) -> object:
    asked = message(
        pb.DecideCaseRequest,
        statement_id=statement(said),
        verdict=said["verdict"],
        person=said["person"],
        reason=said["reason"],
        note=said.get("note", ""),
        shown=said.get("shown", ""),
    )
    return answers.document(ask.one("Cases/DecideCase", asked))


def _propose(ask: Ask, said: Said) -> object:
    asked = message(
        pb.ProposeEditionRequest,
        statement_id=statement(said),
        like=said.get("like", ""),
        person=said["person"],
    )
    return {"text": ask.one("Cases/ProposeEdition", asked).text}


_WANTED: Final = (
    parameters.code(
        "rule",
        "ground.unknown",
        "规则代码；decision.use、decision.reject 为已决定的，后决定的在前",
        "code of a rule; decision.use, decision.reject: those decided, the last one first",
    ),
    parameters.words(
        "waits",
        tuple(Waits),
        "second 待第二人确认，letter 待签发决定书；不与规则同给",
        "for the second person, or for the letter's number; no rule with it",
    ),
    *parameters.PAGED,
)

OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/v1/cases",
        name="listCases",
        zh="待核案件",
        en="Open cases",
        rpcs=("Cases/ListCases",),
        serve=_list,
        answer=_CASES,
        query=_WANTED,
    ),
    Operation(
        method="POST",
        path="/v1/cases:search",
        name="searchCases",
        zh="按主体、文书号或名单查待核案件；主体只写在正文里。一次看若干件，可能一页不满，用标记接着查",
        en="Cases by subject, document or list; the subject stands in the body alone. So many are "
        "looked at a page, which may have few: the token goes on",
        rpcs=("Cases/ListCases",),
        serve=_list,
        answer=_CASES,
        query=_WANTED,
        body=(
            Field(
                name="sought",
                zh="名称、代码、文书号的一部分，或者编号的开头",
                en="part of name, code or document number, or the beginning of the id",
                required=False,
                example="鑫源",
            ),
            Field(
                name="list_type",
                zh="只要此名单",
                en="of this list alone",
                required=False,
                example="unpaid-migrant-wages",
            ),
        ),
    ),
    Operation(
        method="GET",
        path="/v1/cases:waiting",
        name="countWaitingCases",
        zh="待第二人确认（second）、待签发决定书（letter）各有几件；不含主体，不记入查询日志",
        en="How many wait for the second person (second), and for their letter (letter); no "
        "subject, and not in the query log",
        rpcs=("Cases/CountWaitingCases",),
        serve=_waiting,
        answer=record(
            {
                "second": number("待第二人确认", "for the second person"),
                "letter": number("待签发决定书", "for the number of their letter"),
            },
            "second",
            "letter",
        ),
    ),
    Operation(
        method="GET",
        path="/v1/cases/{statement_id}",
        name="getCase",
        zh="一件：各方所述、规则、建议与经过",
        en="One case: what each side says, the rule, suggestions, history",
        rpcs=("Cases/GetCase",),
        serve=_get,
        answer=_CASE,
        place=(parameters.statement_id(),),
    ),
    Operation(
        method="GET",
        path="/v1/cases/{statement_id}/hands",
        name="getCaseHands",
        zh="一件由谁经办、审核，及其决定书的编号；不含主体，不记入查询日志",
        en="Who had a hand in a case, and what its letter is about; no subject, and not in the "
        "query log",
        rpcs=("Cases/GetCaseHands",),
        serve=_hands,
        answer=record(
            {
                "letter": text("决定书所说的件", "what its letter is about"),
                "handled": array({"type": "object"}, "经办与审核", "who prepared and reviewed"),
            },
            *("letter", "handled"),
        ),
        place=(parameters.statement_id(),),
    ),
    Operation(
        method="GET",
        path="/v1/cases/{statement_id}/letter",
        name="getCaseLetter",
        zh="案件处理决定书，DOCX；尚未决定的拒绝",
        en="The decision on it as a letter, DOCX; refused while nothing is decided",
        rpcs=("Cases/GetCase", REGISTER),
        serve=_letter,
        answer={},
        place=(parameters.statement_id(),),
        media=DOCX,
    ),
    Operation(
        method="POST",
        path="/v1/cases/{statement_id}:decide",
        name="decideCase",
        zh="决定一件：认定须两人，各自具名签署",
        en="Decide a case: to use a listing takes two persons, each with a signed word",
        rpcs=("Cases/DecideCase",),
        serve=_decide,
        answer=record(
            {
                "second_person_needed": {
                    "type": "boolean",
                    "description": "是否还缺另一人 / whether a second person must say it too",
                }
            },
            "second_person_needed",
        ),
        place=(parameters.statement_id(),),
        body=(
            Field(
                name="verdict",
                zh="认定、不认定、重新打开",
                en="use, reject, reopen",
                words=("use", "reject", "reopen"),
                example="reject",
            ),
            PERSON,
            Field(
                name="reason",
                zh="理由，不写主体信息",
                en="why; nothing of the subject in it",
                example="文书与名单不符",
            ),
            NOTE,
            SHOWN,
        ),
    ),
    Operation(
        method="POST",
        path="/v1/cases/{statement_id}:propose",
        name="proposeEdition",
        zh="提出目录版本，补上这一件的名单或认定单位；不作更改，采用见 /v1/catalog:import",
        en="Propose an edition that knows its list or authority; nothing changes by it, and two "
        "persons adopt it by /v1/catalog:import",
        rpcs=("Cases/ProposeEdition",),
        serve=_propose,
        answer=record({"text": text("目录版本，YAML", "the edition, YAML")}, "text"),
        place=(parameters.statement_id(),),
        body=(
            Field(name="person", zh="提议人姓名", en="who proposes", example="张某（演示）"),
            Field(
                name="like",
                zh="对应的本地名单；目录没有此名单类型时须给出",
                en="the list here that theirs is; asked for where the catalog has none of its id",
                required=False,
                example="unpaid-migrant-wages",
            ),
        ),
    ),
)

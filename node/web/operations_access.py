"""Operations about who may ask, and who asked: credentials, and the query log."""

from __future__ import annotations

from typing import Final

from huxin.v1 import access_pb2 as pb
from huxin.v1 import queries_pb2

from federation.charters.values import PURPOSES
from federation.screening.roles import Role
from node.documents import answers, credentials
from node.texts.letters import DOCX
from node.texts.query_letters import letter_of
from node.web.bodies import Field
from node.web.letters import content
from node.web.messages import BY, NOTE, message
from node.web.operations import Ask, Content, Operation, Said
from node.web.parameters import Parameter
from node.web.schemas import Schema, array, record, text

_ID: Final = Parameter(
    name="credential",
    zh="凭据编号",
    en="id of a credential",
    form="[0-9a-f]{8}",
    sample="0123abcd",
)
_CREDENTIAL: Final[Schema] = record(
    {
        "id": text("凭据编号", "its id"),
        "department": text("部门", "department"),
        "state": text("状态", "state"),
    },
    "id",
    "department",
    "state",
)
_ROWS: Final[Schema] = {"type": "object"}


def _list(ask: Ask, _said: Said) -> object:
    found = ask.many("Access/ListCredentials", pb.ListCredentialsRequest())
    return {"credentials": answers.each(found)}


def _get(ask: Ask, said: Said) -> object:
    return answers.document(ask.one("Access/GetCredential", pb.GetCredentialRequest(**said)))


def _new(ask: Ask, said: Said) -> object:
    given = dict(said)
    given["certificate"] = given.get("certificate", "").encode()
    given.setdefault("roles", [Role.DEPARTMENT.value])
    given.setdefault("budget", 1000)
    asked = message(pb.NewCredentialRequest, **given)
    return credentials.made(ask.one("Access/NewCredential", asked))


def _revoke(ask: Ask, said: Said) -> object:
    asked = message(pb.RevokeCredentialRequest, **said)
    return answers.document(ask.one("Access/RevokeCredential", asked))


def _search(ask: Ask, said: Said) -> object:
    found = ask.one("Queries/ListQueries", message(queries_pb2.ListQueriesRequest, **said))
    return {"queries": list(answers.rows(found.queries_json))}


def _letter(ask: Ask, said: Said) -> Content:
    from node.texts.letter_making import docx_of  # noqa: PLC0415 - python-docx

    found = ask.one("Queries/ListQueries", message(queries_pb2.ListQueriesRequest, **said))
    subject = said.get("name") or said.get("code", "")
    told = letter_of(subject, said.get("authorisation", ""), list(answers.rows(found.queries_json)))
    return content(docx_of(told), "queries")


def _form(ask: Ask, said: Said) -> Content:
    from node.access.grant_forms import grant_form  # noqa: PLC0415 - python-docx

    found = answers.document(ask.one("Access/GetCredential", pb.GetCredentialRequest(**said)))
    return content(grant_form(found), f"credential-{found['id']}")


def _verify(ask: Ask, said: Said) -> object:
    promises = [one.encode() for one in said.get("promises", ())]
    asked = message(queries_pb2.VerifyQueriesRequest, promises=promises)
    return answers.document(ask.one("Queries/VerifyQueries", asked))


_SUBJECT: Final = (
    Field(
        name="code",
        zh="主体代码",
        en="the subject's code",
        required=False,
        example="91510500ZZ00000018",
    ),
    Field(
        name="name",
        zh="主体名称",
        en="the subject's name",
        required=False,
        example="泸州示例建筑工程有限公司（演示）",
    ),
    Field(
        name="by",
        kind="array",
        each="string",
        zh="具名人：主体两人，部门一人",
        en="persons who ask: two for a subject, one for a department",
        example=["张某", "李某"],
    ),
    NOTE,
    Field(
        name="authorisation",
        zh="主体授权书编号",
        en="number of the subject's authorisation",
        required=False,
        example="授〔2026〕1号",
    ),
)
_DEPARTMENT: Final = Field(
    name="department",
    zh="或者部门，不与主体同给",
    en="or a department, never with a subject",
    required=False,
    example="交易中心（演示）",
)

OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/v1/credentials",
        name="listCredentials",
        zh="全部凭据，不含令牌",
        en="All credentials, without tokens",
        rpcs=("Access/ListCredentials",),
        serve=_list,
        answer=record({"credentials": array(_CREDENTIAL, "凭据", "credentials")}, "credentials"),
    ),
    Operation(
        method="POST",
        path="/v1/credentials",
        name="newCredential",
        zh="发放凭据；令牌只在答复中出现这一次，重发即另发一份",
        en="Make a credential; its token is shown this once, and what is sent again makes another",
        rpcs=("Access/NewCredential",),
        serve=_new,
        answer=record(
            {
                "id": text("凭据编号", "its id"),
                "token": text("令牌；有证书时为空", "its token; empty where it has a certificate"),
            },
            "id",
            "token",
        ),
        body=(
            Field(name="department", zh="部门全称", en="full name", example="交易中心（演示）"),
            Field(
                name="roles",
                kind="array",
                each="string",
                zh="角色，缺省为部门",
                en="what it may do; a department's where absent",
                required=False,
                example=["department"],
            ),
            Field(
                name="matters",
                kind="array",
                each="string",
                zh="可查的事项代码",
                en="codes of matters that it may ask for",
                required=False,
                example=["procurement"],
            ),
            Field(
                name="purposes",
                kind="array",
                each="string",
                zh=f"用途代码：{'、'.join(PURPOSES)}",
                en=f"for what: {', '.join(PURPOSES)}",
                required=False,
                example=["joint-punishment"],
            ),
            Field(
                name="budget",
                kind="integer",
                zh="每日查询上限，缺省 1000",
                en="questions a day; 1000 where absent",
                required=False,
                example=1000,
            ),
            Field(
                name="expires_on",
                kind="integer",
                zh="最后一日 YYYYMMDD",
                en="its last day, YYYYMMDD",
                example=20271231,
            ),
            Field(
                name="case_subjects",
                kind="integer",
                zh="同一办件可查多少主体",
                en="subjects under one case",
                required=False,
                example=10,
            ),
            Field(
                name="certificate",
                zh="客户端证书（PEM），不发令牌",
                en="client certificate (PEM), instead of a token",
                required=False,
                example="-----BEGIN CERTIFICATE-----\n…",
            ),
            BY,
        ),
    ),
    Operation(
        method="GET",
        path="/v1/credentials/{credential}",
        name="getCredential",
        zh="一份凭据：可做什么，今日查询多少",
        en="One credential: what it may, and what it asked today",
        rpcs=("Access/GetCredential",),
        serve=_get,
        answer=_CREDENTIAL,
        place=(_ID,),
    ),
    Operation(
        method="GET",
        path="/v1/credentials/{credential}/form",
        name="getCredentialForm",
        zh="查询授权登记表，DOCX；其中没有令牌",
        en="The form of a credential, DOCX; without its token",
        rpcs=("Access/GetCredential",),
        serve=_form,
        answer={},
        place=(_ID,),
        media=DOCX,
    ),
    Operation(
        method="POST",
        path="/v1/credentials/{credential}:revoke",
        name="revokeCredential",
        zh="吊销凭据，立即生效，不可恢复",
        en="End a credential at once and for ever",
        rpcs=("Access/RevokeCredential",),
        serve=_revoke,
        answer=_CREDENTIAL,
        place=(_ID,),
        body=(BY,),
    ),
    Operation(
        method="POST",
        path="/v1/queries:search",
        name="searchQueries",
        zh="谁、何时、为何查询过某主体（两人具名签署，须有授权书），或某部门所查",
        en="Who asked about a subject (two persons, each with a signed word, and the subject's own "
        "authorisation), or what a department asked",
        rpcs=("Queries/ListQueries",),
        serve=_search,
        answer=record({"queries": array(_ROWS, "查询", "queries")}, "queries"),
        body=(*_SUBJECT, _DEPARTMENT),
    ),
    Operation(
        method="POST",
        path="/v1/queries:letter",
        name="getQueriesLetter",
        zh="查询情况告知书，DOCX：告知主体谁查询过它；所需同上",
        en="The letter that tells a subject who asked about it, DOCX; asked for as above",
        rpcs=("Queries/ListQueries",),
        serve=_letter,
        answer={},
        body=_SUBJECT,
        media=DOCX,
    ),
    Operation(
        method="POST",
        path="/v1/queries:verify",
        name="verifyQueries",
        zh="核验查询日志：行、树、签名、见证，以及所附承诺",
        en="Verify the query log: rows, tree, signatures, witnesses, and promises that are given",
        rpcs=("Queries/VerifyQueries",),
        serve=_verify,
        answer=record(
            {
                "ok": {"type": "boolean", "description": "相符 / whether it holds"},
                "findings": array(_ROWS, "不符", "what is wrong"),
            },
            "ok",
        ),
        body=(
            Field(
                name="promises",
                kind="array",
                each="string",
                zh="应答所附承诺（签名文本）",
                en="promises that answers carried, as signed texts",
                required=False,
                example=["…"],
            ),
        ),
        seconds=120.0,
    ),
)

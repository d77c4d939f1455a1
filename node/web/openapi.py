"""`protos/openapi.json`: the interface of the application in OpenAPI 3.1, made from its own tables.

Fields of bodies come out of `node.web.bodies`, statuses and codes out of `node.web.problems`; what
the routes are is compared with the application by a test, and real answers with the schemas.
"""

from __future__ import annotations

from typing import Final

from federation.reconcile.matters import MeasureClass
from federation.screening.checks import Result
from federation.screening.outcomes import MatchState
from node.web import (
    bodies,
    log_openapi,
    openapi_departments,
    openapi_displays,
    openapi_operations,
    openapi_sessions,
)
from node.web.openapi_batches import BATCH_PATHS, BATCH_SCHEMAS
from node.web.openapi_benefits import benefit_schemas
from node.web.openapi_scenarios import SCHEMAS as SCENARIO_SCHEMAS
from node.web.schemas import COVERAGE, Schema, array, number, record, taken, text

_ABOUT: Final = """\
部门业务系统在办事之前查询一个主体，办结后报告结果。每次查询只问一个主体、一个事项、一个办件；\
结果为 match 时只能按 `measures` 所列措施办理；insufficient 是无法判定，不得视为命中。

运维与业务人员的程序用其余各项，须用 `huxin access new` 出具的凭据，权限按角色，与命令行相同。

A department's system asks before it acts, and reports what was done: one subject, one matter and \
one case at a time. After `match` only the `measures` named may follow; `insufficient` is none.

All else is for programs of those who work at the node, with a token of `huxin access new`; what \
it may do follows from its roles, as on the command line."""


def document() -> Schema:
    """Return the whole description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "互信 huxin",
            "version": "1",
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"token": []}],
        "paths": _joined(
            openapi_departments.paths() | BATCH_PATHS,
            openapi_displays.paths(),
            openapi_operations.paths(),
            openapi_sessions.paths(),
            log_openapi.paths(),
        ),
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "huxin access new 出具的凭据，只放在 Authorization 头 / "
                    "the token of `huxin access new`, in the header Authorization alone",
                }
            },
            "schemas": _schemas(),
        },
    }


def _joined(*parts: Schema) -> Schema:
    """All paths; one that several name has the methods of each."""
    paths: Schema = {}
    for part in parts:
        for path, item in part.items():
            paths[path] = paths.get(path, {}) | item
    return paths


_MEASURE: Final[Schema] = record(
    {
        "code": text("措施代码", "code of the measure"),
        "name": text("措施", "the measure"),
        "class": text("拦截或提示", "block or prompt", enum=[one.value for one in MeasureClass]),
        "rule": text("分类的理由代码", "code of why it is of this class"),
        "basis": text("依据", "basis"),
        "article": text("事项自身的条款", "the matter's own article"),
        "manner": text("办理方式", "how it is done"),
    },
    "code",
    "class",
    "basis",
    "manner",
)
_MATCH: Final[Schema] = record(
    {
        "origin": text("记录所在日志", "log of the record"),
        "index": number("序号", "its index there"),
        "statement_id": text("声明编号", "id of the statement"),
        "list_type": text("名单代码", "code of the list"),
        "list_name": text("名单", "the list"),
        "authority": text("认定单位代码", "code of the authority"),
        "authority_name": text("认定单位", "the authority"),
        "document": text("决定文书号", "number of the decision"),
        "decided_on": number("决定日期 YYYYMMDD", "day of the decision, YYYYMMDD"),
        "until": number("公示截止日 YYYYMMDD；未定为 0", "until when, YYYYMMDD; 0: not stated"),
        "regions": array({"type": "string"}, "载有该记录的城市", "regions of the copies"),
        "annotations": array({"type": "string"}, "标注", "annotations"),
        "measures": array(
            _MEASURE, "可以采取的措施；空则不得限制", "what may follow; empty: nothing"
        ),
        "no_measure": text("没有措施的缘由；有措施时为空", "why there is none; else empty"),
        "rule": text("认定所依规则", "the rule that recognised it"),
        "message": text("没有措施的说明", "the same in words"),
        "due_on": number(
            "结果应于何日前报告 YYYYMMDD；无须报告为 0",
            "the outcome is due on, YYYYMMDD; 0: none is",
        ),
        "proof": text("记录的叶哈希，存证证明以它为据", "leaf hash of the record, hexadecimal"),
    },
    "origin",
    "index",
    "list_type",
    "document",
    "measures",
    "no_measure",
)


_CODES: Final[Schema] = {"type": "string"}
_MATTER: Final[Schema] = record(
    {
        "code": text("事项代码，查询时用", "code of the matter, as asked with"),
        "name": text("事项", "the matter"),
        "department": text("责任单位", "who handles it here"),
        "basis": text("依据", "basis"),
        "basis_rank": text("效力层级", "rank of the basis"),
        "rows": array(
            record(
                {
                    "code": text("措施代码", "code of the measure"),
                    "name": text("措施；今日不适用时为空", "the measure; empty: not today"),
                    "class": text("拦截或提示；今日不适用时为空", "block or prompt; or empty"),
                    "rule": text("类型的理由", "why it blocks or prompts"),
                    "basis": text("措施的依据和条款", "basis of the measure, with its article"),
                    "block_months": number(
                        "自决定之日起拦截几个月，期满为提示；0 为名单存续期间",
                        "months after the decision for which it blocks; 0: while listed",
                    ),
                    "manner": text("办理方式", "how it is done"),
                    "article": text("事项自身的条款", "the matter's own article"),
                    "list_types": array(_CODES, "由哪些名单引起", "the lists it follows from"),
                    "idle": array(_CODES, "暂不引起的名单", "lists it does not follow from yet"),
                },
                *("code", "name", "class", "rule", "basis", "block_months"),
                *("manner", "article", "list_types", "idle"),
            ),
            "可以采取的措施；空则不得限制",
            "what may follow; empty: nothing",
        ),
        "outcome_days": number("几个工作日内报告结果", "working days until the outcome is due"),
        "undo_months": number(
            "名单撤销、修复后多少个月内的处理须解除或者复核；0 为不限",
            "months for which what was done is undone after a relief; 0: without end",
        ),
        "objection_suspends": {
            "type": "boolean",
            "description": "异议期间是否中止 / whether an open objection suspends",
        },
        "confirmed": {"type": "boolean", "description": "已核实 / confirmed by a person"},
        "editions": array(_CODES, "目录版本", "editions of the catalog"),
    },
    *("code", "name", "department", "basis", "basis_rank", "rows", "outcome_days"),
    *("undo_months", "objection_suspends", "confirmed", "editions"),
)
_MEASURE_SHOWN: Final[Schema] = record(
    {
        "code": text("措施代码", "code of the measure"),
        "name": text("措施", "the measure"),
        "basis": text("依据和条款", "basis, with its article"),
        "measure_class": number("一类、二类；0 为未载明", "class 1 or 2; 0: not stated"),
        "implementer": text("实施主体", "who applies it"),
        "list_types": array(_CODES, "由哪些名单引起", "the lists it follows from"),
    },
    *("code", "name", "basis", "measure_class", "implementer", "list_types"),
)
_NOTE: Final[Schema] = record(
    {
        "kind": text("附注的种类", "kind of the note", enum=["penalty", "watch-list"]),
        **{
            name: _MATCH["properties"][name]
            for name in ("origin", "index", "list_type", "list_name", "document", "decided_on")
        },
    },
    "kind",
    "origin",
    "index",
)
_PLACE: Final[Schema] = record(
    {"origin": text("日志", "log"), "index": number("序号", "index")}, "origin", "index"
)
_REPORTED: Final[Schema] = record(
    {
        "check": text("查询编号", "number of the answer"),
        "origin": text("记录所在日志", "log of the record"),
        "index": number("序号", "its index there"),
        "state": text(
            "该条命中的状态", "how the match stands", enum=[one.value for one in MatchState]
        ),
        "due_on": number("期限 YYYYMMDD", "due on, YYYYMMDD"),
        "reports": array({"type": "object"}, "已报告的结果", "what was reported"),
        "published": {
            "type": "boolean",
            "description": "是否已写入本节点日志 / whether it is in the node's log",
        },
        "later": text(
            "稍后写入的缘由代码；已写入为空", "code of why it is written later; else empty"
        ),
    },
    "check",
    "origin",
    "index",
    "state",
    "published",
    "later",
)


def _schemas() -> Schema:
    return {
        "Question": taken(bodies.QUESTION),
        "Outcome": taken(bodies.OUTCOME),
        "BenefitQuestion": taken(bodies.BENEFIT_QUESTION),
        "BenefitsQuestion": taken(bodies.BENEFITS_QUESTION),
        "Use": taken(bodies.USE),
        **benefit_schemas(),
        "Answer": record(
            {
                "number": text("查询编号，报告结果时引用", "number of the answer"),
                "at": number("答复时间，UTC 秒", "time of the answer, seconds UTC"),
                "matter": text("事项代码", "code of the matter"),
                "result": text(
                    "clear 未发现 | match 命中 | insufficient 无法判定 | error 不能答复",
                    "insufficient is no match, error is no clear",
                    enum=[one.value for one in Result],
                ),
                "complete": {
                    "type": "boolean",
                    "description": "所有日志是否都已查到 / whether all logs could be looked at",
                },
                "coverage": array(COVERAGE, "查了哪些日志", "the logs looked at"),
                "matches": array(_MATCH, "命中的记录", "the records"),
                "notes": array(_NOTE, "附注，不是命中", "notes; none is a match"),
                "codes": array(
                    record(
                        {
                            "code": text("代码", "code"),
                            "message": text("说明", "text"),
                            "said": array({"type": "string"}, "所涉名称等", "names and the like"),
                        },
                        "code",
                    ),
                    "缘由",
                    "reasons",
                ),
                "superseded": array(
                    _PLACE, "同一请求此前答复而现已不成立的记录", "records that no longer hold"
                ),
                "normalised": array(
                    {"type": "string"}, "对所问内容作了何种规范", "what was normalised"
                ),
                "promise": {
                    "type": "object",
                    "description": "载入查询日志的签名承诺 / the signed promise of the query log",
                },
            },
            "number",
            "at",
            "result",
            "complete",
            "coverage",
            "matches",
            "notes",
            "codes",
            "superseded",
            "normalised",
            "promise",
        ),
        "Reported": _REPORTED,
        "Matters": record({"matters": array(_MATTER, "事项", "matters")}, "matters"),
        "Measures": record({"measures": array(_MEASURE_SHOWN, "措施", "measures")}, "measures"),
        **SCENARIO_SCHEMAS,
        **openapi_displays.SCHEMAS | openapi_sessions.SCHEMAS | BATCH_SCHEMAS,
        "Health": record({"status": {"const": "ok"}}, "status"),
        "Problem": record(
            {
                "type": text("urn:huxin:code: 加代码", "urn:huxin:code: and the code"),
                "title": text("代码的含义", "what the code says"),
                "status": number("状态码", "status"),
                "code": text("稳定代码，程序以此判断", "stable code; programs go by it"),
                "detail": text("说明", "in Chinese"),
                "detail_en": text("英文说明", "in English"),
                "request_id": text(
                    "调用方的请求号；未读到时为空",
                    "the caller's own number; empty where it was not read",
                ),
            },
            *("type", "title", "status", "code", "detail", "detail_en", "request_id"),
        ),
    }

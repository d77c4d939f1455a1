"""Answers about benefits 惠民便企场景, for `protos/openapi.json`."""

from __future__ import annotations

from typing import Final

from federation.conditions import Decision
from federation.recognition.entitlement import Result
from federation.recognition.recognitions import Stands
from node.web.schemas import COVERAGE, Schema, array, number, record, text

_CODE: Final = record(
    {"code": text("代码", "code"), "message": text("说明", "in Chinese")}, "code", "message"
)
_RESULT: Final = text(
    "entitled 可以享受 | not 不符合 | undecided 无法判定，由人判断，不是不符合",
    "undecided is no refusal: people decide",
    enum=[one.value for one in Result],
)
_SHOWN: Final[Schema] = {
    "scenario": text("场景编号", "id of the scenario"),
    "statement_id": text("现行文本的编号", "id of the text that counts"),
    "region": text("发布地区", "region of its issuer"),
    "city": text("发布城市", "its city"),
    "title": text("场景名称", "title"),
    "type": text("场景类型", "type"),
    "provider_name": text("提供单位", "who provides it"),
    "incentives": array(
        record(
            {"code": text("代码，可为空", "code, or empty"), "text": text("优惠", "benefit")},
            "text",
        ),
        "优惠措施",
        "what is granted",
    ),
    "conditions_text": text(
        "适用条件，给人看的原文，可为空；程序不据此判断",
        "the scenario's words for people, or empty",
    ),
    "further_text": text(
        "本地认可时另附的条件，给人看的原文，可为空；办理前由人核实",
        "what this region asks further in words, or empty: people verify it",
    ),
    "here": text("本地是否互认", "how it stands here", enum=[one.value for one in Stands]),
    "reason": text("本地说明的原因", "the reason that this region gave"),
    "services": array({"type": "string"}, "本地哪些服务承认", "services that honour it here"),
    "result": _RESULT,
    "until": number("可享受至 YYYYMMDD；不知止期为 0", "last day of a yes; 0: none is known"),
    "codes": array(_CODE, "缘由", "reasons"),
}
_ASKED: Final = record(
    {
        "path": text("条件的位置", "where the condition stands"),
        "asked": text("条件", "what is asked"),
        "asked_en": text("条件（英文）", "the same in English"),
        "answer": text(
            "yes 符合 | no 不符合 | undecided 无法判定",
            "undecided is no no",
            enum=[one.value for one in Decision],
        ),
        "code": text("缘由代码", "why, as a code"),
        "message": text("说明", "in Chinese"),
        "rules": array(_CODE, "所依据记录的状态", "what the records are worth, and why"),
        "evidence": array(
            record(
                {
                    "origin": text("日志", "log"),
                    "index": number("序号", "index"),
                    "statement_id": text("声明编号", "id of the statement"),
                    "proof": text("叶哈希", "leaf hash, hexadecimal"),
                },
                *("origin", "index", "statement_id", "proof"),
            ),
            "依据",
            "what answered it",
        ),
    },
    *("path", "asked", "asked_en", "answer", "code", "message", "rules", "evidence"),
)
_ANSWERED: Final[Schema] = {
    "number": text("答复编号，报告使用时引用", "number of the answer"),
    "at": number("答复时间，UTC 秒", "time of the answer, seconds UTC"),
    "place": text("享受优惠之地", "where it is wanted"),
    "complete": {
        "type": "boolean",
        "description": "所有日志是否都已查到 / whether all logs could be looked at",
    },
    "coverage": array(COVERAGE, "查了哪些日志", "the logs looked at"),
    "normalised": array({"type": "string"}, "对所问内容作了何种规范", "what was normalised"),
    "promise": {
        "type": "object",
        "description": "载入查询日志的签名承诺 / the signed promise of the query log",
    },
}


def benefit_schemas() -> Schema:
    """By the names under which the description knows them."""
    windows = array(
        record(
            {
                "name": text("窗口", "window"),
                "address": text("地址", "address"),
                "hours": text("时间", "opening hours"),
            },
            "name",
        ),
        "办理窗口",
        "where it is had",
    )
    one = {
        **_ANSWERED,
        **_SHOWN,
        "origin": text("文本所在日志", "log of the text"),
        "index": number("序号", "its index there"),
        "windows": windows,
        "conditions": array(_ASKED, "逐项条件", "each condition with its answer"),
    }
    return {
        "Benefit": record(one, *one),
        "Benefits": record(
            {**_ANSWERED, "benefits": array(record(_SHOWN, *_SHOWN), "场景", "scenarios")},
            *(*_ANSWERED, "benefits"),
        ),
        "Used": record(
            {
                "check": text("答复编号", "number of the answer"),
                "scenario": text("场景编号", "id of the scenario"),
                "used_on": number("享受优惠之日", "day on which it was used"),
                "statement_id": text("反馈的编号", "id of the OUTCOME"),
                "case": text("案例编号", "id of the case"),
                "published": {
                    "type": "boolean",
                    "description": "是否已写入本节点日志 / whether it is in the node's log",
                },
                "later": text("稍后写入的缘由代码", "code of why it is written later; else empty"),
            },
            *("check", "scenario", "used_on", "statement_id", "case", "published", "later"),
        ),
    }

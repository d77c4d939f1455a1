"""What `protos/openapi.json` says of scenarios 场景: their schemas."""

from __future__ import annotations

from typing import Final

from federation.recognition.recognitions import Stands
from federation.recognition.scenarios import ScenarioState
from node.web.schemas import Schema, array, number, text

_STANDING: Final[Schema] = {
    "standing": text("该地对场景的态度", "how it stands there", enum=[one.value for one in Stands]),
    "code": text("未认可的缘由代码；认可为空", "why it is not accepted; else empty"),
    "since": number("自何日 YYYYMMDD；不明为 0", "since, YYYYMMDD; 0: none is known"),
    "until": number("至何日 YYYYMMDD；不明为 0", "until, YYYYMMDD; 0: none is known"),
}
_SHORT: Final[Schema] = {
    "scenario": text("场景编号", "id of the scenario"),
    "statement_id": text("最新版本的声明编号", "statement id of its newest text"),
    "region": text("提供地区", "region of its issuer"),
    "city": text("提供地区名称", "its name"),
    "title": text("场景名称", "title"),
    "type": text("场景类型", "type"),
    "provider_name": text("提供单位", "provider"),
    "incentives": array(
        {
            "type": "object",
            "required": ["code", "text"],
            "properties": {"code": text("代码", "code"), "text": text("优惠", "benefit")},
        },
        "优惠措施",
        "benefits",
    ),
    "state": text("状态", "state", enum=[one.value for one in ScenarioState]),
    "valid_from": number("有效期起 YYYYMMDD；无为 0", "first day, YYYYMMDD; 0: none"),
    "valid_until": number("有效期止 YYYYMMDD；长期为 0", "last day, YYYYMMDD; 0: none"),
    "here": {
        "type": "object",
        "required": list(_STANDING),
        "properties": _STANDING,
        "description": "本地 / here",
    },
    "accepted_in": array({"type": "string"}, "可享受的地区", "regions in which it is honoured"),
}
_FULL: Final[Schema] = {
    "conditions": text("适用条件（文字）", "conditions in words"),
    "explained": {
        "type": "object",
        "required": ["zh", "en"],
        "properties": {
            "zh": text("判定条件的中文说明", "what is decided, in Chinese"),
            "en": text("判定条件的英文说明", "what is decided, in English"),
        },
    },
    "subject_kinds": array({"type": "string"}, "适用主体", "kinds of subjects"),
    "basis": text("依据", "basis"),
    "places": array({"type": "string"}, "适用地区", "places"),
    "windows": array({"type": "object"}, "服务窗口", "windows"),
    "scales": array({"type": "object"}, "等级次序", "scales of grades, best first"),
    "alliances": array({"type": "string"}, "联盟", "alliances in which it is offered"),
    "regions": array(
        {
            "type": "object",
            "required": ["region", "city", *_STANDING],
            "properties": {
                "region": text("行政区划代码", "region"),
                "city": text("城市", "city"),
                **_STANDING,
                "reason": text("原因", "reason"),
                "conditions": text("另附条件", "further conditions in words"),
                "services": array({"type": "string"}, "受理业务", "services that honour it"),
            },
        },
        "各地的态度",
        "what each region says",
    ),
}

SCHEMAS: Final[dict[str, Schema]] = {
    "Scenarios": {
        "type": "object",
        "required": ["scenarios"],
        "properties": {
            "scenarios": array(
                {"type": "object", "required": list(_SHORT), "properties": _SHORT},
                "有效的场景",
                "scenarios in force",
            )
        },
    },
    "Scenario": {
        "type": "object",
        "required": [*_SHORT, *_FULL],
        "properties": {**_SHORT, **_FULL},
    },
}
"""By name, as the routes `/v1/scenarios` name them."""

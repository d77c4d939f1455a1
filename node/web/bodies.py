"""Bodies of requests: one JSON object, bounded, each field once and of its type (HT3).

The same table of fields makes the descriptions in `protos/openapi.json` (`node.web.openapi`). What
a field's content must be, a code, a date, a known word, is for the desks to say, with their codes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NoReturn

from federation.charters.values import PURPOSES
from federation.errors import StatementError
from federation.reconcile.identity import USCC
from federation.relief.displays import ROWS_MAX
from federation.screening import questions
from federation.screening.batches import ROWS_AT_ONCE
from federation.screening.outcomes import REASONS, Result

BODY_MAX: Final = 64 * 1024
"""Bytes of a body; a question has some hundred."""
TEXT_MAX: Final = 16 * 1024
"""Characters of one text."""
INTEGER_MAX: Final = 2**62
"""The largest index that a log may have, and more."""
_NAME_SHOWN: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a body.

    `kind` is `string`, `integer`, `boolean`, `array` or `object`; one that is not required may be
    absent, never null.
    `words` are those that the desks take; they are described, and checked there.
    """

    name: str
    zh: str
    en: str
    kind: str = "string"
    required: bool = True
    example: object = ""
    words: tuple[str, ...] = ()
    items: tuple[Field, ...] = ()
    """Of an array of objects, their fields; what stands in it is for the desks to say."""
    each: str = ""
    """Of an array of plain values, their kind."""
    longest: int = TEXT_MAX
    """Characters of a text."""


QUESTION: Final[tuple[Field, ...]] = (
    Field(
        name="request_id",
        zh="调用方的请求号：1 至 64 个字符 A–Z a–z 0–9 . _ -；重发同一问题时用同一个",
        en="the caller's own number, 1 to 64 of A–Z a–z 0–9 . _ -; the same when sent again",
        example="zb-2026-000417-1",
    ),
    Field(name="matter", zh="事项代码，见 GET /v1/matters", en="code of the matter"),
    Field(
        name="case_no",
        zh=f"办件编号，1 至 {questions.CASE_NO_LONGEST} 个字符",
        en=f"number of the case, 1 to {questions.CASE_NO_LONGEST} characters",
        example="ZB-2026-000417",
    ),
    Field(name="purpose", zh="查询目的", en="the purpose", words=tuple(PURPOSES)),
    Field(
        name="scheme",
        zh="代码的种类，缺省为统一社会信用代码",
        en="what kind of code; the unified social credit code where absent",
        required=False,
        words=(USCC,),
    ),
    Field(name="code", zh="主体的统一社会信用代码", en="code of the subject"),
    Field(
        name="name",
        zh=f"主体名称，至多 {questions.NAME_LONGEST} 个字符",
        en=f"name of the subject, at most {questions.NAME_LONGEST} characters",
    ),
)
"""What `POST /v1/checks` takes."""

BATCH_MAX: Final = 512 * 1024
"""Bytes of a batch: 1,000 subjects with Chinese names have room."""
BATCH: Final[tuple[Field, ...]] = (
    *QUESTION[:4],
    Field(
        name="rows",
        kind="array",
        zh=f"所问的主体，1 至 {ROWS_AT_ONCE} 个，行号从 1 起",
        en=f"who is asked about, 1 to {ROWS_AT_ONCE}, numbered from 1",
        items=tuple(replace(one, example="") for one in QUESTION[-2:]),
    ),
)
"""What `POST /v1/checks:batch` takes."""

_PLACE: Final = Field(
    name="place",
    zh="享受优惠之地，本市以内的六位行政区划代码，缺省为本市",
    en="where it is wanted: six digits within this region; this region where absent",
    required=False,
)
BENEFITS_QUESTION: Final[tuple[Field, ...]] = (
    *(one for one in QUESTION if one.name != "matter"),
    _PLACE,
)
"""What `POST /v1/benefits:list` takes."""
BENEFIT_QUESTION: Final[tuple[Field, ...]] = (
    *BENEFITS_QUESTION,
    Field(
        name="scenario",
        zh="场景编号，或者其开头至少 4 位，见 huxin scenarios list",
        en="id of the scenario, or 4 digits or more that it begins with",
    ),
)
"""What `POST /v1/benefits/checks` takes."""
USE: Final[tuple[Field, ...]] = (
    Field(
        name="used_on",
        kind="integer",
        zh="享受优惠之日 YYYYMMDD",
        en="day on which it was used, YYYYMMDD",
        example=20261120,
    ),
    Field(name="person", zh="责任人，仅存于本节点", en="who is responsible; never leaves the node"),
    Field(
        name="request_id",
        zh="调用方的请求号；重发时用同一个",
        en="the caller's own number; the same when sent again",
        required=False,
    ),
)
"""What `POST /v1/benefits/checks/{number}/uses` takes."""

SIGN_IN: Final[tuple[Field, ...]] = (
    Field(name="name", zh="用户名", en="name of the account", example="王五"),
    Field(name="password", zh="口令", en="its password"),
    Field(name="code", zh="动态码，6 位数字", en="the code that the authenticator shows"),
    Field(
        name="new_password",
        zh="新口令；首次登录必填",
        en="another password from now on; required the first time",
        required=False,
    ),
    Field(
        name="device",
        zh="上次登录时返回的 device",
        en="what the last session was given, so that strangers' failures do not count here",
        required=False,
    ),
)
"""What `POST /v1/sessions` takes."""
CAME_BACK: Final[tuple[Field, ...]] = (
    Field(
        name="ticket",
        zh="POST /v1/sessions:begin 返回的 ticket",
        en="what POST /v1/sessions:begin answered",
        longest=1024,
    ),
    Field(name="state", zh="回调地址中的 state", en="of the provider's answer", longest=128),
    Field(
        name="code",
        zh="回调地址中的 code",
        en="of the provider's answer",
        required=False,
        longest=4096,
    ),
    Field(
        name="issuer",
        zh="回调地址中的 iss",
        en="`iss` of the provider's answer",
        required=False,
        longest=256,
    ),
    Field(
        name="error",
        zh="回调地址中的 error",
        en="of the provider's answer",
        required=False,
        longest=256,
    ),
)
"""What `POST /v1/sessions:finish` takes."""

OUTCOME: Final[tuple[Field, ...]] = (
    Field(name="origin", zh="命中记录所在日志", en="log of the record, as the match names it"),
    Field(
        name="index", kind="integer", zh="该记录在日志中的序号", en="its index there", example=417
    ),
    Field(
        name="measure",
        zh="措施代码，照抄命中所列",
        en="code of the measure, as the match names it",
        required=False,
    ),
    Field(
        name="result",
        zh="已采取、已提示、未采取、仍予办理、主体有误、已解除、已复核",
        en="what was done",
        words=tuple(Result),
    ),
    Field(
        name="reason",
        zh="理由代码；未采取、仍予办理时必填",
        en="why, as a code; for what was not applied, or proceeded with",
        required=False,
        words=REASONS,
    ),
    Field(
        name="decided_on",
        kind="integer",
        zh="决定之日 YYYYMMDD",
        en="day of the decision, YYYYMMDD",
        example=20261120,
    ),
    Field(name="person", zh="责任人，仅存于本节点", en="who is responsible; never leaves the node"),
    Field(
        name="request_id",
        zh="调用方的请求号；重发时用同一个",
        en="the caller's own number; the same when sent again",
        required=False,
    ),
    Field(
        name="corrects",
        kind="boolean",
        zh="是否更正此前的反馈",
        en="whether it corrects what was reported before",
        required=False,
    ),
)
"""What `POST /v1/checks/{number}/outcomes` takes."""

DISPLAYS_MAX: Final = 512 * 1024
"""Bytes of a batch of displays: 1,000 rows of Chinese text have room."""
_PARTY: Final = Field(
    name="party",
    zh="哪家第三方的展示，由业务操作员代交时填写；第三方自己提交不填",
    en="whose display it is, where an operator hands it in; a third party's own needs none",
    required=False,
    example="某信用服务平台（演示）",
)
DISPLAYED: Final[tuple[Field, ...]] = (
    Field(
        name="request_id",
        zh="调用方的请求号：1 至 64 个字符 A–Z a–z 0–9 . _ -；重发同一批时用同一个",
        en="the caller's own number, 1 to 64 of A–Z a–z 0–9 . _ -; the same when sent again",
        example="gs-20261129-1",
    ),
    Field(
        name="rows",
        kind="array",
        zh=f"所展示的记录，1 至 {ROWS_MAX} 行，行号从 1 起",
        en=f"what is displayed, 1 to {ROWS_MAX} rows, numbered from 1",
        items=(
            Field(name="code", zh="统一社会信用代码或组织机构代码", en="code of the subject"),
            Field(name="document", zh="决定文书号", en="number of the decision"),
            Field(name="list_type", zh="名单代码", en="code of the list", required=False),
        ),
    ),
    _PARTY,
)
"""What `POST /v1/displays` takes."""

TAKEN_DOWN: Final[tuple[Field, ...]] = (
    Field(
        name="rows",
        kind="array",
        zh="已停止展示的行号，照抄答复的 remove",
        en="numbers of rows that were taken down, as `remove` of the answer has them",
    ),
    _PARTY,
)
"""What `POST /v1/displays/{number}/acknowledgements` takes."""

_TYPES: Final[dict[str, tuple[type, str, str]]] = {
    "string": (str, "文本", "a text"),
    "integer": (int, "整数", "a whole number"),
    "boolean": (bool, "布尔值", "a boolean"),
    "array": (list, "数组", "an array"),
    "object": (dict, "对象", "an object"),
}


def read(body: bytes, fields: Sequence[Field]) -> dict[str, Any]:
    """Read a body.

    Raises:
        StatementError: `http.json` where it is no JSON object in UTF-8; `http.field`, naming the
            field and what is expected, never its content.
    """
    said = _parsed(body)
    known = {field.name: field for field in fields}
    for name in said:
        if name not in known:
            _refuse(name, f"没有此字段，应为 {_names(fields)}", f"no such field; {_names(fields)}")
    for field in fields:
        if field.name in said:
            _check(field, said[field.name])
        elif field.required:
            _refuse(field.name, f"缺少：{field.zh}", f"is missing: {field.en}")
    return said


def _check(field: Field, value: object) -> None:
    kind, zh, en = _TYPES[field.kind]
    if type(value) is not kind:  # a bool is an int, and a list of texts is no text
        _refuse(
            field.name, f"应为{zh}，实为{_found(value)[0]}", f"expected {en}, {_found(value)[1]}"
        )
    if isinstance(value, list) and field.each:
        for one in value:
            _check(replace(field, kind=field.each, each=""), one)
    if type(value) is int and not 0 <= value <= INTEGER_MAX:
        _refuse(field.name, "数字超出范围", "out of bounds")
    if isinstance(value, str):
        if len(value) > field.longest:
            most = field.longest
            _refuse(field.name, f"至多 {most} 个字符", f"at most {most} characters")
        if "\0" in value or value != value.encode("utf-8", "replace").decode("utf-8"):
            _refuse(field.name, "含有无法保存的字符", "holds NUL or half a character")


def _found(value: object) -> tuple[str, str]:
    match value:
        case None:
            return "null", "got null"
        case bool():
            return "布尔值", "got a boolean"
        case int() | float():
            return "数字（代码须加引号）", "got a number; codes stand in quotation marks"
        case str():
            return "文本", "got a text; whole numbers stand without quotation marks"
        case list():
            return "数组（一次只问一个主体）", "got an array; one subject is asked about at a time"
        case _:
            return "对象", "got an object"


def _names(fields: Sequence[Field]) -> str:
    return ", ".join(field.name for field in fields)


def _refuse(name: str, zh: str, en: str) -> NoReturn:
    shown = ascii(name[:_NAME_SHOWN])[1:-1]
    raise StatementError("http.field", f"{shown}：{zh} / {shown}: {en}")


def _not_json(zh: str, en: str) -> StatementError:
    return StatementError("http.json", f"{zh} / {en}")


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise _not_json("正文不是 UTF-8", "expected UTF-8, got other bytes") from None
    try:
        said = json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except (ValueError, RecursionError):
        message = "expected one JSON object, got something else"
        raise _not_json("正文不是一个 JSON 对象", message) from None
    if not isinstance(said, dict):
        raise _not_json("正文不是一个 JSON 对象", "expected one JSON object, got another value")
    return said


def _constant(name: str) -> NoReturn:
    raise ValueError(name)


def _object(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    """Return an object; a name that comes twice is refused, since nobody knows which counts."""
    found = dict(pairs)
    if len(found) != len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        _refuse(twice, "出现两次", "stands there twice")
    return found

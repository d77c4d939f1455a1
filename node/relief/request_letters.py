"""Letters about requests as DOCX: 转办单 while one is open, 异议处理告知书 once it is answered.

Each leaves room for the number 文号, the seal and the date: the office that signs is the author of
the letter, not the node. What stands in it is the document of `huxin requests show`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from federation.letters import LetterKind
from node.texts.codes import chinese
from node.texts.letter_making import docx_of
from node.texts.letters import (
    NOTHING_GIVEN,
    Elements,
    Letter,
    Part,
    Text,
    authority_of,
    facts,
    listed,
    written_day,
    written_moment,
)
from node.texts.requests import STATES, TYPES, in_words

_OPEN: Final = frozenset({"forwarded", "received", "accepted"})
_KINDS: Final = {
    "repair": "信用修复",
    "withdrawal": "撤销",
    "correction": "更正",
    "annotation": "标注",
}
_REMEDY: Final = "对本处理结果不服的救济途径和期限：                （由认定单位依法填写）"
"""Room for it: which remedy there is, and until when, the law of each list says, and a program that
has not read it must not tell a subject of one that it has not."""


def kind_of(found: Mapping[str, Any]) -> LetterKind:
    """Which letter a request has as it stands."""
    return LetterKind.FORWARDING if found["state"] in _OPEN else LetterKind.ANSWER


def letter(found: Mapping[str, Any], given: Elements = NOTHING_GIVEN) -> bytes:
    """Write the letter of a request as it stands.

    Args:
        found: its document, of `huxin requests show -o json`.
        given: number, issuer, day and hands.
    """
    kind = in_words(TYPES, found["type"])
    is_open = found["state"] in _OPEN
    body: list[Part] = [facts(_facts(found, is_open=is_open))]
    if found["text"]:
        body += [Text("申请内容："), Text(found["text"])]
    body.append(Text(_closing(found, is_open=is_open)))
    return docx_of(
        Letter(
            title=(f"{kind}转办单" if is_open else f"{kind}处理告知书",),
            to=found["to"] if is_open else found["from"],
            body=body,
            elements=given,
        )
    )


def _facts(found: Mapping[str, Any], *, is_open: bool) -> Iterable[tuple[str, str]]:
    """What the table says: whose, about what, until when; the answers, once there are any."""
    record, listing = found["record"], found["listing"] or {}
    yield "转办编号", found["number"]
    yield "声明编号", found["statement_id"]
    yield "主体名称", listing.get("subject_name", "")
    yield "主体代码", record["code"]
    yield "名单类型", listed(record["list_name"], record["list_type"])
    yield "认定单位", authority_of(listing.get("authority_name", ""), record["authority"])
    yield "认定文书号", record["document"]
    yield "转出单位", found["from"]
    yield "承办单位", found["to"]
    yield "收到日期", written_day(found["received_on"])
    if is_open:
        yield "受理期限", _due(found["due"]["accept"])
        yield "办结期限", _due(found["due"]["result"])
    yield "当前状态", in_words(STATES, found["state"])
    for answer in found["answers"]:
        said = in_words(STATES, answer["action"])
        yield f"{written_moment(answer['issued_at'])}", _answered(said, answer)


def _answered(said: str, answer: Mapping[str, Any]) -> str:
    parts = [f"{answer['city']} {said}"]
    if answer["reason"]:
        parts.append(f"理由：{chinese(answer['reason']) or answer['reason']}")
    result = answer["result"] or {}
    if result.get("kind"):
        kind = _KINDS.get(result["kind"], result["kind"])
        parts.append(f"以{kind}办结，文书号 {result['document']}")
    return "；".join(parts)


def _closing(found: Mapping[str, Any], *, is_open: bool) -> str:
    if is_open:
        return "现将上述申请转请贵单位依法办理，并在期限内通过互信节点答复。"
    said = _REMEDY if found["state"] == "declined" else ""
    return f"上述申请已由认定单位处理，请告知申请人。{said}"


def _due(due: Mapping[str, Any] | None) -> str:
    """The last day and its ground; where no row is confirmed it is said to be unknown."""
    return (
        "未知（目录无已确认的期限）"
        if due is None
        else f"{written_day(due['last'])}（{due['basis']}）"
    )

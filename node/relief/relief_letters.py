"""结果函 of reliefs as DOCX: what was decided, until when, how far each member has come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from federation.errors import RefusedError
from node.texts.fields import moment
from node.texts.letter_making import docx_of
from node.texts.letters import (
    NAMELESS,
    NOTHING_GIVEN,
    Elements,
    Grid,
    Letter,
    Part,
    Text,
    facts,
    named_list,
    written_day,
)
from node.texts.repairs import VERDICTS

_TITLES: Final = {
    "repair": "信用修复结果函",
    "withdrawal": "撤销列入结果函",
    "masking": "屏蔽公示告知函",
    "pause": "暂停使用告知函",
}
_ASKED: Final = {
    "repair": "下列主体的信用修复已经决定，请停止公示和使用，解除已采取的措施。",
    "withdrawal": "下列列入已经撤销，请停止公示和使用，解除已采取的措施。",
    "masking": "下列列入已经决定屏蔽，屏蔽期间请停止公示。",
    "pause": "下列列入已经决定暂停，暂停期间请停止使用。",
}
_STEPS: Final = ("received", "applied", "executed")


def relief_letter(found: Mapping[str, Any], given: Elements = NOTHING_GIVEN, to: str = "") -> bytes:
    """Write the letter of a relief, as it stands.

    Args:
        found: its document, of `huxin repairs show -o json`.
        given: number, issuer, day and hands.
        to: to whom it goes; empty leaves room for it.

    Raises:
        RefusedError: `letter.over` (GW8): it was revoked, or has ended.
    """
    if found["over"]:
        message = (
            f"{found['statement_id']}：已恢复列入，或屏蔽、暂停已终止，不出具结果函 / it was "
            "revoked, or has ended: no letter says that it stands"
        )
        raise RefusedError("letter.over", message)
    body: list[Part] = [Text(_ASKED[found["kind"]]), facts(_facts(found))]
    if found["by_member"]:
        members = [_member(one) for one in found["by_member"]]
        body += [
            Text("出具本函时各地办理情况："),
            Grid(("地区", "收到", "采用", "执行", "时限"), members),
        ]
    return docx_of(Letter(title=(_TITLES[found["kind"]],), to=to, body=body, elements=given))


def _facts(found: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    yield "主体名称", found["subject_name"] or NAMELESS
    yield "名单", named_list(found)
    yield "作出地区", found["city"] or found["origin"]
    yield "决定文书号", found["document"]
    yield "决定日期", written_day(found["decided_on"])
    yield "应于", _due(found)
    yield "所涉列入", found["about"]
    yield "声明编号", found["statement_id"]


def _due(found: Mapping[str, Any]) -> str:
    """The last day with its ground; where no row is confirmed it is said to be unknown."""
    deadline = found["deadline"]
    if deadline is None:
        return "未知（目录无已确认的期限）"
    return f"{written_day(deadline['last'])}（{deadline['basis']}）"


def _member(one: Mapping[str, Any]) -> Sequence[str]:
    said = [one[step] for step in _STEPS]
    times = ["" if at is None else moment(at["by"]) if at["by"] else "时间未证明" for at in said]
    return (one["city"] or one["member"], *times, VERDICTS.get(one["verdict"], ("", ""))[0])

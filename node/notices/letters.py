"""Letters as DOCX: 属地通报函 to who looks after the subject, 失信提醒函 to the subject itself.

Each leaves room for number 文号, seal and date: the office that signs is the author of the letter,
not the node. What the subject may do stands in it as the record's typed ways out say it; where none
is typed, nothing is guessed, and the authority is named as the one to ask.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from federation.errors import RefusedError
from federation.screening.notices import REMINDED
from node.texts.fields import day, state_in_words
from node.texts.letter_making import docx_of
from node.texts.letters import (
    NAMELESS,
    NOTHING_GIVEN,
    Elements,
    Items,
    Letter,
    Part,
    Text,
    authority_of,
    facts,
    listed,
)

_ENDED: Final = frozenset({"repaired", "withdrawn", "expired"})
_REMINDED: Final = (
    "经核对共享的严重失信主体名单，你单位现列于下列名单。公示期间，有关单位将依法依规采取相应措施。"
)


def notice_letter(found: Mapping[str, Any], given: Elements = NOTHING_GIVEN, to: str = "") -> bytes:
    """Write the letter that tells of a listing as it stands, or of its end.

    Args:
        found: its document, of `huxin notices show -o json`.
        given: number, issuer, day and hands.
        to: to whom it goes; empty leaves room for it.
    """
    body: list[Part] = [Text(_told(found)), facts(_facts(found))]
    if found["state"] not in _ENDED:
        body += _ways(found, "该主体")
        body.append(Text("请将以上情况告知该主体，并指导其依法纠正失信行为、申请信用修复。"))
    return docx_of(Letter(title=("属地通报函",), to=to, body=body, elements=given))


def reminder_letter(found: Mapping[str, Any], given: Elements = NOTHING_GIVEN) -> bytes:
    """Write the letter that reminds the subject itself; arguments as of `notice_letter`.

    Raises:
        RefusedError: `notice.not-due`: it says that the subject is listed, and it is not (NO6).
    """
    if found["state"] != REMINDED:
        message = (
            f"{found['statement_id']}：现为{state_in_words(found['state'])}，不出具提醒函 / it is "
            f"{found['state']}: no letter tells its subject that it is in force"
        )
        raise RefusedError("notice.not-due", message)
    body: list[Part] = [Text(_REMINDED), facts(_facts(found)), *_ways(found, "你单位")]
    return docx_of(
        Letter(
            title=("失信提醒函",),
            to=found["subject"]["name"] or NAMELESS,
            body=body,
            elements=given,
        )
    )


def _facts(found: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    ended = found["ended_by"]
    yield "主体名称", found["subject"]["name"] or NAMELESS
    yield "主体代码", found["subject"]["code"]
    yield "列入地", found["city"]
    yield "名单", listed(found["list_name"], found["list_type"])
    yield "认定单位", authority_of(found["authority_name"], found["authority"])
    yield "认定文书号", found["document"]
    yield "认定日期", day(found["decided_on"])
    yield "公示截止日", day(found["publish_until"])
    yield "列入事由", found["reason"]
    yield "当前状态", state_in_words(found["state"])
    if ended is not None:
        yield "移出依据", f"{ended['city']} {ended['document']}（{day(ended['decided_on'])}）"
    yield "声明编号", found["statement_id"]


def _told(found: Mapping[str, Any]) -> str:
    if found["state"] in _ENDED:
        how = state_in_words(found["state"])
        return (
            f"你地注册的下列主体，此前列入{found['city']}的名单，现{how}。请停止公示和使用，解除已采取的"
            "措施，并告知该主体。"
        )
    return f"你地注册的下列主体，由{found['city']}列入名单，现予通报。"


def _ways(found: Mapping[str, Any], who: str) -> list[Part]:
    """Say what the subject may do; what the listing does not state is not guessed."""
    authority = authority_of(found["authority_name"], found["authority"])
    ways = [f"{way}。" for way in found["repair_possible"]]
    if not ways:
        ways.append(f"向认定单位{authority}询问移出条件和信用修复办法。")
    ways.append(f"对列入有异议的，向认定单位{authority}提出，也可以在本地提出，由本地转办。")
    return [Text(f"{who}可以："), Items(ways)]

"""案件处理决定书 as DOCX: what persons decided about a listing of another city that a rule held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from federation.errors import RefusedError
from node.texts.letter_making import docx_of
from node.texts.letters import (
    NAMELESS,
    NOTHING_GIVEN,
    Elements,
    Letter,
    Part,
    Text,
    authority_of,
    facts,
    named_list,
    written_day,
)

_DECIDED: Final = {
    "use": "经两人核实，认定上述列入属于该主体，依目录在本地使用。",
    "reject": "经核实，对上述列入在本地不予认定，不得据此采取措施。",
}


def decision_letter(
    case: Mapping[str, Any], given: Elements = NOTHING_GIVEN, to: str = ""
) -> bytes:
    """Write the decision on a case.

    Args:
        case: its document, of `huxin cases show -o json`.
        given: number, issuer, day and hands.
        to: to whom it goes; empty leaves room for it.

    Raises:
        RefusedError: `letter.not-yet` (GW8): nobody has decided, or a second person has not.
    """
    verdict = case["decided"]
    if verdict not in _DECIDED:
        message = (
            f"{case['statement_id']}：尚无生效的决定，不出具决定书 / nothing is decided about it "
            "yet: expected the words of all persons that it takes"
        )
        raise RefusedError("letter.not-yet", message)
    body: list[Part] = [
        Text("对下列列入的核实情况和处理决定如下。"),
        facts(_facts(case)),
        Text(f"处理决定：{_DECIDED[verdict]}"),
    ]
    return docx_of(Letter(title=("案件处理决定书",), to=to, body=body, elements=given))


def _facts(case: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    yield "列入地", case["city"] or case["origin"]
    yield "主体名称", case["subject_name"] or NAMELESS
    yield "主体代码", case["subject_code"]
    yield "名单", named_list(case)
    yield "认定单位", authority_of(case["authority_name"], case["authority"])
    yield "认定文书号", case["document"]
    yield "认定日期", written_day(case["decided_on"])
    yield "公示截止日", written_day(case["publish_until"])
    said = [one for one in case["history"] if one["rule"] == case["question"]]
    for one in said:
        if one["verdict"] == case["decided"]:
            yield "核实理由", one["reason"]
    yield "声明编号", case["statement_id"]

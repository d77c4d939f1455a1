"""The form of a case 案件反馈单 as DOCX: what was asked, what was answered, what was done.

It leaves room for the seal and the date; the department that signs is its author, not the node.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from node.texts.codes import chinese
from node.texts.letter_making import docx_of
from node.texts.letters import (
    NOTHING_GIVEN,
    UNNAMED,
    Closing,
    Elements,
    Letter,
    Part,
    Text,
    facts,
    with_code,
    written_day,
    written_moment,
)
from node.texts.outcomes import RESULTS, STATES

_CLASSES: Final = {"block": "拦截", "prompt": "提示"}


def form(found: Mapping[str, Any], given: Elements = NOTHING_GIVEN) -> bytes:
    """Write the form of a check.

    Args:
        found: its document, of `huxin outcomes show -o json`.
        given: issuer and day.
    """
    body: list[Part] = [facts(_asked(found))]
    for number, match in enumerate(found["matches"], 1):
        heading = "命中" if match["measures"] else "列入（无措施，不得据此限制）"
        body += [Text(f"{heading}之{number}"), facts(_matched(match))]
    if not found["matches"]:
        body.append(Text("本次核查没有命中。"))
    body.append(Closing(("责任人（签字）：            ",)))
    return docx_of(
        Letter(title=("案件反馈单",), body=body, elements=given, numbered=False, sheet=False)
    )


def _asked(found: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    yield "核查编号", found["check"]
    yield "办理部门", found["department"]
    known = found["matter_name"] != found["matter"]
    yield "事项", with_code(found["matter_name"] if known else UNNAMED, found["matter"])
    yield "办件编号", found["case_no"]
    yield "核查时间", written_moment(found["at"])


def _matched(match: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    listing = match["listing"] or {}
    yield "主体名称", listing.get("subject_name", "")
    yield "主体代码", listing.get("subject_code", "")
    yield "名单", match["list_name"]
    yield "认定地区", match["from"]
    yield "认定单位", listing.get("authority_name", "")
    yield "认定文书号", listing.get("document", "")
    for measure in match["measures"]:
        kind = _CLASSES.get(measure["class"], measure["class"])
        yield f"可采取的措施（{kind}）", f"{measure['name']}；依据：{measure['basis']}"
    if not match["measures"]:
        yield "可采取的措施", "本市对本事项没有可采取的措施，不得据此限制"
    yield "当前状态", STATES.get(match["state"], match["state"])
    if match["due_on"]:
        yield "反馈期限", written_day(match["due_on"])
    names = {one["code"]: one["name"] for one in match["measures"]}
    for report, person in zip(match["reports"], match["persons"], strict=True):
        parts = [RESULTS.get(report["result"], report["result"])]
        if report["measure"]:
            parts.append(names.get(report["measure"], report["measure"]))
        if report["reason"]:
            parts.append(f"理由：{chinese(report['reason']) or report['reason']}")
        if person:
            parts.append(f"责任人：{person}")
        yield written_day(report["decided_on"]), "；".join(parts)

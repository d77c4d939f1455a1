"""The form of a case 案件反馈单 as DOCX: what was asked, what was answered, what was done.

It leaves room for the seal and the date; the department that signs is its author, not the node.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from docx import Document

from node.system.clock import CHINA
from node.texts.codes import chinese
from node.texts.letters import HEADING, centred, clean, signed, styled, table
from node.texts.outcomes import RESULTS, STATES

_CLASSES: Final = {"block": "拦截", "prompt": "提示"}


def form(found: Mapping[str, Any]) -> bytes:
    """Write the form of a check.

    Args:
        found: its document, of `huxin outcomes show -o json`.
    """
    document = Document()
    styled(document)
    centred(document, "案件反馈单", size=22, font=HEADING)
    table(document, _asked(found))
    for number, match in enumerate(found["matches"], 1):
        document.add_paragraph(f"命中之{number}")
        table(document, _matched(match))
    if not found["matches"]:
        document.add_paragraph("本次核查没有命中。")
    signed(document, "", "责任人（签字）：            ", "（印章）", "年    月    日")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _asked(found: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    yield "核查编号", found["check"]
    yield "办理部门", found["department"]
    yield "事项", found["matter_name"]
    yield "办件编号", clean(found["case_no"])
    yield "核查时间", f"{datetime.fromtimestamp(found['at'], CHINA):%Y-%m-%d %H:%M}"


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
        yield "反馈期限", _day(match["due_on"])
    names = {one["code"]: one["name"] for one in match["measures"]}
    for report, person in zip(match["reports"], match["persons"], strict=True):
        parts = [RESULTS.get(report["result"], report["result"])]
        if report["measure"]:
            parts.append(names.get(report["measure"], report["measure"]))
        if report["reason"]:
            parts.append(f"理由：{chinese(report['reason']) or report['reason']}")
        if person:
            parts.append(f"责任人：{person}")
        yield _day(report["decided_on"]), "；".join(parts)


def _day(day: int) -> str:
    return f"{day // 10_000}年{day // 100 % 100}月{day % 100}日"

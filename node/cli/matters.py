"""`huxin catalog matters`: what departments may ask about, and which measures may follow there."""

from __future__ import annotations

from typing import Any, Final

from huxin.v1 import catalogs_pb2 as pb

from node.cli import render
from node.cli.client import services
from node.cli.code_tables import Day
from node.cli.language import Language
from node.cli.options import (
    Directory,
    Format,
    LanguageOption,
    OutputFormat,
    node_directory,
)
from node.documents import answers
from node.texts.fields import with_text

COLUMNS: Final = {
    "code": ("事项", "matter"),
    "name": ("名称", "name"),
    "department": ("责任单位", "department"),
    "outcome_days": ("反馈期限（工作日）", "outcome within (working days)"),
    "objection_suspends": ("异议期间中止", "objection suspends"),
    "confirmed": ("已核实", "confirmed"),
    "editions": ("版本", "editions"),
}
UNDER: Final = {
    "code": ("name", "department"),
    "outcome_days": ("objection_suspends",),
    "confirmed": ("editions",),
}
ROWS: Final = {
    "matter": ("事项", "matter"),
    "code": ("措施", "measure"),
    "name": ("名称", "name"),
    "class": ("类型", "class"),
    "rule": ("理由", "why"),
    "list_types": ("名单", "lists"),
    "idle": ("暂不适用的名单", "lists without it"),
    "manner": ("方式", "manner"),
    "basis": ("措施依据", "basis of the measure"),
    "article": ("本事项条款", "the matter's own article"),
}
ROWS_UNDER: Final = {
    "matter": ("code", "name"),
    "class": ("rule",),
    "list_types": ("idle",),
    "manner": ("basis", "article"),
}
_CLASSES: Final = {
    "": ("—", "—"),
    "block": ("拦截", "block"),
    "prompt": ("提示", "prompt"),
}
_IDLE: Final = ("暂不适用：", "not yet: ")
_MATTERS, _MEASURES = ("可核查的事项", "matters"), ("可采取的措施", "measures")


def matters(
    *,
    on: Day = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """列出可核查的事项与措施 / Matters about which departments ask, with their measures."""
    with services(node_directory(directory)) as node:
        answer = node.catalogs.ShowMatters(pb.ShowMattersRequest(on=on or 0))
    document = answers.document(answer)
    if output is Format.JSON:
        render.write_json(document)
        return
    title = render.pick(language, {"": _MATTERS})[""]
    render.write_table(title, render.pick(language, COLUMNS), document["matters"], UNDER)
    rows = list(_rows(document["matters"], language))
    title = render.pick(language, {"": _MEASURES})[""]
    render.write_table(title, render.pick(language, ROWS), rows, ROWS_UNDER)


def _rows(shown: list[dict[str, Any]], language: Language) -> list[dict[str, Any]]:
    classes = render.pick(language, _CLASSES)
    idle = render.pick(language, {"": _IDLE})[""]
    return [
        row
        | {
            "matter": matter["code"],
            "class": classes[row["class"]],
            "rule": with_text(row["rule"]) if row["rule"] else "",
            "idle": [f"{idle}{name}" for name in row["idle"]],
        }
        for matter in shown
        for row in matter["rows"]
    ]

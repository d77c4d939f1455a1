"""The letter by which a subject is told who asked about it 查询情况告知书."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from federation.charters.values import PURPOSES
from node.texts.letters import Grid, Letter, Part, Text, with_code, written_moment

TITLE: Final = "信用信息查询情况告知书"
FIELDS: Final = ("at", "department", "matter", "matter_name", "purpose", "case_no")
"""What a query is told by; `at` in seconds UTC."""
_COLUMNS: Final = ("at", "department", "matter", "purpose", "case_no")
_HEADINGS: Final = ("时间", "查询单位", "事项", "用途", "办件编号")
_NOTE: Final = (
    "以上依据本节点的查询日志。已到保存期限而清除的不在其列；向其他地区查询的，请向当地申请。"
)


def letter_of(subject: str, authorisation: str, queries: Sequence[Mapping[str, object]]) -> Letter:
    """Write it.

    Args:
        subject: by its name or code, as it was asked.
        authorisation: number of the subject's own 授权书.
        queries: rows of the query log, each with `FIELDS` as far as it has them.
    """
    rows = [tuple(_cell(name, one) for name in _COLUMNS) for one in queries]
    body: list[Part] = [
        Text(f"贵单位的查询申请（授权书编号：{authorisation}）收悉。"),
        Text(
            f"经查，本节点的查询日志中有关贵单位的查询共 {len(rows)} 次："
            if rows
            else "经查，本节点的查询日志中没有关于贵单位的查询。"
        ),
    ]
    if rows:
        body.append(Grid(_HEADINGS, rows))
    body.append(Text(_NOTE))
    return Letter(title=(TITLE,), to=subject, body=body)


def _cell(name: str, query: Mapping[str, object]) -> str:
    value = query.get(name)
    if name == "at":
        return written_moment(value) if isinstance(value, int) else ""
    said = str(value or "—")
    if name == "matter":
        return with_code(str(query.get("matter_name") or ""), said)
    return PURPOSES.get(said, said) if name == "purpose" else said

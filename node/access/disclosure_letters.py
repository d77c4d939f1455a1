"""查询情况告知书 as DOCX: who asked about a subject, when and for what; not what was answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from node.texts.letter_making import docx_of
from node.texts.letters import (
    NOTHING_GIVEN,
    Elements,
    Grid,
    Letter,
    Part,
    Text,
    written_moment,
)

_COLUMNS: Final = ("时间", "查询单位", "事项", "用途", "办件编号")


def disclosure_letter(
    found: Sequence[Mapping[str, Any]],
    *,
    subject: str,
    authorisation: str,
    given: Elements = NOTHING_GIVEN,
) -> bytes:
    """Write the letter to a subject; whether it is listed is not said.

    Args:
        found: of `huxin access queries --subject … -o json`.
        subject: its name, or its code where no name was given.
        authorisation: number of its authorisation.
        given: number, issuer, day and hands.
    """
    rows = [
        (
            written_moment(one["at"]),
            str(one.get("department", "")),
            str(one.get("matter", "")),
            str(one.get("purpose", "")),
            str(one.get("case_no", "")),
        )
        for one in found
    ]
    body: list[Part] = [
        Text(f"依你单位的授权（{authorisation}），现将本节点记录的查询情况告知如下。"),
        Grid(_COLUMNS, rows) if rows else Text("没有查询记录。"),
    ]
    return docx_of(Letter(title=("查询情况告知书",), to=subject, body=body, elements=given))

"""专项治理任务函 as DOCX: a campaign's ledger for who is responsible, without what has exited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

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
    written_day,
)

_STANDS: Final = "active"
"""What is masked or paused is not told of, and what has ended neither."""


def campaign_letter(
    campaign: Mapping[str, Any],
    subjects: Sequence[Mapping[str, Any]],
    given: Elements = NOTHING_GIVEN,
    unit: str = "",
) -> bytes:
    """Write the letter that sends a ledger out.

    Args:
        campaign: of `huxin campaign exit-rate -o json`.
        subjects: its ledger, of `huxin campaign show -o json`.
        given: number, issuer, day and hands.
        unit: to whom it goes, and whose entries alone it has; empty: the unit of the campaign, and
            all of them.
    """
    rows = [
        (
            one["subject"]["name"] or NAMELESS,
            one["subject"]["code"],
            entry["city"],
            entry["list_name"],
            entry["document"],
        )
        for one in subjects
        if not one["exited"] and (not unit or one["unit"] == unit)
        for entry in one["entries"]
        if entry["state"] == _STANDS
    ]
    by = f"于{written_day(campaign['due'])}前" if campaign["due"] else "依法及时"
    body: list[Part] = [
        Text(
            f"现将“{campaign['name']}”（{campaign['document']}）台账中由你单位负责的主体送你单位，请{by}"
            "督促其履行义务、纠正失信行为，指导其申请信用修复。"
        ),
        facts(
            (
                ("台账主体", str(campaign["subjects"])),
                ("已退出", str(campaign["exited"])),
                ("截至", written_day(campaign["day"])),
            )
        ),
    ]
    if rows:
        body.append(Grid(("主体名称", "主体代码", "列入地", "名单", "认定文书号"), rows))
    else:
        body.append(Text("其中现无仍在列的主体。"))
    return docx_of(
        Letter(title=("专项治理任务函",), to=unit or campaign["unit"], body=body, elements=given)
    )

"""目录版本采用通知 as DOCX: which edition of the catalog counts, by whose decision, with what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from federation.errors import RefusedError
from node.texts.letter_making import docx_of
from node.texts.letters import (
    NOTHING_GIVEN,
    Elements,
    Grid,
    Letter,
    Part,
    Text,
    facts,
    written_day,
    written_moment,
)

_LAYERS: Final = {
    "national": "国家",
    "joint": "联合",
    "province": "省",
    "city": "市",
}


def adopted_edition(catalog: Mapping[str, Any], edition: str) -> Mapping[str, Any]:
    """An edition that is in force.

    Args:
        catalog: of `huxin catalog show -o json`.
        edition: its id.

    Raises:
        RefusedError: `letter.not-yet` (GW8): none of this id is in force.
    """
    for one in catalog["editions"]:
        if one["edition"] == edition:
            return dict(one)
    message = (
        f"{edition[:60]}：此日没有这一版本有效；见 huxin catalog show / "
        "no edition of this id is in force on that day: huxin catalog show"
    )
    raise RefusedError("letter.not-yet", message)


def edition_letter(
    catalog: Mapping[str, Any], edition: str, given: Elements = NOTHING_GIVEN, to: str = ""
) -> bytes:
    """Write that an edition of the catalog counts.

    Args:
        catalog: as of a day, of `huxin catalog show -o json`.
        edition: its id.
        given: number, issuer, day and hands.
        to: to whom it goes; empty leaves room for it.

    Raises:
        RefusedError: as `adopted_edition`.
    """
    found = adopted_edition(catalog, edition)
    lists = [one for one in catalog["lists"] if edition in one["editions"]]
    measures = [one for one in catalog["measures"] if one["edition"] == edition]
    body: list[Part] = [
        Text("下列目录版本已经采用，自所列日期起据以核对和使用共享的信用信息。"),
        facts(_facts(found)),
    ]
    if lists:
        rows = [(one["name"], one["basis"]) for one in lists]
        body += [Text("其中的名单："), Grid(("名单", "依据"), rows)]
    if measures:
        rows = [(one["name"], f"{one['basis']} {one['article']}".strip()) for one in measures]
        body += [Text("其中的惩戒措施："), Grid(("措施", "依据"), rows)]
    return docx_of(Letter(title=("目录版本采用通知",), to=to, body=body, elements=given))


def _facts(found: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    yield "版本", found["edition"]
    yield "名称", found["name"]
    yield "层级", _LAYERS.get(found["layer"], found["layer"])
    yield "有效期起", written_day(found["valid_from"])
    yield "有效期止", written_day(found["valid_to"] or 0) or "未定"
    yield "采用时间", written_moment(found["adopted_at"])

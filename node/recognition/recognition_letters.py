"""场景互认函 as DOCX: that this region recognises a scenario, declines, suspends or ends it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from federation.errors import RefusedError
from node.texts.letter_making import docx_of
from node.texts.letters import (
    NOTHING_GIVEN,
    Elements,
    Letter,
    Part,
    Text,
    facts,
    written_day,
)

_TITLES: Final = {
    "accepted": "信用场景互认承诺函",
    "declined": "信用场景不予互认函",
    "suspended": "信用场景暂停互认函",
    "ended": "信用场景终止互认函",
}
_SAID: Final = {
    "accepted": "我地认可下列信用场景，按所列条件提供其中的服务。",
    "declined": "我地对下列信用场景不予认可。",
    "suspended": "我地暂停认可下列信用场景，暂停期间不再受理。",
    "ended": "我地终止认可下列信用场景，终止之后不再受理。",
}


def own_word(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """What this region says of a scenario.

    Args:
        found: its document, of `huxin scenarios show -o json`.

    Raises:
        RefusedError: `letter.not-yet` (GW8): it has said nothing that stands, or the scenario is
            its own.
    """
    said = (one for one in found["regions"] if one["region"] == found["own_region"])
    for one in said:
        if one["standing"] in _TITLES and "statement_id" in one:
            return dict(one)
    message = (
        f"{found['scenario']}：本地尚未表态，没有互认函；先 huxin publish --kind recognition / "
        "this region has said nothing of it that stands: huxin publish --kind recognition"
    )
    raise RefusedError("letter.not-yet", message)


def recognition_letter(
    found: Mapping[str, Any], given: Elements = NOTHING_GIVEN, to: str = ""
) -> bytes:
    """Write what this region says of a scenario, as it stands.

    Args:
        found: the scenario's document, of `huxin scenarios show -o json`.
        given: number, issuer, day and hands.
        to: to whom it goes; by default the city that offers it.

    Raises:
        RefusedError: as `own_word`.
    """
    said = own_word(found)
    standing = said["standing"]
    body: list[Part] = [Text(_SAID[standing]), facts(_facts(found, said))]
    return docx_of(
        Letter(
            title=(_TITLES[standing],),
            to=to or found["provider_name"] or found["city"],
            body=body,
            elements=given,
        )
    )


def _facts(found: Mapping[str, Any], said: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    yield "场景名称", found["title"]
    yield "提供地区", found["city"]
    yield "提供单位", found["provider_name"]
    yield "优惠", "；".join(one["text"] for one in found["incentives"])
    yield "判定条件", found["explained"]["zh"]
    if said["further"] is not None:
        yield "我地另附的判定条件", said["further"]["zh"]
    if said["conditions"]:
        yield "我地另附的条件", said["conditions"]
    if said["reason"]:
        yield "原因", said["reason"]
    yield "表态单位", said["authority_name"]
    yield "决定日期", written_day(said["decided_on"])
    yield "生效日期", written_day(said["effective_on"])
    if said["valid_until"]:
        yield "有效期止", written_day(said["valid_until"])
    yield "场景编号", found["scenario"]
    yield "声明编号", said["statement_id"]

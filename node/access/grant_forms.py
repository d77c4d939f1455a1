"""授权登记表 as DOCX: a credential, what it may, until when, and room for who answers for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from federation.charters.values import PURPOSES
from node.texts.credentials import ROLES, WAYS
from node.texts.letter_making import docx_of
from node.texts.letters import (
    NOTHING_GIVEN,
    UNNAMED,
    Closing,
    Elements,
    Letter,
    facts,
    with_code,
    written_day,
    written_moment,
)


def grant_form(found: Mapping[str, Any], given: Elements = NOTHING_GIVEN) -> bytes:
    """Write the form; what is secret is in no document of a credential.

    Args:
        found: its document, of `huxin access show -o json`.
        given: issuer and hands.
    """
    body = (facts(_facts(found)), Closing(("被授权单位负责人（签字）：            ",)))
    return docx_of(Letter(title=("查询授权登记表",), body=body, elements=given, numbered=False))


def _facts(found: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    yield "凭据编号", found["id"]
    yield "被授权单位", found["department"]
    yield "方式", WAYS.get(found["by"], (found["by"], ""))[0]
    yield "角色", "、".join(ROLES.get(one, (one, one))[0] for one in found["roles"])
    names = found["matter_names"]
    yield (
        "可查事项",
        "、".join(with_code(names[one] or UNNAMED, one) for one in found["matters"]) or "无",
    )
    purposes = (with_code(PURPOSES.get(one, ""), one) for one in found["purposes"])
    yield "用途", "、".join(purposes) or "无"
    yield "每日上限", str(found["budget"])
    yield "同一办件可查主体", str(found["case_subjects"])
    yield "最后一日", written_day(found["expires_on"])
    yield "登记时间", written_moment(found["created_at"])
    yield "登记人", found["created_by"]
    if found["revoked_at"]:
        yield "吊销时间", written_moment(found["revoked_at"])
        yield "吊销人", found["revoked_by"]

"""删除记录 as DOCX: that a node holds the content of a statement no more; it names no subject."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from federation.errors import RefusedError
from node.texts.fields import state_in_words
from node.texts.letter_making import docx_of
from node.texts.letters import (
    NOTHING_GIVEN,
    Elements,
    Letter,
    Text,
    facts,
    list_name,
    listed,
    written_day,
)


def removal_form(found: Mapping[str, Any], given: Elements = NOTHING_GIVEN) -> bytes:
    """Write the form.

    Args:
        found: the record, of `huxin records show -o json`.
        given: issuer and hands.

    Raises:
        RefusedError: `letter.not-yet` (GW8): its content is held.
    """
    if found["subject"] is not None or found.get("payload"):
        message = (
            f"{found['statement_id']}：内容仍在保存，没有删除记录 / its content is held here: "
            "expected a statement whose content is erased"
        )
        raise RefusedError("letter.not-yet", message)
    body = (
        Text(
            "下列声明的主体和内容，本节点已不再保存；保留编号、日期和用于防止重新列入的带密钥标记。"
        ),
        facts(_facts(found)),
    )
    return docx_of(Letter(title=("信用信息删除记录",), body=body, elements=given, numbered=False))


def _facts(found: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    yield "声明编号", found["statement_id"]
    yield "日志", f"{found['origin']} 第 {found['index']} 条"
    yield "名单", listed(list_name(found["list_type"]), found["list_type"])
    yield "认定日期", written_day(found["decided_on"])
    yield "公示截止日", written_day(found["publish_until"])
    yield "状态", state_in_words(found["state"])

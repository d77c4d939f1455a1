"""发布审批单 as DOCX: what a file would publish, as it was tried, for those who approve it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from node.texts.fields import for_people, labels, with_text
from node.texts.imports import KINDS
from node.texts.letter_making import docx_of
from node.texts.letters import (
    NOTHING_GIVEN,
    UNNAMED,
    Elements,
    Grid,
    Letter,
    Part,
    Text,
    facts,
    list_name,
    listed,
    with_code,
)

_NOT_SHOWN: Final = frozenset({"dry_run", "errors", "explained"})


def approval_form(
    found: Mapping[str, Any], sources: Mapping[str, str], given: Elements = NOTHING_GIVEN
) -> bytes:
    """Write the form; no subject stands in it.

    Args:
        found: the document of `huxin publish --dry-run -o json`.
        sources: names of those who hand files in, by their codes.
        given: issuer and hands.
    """
    said = for_people({name: one for name, one in found.items() if name not in _NOT_SHOWN})
    plain = {
        name: value
        for name, value in said.items()
        if isinstance(value, str | int) and not isinstance(value, bool) and value != ""
    }
    if found.get("list_type"):
        plain["list_type"] = listed(list_name(found["list_type"]), found["list_type"])
    if plain.get("kind"):
        plain["kind"] = KINDS[found["kind"]][0]
    if plain.get("source"):
        plain["source"] = with_code(sources.get(found["source"], UNNAMED), found["source"])
    names = labels(plain)
    body: list[Part] = [
        Text("拟发布下列文件，已试行检查，未作发布。请审核。"),
        facts((names[name], str(value)) for name, value in plain.items()),
    ]
    if found.get("faults"):
        rows = [(with_text(code), str(count)) for code, count in sorted(said["faults"].items())]
        body += [Text("拒收的行，按原因："), Grid(("原因", "行数"), rows)]
    if found.get("suspicions"):
        body += [
            Text("须两人确认："),
            Grid(("原因",), [(with_text(one),) for one in said["suspicions"]]),
        ]
    return docx_of(Letter(title=("名单发布审批单",), body=body, elements=given, numbered=False))

"""Names for the codes of a report: of lists, sources, authorities, districts and logs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from federation.ids import Date, Origin
from federation.payloads import PENALTY_LIST_TYPE
from federation.reconcile.catalog import Catalog
from federation.reconcile.succession import authority_rows, region_rows
from node.directory.config import FilesSection
from node.texts.codes import chinese

_CODE: Final = re.compile(r"[a-z]+(?:-[a-z]+)*\.[a-z-]*")
_FAMILIES: Final = {
    "identity.code-": "主体代码有误",
    "date.": "日期有误",
    "catalog.": "接收方目录所缺",
}
"""What codes that begin so have in common."""
PENALTIES: Final = "行政处罚"


def in_words(text: str) -> str:
    """A Chinese sentence with its codes in words; those that have none stand as they are."""
    return _CODE.sub(lambda code: chinese(code[0]) or _FAMILIES.get(code[0], code[0]), text)


def names(
    catalog: Catalog,
    day: Date,
    files: FilesSection,
    logs: Iterable[Origin],
    city: Callable[[Origin], str],
) -> dict[str, dict[str, str]]:
    """Names by code; what has none here is left out, and its code stands for it.

    Args:
        catalog: names lists, authorities and regions.
        day: of the editions.
        files: name the sources, and authorities as their files write them.
        logs: origins that are named.
        city: name of the member of a log.
    """
    lists = {
        list_type: item.name
        for edition in catalog.editions
        if edition.valid_from <= day
        for list_type, item in edition.lists.items()
        if item.name
    }
    written = {
        code: name
        for section in files.sources.values()
        for name, code in section.authorities.items()
    }
    authorities = written | {row.code: row.name for _, row in authority_rows(catalog, day)}
    found: dict[str, dict[str, str]] = {
        "lists": {**lists, PENALTY_LIST_TYPE: PENALTIES},
        "authorities": authorities,
        "regions": {row.code: row.name for _, row in region_rows(catalog, day)},
        "logs": {log: name for log in logs if (name := city(log))},
        "sources": {name: section.title(name) for name, section in files.sources.items()},
    }
    return {what: dict(sorted(by_code.items())) for what, by_code in found.items()}

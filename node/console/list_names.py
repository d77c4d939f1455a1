"""Names of lists 名单, as people know them: a page shows no code where there is a name."""

from __future__ import annotations

from collections.abc import Mapping

from node.console.api import Answer
from node.console.page import Visit


async def list_names(visit: Visit) -> Mapping[str, str]:
    """Names of the lists of today's catalog, by code; none where the node tells none."""
    return names_in(await visit.call("GET", "/v1/catalog"))


def names_in(catalog: Answer) -> Mapping[str, str]:
    """Names of the lists of a catalog that was answered, by code."""
    if not catalog.ok:
        return {}
    lists = (*catalog.document["lists"], *catalog.document["trust_lists"])
    return {one["list_type"]: one["name"] for one in lists}

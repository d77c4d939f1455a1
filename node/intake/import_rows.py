"""Who stands in the first rows of a list that was tried, and what each row would lead to.

For persons who say a word about an import, or publish it: figures alone name nobody. The rows are
read again by the very code of the intake (`node.intake.mapping_trial`), of the very bytes that were
tried (IM1); nothing of them is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from adapters.files.tables import DEFAULT_LIMITS
from node.intake.import_folder import ImportFolder
from node.intake.imported import Import
from node.intake.mapping_trial import MappingTrial, TrialFile

SHOWN: Final = 50
"""Rows that are shown, of each import the first good ones."""
ROWS_MOST: Final = 10_000
"""Of a file with more rows none are: each look would read all of it."""


def first_rows(
    trial: MappingTrial, folder: ImportFolder, one: Import, mapping: str
) -> dict[str, Any]:
    """Return the first rows of an import of a list that is not published yet.

    Args:
        trial: reads and decides them.
        folder: where its file lies.
        one: the import.
        mapping: as the intake takes it: a path, an id, or empty.

    Returns:
        `import`; `rows`, each with `row`, `decision`, `name`, `code`, `scheme`, `document`,
        `decided_on` and `publish_until` (YYYYMMDD), none of what is no list, was published, cannot
        be read or is too long; `good`: rows without a fault, of which the others are not shown.

    Raises:
        RefusedError: `import.changed`; what the try of the list would be refused for.
        FileAdapterError: likewise.
    """
    good = int(one.result.get("rows", 0)) - int(one.result.get("refused_rows", 0))
    document = {"import": one.number, "good": good, "rows": []}
    if one.kind != "list" or one.published or one.fault or one.result.get("rows", 0) > ROWS_MOST:
        return document
    tried = TrialFile(path=folder.file_of(one), limits=DEFAULT_LIMITS)
    found = trial.run(
        tried,
        mapping=mapping,
        source=one.source,
        list_type=one.list_type,
        rows=SHOWN,
        progress=lambda _: None,
    )
    return document | {"rows": [_shown(each) for each in found["shown"]]}


def _shown(each: Mapping[str, Any]) -> dict[str, Any]:
    listing = each["listing"]
    return {
        "row": each["row"],
        "decision": each["decision"],
        "name": listing["subject"]["name"],
        "code": listing["subject"]["code"],
        "scheme": listing["subject"]["scheme"],
        "document": listing["document"],
        "decided_on": listing["decided_on"],
        "publish_until": listing["publish_until"],
    }

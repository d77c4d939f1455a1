"""Which list of a source a dropped file is of (F25): what it is called, and what it looks like.

Where a source has several lists, a file is of the one that its name says, else of the one that the
titles above its header say, else of the only one whose layout its header fits. In doubt it is
refused: a row under the wrong list would punish for what nobody decided.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from adapters.files._columns import Columns, wanted
from adapters.files.errors import MappingError, TableError
from adapters.files.headings import column_name
from adapters.files.tables import Limits, Table
from federation.errors import RefusedError
from node.intake.sources import Sources


def list_meant(sources: Sources, limits: Limits, source: str, path: Path, title: str) -> str:
    """Return the list type of a file.

    Args:
        sources: of the node.
        limits: bounds of a table.
        source: whose file it is.
        path: of the file.
        title: its name, as people read it.

    Raises:
        RefusedError: `list.unnamed`.
        TableError: it is no table; only asked for where its name does not say the list.
    """
    bound = sources.lists_of(source)
    if len(bound) == 1:
        return bound[0]
    names = sources.names_of(bound)
    said = _said(names, [title])
    if not said:
        table = Table(path, limits)
        said = _said(names, table.titles) or _fitting(sources, source, bound, table)
    if len(said) != 1:
        told = " / ".join(f"{list_type} ({', '.join(names[list_type])})" for list_type in bound)
        message = (
            f"不知是哪一名单：文件名应含名单名称 / {title!r} may be of "
            f"{', '.join(sorted(said)) or 'any list'} of this source: put the list's id or name "
            f"into the file's name, one of {told}"
        )
        raise RefusedError("list.unnamed", message)
    return said.pop()


def _said(names: dict[str, tuple[str, ...]], texts: Iterable[str]) -> set[str]:
    """The lists that texts name; a name within a longer one that is there too does not count."""
    found: dict[str, str] = {}
    for text in map(column_name, texts):
        for list_type, called in names.items():
            for name in called:
                if name in text if name != list_type else text.startswith(name):
                    found[name] = list_type
    return {
        list_type
        for name, list_type in found.items()
        if not any(name in other and name != other for other in found)
    }


def _fitting(sources: Sources, source: str, bound: Iterable[str], table: Table) -> set[str]:
    fitting: set[str] = set()
    for list_type in bound:
        try:
            layout = sources.layout(sources.find(source, list_type), publishes=False)
            table.look_for(wanted(layout))
            Columns(table.header, layout, table.titles)
        except (MappingError, TableError):
            continue
        fitting.add(list_type)
    return fitting

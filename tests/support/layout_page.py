"""docs/layouts.md: the built-in layouts, as their mapping files have them.

`python -m tests.support.layout_page` writes the page; a test compares.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from adapters.files.mapping import ALWAYS_REQUIRED, Mapping, built_in_mappings
from federation.names import EXIT_KINDS

PAGE = Path(__file__).parents[2] / "docs" / "layouts.md"

HEAD = """# Built-in layouts of list files

The columns that the program takes without a mapping file, by list type. Several names for a column: the first *filled*
one counts. **Bold** must be filled. Made from `adapters/files/mappings/*.yaml` (`python -m tests.support.layout_page`);
how such a file is read, and how one of your own is written: [files](files.md#mapping-files).

"""  # noqa: E501 - lines of a page


def page() -> str:
    """The page."""
    return HEAD + "\n".join(_section(one) for one in built_in_mappings().values())


def _section(layout: Mapping) -> str:
    lines = [f"## {layout.title} `{layout.id}`", ""]
    if layout.list_names:
        lines += [f"Also called {'、'.join(layout.list_names)}.", ""]
    lines += ["| field | columns |", "|---|---|", *_rows(layout), ""]
    return "\n".join(lines)


def _rows(layout: Mapping) -> Iterator[str]:
    for field, columns in layout.fields.items():
        needed = field in layout.required or field in ALWAYS_REQUIRED
        needed |= field == "authority_name" and "authority" in layout.required
        needed |= field == "categories"
        yield _row(f"**{field}**" if needed else field, columns)
    for field, one in layout.extract.items():
        yield _row(f"{field}, inside a cell", one.columns)
    for part in layout.reason:
        yield _row(f"reason{f' ({part.label})' if part.label else ''}", part.columns)
    if layout.grades:
        yield _row("**grade**", layout.grades.columns)
        for word, grade in layout.grades.words.items():
            months = f"{grade.shortest_months}–{grade.longest_months} months"
            yield _row(f"grade {word}", (months if grade.exchanged else "not exchanged",))
    if layout.party:
        yield _row("party", layout.party.columns)
        yield _row("party, a natural person", sorted(layout.party.natural))
        yield _row("party, an organisation", sorted(layout.party.organisation))
    yield _row("columns of persons, dropped", layout.persons)
    yield _row("the source's own row id", (*layout.own_key, *layout.former_key))
    yield _row("row key where there is none", layout.key_fields)
    yield _row("codes", layout.schemes)
    yield _row("publication", (f"{layout.shortest_months}–{layout.longest_months} months",))
    names = [
        f"{EXIT_KINDS.label(one.kind)}{f' {one.months} months' if one.months else ''}"
        for one in layout.exits
    ]
    yield _row("exits", names)


def _row(field: str, values: tuple[str, ...] | list[str]) -> str:
    return f"| {field} | {', '.join(values).replace('|', chr(92) + '|') or '–'} |"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")

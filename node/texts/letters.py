"""What letters and forms as DOCX have in common: faces, headings, tables, texts XML can hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from docx.document import Document as Written
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Pt

from adapters.files.mapping import built_in_mappings, find_mapping

FONT: Final = "仿宋"
HEADING: Final = "黑体"
_CONTROL: Final = {code: None for code in range(32) if code not in (9, 10)}
"""What no XML document can hold; a text that somebody handed in may have it."""


def clean(text: str) -> str:
    """A text without what no XML document can hold."""
    return text.translate(_CONTROL)


def styled(document: Written) -> None:
    """Set the face of the text."""
    style = document.styles["Normal"]
    style.font.name = FONT
    style.font.size = Pt(14)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)


def centred(document: Written, text: str, *, size: int, font: str = FONT) -> None:
    """Add a line in the middle."""
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run(text)
    run.font.size = Pt(size)
    run.font.name = font
    fonts = run._element.get_or_add_rPr().get_or_add_rFonts()  # noqa: SLF001 - no other way
    fonts.set(qn("w:eastAsia"), font)


def table(document: Written, facts: Iterable[tuple[str, str]]) -> None:
    """Add a table of names and values."""
    made = document.add_table(rows=0, cols=2, style="Table Grid")
    for name, value in facts:
        cells = made.add_row().cells
        cells[0].text, cells[1].text = clean(name), clean(str(value))


def grid(document: Written, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Add a table of several columns under headings."""
    made = document.add_table(rows=0, cols=len(headings), style="Table Grid")
    for row in (headings, *rows):
        for cell, value in zip(made.add_row().cells, row, strict=True):
            cell.text = clean(value)


def list_name(list_type: str) -> str:
    """A list by its name; by its id where the program has no name for it."""
    return find_mapping(list_type).title if list_type in built_in_mappings() else list_type


def signed(document: Written, *lines: str) -> None:
    """Add what stands at the end on the right: room for seal and date."""
    for line in lines:
        document.add_paragraph(line).alignment = WD_ALIGN_PARAGRAPH.RIGHT

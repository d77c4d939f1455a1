"""Cells of tables that people open: none is taken for a formula by a spreadsheet.

Texts of other cities' files and logs stand in tables that are opened by a click. One rule for all
of them: the errors file, the outbox, the workbooks and what the console hands out.
"""

from __future__ import annotations

from typing import Final

FORMULA_STARTS: Final = frozenset("=+-@\t\r\n'＝＋－＠")
"""First characters that start a formula in some spreadsheet (OWASP, CSV injection), also in full
width; and our own mark, so that the escape can be undone without doubt."""


def escape_formula(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula.

    A leading apostrophe is doubled by the same rule, so that `unescape_formula` gives back every
    text.
    """
    return "'" + cell if cell and cell[0] in FORMULA_STARTS else cell


def unescape_formula(cell: str) -> str:
    """Undo `escape_formula`."""
    return cell[1:] if cell.startswith("'") and cell[1:2] in FORMULA_STARTS else cell

"""The errors file of an import as a list for people: columns and texts in one language.

It goes back to the department that sent the file, which knows neither our codes' language nor two
languages in a cell. The file of the node, `FILE.errors.csv`, stays as it is documented.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Final

from federation.spreadsheets import escape_formula, unescape_formula
from node.console.words import Language
from node.texts.codes import chinese
from node.texts.expected import halves
from node.texts.fields import Pair

_COLUMNS: Final[Mapping[str, Pair]] = {
    "row": ("行", "row"),
    "column": ("列", "column"),
    "value": ("所写", "value"),
    "what": ("哪里不对", "what is wrong"),
    "expected": ("应为", "expected"),
    "message": ("说明", "message"),
    "code": ("代码", "code"),
}


def fault_list(content: bytes, language: Language) -> bytes:
    """Write an errors file anew.

    Args:
        content: the file of the node, `row,column,code,value,expected,message`.
        language: of whoever gets it.

    Returns:
        CSV as spreadsheets open it: UTF-8 with a byte order mark, CRLF, formulas escaped.
    """
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([language.of(pair) for pair in _COLUMNS.values()])
    for row in rows:
        writer.writerow([escape_formula(cell) for cell in _row(row, language)])
    return text.getvalue().encode("utf-8-sig")


def _row(row: Mapping[str, str], language: Language) -> list[str]:
    said = {name: unescape_formula(cell or "") for name, cell in row.items()}
    code = said.get("code", "")
    said["what"] = (chinese(code) or code) if language is Language.ZH else code
    for name in ("expected", "message"):
        said[name] = language.of(halves(said.get(name, "")))
    return [said.get(name, "") for name in _COLUMNS]

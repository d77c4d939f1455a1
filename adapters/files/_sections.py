"""Lines between the rows of a table that say what the rows below them are (F63).

    F63 a line of one text without a code (二、移出名单, 以下企业拟列入) that speaks of removal, or
        of what is not decided, says so of every row below it, until a line says that rows stand
        (列入名单): these rows list nothing, as if each of them said so (F16). In a table of reliefs
        a line that speaks of what was not granted (不予修复) says so of the rows below it

A line that only divides the table (一、江阳区) says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from adapters.files.headings import is_note, plain

_LONGEST: Final = 60
"""Characters of such a line; what is longer is a note."""
_BELOW: Final = re.compile("以下|下列|如下|下表")


def heading(cells: Sequence[str]) -> str:
    """Return the one text of a line that is no row, in the form in which it is compared.

    Empty where there are several texts, where it is a note about the table, or too long.
    """
    said = {cell for cell in cells if cell}
    if len(said) != 1:
        return ""
    text = plain(said.pop())
    if text[:1] in ("", "#"):
        return ""  # an error of the spreadsheet, or struck through
    if len(text) > _LONGEST or (is_note(text) and not _BELOW.search(text)):
        return ""
    return text

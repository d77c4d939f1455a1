"""How wide the columns of a table are, so that no line is longer than the terminal.

First every column has what its longest line needs. Where that is too much, fields of the same thing
stand one under the other; where that is too much too, columns are folded, but none more than its
codes allow, because a code that is broken cannot be searched or copied. What fits in no table is
written as one block of lines a row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from rich.cells import cell_len

GAP: Final = 2
"""Blanks between columns."""
_NARROWEST: Final = 8
"""Columns of text that may be folded are not made narrower."""
_CLOSES: Final = "[、，；。：）》”]*"
_CODE: Final = re.compile(rf"[!-~]{{2,}}{_CLOSES}")
"""What is not broken: letters, digits and marks without a blank; Chinese may be broken anywhere."""

Cells = Sequence[Sequence[str]]
"""Rows of cells, the headings among them; a cell may have several lines."""


def least(text: str) -> int:
    """The width below which a cell cannot be folded without breaking a code."""
    codes = max((cell_len(code) for code in _CODE.findall(text)), default=0)
    return max(codes, min(_NARROWEST, natural(text)))


def natural(text: str) -> int:
    """The width of the longest line of a cell."""
    return max(map(cell_len, text.split("\n")), default=0)


def widths(cells: Cells, room: int) -> list[int] | None:
    """The widths of columns.

    Args:
        cells: rows of cells, headings among them.
        room: columns of the terminal.

    Returns:
        A width for each column; None where not even the least ones fit.
    """
    columns = list(zip(*cells, strict=True))
    free = room - GAP * (len(columns) - 1)
    wanted = [max(map(natural, column), default=0) for column in columns]
    if sum(wanted) <= free:
        return wanted
    found = [max(map(least, column), default=0) for column in columns]
    left = free - sum(found)
    if left < 0:
        return None
    while left > 0:
        short = [n for n, width in enumerate(found) if width < wanted[n]]
        most = max(short, key=lambda n: wanted[n] / found[n])
        found[most] += 1
        left -= 1
    return found


def stacked(
    columns: Mapping[str, str],
    rows: Sequence[Mapping[str, str]],
    under: Mapping[str, Sequence[str]],
) -> tuple[list[str], list[list[str]]]:
    """Put fields of the same thing one under the other, and leave out columns without a value.

    Args:
        columns: field name → heading, in order.
        rows: cells by field name.
        under: field name → those that go under it.

    Returns:
        The headings, and the rows.
    """
    used = [name for name in columns if any(row[name] for row in rows)]
    below = {name for names in under.values() for name in names}
    groups = [
        [name, *(one for one in under.get(name, ()) if one in used)]
        for name in used
        if name not in below or not any(name in under.get(top, ()) for top in used)
    ]
    headings = ["\n".join(columns[name] for name in group) for group in groups]
    found = [
        ["\n".join(row[name] for name in group if row[name]) for group in groups] for row in rows
    ]
    return headings, found


def folded(text: str, width: int) -> str:
    """Fold a cell's lines to a width, at blanks and between Chinese characters, in no code."""
    lines: list[str] = []
    for line in text.split("\n"):
        row = ""
        for piece in _pieces(line):
            if row and cell_len(row) + cell_len(piece.rstrip()) > width:
                lines.append(row.rstrip())
                row = piece.lstrip()
            else:
                row += piece
        lines.append(row.rstrip())
    return "\n".join(lines)


def _pieces(line: str) -> list[str]:
    """What a line may be broken between; what closes goes with what is before it."""
    return re.findall(rf"(?:[!-~]+|[^!-~]){_CLOSES}", line)

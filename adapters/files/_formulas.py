"""The error of a table in which a cell holds a formula: told alike of every kind of file."""

from __future__ import annotations

from adapters.files.errors import TableError


def formula(place: str = "") -> TableError:
    """Return it.

    Args:
        place: of the first such cell, as `B5`; empty where it is not known.
    """
    where = f" {place} " if place else ""
    message = (
        f"单元格{where}含有公式，请复制后选择性粘贴为“数值”，重新报送 / the "
        f"cell{where or ' '}holds a formula, of which the file may show another value than it "
        "computes; paste the values and send it again"
    )
    return TableError("file.formula", message)

"""Periods of figures as options of a command (`node.documents.periods`)."""

from __future__ import annotations

import typer

from federation.errors import StatementError
from node.documents import periods
from node.documents.periods import Period


def period_of(week: str, month: str, quarter: str) -> Period:
    """The one period that was named; all there is where none was.

    Raises:
        BadParameter: more than one, or not of the form.
    """
    try:
        return periods.period_of(week, month, quarter)
    except StatementError as error:
        raise typer.BadParameter(f"--{error}") from None

"""Tables of working days 工作日表 as YAML files, one a year.

    year: 2026
    source: 国务院办公厅关于2026年部分节假日安排的通知（2025-11-04）
    confirmed_by: 示例人甲           # left out: nobody compared it with the official text
    days_off: [2026-01-01..2026-01-03]    # days off and periods of them
    days_worked: [2026-01-04]            # Saturdays and Sundays on which people work

A table of `DIR/working-days/` takes the place of the one of the same year that comes with the
program. Unknown keys are refused.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic import ValidationError as PydanticError

from federation.errors import RefusedError
from federation.ids import Date
from federation.working_days import WorkingDays, WorkingYear

FOLDER: Final = "working-days"
MAX_BYTES: Final = 64 * 1024
_WEEKEND: Final = 5
_YEARS: Final = Field(ge=1949, le=2999)


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    year: Annotated[int, _YEARS]
    source: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    confirmed_by: Annotated[str, StringConstraints(max_length=100)] = ""
    days_off: tuple[dt.date | str, ...]
    days_worked: tuple[dt.date, ...] = ()


def read_table(text: str) -> WorkingYear:
    """Read a table.

    Raises:
        RefusedError: `working-days.invalid`: not YAML, an unknown key, a day of another year, or a
            day worked that is no weekend.
    """
    try:
        table = _Table.model_validate(yaml.safe_load(text))
        off = {day for one in table.days_off for day in _days(one)}
        _check(table, off)
    except (yaml.YAMLError, PydanticError, ValueError) as error:
        message = f"工作日表无效 / not a table of working days: {str(error)[:300]}"
        raise RefusedError("working-days.invalid", message) from error
    return WorkingYear(
        year=table.year,
        off=frozenset(map(_number, off)),
        working=frozenset(map(_number, table.days_worked)),
        source=table.source,
        confirmed_by=table.confirmed_by,
    )


def _check(table: _Table, off: set[dt.date]) -> None:
    strange = [day for day in (*off, *table.days_worked) if day.year != table.year]
    strange += [day for day in table.days_worked if day.weekday() < _WEEKEND or day in off]
    if strange:
        message = f"expected days of {table.year}, worked ones on weekends; got {min(strange)}"
        raise ValueError(message)


def working_days(directory: Path) -> WorkingDays:
    """Read the tables that come with the program and those of a node's directory.

    Raises:
        RefusedError: `working-days.invalid`, with the file's name.
        OSError: a file cannot be read.
    """
    starter = files("adapters.catalog") / "starter_days"
    tables = [read_table(path.read_text("utf-8")) for path in starter.iterdir()]
    for path in sorted((directory / FOLDER).glob("*.yaml")):
        if path.stat().st_size > MAX_BYTES:
            message = f"{path}: expected at most {MAX_BYTES} bytes"
            raise RefusedError("working-days.invalid", message)
        try:
            tables.append(read_table(path.read_text("utf-8")))
        except (RefusedError, UnicodeDecodeError) as error:
            raise RefusedError("working-days.invalid", f"{path}: {error}") from error
    return WorkingDays({table.year: table for table in tables})


def _days(written: dt.date | str) -> Iterator[dt.date]:
    """The days of `2026-01-01` or `2026-01-01..2026-01-03`."""
    first, _, last = str(written).partition("..")
    day, end = dt.date.fromisoformat(first), dt.date.fromisoformat(last or first)
    while day <= end:
        yield day
        day += dt.timedelta(days=1)


def _number(day: dt.date) -> Date:
    return Date(day.year * 10000 + day.month * 100 + day.day)

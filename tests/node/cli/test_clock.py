"""`huxin clock`: a moment in any usual form, and nothing that is none.

Covers node/clocks/desk.py, node/services/clock.py.
"""

from __future__ import annotations

import pytest
import typer

from node.cli.clock import parse_moment


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1790000000", 1790000000),
        ("2026-11-28T09:30:00+08:00", 1795829400),
        ("2026-11-28T01:30:00+00:00", 1795829400),
        ("2026-11-28 09:30:00", 1795829400),
    ],
)
def test_a_moment_is_read(text: str, seconds: int) -> None:
    assert parse_moment(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "now", "-1", "0", "1" * 20, "9" * 4300, "2026-02-30T00:00:00", "01", "1950-01-01"]
)
def test_what_is_none_is_a_usage_error(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        parse_moment(text)

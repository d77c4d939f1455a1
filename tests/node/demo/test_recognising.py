"""The demo's scenarios are in force on whatever day it runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from federation.ids import Date
from node.demo.recognising import ending_after

DATA = Path(__file__).parents[3] / "deploy" / "demo"


@pytest.mark.parametrize(
    ("today", "ends"),
    [(20261130, {"2027", "2028"}), (20271101, {"2028", "2029"}), (20310101, {"2032", "2033"})],
)
def test_scenarios_end_years_after_the_day_of_the_demo(today: int, ends: set[str]) -> None:
    text = (DATA / "lists" / "511000" / "scenarios.yaml").read_text("utf-8")
    lines = ending_after(text, Date(today)).splitlines()
    assert {line.split()[1][:4] for line in lines if "有效期止" in line} == ends
    assert [line for line in lines if "有效期止" not in line] == [
        line for line in text.splitlines() if "有效期止" not in line
    ]
    assert "有效期止: 长期" in ending_after("有效期止: 长期", Date(today))

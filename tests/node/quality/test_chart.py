"""The chart of shares over time: gaps stay gaps, names are data, lines are told apart.

Covers node/quality/chart.py.
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from node.quality.chart import LINES_MAX, chart

DAYS = [20261101, 20261102, 20261103, 20261104]
SVG = "{http://www.w3.org/2000/svg}"


def drawn(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - our own


def test_a_day_that_was_not_counted_is_a_gap() -> None:
    line = {20261101: 0.1, 20261102: 0.2, 20261104: 0.1}
    made = drawn(chart("甲 & <乙>", DAYS, {"全市": line}))
    lines = [one.attrib["points"].split() for one in made.iter(f"{SVG}polyline")]
    assert [len(points) for points in lines] == [2, 1]
    title = made.find(f"{SVG}title")
    assert title is not None
    assert title.text == "甲 & <乙>"
    assert len(list(made.iter(f"{SVG}circle"))) == 3


def test_lines_differ_by_dashes_too_and_there_are_no_more_than_can_be_told_apart() -> None:
    lines = {f"<区{n}>": {20261101: n / 100} for n in range(LINES_MAX + 3)}
    made = drawn(chart("图", DAYS[:1], lines))
    shown = list(made.iter(f"{SVG}polyline"))
    assert len({one.attrib["stroke-dasharray"] for one in shown}) == len(shown) == LINES_MAX
    assert "<区0>" in [one.text for one in made.iter(f"{SVG}text")]
    assert drawn(chart("空", [], {})).tag == f"{SVG}svg"

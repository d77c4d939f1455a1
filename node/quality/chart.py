"""Shares over time as an SVG chart: lines told apart by dashes too, gaps where none was counted.

The same numbers stand in a table beside it, for who cannot see the chart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

from node.texts.fields import day as in_words

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 720, 320, 60, 20, 180, 40
LINES_MAX: Final = 8
"""Lines of one chart; more cannot be told apart."""
_COLOURS: Final = (
    *("#1f4e79", "#b45309", "#166534", "#7c2d12"),
    *("#4c1d95", "#0e7490", "#9d174d", "#444444"),
)
_DASHES: Final = ("", "6 3", "2 2", "8 3 2 3", "1 3", "10 4", "4 4", "12 2 2 2")


def chart(title: str, days: Sequence[int], lines: Mapping[str, Mapping[int, float]]) -> str:
    """Draw it.

    Args:
        title: what it shows.
        days: YYYYMMDD, ascending; each takes the same room.
        lines: shares by day, by the name of the line; of more than `LINES_MAX` the first.
    """
    shown = dict(list(lines.items())[:LINES_MAX])
    top = max((value for line in shown.values() for value in line.values()), default=0.0) or 1.0
    room = (WIDTH - LEFT - RIGHT) / max(1, len(days) - 1)
    at = {day: LEFT + number * room for number, day in enumerate(days)}

    def height(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top)

    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="11">'
    )
    parts = [head, f"<title>{escape(title)}</title>"]
    for share in (0.0, top / 2, top):
        y = height(share)
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ccc"/>'
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{share:.3%}</text>'
        )
    parts += [
        f'<text x="{at[day]:.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{in_words(day)}'
        "</text>"
        for day in dict.fromkeys((*days[:1], *days[-1:]))
    ]
    for number, (name, line) in enumerate(shown.items()):
        style = f'stroke="{_COLOURS[number]}" stroke-dasharray="{_DASHES[number]}"'
        for run in _runs(days, line):
            points = " ".join(f"{at[day]:.1f},{height(line[day]):.1f}" for day in run)
            parts.append(f'<polyline fill="none" stroke-width="2" {style} points="{points}"/>')
            parts += [
                f'<circle cx="{at[day]:.1f}" cy="{height(line[day]):.1f}" r="2.5" '
                f'fill="{_COLOURS[number]}"/>'
                for day in run
            ]
        y = TOP + 14 * number
        x = WIDTH - RIGHT + 12
        parts.append(
            f'<line x1="{x}" x2="{x + 28}" y1="{y}" y2="{y}" stroke-width="2" {style}/>'
            f'<text x="{x + 34}" y="{y + 4}">{escape(name)}</text>'
        )
    return "".join((*parts, "</svg>"))


def _runs(days: Sequence[int], line: Mapping[int, float]) -> list[list[int]]:
    """Days that follow each other without a gap."""
    runs: list[list[int]] = []
    before = False
    for day in days:
        if day in line:
            if not before:
                runs.append([])
            runs[-1].append(day)
        before = day in line
    return runs

"""Marks that turn or hide text are seen in the terminal, in JSON and in HTML."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from io import StringIO

import pytest

from federation.visible import visible, visible_json
from node.cli import render
from node.quality.report import Report, Sheet, page, workbook

HIDDEN = "甲\u202e乙\u200b\u2066丙\x1b[31m\u3164\ufe0f\U000e0101\u00ad"
SHOWN = "甲<U+202E>乙<U+200B><U+2066>丙<U+001B>[31m<U+3164><U+FE0F><U+E0101><U+00AD>"


def test_what_cannot_be_seen_is_written_out() -> None:
    assert visible(HIDDEN) == SHOWN
    plain = "虚构企业（演示）㐀𠀀 a\n\tb"
    assert visible(plain) == plain


def test_json_keeps_its_value() -> None:
    text = json.dumps({"name": HIDDEN}, ensure_ascii=False, indent=1)
    seen = visible_json(text)
    assert json.loads(seen) == {"name": HIDDEN}
    assert "\u202e" not in seen
    assert r"\u202e" in seen


def test_the_terminal_shows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    writes: Sequence[Callable[[], None]] = (
        lambda: render.write_line(HIDDEN),
        lambda: render.write_table(HIDDEN, {"a": HIDDEN}, [{"a": HIDDEN}]),
        lambda: render.write_fields({"a": [HIDDEN]}, {"a": "a"}),
        lambda: render.write_json({"a": HIDDEN}),
        lambda: render.write_json_line({"a": HIDDEN}),
        lambda: render.say(HIDDEN),
        lambda: render.say_error("code", HIDDEN, HIDDEN),
        lambda: render.say_warning("code", HIDDEN),
    )
    for write in writes:
        out = StringIO()
        monkeypatch.setattr("sys.stdout", out)
        monkeypatch.setattr("sys.stderr", out)
        write()
        assert "202e" in out.getvalue().lower()
        assert not set("\u202e\u200b\u2066\x1b\u3164") & set(out.getvalue())


def test_reports_show_it() -> None:
    report = Report(
        title=HIDDEN,
        made=HIDDEN,
        sheets=[Sheet(title="t", headings=[HIDDEN], rows=[[HIDDEN]])],
    )
    html = page(report, "zh").decode()
    assert "甲&lt;U+202E&gt;乙" in html
    assert "\u202e" not in html
    assert workbook(report)

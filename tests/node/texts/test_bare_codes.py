"""Codes that stand before people without words are found, in pages and in letters.

Covers node/texts/said.py, node/texts/letters.py; what finds them is tests/support/bare_codes.py.
"""

from __future__ import annotations

import pytest

from federation.reconcile.findings import RULES, Finding
from node.texts.letters import (
    Facts,
    Grid,
    Letter,
    Part,
    Text,
    authority_of,
    listed,
    named_list,
    with_code,
)
from node.texts.said import said
from tests.support.bare_codes import bare_in_letter, bare_in_page, no_bare_codes

CODE, WORDS = "identity.name-mismatch", "名称与法人库的现用名、曾用名均不一致"


@pytest.mark.parametrize(
    "cell",
    [
        "<td>bidding</td>",
        "<td>bidding、government-funds</td>",
        f"<td>{CODE}</td>",
        f"<td>自贡 {CODE}</td>",
        "<li><code>bidding</code></li>",
        '<td><span class="under">joint-punishment</span></td>',
        "<select><option>judgment-defaulter</option></select>",
    ],
)
def test_a_code_without_words_is_found(cell: str) -> None:
    assert len(bare_in_page(f"<main><table><tr>{cell}<td>自贡</td></tr></table></main>")) == 1


@pytest.mark.parametrize(
    "cell",
    [
        "<td>招标投标 <code>bidding</code></td>",
        f"<td>{WORDS}（{CODE}）</td>",
        "<td>法院自有表 · court-own</td>",
        f'<p>{WORDS}</p><p class="aside"><code>{CODE}</code></p>',
        "<td><code>0a0b0c0d0e0f</code></td>",
        "<td>511500.huxin.example/1 #7</td>",
        "<pre>huxin sign decision word.note</pre>",
        '<input name="code" value="bidding"><textarea>bidding</textarea>',
    ],
)
def test_a_code_with_its_words_and_what_is_none_are_not(cell: str) -> None:
    assert bare_in_page(f"<main>{cell}</main>") == []


@pytest.mark.parametrize(
    ("part", "found"),
    [
        (Facts((("可查事项", "bidding"),)), ["bidding"]),
        (Facts((("可查事项", "招标投标（bidding）"),)), []),
        (Grid(("原因", "行数"), ((CODE, "1"),)), [CODE]),
        (Grid(("原因", "行数"), ((f"{CODE} {WORDS}", "1"),)), []),
        (Text(f"现为 {CODE}"), [f"现为 {CODE}"]),
    ],
)
def test_letters_are_read_part_by_part(part: Part, found: list[str]) -> None:
    assert bare_in_letter(Letter(title=("某函",), body=[part])) == found


def test_what_was_made_meanwhile_fails_with_what_it_has() -> None:
    from node.texts.letter_making import docx_of  # noqa: PLC0415 - looked up as makers do

    with pytest.raises(pytest.fail.Exception, match="某函: bidding"), no_bare_codes():
        docx_of(Letter(title=("某函",), body=[Facts((("事项", "bidding"),))]))


def test_what_has_no_name_says_so_beside_its_code() -> None:
    assert with_code("招标投标", "bidding") == "招标投标（bidding）"
    assert with_code("", "bidding") == "bidding"
    assert listed("", "x-1") == listed("x-1", "x-1") == "名称未载的名单（x-1）"
    assert named_list({"list_name": "某名单", "list_type": "x-1"}) == "某名单（x-1）"
    assert authority_of("某局", "510500-labour") == "某局"
    assert authority_of("", "510500-labour") == "名称未载（510500-labour）"
    assert authority_of("", "自流井区人民法院（演示）") == "自流井区人民法院（演示）"
    assert authority_of("", "") == ""


def test_a_code_is_said_in_either_language() -> None:
    assert said(CODE, english=False) == WORDS
    assert said(CODE, english=True) == RULES[Finding.NAME_MISMATCH].english
    assert said("benefit.not-met", english=True) == "benefit: not met"
    assert said("nobody.knows", english=False) == "nobody.knows"

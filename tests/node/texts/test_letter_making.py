"""Letters opened again: what an office gave, room for the rest, and text that stays text.

Covers node/texts/letters.py, node/texts/letter_making.py.
"""

from __future__ import annotations

import io
import zipfile

import pytest
from docx import Document
from docx.document import Document as Read
from docx.shared import Mm

from node.texts.letter_making import docx_of
from node.texts.letters import (
    NO_DAY,
    NO_NUMBER,
    Closing,
    Elements,
    Facts,
    Grid,
    Hand,
    Heading,
    Items,
    Letter,
    Part,
    Step,
    Text,
    clean,
    hands_of,
    list_name,
    written_day,
    written_moment,
)

AT = 1_795_000_000
HANDS = (
    Hand(step=Step.PREPARED, name="王五", unit="泸州市信用办（演示）", post="科员", at=AT),
    Hand(step=Step.REVIEWED, name="赵六"),
)
EVIL = "<w:p>&lt;b&gt;甲\x07]]></w:t>"


def opened(letter: Letter) -> Read:
    return Document(io.BytesIO(docx_of(letter)))


def lines(document: Read) -> list[str]:
    return [one.text for one in document.paragraphs]


def cells(document: Read) -> list[list[list[str]]]:
    return [[[cell.text for cell in row.cells] for row in one.rows] for one in document.tables]


def test_what_nobody_gave_has_room() -> None:
    document = opened(Letter(title=("决定书",), to="", body=[Text("正文")]))
    said = lines(document)
    assert said.index(NO_NUMBER) < said.index("决定书") < said.index("正文")
    assert said.index("正文") < said.index("（印章）") < said.index(NO_DAY)
    assert any(one.strip() == "：" for one in said)
    steps = cells(document)[-1]
    assert steps == [
        ["环节", "姓名", "单位", "岗位", "时间"],
        ["经办", "", "", "", ""],
        ["审核", "", "", "", ""],
        ["签发", "", "", "", ""],
    ]


def test_what_an_office_gave_stands_in_its_place() -> None:
    given = Elements(
        number="泸信办〔2026〕12号", issuer="泸州市信用办（演示）", dated=20261129, hands=HANDS
    )
    letter = Letter(
        title=("决定书",), to="某局", body=[Text("正文")], elements=given, enclosures=("甲", "乙")
    )
    document = opened(letter)
    said = lines(document)
    assert said[:3] == ["泸州市信用办（演示）", "泸信办〔2026〕12号", "决定书"]
    assert "某局：" in said
    assert {"附件：1．甲", "      2．乙"} <= set(said)
    at = said.index("（印章）")
    assert said[at - 1 : at + 2] == ["泸州市信用办（演示）", "（印章）", "2026年11月29日"]
    assert NO_NUMBER not in said
    assert NO_DAY not in said
    about, steps = cells(document)
    assert about == [["文件标题", "决定书"], ["文号", "泸信办〔2026〕12号"]]
    assert steps[1:] == [
        ["经办", "王五", "泸州市信用办（演示）", "科员", written_moment(AT)],
        ["审核", "赵六", "", "", ""],
        ["签发", "", "", "", ""],
    ]


def test_every_part_of_a_text() -> None:
    body: list[Part] = [
        Heading("一、甲"),
        Items(("乙", "丙")),
        Facts((("名称", "丁"),)),
        Grid(("列", "又一列"), (("戊", "己"),)),
        Closing(("庚",)),
    ]
    letter = Letter(title=("表",), body=body, numbered=False, sealed=False, sheet=False)
    document = opened(letter)
    assert lines(document) == ["表", "一、甲", "1．乙", "2．丙", "庚"]
    assert cells(document) == [[["名称", "丁"]], [["列", "又一列"], ["戊", "己"]]]


def test_the_page_is_that_of_official_documents() -> None:
    section = opened(Letter(title=("表",), body=())).sections[0]
    sizes = [section.page_width, section.page_height, section.left_margin, section.right_margin]
    sizes += [section.top_margin, section.bottom_margin]
    wide, high, left, right, above, below = (round((one or 0) / Mm(1)) for one in sizes)
    assert (wide, high) == (210, 297)
    assert (wide - left - right, high - above - below) == (156, 225)


def test_names_are_text_wherever_they_stand() -> None:
    given = Elements(number=EVIL, issuer=EVIL, hands=(Hand(step=Step.ISSUED, name=EVIL),))
    body: list[Part] = [
        Text(EVIL),
        Items((EVIL,)),
        Facts(((EVIL, EVIL),)),
        Grid((EVIL,), ((EVIL,),)),
    ]
    made = docx_of(Letter(title=(EVIL,), to=EVIL, body=body, elements=given, enclosures=(EVIL,)))
    document = Document(io.BytesIO(made))
    said = [*lines(document), *(c for t in cells(document) for row in t for c in row)]
    assert sum(clean(EVIL) in one for one in said) == 15
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert EVIL.encode() not in archive.read("word/document.xml")


@pytest.mark.parametrize("hidden", ["\u202e", "\u200b", "\ufffe", "\uffff", "\ud800", "\x85"])
def test_what_cannot_be_seen_is_written_out(hidden: str) -> None:
    """One such character in a reason of another city would else keep every letter about it away."""
    text = f"不履行{hidden}判决"
    made = opened(Letter(title=(text,), to=text, body=[Text(text), Facts(((text, text),))]))
    shown = f"不履行<U+{ord(hidden):04X}>判决"
    said = [*lines(made), *(c for t in cells(made) for row in t for c in row)]
    assert sum(shown in one for one in said) == 6


def test_rare_characters_of_names_stay() -> None:
    name = "㐀𠀀\ue863\U00031350葛\U000e0101"
    assert name in lines(opened(Letter(title=("表",), body=[Text(f"{name}\r\n")])))


def test_a_text_of_several_lines_is_several_paragraphs() -> None:
    assert {"甲", "乙"} <= set(lines(opened(Letter(title=("表",), body=[Text("甲\n乙")]))))


def test_days_lists_and_hands() -> None:
    assert (written_day(20261101), written_day(0)) == ("2026年11月1日", "")
    assert list_name("510000-rivers") == "510000-rivers"
    said = {"step": "issued", "name": "甲", "unit": "乙", "post": "丙", "at": AT}
    assert hands_of([said]) == (Hand(step=Step.ISSUED, name="甲", unit="乙", post="丙", at=AT),)

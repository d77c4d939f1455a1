"""A charter on paper: all that it says in words, room for what people write.

Covers node/cli/charter/printing.py.
"""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from docx import Document

from federation.charters.verification import read_envelope
from federation.ids import MemberId, Origin
from node.charters.agreement import agreement, grouped
from node.charters.files import load_chain
from node.demo.members import HUB, ZIGONG, DemoMember
from node.directory.config import load_config
from tests.support.commands import run
from tests.support.federation_dirs import found

CITY = DemoMember(region="510500", name="泸州", role="city")
REFUSED = 3


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("paper")
    found(place, (CITY, ZIGONG, HUB))
    return place / CITY.region


def text_of(data: bytes) -> str:
    document = Document(io.BytesIO(data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in document.paragraphs), *cells])


def envelope_of(directory: Path) -> bytes:
    config = load_config(directory)
    (pin,) = config.pins
    return load_chain(config.charters_directory, pin).latest.envelope


def test_an_adopted_charter_is_printed_whole(directory: Path, tmp_path: Path) -> None:
    (pin,) = load_config(directory).pins
    out = tmp_path / "charter.docx"
    asked = ("charter", "print", pin.hex()[:10], "--out", out, "--dir", directory)
    printed = run(*asked, "--number", "川信协〔2026〕1号")
    assert printed.code == 0, printed.err
    said = text_of(out.read_bytes())
    _, terms = read_envelope(envelope_of(directory))
    for words in ("章程暨共享协议", "（第 1 版）", "川信协〔2026〕1号", grouped(pin)):
        assert words in said
    for member in terms.members:
        assert f"{member.name}（{member.region}）" in said, "has room to sign"
        assert member.charter_key is not None
        assert grouped(member.charter_key) in said
        for segment in member.segments:
            assert grouped(segment.log_key.public) in said
            for right in segment.entitlements.lists:
                assert "、".join(right.authorities) in said
    assert said.count("单位（盖章）") == said.count("代表（签字）") == len(terms.members)
    assert said.count("证书 SHA-256") == sum(len(one.certificates) for one in terms.members)
    for words in ("列入、更正", "失信被执行人", "联合惩戒", "枢纽", "共享属性", "年    月    日"):
        assert words in said, words
    assert run(*asked).code != 0, "nothing that was made is overwritten"


def test_the_id_on_paper_is_the_pin(directory: Path, tmp_path: Path) -> None:
    file = tmp_path / "charter.json"
    file.write_bytes(envelope_of(directory))
    out = tmp_path / "charter.docx"
    assert run("charter", "print", file, "--out", out).code == 0
    said = text_of(out.read_bytes())
    assert "〔        〕    号" in said
    on_paper = re.search(r"(?:[0-9a-f]{4} ){15}[0-9a-f]{4}", said)
    assert on_paper
    assert run("charter", "verify", file, "--pin", on_paper[0]).code == 0


@pytest.mark.parametrize("what", ["", "absent.json", "zz"])
def test_neither_file_nor_alliance(what: str, directory: Path, tmp_path: Path) -> None:
    ran = run("charter", "print", what, "--out", tmp_path / "x.docx", "--dir", directory)
    assert (ran.code, "charter.unknown" in ran.err) == (REFUSED, True)
    assert not (tmp_path / "x.docx").exists()


def test_who_speaks_for_whom_is_said(directory: Path) -> None:
    envelope, terms = read_envelope(envelope_of(directory))
    first = replace(
        terms.members[0],
        name="泸州\x07",
        endpoints=(),
        successor=MemberId("510000"),
        attests=("5105", "5103"),
    )
    changed = replace(terms, members=(first, *terms.members[1:]), requests_per_day=7)
    said = text_of(agreement(envelope, changed))
    for words in ("退出后由其承继", "5105、5103", "仅主动连接", "至少 7 件"):
        assert words in said
    assert "\x07" not in said
    assert Origin(first.segments[0].origin) in said

"""Errors and problems are told in one language (node/texts/messages.py, node/cli/render.py)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import typer

from federation.errors import RefusedError
from federation.reconcile.findings import RULES
from node.cli import client, main, render
from node.cli.language import Language, say_in, speak
from node.texts.codes import CODES, chinese
from node.texts.messages import FOREIGN, KEYED, is_cut, spoken
from tests.support.commands import run

EVERY = sorted(CODES | {rule.code for rule in RULES.values()})
ENGLISH = "the record 00aa11bb: expected 'market-severe', got 7 leaves of peers"
BOTH = "日期在将来，须不晚于 20261101 / expected a day not after 20261101"


@pytest.fixture(params=list(Language))
def language(request: pytest.FixtureRequest) -> Iterator[Language]:
    yield speak(request.param)
    speak(Language.ZH)


@pytest.mark.parametrize("message", [ENGLISH, BOTH])
@pytest.mark.parametrize("code", EVERY)
def test_every_code_is_told_in_one_language(code: str, message: str) -> None:
    told = spoken(code, message, english=False)
    assert " / " not in told
    if code not in KEYED and (code not in FOREIGN or message is BOTH):
        own = told.replace(chinese(code), "").replace("market-severe", "").replace("00aa11bb", "")
        assert not re.search("[a-z]{2}", own), told
    assert chinese(code) in told or message is BOTH
    assert not re.search("[一-鿿]", spoken(code, message, english=True))


@pytest.mark.parametrize(
    ("code", "message", "zh", "en"),
    [
        (
            "record.unknown",
            "no statement 0011aa is held here",
            "本节点没有此声明：0011aa",
            "no statement 0011aa is held here",
        ),
        (
            "record.unknown",
            ENGLISH,
            "本节点没有此声明：00aa11bb，应为 market-severe，实为 7",
            ENGLISH,
        ),
        ("record.unknown", "not here", "本节点没有此声明", "not here"),
        ("no.such", "it is", "it is", "it is"),
        (
            "usage.value",
            "Invalid value for 'DATE': 日期在将来 / expected a day",
            "DATE：日期在将来",
            "Invalid value for 'DATE': expected a day",
        ),
        (
            "disk.full",
            "/srv/huxin/in.csv: peer's node 泸州 has 12 of 30",
            "磁盘已满，文件留在原处：/srv/huxin/in.csv、泸州",
            "/srv/huxin/in.csv: peer's node 泸州 has 12 of 30",
        ),
        (
            "own-log.behind",
            "510000 shows 10 leaves; nothing is signed until huxin recover has refilled it",
            "其他成员持有本日志更多的条目，停止签名：510000；见 huxin recover",
            "510000 shows 10 leaves; nothing is signed until huxin recover has refilled it",
        ),
        (
            "mapping.invalid",
            "映射文件 / mapping wages.yaml: row_key.columns: expected a list of texts, got 'x'",
            "映射文件有误：wages.yaml：row_key.columns：应为文本的列表，实为 'x'",
            "mapping wages.yaml: row_key.columns: expected a list of texts, got 'x'",
        ),
        (
            "relief.name-differs",
            "主体名称与列入不一致 / expected the name '甲', got '乙'; correct the row",
            "主体名称与列入不一致：应为 甲，实为 乙",
            "expected the name '甲', got '乙'; correct the row",
        ),
        (
            "record.unknown",
            "no statement 0011aa is held here; `huxin records list` has the ids",
            "本节点没有此声明：0011aa；见 huxin records list",
            "no statement 0011aa is held here; `huxin records list` has the ids",
        ),
        (
            "charter.waiting",
            "the alliance does not name this node yet; who votes: 自贡, 泸州",
            "章程尚未列入本节点，等待成员签署：自贡、泸州",
            "the alliance does not name this node yet; who votes: 自贡, 泸州",
        ),
        (
            "keys.ring",
            "/d/state: expected mode 0700, got 0755; run chmod 0700 /d/state, not /d/keys",
            "密钥环缺失、损坏或早于数据库：/d/state，应为 0700，实为 0755；/d/keys",
            "/d/state: expected mode 0700, got 0755; run chmod 0700 /d/state, not /d/keys",
        ),
        ("config.invalid", "a: too small", "配置有误：a: too small", "a: too small"),
    ],
)
def test_values_are_kept(code: str, message: str, zh: str, en: str) -> None:
    assert spoken(code, message, english=False) == zh
    assert spoken(code, message, english=True) == en


def test_where_words_are_left_out_the_whole_is_pointed_to(
    capsys: pytest.CaptureFixture[str],
) -> None:
    long = "no source of the configuration may speak for this list; 0 of 3 name it"
    assert is_cut("source.ambiguous", long)
    for code, message in (
        ("record.unknown", "no statement 0011aa is held here"),  # as the code's text has it
        ("source.ambiguous", f"没有数源 / {long}"),
        ("mapping.invalid", long),
        ("no.such", long),
    ):
        assert not is_cut(code, message)
    with pytest.raises(typer.Exit):
        client.fail(RefusedError("source.ambiguous", long))
    assert "--lang en" in capsys.readouterr().err


def test_errors_and_warnings_are_of_one_language(
    language: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    render.say_error("record.unknown", "no statement is held here", "先查 / look first")
    render.say_warning("own-log.unchecked", BOTH)
    said = capsys.readouterr().err
    assert " / " not in said
    assert bool(re.search("[一-鿿]", said)) is (language is Language.ZH)
    assert ("error" in said, "fix" in said) == (language is Language.EN,) * 2


def test_every_fix_has_both_languages() -> None:
    texts = [*main.FIXES.values(), *(text for _, text in client._ADVICE)]
    for text in texts:
        speak(Language.EN)
        assert not re.search("[一-鿿]", say_in(text)), text
        speak(Language.ZH)
        assert " / " not in say_in(text), text


@pytest.mark.parametrize("spelling", [("--lang", "en"), ("--lang=en",)])
def test_wrong_use_is_told_in_the_language_that_was_asked(spelling: tuple[str, ...]) -> None:
    for words in (("recrods",), ("records", "list", "--stat", "x"), ("records", "show", "12")):
        ended = run(*words, *spelling)
        assert ended.code == 2
        assert not re.search("[一-鿿]", ended.err), ended.err
        assert not re.search(" / |Invalid|No such|error", run(*words).err)

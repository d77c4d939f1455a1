"""What a mapping file lacks, in Chinese: for each form in which a key of it is refused.

The English is made where a mapping is read (`adapters.files`), key by key; here it is put in
Chinese by its form, so that who writes mappings reads one language. Keys and words of the file are
its own, and stay.
"""

from __future__ import annotations

import re
from typing import Final

_WHERE: Final = re.compile(
    r"(?:mapping (?P<file>\S+): )?(?P<key>[\w.\-/]+|the file): expected (?P<wanted>.*)", re.DOTALL
)
_GOT: Final = re.compile(r"(?P<wanted>.*?)[,;] got (?P<got>.*)", re.DOTALL)
_FORMS: Final = tuple(
    (re.compile(english, re.DOTALL), chinese)
    for english, chinese in (
        ("keys with values", "各键及其值"),
        ("a value", "应有值"),
        ("a text", "文本"),
        ("a list", "列表"),
        ("a list of texts", "文本的列表"),
        ("texts, none empty and none twice", "文本，不空、不重复"),
        (r"at most (\d+) characters", r"至多 \1 个字符"),
        (r"at most (\d+) regions", r"至多 \1 个地区"),
        (r"at most (\d+) texts of (\d+) characters", r"至多 \1 项，每项至多 \2 个字符"),
        (r"a whole number from (\S+) to (\S+)", r"\1 至 \2 的整数"),
        (r"one of (.+)", r"其中之一：\1"),
        (r"only (.+)", r"只能是 \1"),
        (r"no such key; is it misspelt\?", "没有这个键，请核对拼写"),
        (r"no citizen's ID number", "不得有公民身份号码"),
        ("ids of our alliances", "本节点所在联盟的标识"),
        (r"nothing: of a commendation 守信 there is none", "不写：守信名单没有此项"),
        ("nothing: of penalties no prior notice is asked for", "不写：行政处罚不要求事先告知"),
        (r"the names of the column of (.+)", r"\1 一列的列名"),
        ("`authority` or `authority_name`", "`authority` 或 `authority_name`"),
        (
            "a legal basis, or `basis` among `required`",
            "法律依据，或在 `required` 中列出 `basis`",
        ),
        (
            "shortest_months not above longest_months",
            "`shortest_months` 不大于 `longest_months`",
        ),
        ("not above `longest_months`", "不大于 `longest_months`"),
        ("columns of its own", "自己的列，不与别处共用"),
        (r"`list` in mappings of (\S+)", r"\1 的映射写 `list`"),
        (r"`grade` in mappings of (\S+) only", r"`grade` 只用于 \1 的映射"),
        (r"it in mappings of (\S+) only", r"此项只用于 \1 的映射"),
        (
            r"the keys of penalties 行政处罚；([^/]+) / add or change:(.*)",
            r"行政处罚的各键；\1：\2",
        ),
        (
            "`grade` of each word: ordinary or serious, or `exchanged: no`",
            "每个词的 `grade`（`ordinary` 或 `serious`），或 `exchanged: no`",
        ),
        ("other words than in `stands` and `not_yet`", "不与 `stands`、`not_yet` 重复的词"),
        ("other words than in `organisation`", "不与 `organisation` 重复的词"),
        ("at least one word", "至少一个词"),
        ("a day not before `decided_from`", "不早于 `decided_from` 的日期"),
        (r"a day such as (\S+)", r"日期，如 \1"),
        (r"(.+), or an expression of at most (\d+) characters", r"\1，或至多 \2 个字符的表达式"),
        (
            (
                r"(.+), or an expression with at most (\d+) repeat \((.+)\), (\d+) choices "
                r"\((.+)\) and no group that repeats"
            ),
            r"\1，或表达式：至多 \2 处重复（\3）、\4 处选择（\5），组不重复",
        ),
        (r"(.+), or an expression with one group, the value", r"\1，或有一个组的表达式，组为其值"),
        (r"(.+), or a regular expression \((.+)\)", r"\1，或正则表达式（\2）"),
    )
)
_NOTHING: Final = {"none": "没有", "nothing": "没有", "neither": "两者都没有", "a NoneType": "没有"}
_KINDS: Final = {"a list": "列表", "a dict": "各键及其值"}
_WHOLE: Final = ("没有", "不", "应")
"""How a form begins that says by itself what is to be."""


def keyed(text: str) -> str:
    """Put what a mapping lacks in Chinese; what has none of the forms stays as it is."""
    found = _WHERE.fullmatch(text)
    if found is None:
        return text
    wanted, got = found["wanted"], ""
    if (compared := _GOT.fullmatch(wanted)) is not None:
        wanted, got = compared["wanted"], compared["got"]
    for form, chinese in _FORMS:
        said = form.fullmatch(wanted)
        if said is not None:
            where = "整个文件" if found["key"] == "the file" else found["key"]
            named = f"{found['file']}：" if found["file"] else ""
            return f"{named}{where}：{_wanted(said.expand(chinese))}{_came(got)}"
    return text


def _wanted(said: str) -> str:
    if said.startswith(_WHOLE):
        return said
    return f"应为 {said}" if said[:1].isascii() else f"应为{said}"


def _came(got: str) -> str:
    """What came instead; nothing where the form says it all."""
    value, shared, other = got.partition(", also of ")
    if value in _NOTHING:
        return f"，{_NOTHING[value]}"
    came = f"，实为 {_KINDS.get(value, value)}" if value else ""
    return f"{came}，{other} 也用" if shared else came

"""Official documents 公文: what one consists of, whatever act it is about; making: `letter_making`.

The elements are those of GB/T 9704-2012 as far as they are known here (its text was not at hand):
发文机关, 发文字号, 标题, 主送机关, 正文, 附件说明, 成文日期, 印章. Whatever nobody has given stands
as room to be filled in by hand: the office that signs is the author of a letter, not the node.

Beside the letter stands its sheet 发文办理单, which the office keeps: who prepared 经办, reviewed
审核 and issued 签发 it, each with unit, post and time, as far as that was recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, TypeAlias

from adapters.files.mapping import built_in_mappings, find_mapping
from federation.errors import RefusedError
from federation.letters import LetterKind
from federation.visible import visible_in_print
from node.system.clock import CHINA
from node.texts.fields import Pair, day

DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
"""Media type of a letter as a file."""
NO_NUMBER: Final = "〔        〕    号"
NO_ADDRESSEE: Final = "                        "
NO_DAY: Final = "年    月    日"
SEAL: Final = "（印章）"
NAMELESS: Final = "（内容已删除）"
"""Of a subject whose content is erased, or not held."""
UNNAMED: Final = "名称未载"
UNNAMED_LIST: Final = "名称未载的名单"
"""Of what only a code is known here."""
_CONTROL: Final = {code: None for code in range(32) if code not in (9, 10)}
"""Left out: a text that somebody handed in may have line ends of another machine."""


class Step(StrEnum):
    """What somebody did for an act, in the order in which it is done."""

    PREPARED = "prepared"
    REVIEWED = "reviewed"
    ISSUED = "issued"


STEPS: Final[Mapping[str, Pair]] = {
    Step.PREPARED: ("经办", "prepared"),
    Step.REVIEWED: ("审核", "reviewed"),
    Step.ISSUED: ("签发", "issued"),
}


KINDS: Final[Mapping[str, Pair]] = {
    LetterKind.DECISION: ("案件处理决定书", "decision on a case"),
    LetterKind.RELIEF: ("修复、撤销决定书", "decision of a relief"),
    LetterKind.FORWARDING: ("转办单", "request, forwarded"),
    LetterKind.ANSWER: ("处理告知书", "answer to a request"),
    LetterKind.NOTICE: ("属地通报函", "notice"),
    LetterKind.REMINDER: ("失信提醒函", "reminder"),
    LetterKind.CAMPAIGN: ("专项治理任务函", "campaign"),
    LetterKind.SCENARIO: ("场景互认函", "recognition of a scenario"),
    LetterKind.EDITION: ("目录版本采用通知", "adoption of an edition"),
}


COLUMNS: Final[Mapping[str, Pair]] = {
    "number": ("文号", "number"),
    "kind": ("公文", "letter"),
    "about": ("所涉编号", "about"),
    "dated": ("签发日", "issued on"),
    "handled": ("办理", "handled"),
}
"""Of the register."""
UNDER: Final = {"kind": ("about",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """One who had a hand in an act; unit and post are empty where nobody has said them."""

    step: Step
    name: str
    unit: str = ""
    post: str = ""
    at: int = 0
    """Seconds UTC; 0: not recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Elements:
    """What an office gives a letter, whatever it says.

    Attributes:
        number: 发文字号; empty leaves room for it.
        issuer: 发文机关; empty leaves room for it.
        dated: 成文日期, YYYYMMDD; 0 leaves room for it.
        hands: for the sheet; a step of which nobody is known has room.
    """

    number: str = ""
    issuer: str = ""
    dated: int = 0
    hands: tuple[Hand, ...] = ()


NOTHING_GIVEN: Final = Elements()
"""All is left to be filled in."""


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading within the text."""

    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """Things counted up, a line each."""

    items: Sequence[str]


@dataclass(frozen=True, slots=True)
class Facts:
    """A table of names and values."""

    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of several columns under headings."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Closing:
    """Lines on the right: who signs, seal, date."""

    lines: Sequence[str]


Part: TypeAlias = Text | Heading | Items | Facts | Grid | Closing


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter, or a form.

    Attributes:
        title: 标题, a line each.
        to: 主送; empty leaves room for it; None: a form, which goes to nobody.
        body: 正文.
        elements: what the office gives.
        enclosures: 附件, by their names.
        numbered: whether it has a number, or room for one.
        sealed: whether it ends with seal and date.
        sheet: whether the sheet 发文办理单 stands beside it.
    """

    title: tuple[str, ...]
    body: Sequence[Part]
    to: str | None = None
    elements: Elements = NOTHING_GIVEN
    enclosures: Sequence[str] = ()
    numbered: bool = True
    sealed: bool = True
    sheet: bool = True


def clean(text: str) -> str:
    """A text without control characters, and with what else cannot be seen in it written out.

    Texts of other cities stand in letters: U+202E turns around what follows it, and an XML document
    cannot hold U+FFFE at all, so that no letter would tell the subject.
    """
    return visible_in_print(text.translate(_CONTROL))


def list_name(list_type: str) -> str:
    """A list by its name; by its id where the program has no name for it."""
    return find_mapping(list_type).title if list_type in built_in_mappings() else list_type


def named_list(found: Mapping[str, Any]) -> str:
    """The list of a document by its name, with its id beside.

    A letter is read where the catalog that has the name is not at hand.

    Args:
        found: has `list_type`, and `list_name` as the catalog of the node that made it has it.
    """
    return listed(found["list_name"], found["list_type"])


def listed(name: str, list_type: str) -> str:
    """A list by its name, its id beside; of one that nothing here names that is said."""
    return with_code(UNNAMED_LIST if name in ("", list_type) else name, list_type)


def authority_of(name: str, code: str) -> str:
    """An authority by its name, which some state in place of a code; else its code, said to be one.

    Args:
        name: as the record states it; may be empty.
        code: likewise.
    """
    return name or (with_code(UNNAMED, code) if code.isascii() and code else code)


def with_code(name: str, code: str) -> str:
    """A name with its code beside, to look it up by; the code alone where nothing has a name."""
    return f"{name}（{code}）" if name else code


def facts(rows: Iterable[tuple[str, str]]) -> Facts:
    """A table of names and values, as they are yielded."""
    return Facts(tuple(rows))


def written_day(day: int) -> str:
    """A day YYYYMMDD as letters write it: 2026年11月29日; empty for none."""
    return f"{day // 10_000}年{day // 100 % 100}月{day % 100}日" if day else ""


def written_moment(seconds: int) -> str:
    """A moment in China, to the minute."""
    return f"{datetime.fromtimestamp(seconds, CHINA):%Y-%m-%d %H:%M}"


def elements(
    letter: Mapping[str, Any],
    *,
    handled: Iterable[Mapping[str, Any]] = (),
    number: str = "",
) -> Elements:
    """What an office gives a letter.

    Args:
        letter: of `huxin letters show -o json`.
        handled: who had a hand in the act, as its document says; who asked for the letter's number
            prepared it only where that does not say who did.
        number: as it was typed for one that has none.

    Raises:
        RefusedError: `letter.numbered`: it has another one (GW1).
    """
    if letter["number"] and number not in ("", letter["number"]):
        message = (
            f"文号已定为 {letter['number']}，不再更改 / its number is {letter['number']}, and "
            f"stays; got {number}"
        )
        raise RefusedError("letter.numbered", message)
    act = hands_of(handled)
    steps = {hand.step for hand in act}
    return Elements(
        number=letter["number"] or number,
        issuer=letter["issuer"],
        dated=letter["dated"],
        hands=(*act, *(one for one in hands_of(letter["handled"]) if one.step not in steps)),
    )


def in_words(letter: Mapping[str, Any], *, english: bool) -> dict[str, str]:
    """A letter as a line of the register."""
    hands = [
        " ".join(filter(None, (STEPS[one.step][english], one.name, one.unit, one.post)))
        for one in hands_of(letter["handled"])
    ]
    return {
        "number": letter["number"],
        "kind": KINDS[letter["kind"]][english],
        "about": letter["about"],
        "dated": day(letter["dated"]) if letter["dated"] else "",
        "handled": ("; " if english else "；").join(hands),
    }


def hands_of(said: Iterable[Mapping[str, Any]]) -> tuple[Hand, ...]:
    """Read who had a hand in an act out of a document's `handled`."""
    return tuple(
        Hand(
            step=Step(one["step"]),
            name=one["name"],
            unit=one["unit"],
            post=one["post"],
            at=one["at"],
        )
        for one in said
    )

"""What a listing says of itself that cannot be right: in doubt nobody is punished by it.

    M1 date.future            decided or listed after today, with a day's tolerance: what has not
                              happened yet punishes nobody. Today is the reader's, in China, by the
                              later of its clock and trusted time
    M2 notice.after-decision  the prior notice 告知 came after the decision that it had to precede
    M3 basis.blank            where the basis should stand there are blanks, punctuation or a word
                              for nothing (无, null)
    M4 tier.not-of-list       its tier is not that of the list in the catalog: what is watched
                              重点关注 is on no severe list 严重失信, and the other way round
    M5 identity.kind-differs  the kind of subject that it states is not the one that the subject's
                              unified code names: a public body is no enterprise, whatever a list
                              for enterprises calls it
    M6 date.order             decided after it was listed, or published until before either: one of
                              the days is a slip

This is the only place of these rules; each door asks it. Another city's listing is held for persons
by the finding of the same code (`federation.reconcile.rules`); what our own node would publish, by
file, table or draft, is refused with it (`node.publishing.plausibility`). Relief never falls under
them.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

from federation import names
from federation.ids import Date
from federation.reconcile.candidate import Candidate
from federation.record_key import UNIFIED
from federation.uscc import kinds_of

FUTURE: Final = "date.future"
ORDER: Final = "date.order"
NOTICE_AFTER: Final = "notice.after-decision"
BASIS_BLANK: Final = "basis.blank"
TIER: Final = "tier.not-of-list"
KIND_DIFFERS: Final = "identity.kind-differs"

TOLERANCE_DAYS: Final = 1
"""Clocks of offices differ, and a file is made at midnight; more is a slip, or a trick."""

_FILLERS: Final = frozenset("\u115f\u1160一丨丶丿ㄧ")
"""Letters of which nothing is seen, and those that are drawn as a dash or a bar."""
_LETTERS: Final = frozenset({"Lu", "Ll", "Lt", "Lo"})
_NOTHING: Final = re.compile(
    "(暂?无|没有|空白?|不详|未[知填]|待(补充?|定)|略|(详?见)?附件"
    "|null?|none|nil|nan?|undefined|unknown|tbd|x+)?"
).fullmatch
"""What the letters of a basis come to that names no law; the first of it, no letter at all."""


class Doubt(NamedTuple):
    """A rule that holds, and in Chinese what was found, what was expected, what to do."""

    code: str
    found: str
    expected: str
    todo: str

    @property
    def message(self) -> str:
        """The three in a line, for whoever sent it."""
        return f"实为 {self.found}，应为 {self.expected}；{self.todo}"


def doubt(candidate: Candidate, tier: int, today: Date) -> Doubt | None:
    """Find the first of the rules that holds.

    Args:
        candidate: what the listing says.
        tier: of its list, by the catalog; 0 where that is not known, or there is none.
        today: the reader's, in China.
    """
    if in_future(max(candidate.decided_on, candidate.listed_on), today):
        return _of_future(candidate, today)
    if found := out_of_order(candidate.decided_on, candidate.listed_on, candidate.until):
        return Doubt(ORDER, *found, "请核对决定、列入和公示截止日期")
    if candidate.blank_basis:
        return Doubt(
            BASIS_BLANK, "空白、标点或“无”之类", "所依据的法律、法规及条款", "请补写列入依据"
        )
    if notice_after(candidate.notice_on, candidate.decided_on):
        return Doubt(
            NOTICE_AFTER,
            f"告知于 {candidate.notice_on}",
            f"不晚于决定之日 {candidate.decided_on}",
            "请核对告知日期与决定日期",
        )
    if tier and candidate.tier and candidate.tier != tier:
        return Doubt(
            TIER,
            names.TIERS.label(candidate.tier),
            names.TIERS.label(tier),
            "请按目录更正级别；重点关注对象不得列入严重失信名单",
        )
    return _of_kind(candidate)


def in_future(date: int, today: Date) -> bool:
    """Whether a day has not come yet (M1)."""
    return date > today and date > _tolerated(today)


def out_of_order(decided_on: int, listed_on: int, until: int) -> tuple[str, str] | None:
    """What contradicts what of a listing's days, and how it should be (M6); 0: not stated."""
    if 0 < listed_on < decided_on:
        return f"列入于 {listed_on}", f"不早于决定之日 {decided_on}"
    if 0 < until < max(decided_on, listed_on):
        day = "决定" if decided_on >= listed_on else "列入"
        return f"公示至 {until}", f"不早于{day}之日 {max(decided_on, listed_on)}"
    return None


def notice_after(notice_on: int, decided_on: int) -> bool:
    """Whether a prior notice came after its decision (M2)."""
    return notice_on > decided_on > 0


@lru_cache(maxsize=4096)  # few laws, many listings
def is_blank(text: str) -> bool:
    """Whether a text that should name a law says nothing (M3); an empty one does."""
    letters = [
        char
        for char in unicodedata.normalize("NFKC", text)
        if char not in _FILLERS and unicodedata.category(char) in _LETTERS
    ]
    return _NOTHING("".join(letters).casefold()) is not None


@lru_cache(maxsize=16)
def _tolerated(today: Date) -> int:
    if not today:
        return 0
    last = dt.date(today // 10000, today // 100 % 100, today % 100) + dt.timedelta(TOLERANCE_DAYS)
    return last.year * 10000 + last.month * 100 + last.day


def _of_future(candidate: Candidate, today: Date) -> Doubt:
    late = "决定" if in_future(candidate.decided_on, today) else "列入"
    date = candidate.decided_on if late == "决定" else candidate.listed_on
    return Doubt(
        FUTURE,
        f"{late}于 {date}",
        f"不晚于今日 {today}",
        f"请核对{late}日期；确未到期的，到期后再报",
    )


def kind_differs(scheme: str, code: str, subject_kind: int) -> bool:
    """Whether a stated kind of subject is not the one that the unified code names (M5)."""
    kinds = kinds_of(code) if scheme == UNIFIED else ()
    return bool(kinds) and subject_kind not in kinds


def _of_kind(candidate: Candidate) -> Doubt | None:
    code = candidate.code
    if not kind_differs(candidate.scheme, code, candidate.subject_kind):
        return None
    return Doubt(
        KIND_DIFFERS,
        names.SUBJECT_KINDS.label(candidate.subject_kind),
        "、".join(names.SUBJECT_KINDS.label(kind) for kind in kinds_of(code)),
        f"统一社会信用代码以 {code[:2]} 开头，请核对主体类别与代码",
    )

"""Letters 公文 that an office files: their kinds, and the numbers 文号 that they bear.

A number is code of the unit 机关代字, year and serial, such as 泸信办〔2026〕12号. Rules, each
with a test that fails without it:

    GW1 a letter of one kind about one thing has one number: the same again gives the same one, and
        another is refused
    GW2 no number stands on two letters, however it was given
    GW3 numbers that the node gives run in each year of each code, each the next after the highest
        that is kept: none twice, none left out
    GW4 a number that people type counts in GW3 where it has the form above; of any other form it is
        kept as it is
    GW5 who issues 签发 a letter is named; where the node names persons, with their signed word on
        its kind, what it is about, and the number they typed
    GW6 a letter is about what this node holds: a number is given for nothing else
    GW7 who stands on a letter's sheet is who said so: the persons of a decision in the order of
        their words (`federation.reconcile.cases.handled`), the account that asked for its number,
        the person who issued it; nobody is guessed
    GW8 a letter tells of what is decided and stands: of what is not decided yet, or was revoked,
        there is none; nor is one given a number, on a page that is older, of a decision on a case
        that was opened again since
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final, NamedTuple

from federation.ids import Date, StatementId, statement_id_from_hex

_FORM: Final = re.compile(
    r"(?P<code>[^〔〕\s]{1,40})〔(?P<year>[12]\d{3})〕(?P<serial>[1-9]\d{0,6})号"
)
_ANOTHER_BRACKET: Final = str.maketrans("[]［］", "〔〕〔〕")


class LetterKind(StrEnum):
    """What a letter is, by the act that it tells of."""

    DECISION = "decision"
    """On a case that a rule held 处理决定书."""
    RELIEF = "relief"
    """A relief of ours 信用修复决定书, and its kin; one of another city 办理情况函."""
    FORWARDING = "forwarding"
    """A request goes to the authority 转办单."""
    ANSWER = "answer"
    """What became of it 处理告知书."""
    NOTICE = "notice"
    """To who looks after a subject 属地通报函."""
    REMINDER = "reminder"
    """To the subject 失信提醒函."""
    CAMPAIGN = "campaign"
    """A ledger is sent out 专项治理任务函."""
    SCENARIO = "scenario"
    """A scenario is recognised, suspended or ended here."""
    EDITION = "edition"
    """An edition of the catalog takes effect."""


OF_STATEMENTS: Final = frozenset(LetterKind) - {LetterKind.CAMPAIGN, LetterKind.EDITION}
"""Kinds that are about a statement, named by its id in hexadecimal."""


class LetterNumber(NamedTuple):
    """A number that has the form."""

    code: str
    year: int
    serial: int

    @property
    def text(self) -> str:
        """As it stands on the letter."""
        return f"{self.code}〔{self.year}〕{self.serial}号"


def letter_about(statement_id: StatementId, times: int) -> str:
    """What a letter on the newest decision about a listing is about.

    Its id, and from the second decision on a number behind it: 4d1f…e6-2.
    """
    return statement_id.hex() + (f"-{times}" if times > 1 else "")


def statement_of(about: str) -> StatementId:
    """The statement that a letter is about.

    Raises:
        StatementError: `id.malformed`.
    """
    return statement_id_from_hex(about.partition("-")[0])


def times_of(about: str) -> int:
    """Of which decision about a statement a letter is, from 1; see `letter_about`."""
    number = about.partition("-")[2]
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 10 else 1


def read_number(text: str) -> LetterNumber | None:
    """Read a number that people typed; None where it has another form (GW4).

    Square brackets are read as 〔〕, which few keyboards have.
    """
    found = _FORM.fullmatch(text.strip().translate(_ANOTHER_BRACKET))
    if found is None:
        return None
    return LetterNumber(found["code"], int(found["year"]), int(found["serial"]))


def next_number(code: str, today: Date, last: int) -> LetterNumber:
    """The number that the node gives next (GW3).

    Args:
        code: 机关代字 of the unit for letters of this kind.
        today: in China; the year of the number.
        last: the highest serial that is kept of this code and year; 0: none.
    """
    return LetterNumber(code, today // 10_000, last + 1)

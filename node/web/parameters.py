"""What may stand in a URL beside its route: declared parameters of closed forms (HT2).

A form is closed where no name, code or document of a subject fits it: words of a list, numbers
between bounds, days, ids and page tokens that the node itself gave. What names a subject is asked
for in a body (`…:search`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NoReturn
from urllib.parse import parse_qsl

from federation.errors import StatementError
from federation.ids import CODE_FORM

QUERY: Final = "http.query"
_SHOWN: Final = 64
"""Characters of a name that is not known."""
MOST: Final = 16
"""Parameters of one request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a path or a query; made by the functions below."""

    name: str
    zh: str
    en: str
    form: str = ""
    """The whole of it, as a regular expression; empty for a number."""
    sample: str = ""
    """A text of that form."""
    words: tuple[str, ...] = ()
    """The only texts that it may be; then they are its form."""
    lowest: int = 0
    highest: int = 0
    day: bool = False
    """A number that is a day YYYYMMDD."""
    flag: bool = False
    """`true` or `false`."""
    required: bool = False

    @property
    def is_number(self) -> bool:
        """Whether it is read as a whole number."""
        return not (self.form or self.words or self.flag)

    @property
    def example(self) -> str | int | bool:
        """A value that it may have."""
        if self.flag:
            return True
        if self.is_number:
            return 20261120 if self.day else self.lowest
        return self.sample or self.words[0]

    def read(self, text: str) -> str | int | bool:
        """Return its value.

        Raises:
            StatementError: `http.query`, naming it and what is expected, never what came.
        """
        if self.flag:
            if text not in ("true", "false"):
                self._refuse("应为 true 或 false", "expected true or false")
            return text == "true"
        if self.is_number:
            return self._number(text)
        if self.words:
            if text not in self.words:
                listed = ", ".join(self.words)
                self._refuse(f"应为其中之一：{listed}", f"expected one of {listed}")
        elif re.fullmatch(self.form, text, re.ASCII) is None:
            self._refuse(f"格式不符：{self.zh}", f"expected {self.en}")
        return text

    def _number(self, text: str) -> int:
        digits = re.fullmatch(r"0|[1-9][0-9]{0,15}", text, re.ASCII) is not None
        value = int(text) if digits else -1
        if not self.lowest <= value <= self.highest or (self.day and not _is_day(value)):
            bounds = "YYYYMMDD" if self.day else f"{self.lowest}-{self.highest}"
            self._refuse(f"应为整数 {bounds}", f"expected a whole number {bounds}")
        return value

    def _refuse(self, zh: str, en: str) -> NoReturn:
        raise StatementError(QUERY, f"{self.name}：{zh} / {self.name}: {en}")


def words(name: str, of: Sequence[str], zh: str, en: str, *, required: bool = False) -> Parameter:
    """One of these words."""
    return Parameter(name=name, zh=zh, en=en, words=tuple(map(str, of)), required=required)


def number(
    name: str, lowest: int, highest: int, zh: str, en: str, *, required: bool = False
) -> Parameter:
    """A whole number between bounds, both included."""
    return Parameter(name=name, zh=zh, en=en, lowest=lowest, highest=highest, required=required)


def day(name: str, zh: str, en: str, *, required: bool = False) -> Parameter:
    """A day YYYYMMDD."""
    return Parameter(
        name=name,
        zh=f"{zh}，YYYYMMDD",
        en=f"{en}, YYYYMMDD",
        lowest=19490101,
        highest=99991231,
        day=True,
        required=required,
    )


def flag(name: str, zh: str, en: str) -> Parameter:
    """`true` or `false`; false where absent."""
    return Parameter(name=name, zh=zh, en=en, flag=True)


def code(
    name: str, sample: str, zh: str, en: str, *, dots: bool = True, required: bool = False
) -> Parameter:
    """A code of ours or of the catalog (`CODE_FORM`); no subject has such a one.

    Without `dots`: of a mapping, whose name is never the path of a file.
    """
    form = CODE_FORM if dots else CODE_FORM.replace(".-]", "-]")
    return Parameter(name=name, zh=zh, en=en, form=form, sample=sample, required=required)


def region(name: str, zh: str, en: str, *, required: bool = False) -> Parameter:
    """Six digits of a region."""
    form = "[1-9][0-9]{5}"
    return Parameter(name=name, zh=zh, en=en, form=form, sample="511500", required=required)


def statement_id(name: str = "statement_id") -> Parameter:
    """The id of a statement, whole."""
    return Parameter(
        name=name,
        zh="声明编号，32 位小写十六进制",
        en="id of a statement, 32 hexadecimal digits in lower case",
        form="[0-9a-f]{32}",
        sample="4d1f0c7be12a3d4e6f8091a2b3c4d5e6",
        required=True,
    )


ORIGIN: Final = Parameter(
    name="origin",
    zh="日志，如 510500.huxin.example/1",
    en="a log, as 510500.huxin.example/1",
    form=r"[a-z0-9](?:[a-z0-9.-]{0,185}[a-z0-9])?/[1-9][0-9]{0,8}",
    sample="510500.huxin.example/1",
)
PAGE_SIZE: Final = number(
    "page_size", 1, 1000, "一页至多几条，缺省 100", "at most so many on a page; 100 where absent"
)
PAGE_TOKEN: Final = Parameter(
    name="page_token",
    zh="上一页的 next_page_token",
    en="next_page_token of the page before",
    form="[A-Za-z0-9_-]{1,252}={0,2}",
    sample="WzEsIDIwXQ==",
)
PAGED: Final = (PAGE_SIZE, PAGE_TOKEN)
"""Of what comes in pages."""


def read_query(query: bytes, declared: Sequence[Parameter]) -> dict[str, Any]:
    """Read a query: each parameter declared, once, of its form; none left out that is required.

    Raises:
        StatementError: `http.query`.
    """
    if not declared:
        if query:
            message = "网址不带参数，内容放入正文 / expected no query; all goes into the body"
            raise StatementError(QUERY, message)
        return {}
    try:
        pairs = parse_qsl(
            query.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(query),
            errors="strict",
            max_num_fields=MOST,
        )
    except ValueError:
        message = "网址参数须为 名称=值，以 & 相连 / expected name=value, joined by &"
        raise StatementError(QUERY, message) from None
    known = {one.name: one for one in declared}
    said: dict[str, Any] = {}
    for name, text in pairs:
        if name not in known or name in said:
            shown, listed = ascii(name[:_SHOWN])[1:-1], ", ".join(known)
            message = (
                f"没有此参数，或出现两次：{shown}；可用 {listed}，其余放入正文 / "
                f"no such parameter, or twice: {shown}; expected {listed}; all else in the body"
            )
            raise StatementError(QUERY, message)
        said[name] = known[name].read(text)
    missing = [one.name for one in declared if one.required and one.name not in said]
    if missing:
        message = f"缺少参数 {', '.join(missing)} / expected {', '.join(missing)}, got none"
        raise StatementError(QUERY, message)
    return said


def read_path(values: Mapping[str, str], declared: Sequence[Parameter]) -> dict[str, Any]:
    """Read what stands in a path.

    Raises:
        StatementError: `http.path`: it is not of its form, so there is nothing at such a path.
    """
    said: dict[str, Any] = {}
    for one in declared:
        try:
            said[one.name] = one.read(values[one.name])
        except StatementError:
            message = (
                f"没有此路径：{one.name} 应为{one.zh} / no such path: {one.name}: expected {one.en}"
            )
            raise StatementError("http.path", message) from None
    return said


def _is_day(value: int) -> bool:
    try:
        date(value // 10000, value // 100 % 100, value % 100)
    except ValueError:
        return False
    return True

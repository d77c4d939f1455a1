"""Conditions 条件 as scenario files write them: objects with exactly one key, one within another.

    condition:                                  判定条件:
      all:                                        全部:
        - on_list: tax-grade-a                      - 守信名单: tax-grade-a
        - on_list: {list: aeo, edition: "2026"}     - 守信名单: {名单: aeo, 版本: "2026"}
        - grade: {method: tax-credit, edition: "2014", at_least: A}
                                                    - 等级: {方法: …, 版本: …, 不低于: A}
        - no_listing: {lists: [unpaid-migrant-wages], measure: wages-honours}
                                                    - 未失信: {名单: […], 措施: …}
        - registered_in: "5105"                     - 注册地: "5105"
        - subject_kind: [enterprise]                - 主体类别: [企业]
        - commitment: 按期支付工资                  - 承诺: 按期支付工资
        - any: […]                                  - 任一: […]
        - not: {…}                                  - 非: {…}

A list of codes instead of an object is the plain form: on any of these lists. What is too deep or
too much is refused before it is read further (K1, K2), with the place of the first that is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from adapters.files._cell_error import CellError
from adapters.files._documents import Document
from adapters.files._scenario_words import SUBJECT_KINDS, WORDS, bad, fields_of
from federation.conditions import (
    CONDITIONS_MAX,
    DEPTH_MAX,
    AllOf,
    AnyOf,
    AtLeast,
    CommitmentKept,
    Condition,
    KindOfSubject,
    Negated,
    NoListing,
    OnList,
    RegisteredIn,
)
from federation.payloads import SubjectKind

_TESTS: Final = {
    "全部": "all",
    "任一": "any",
    "非": "not",
    "守信名单": "on_list",
    "等级": "grade",
    "未失信": "no_listing",
    "注册地": "registered_in",
    "主体类别": "subject_kind",
    "承诺": "commitment",
}
_KEYS: Final = {
    "名单": "list",
    "版本": "edition",
    "方法": "method",
    "不低于": "at_least",
    "措施": "measure",
}
_OF_MAX: Final = 32
_LISTS_MAX: Final = 32
_REGION: Final = (2, 4, 6)
"""Digits of a region."""


def read_condition(document: Document, where: str) -> Condition:
    """Read a condition.

    Args:
        document: as the file has it.
        where: what messages call it.

    Raises:
        CellError: `payload.condition` where it is too deep or too much, else `field.value`; the
            message has the path.
    """
    return _Reader().read(document, where, 1)


class _Reader:
    def __init__(self) -> None:
        self._count = 0

    def read(self, document: Document, where: str, depth: int) -> Condition:
        self._count += 1
        if depth > DEPTH_MAX or self._count > CONDITIONS_MAX:
            message = (
                f"{where}: 条件过多或嵌套过深 / expected at most {CONDITIONS_MAX} conditions and "
                f"{DEPTH_MAX} within one another"
            )
            raise CellError("payload.condition", f"≤ {CONDITIONS_MAX}, ≤ {DEPTH_MAX}", message)
        if isinstance(document, list):
            return self._plain(document, where)
        if not isinstance(document, dict) or len(document) != 1:
            raise bad(where, f"一个条件 / exactly one of {', '.join(_TESTS)}")
        ((key, said),) = document.items()
        at, test = f"{where}.{key}", _TESTS.get(key, key)
        match test:
            case "all":
                return AllOf(of=self._many(said, at, depth))
            case "any":
                return AnyOf(of=self._many(said, at, depth))
            case "not":
                return Negated(condition=self.read(said, at, depth + 1))
            case _ if test in _READERS:
                return _READERS[test](said, at)
            case _:
                raise bad(where, f"没有此条件 {key[:40]!r} / one of {', '.join(_TESTS)}")

    def _many(self, said: Document, where: str, depth: int) -> tuple[Condition, ...]:
        if not isinstance(said, list) or not 1 <= len(said) <= _OF_MAX:
            raise bad(where, f"1–{_OF_MAX} 个条件 / a list of 1 to {_OF_MAX} conditions")
        return tuple(self.read(one, f"{where}.{at}", depth + 1) for at, one in enumerate(said, 1))

    def _plain(self, said: list[Document], where: str) -> Condition:
        """The plain form: on any of these lists of the trustworthy."""
        if not 1 <= len(said) <= _OF_MAX:
            raise bad(where, f"1–{_OF_MAX} 个名单代码 / 1 to {_OF_MAX} codes of lists")
        self._count += len(said)
        tests = tuple(
            OnList(list_type=_text(one, f"{where}.{at}", 64)) for at, one in enumerate(said, 1)
        )
        return tests[0] if len(tests) == 1 else AnyOf(of=tests)


def _on_list(said: Document, where: str) -> Condition:
    if isinstance(said, str):
        return OnList(list_type=_text(said, where, 64))
    fields = fields_of(said, where, _KEYS)
    found = OnList(
        list_type=fields.text("list", 64), edition=fields.text("edition", 64, default="")
    )
    fields.done()
    return found


def _grade(said: Document, where: str) -> Condition:
    fields = fields_of(said, where, _KEYS)
    found = AtLeast(
        method=fields.text("method", 64),
        edition=fields.text("edition", 64),
        at_least=fields.text("at_least", 16),
    )
    fields.done()
    return found


def _no_listing(said: Document, where: str) -> Condition:
    fields = fields_of(said, where, _KEYS | {"名单": "lists"})
    lists = fields.texts("lists")
    found = NoListing(list_types=lists, measure=fields.text("measure", 64))
    fields.done()
    if len(lists) > _LISTS_MAX or max(map(len, lists)) > 64:
        raise bad(where, f"1–{_LISTS_MAX} × 1–64")
    return found


def _registered_in(said: Document, where: str) -> Condition:
    return RegisteredIn(region=read_region(said, where, {}))


def _subject_kind(said: Document, where: str) -> Condition:
    names = said if isinstance(said, list) else [said]
    kinds: list[SubjectKind] = []
    for name in names:
        word = WORDS.get(name, name) if isinstance(name, str) else ""
        if word not in SUBJECT_KINDS:
            raise bad(where, f"一种主体 / one of {', '.join(SUBJECT_KINDS)}")
        kinds.append(SUBJECT_KINDS[word])
    if not 1 <= len(kinds) <= 16:
        raise bad(where, "1–16")
    return KindOfSubject(kinds=tuple(dict.fromkeys(kinds)))


def _commitment(said: Document, where: str) -> Condition:
    return CommitmentKept(commitment_type=_text(said, where, 64))


_READERS: Final[Mapping[str, Callable[[Document, str], Condition]]] = {
    "on_list": _on_list,
    "grade": _grade,
    "no_listing": _no_listing,
    "registered_in": _registered_in,
    "subject_kind": _subject_kind,
    "commitment": _commitment,
}


def read_region(said: Document, where: str, names: Mapping[str, str]) -> str:
    """Read a region: 2, 4 or 6 digits, or a name of `names`.

    Raises:
        CellError: `field.value`.
    """
    text = said.strip() if isinstance(said, str) else ""
    code = names.get(text, text)
    if len(code) not in _REGION or not code.isascii() or not code.isdigit():
        raise bad(where, f"行政区划代码 2、4 或 6 位 / 2, 4 or 6 digits, got {text[:40]!r}")
    return code


def _text(said: Document, where: str, longest: int) -> str:
    if not isinstance(said, str) or not said.strip() or len(said) > longest:
        raise bad(where, f"1–{longest} 字符 / a text of 1 to {longest} characters")
    return said.strip()

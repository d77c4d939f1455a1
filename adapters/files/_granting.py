"""Whether rows of a relief file say that their relief was granted.

    F64 a row that says that its repair was not granted, or is not decided (不予修复, 驳回, 审核中,
        in a column of the result that nobody named, or in the number of its document), is none and
        is refused; so is a file whose title says it. In doubt, as where it was granted after all,
        it is relief

Annotations are not asked: an objection that was not granted is closed by one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from adapters.files._nothing import filled
from adapters.files._sections import heading
from adapters.files.errors import MappingError
from adapters.files.faults import RowFault, shown
from adapters.files.headings import column_name, divides, plain

NOT_GRANTED: Final = "relief.not-granted"
_DENIED: Final = "不予(?!(?:行政|联合|信用)?(?:公示|列入|认定|处罚|惩戒|限制))"
"""不予修复 denies a relief; 不予列入 and 不予公示 are in the subject's favour."""
_REFUSAL: Final = re.compile(
    "(?:初审|复审|终审|审核|审查|审批|核查|修复|申请|意见|结果|决定|经|已|被|暂|尚|:|,)*(?:"
    + _DENIED
    + "|不准予?|未予|未准|未获|不同意|未同意|不通过|未通过|驳回|退回|拒绝|不批准|未批准|不受理"
    "|未受理|不符合(?!.{0,6}(?:列入|认定|失信))|未修复|未移出|未撤销|未办结"
    "|(?:受理|审理|审核|审查|审批|核查|办理|处理|公示|修复|申请)中$"
    "|待(?:审|受理|办|核|定|批|处理|补)|(?<!已)补正|需补"
    "|撤回(?!.{0,4}(?:列入|认定|名单|处罚|公示|决定))|拟(?:修复|移出|同意|准予|撤销)"
    "|终止(?:$|办理|审核|审查|受理|修复|程序|申请))"
)
"""How words begin of a repair that was not granted, or not yet (F64)."""
_RESULT: Final = re.compile("(?:结果|意见|结论|状态|进度|环节|阶段|备注|情况|result|status)$|^是否")
_NOT_OF_RELIEF: Final = re.compile(
    "列入|失信|违法|处罚|履行|整改|经营|登记|注册|企业|原因|事实|依据|公示状态"
)
_GRANTED: Final = re.compile(
    "(?<!不)(?<!未)(?<!拟)(?:同意|准予|通过|获准|批准)|已(?:修复|移出|办结|撤销|退出)"
)
_REFUSED_TITLE: Final = re.compile(f"{_DENIED}|不准予|驳回|未通过|不通过|不同意|未获准")
_REFUSED_NUMBER: Final = re.compile(f"{_DENIED}|不准予|驳回").match
_WHETHER: Final = re.compile("^是否(?:已|予以|同意|准予|通过|批准|完成|修复|移出|撤销|办结)")
_NO: Final = frozenset(("否", "n", "no", "未", "0", "×", "不", "false"))
_SAYS_MAX: Final = 30
"""Characters of a cell that is read as a word; longer ones tell stories."""


def check_titles(titles: Sequence[str]) -> None:
    """See that no title says that nothing was granted (F64).

    Raises:
        MappingError: `relief.not-granted`.
    """
    for title in titles:
        if _REFUSED_TITLE.search(column_name(title)):
            message = (
                f"标题“{title[:40]}”表明未准予，不作为修复、撤销受理 / the title "
                f"{title[:40]!r} says that nothing was granted: not taken as reliefs. If its rows "
                "are reliefs, correct the title"
            )
            raise MappingError(NOT_GRANTED, message)


class Granting:
    """Asks it of the rows of one header, and of the lines between them."""

    def __init__(
        self, headers: Mapping[str, str], used: Collection[str], documents: Sequence[str]
    ) -> None:
        """Bind.

        Args:
            headers: texts of the header by `column_name`.
            used: columns that say something else.
            documents: columns of the relief's own number.
        """
        self._headers = headers
        self._documents = documents
        self._others = [
            name
            for name in headers
            if name not in used and _RESULT.search(name) and not _NOT_OF_RELIEF.search(name)
        ]
        """Columns of what became of a repair, which nobody named."""
        self._section = ""
        """The line above the row at hand that says that nothing below it was granted (F63)."""

    def heads(self, record: Mapping[str, str]) -> bool:
        """Whether a line says of the rows below it whether they were granted (F63)."""
        text = heading(tuple(record.values()))
        if not text:
            return False
        if _REFUSED_TITLE.search(text) and not _GRANTED.search(text):
            self._section = text
            return True
        if self._section and _GRANTED.search(text):
            self._section = ""
            return True
        return divides(text)

    def refused(self, number: int, record: Mapping[str, str]) -> RowFault | None:
        """Tell where a row says that nothing was granted (F64); None where it does not."""
        if self._section:
            return _not_granted(number, "", self._section)
        for name in self._others:
            cell = plain(filled(record[name]))
            if cell and len(cell) <= _SAYS_MAX and _refuses(name, cell):
                return _not_granted(number, self._headers[name], record[name])
        for name in self._documents:
            if _REFUSED_NUMBER(plain(record[name])):
                return _not_granted(number, self._headers[name], record[name])
        return None


def _refuses(name: str, cell: str) -> bool:
    if _WHETHER.match(name) and cell.casefold() in _NO:
        return True
    return _REFUSAL.match(cell) is not None and not _GRANTED.search(cell)


def _not_granted(number: int, column: str, said: str) -> RowFault:
    message = (
        "该行表明未准予或尚未办结，不是修复、撤销；确已准予的，删去该格后重新报送 / the row says "
        "that nothing was granted, or not yet: it is no relief. Where it was granted after all, "
        "empty the cell and send the row again"
    )
    return RowFault(
        row=number,
        column=column,
        code=NOT_GRANTED,
        value=shown(said),
        expected="",
        message=message,
    )

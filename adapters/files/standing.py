"""Whether a row stands on this list: what its columns say, also those that nobody named.

Rules, continuing those of `federation.intake.feed`:

    F16 a row that says that it no longer stands lists nothing: a filled cell of the mapping's
        `removal`, or a word of its `state`. It is relief where the mapping says so and the row
        names decision and date; else it is refused (`row.removed`), and where its listing stands
        here, that is paused at once, as by a full snapshot. No other row of the file lists its
        record. A row not decided yet is refused likewise (`row.not-yet`), one with a filled cell
        of `by_hand` too (`row.by-hand`), and one with a word of `state` that means nothing known
    F17 a filled column that by its name tells whether rows stand, or for how long, and that the
        mapping does not name stops the file (`header.unread`); nothing is published of it.
        A short cell of any other column that nobody named refuses its row where it says so
        A court's row whose duty is performed no longer stands where performance ends its list
    F18 a file whose name, title or worksheet's name speaks of removal, or of what is not decided,
        is taken as a list only by an explicit word (`file.not-of-listings`)
    F54 a row that names another list than the one as which its file is taken, or a list that nobody
        knows, in a column 名单类型, 名单名称 or the like that the mapping does not name, is refused
        (`row.other-list`): it would be published under a list on which nobody decided. The list's
        id and its names, by mapping or catalog, pass, and so does an empty cell; a mapping that
        has the column `aside` says that it tells nothing of the list. So is a file whose
        titles name another list, or a register that is none (经营异常名录), and not its own
        (`file.other-list`)

In doubt nobody is listed: what is refused can be sent again, and names of columns are data.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from adapters.files._cell_error import CellError
from adapters.files._sections import heading
from adapters.files.errors import MappingError
from adapters.files.headings import column_name, divides
from adapters.files.mapping import Mapping
from adapters.files.mapping_parts import removal_columns
from federation.errors import RefusedError
from federation.payloads import ExitKind

REMOVED: Final = "row.removed"
NOT_YET: Final = "row.not-yet"
BY_HAND: Final = "row.by-hand"
OTHER_LIST: Final = "row.other-list"
UNREAD: Final = "header.unread"
UNKNOWN: Final = "field.value"

_LEFT: Final = (
    "移出|移除|移榜|退出|退榜|撤[销銷消]|撤回|修[复復]|[删刪]除|解除|失效|作[废廢]|屏蔽|下架"
    "|除名|摘牌"
)
_TELLS: Final = re.compile(
    rf"{_LEFT}|状态|是否有效|有效标|有效性|有效与否|是否在[列榜]|在[列榜]情况|名单阶段|办理阶段"
    "|操作(类型|类别|标[志识]|方式|代码)|^操作$|(变更|变动|更新|增[减删])(类型|类别|情况|标[志识])"
    "|公示期|公布期|期限|有效期|届满|截止|(终止|结束|停止|截至)(公示|公布|发布)?(日|时)|到期|止日"
    "|惩戒期|列入期|列入时长|公示时长|年限|时限|续期|延期|延长|展期"
    "|^rem(?!ark)|^re(dec|date|doc|org|reason)|remov|delet|^(is)?del|status|^state|state$|exit|(?<!e)quit"
    "|cancel|revo[kc]|withdr|repair|expir|^op(er(at(e|ion))?)?_?(type|flag)|valid|period|deadline"
    "|end_?date|(publish|pub|valid)_?(to|until|end)|^until"
).search
"""Parts of names of columns that tell whether a row stands, or how long."""
_OTHERWISE: Final = re.compile(
    "(经营|登记|营业|企业|存续|纳税人|开业|注册)状态|(条件|途径|路径|机制|指引|流程|联系|电话|网址|须知|渠道)"
    "|(履行|缴纳|缴款|还款|证件|许可|整改|营业|经营)(期限|有效期|截止)|(证件|执照|许可证).*有效期"
).search
"""Names that look so, and tell of the firm or of the way out."""
_SAYS: Final = re.compile(
    rf"^[※★*#]?(提前|到期|依法)?({_LEFT})(名单)?(完成|完毕)?[。.!]?$|已.{{0,16}}({_LEFT})"
    rf"|^[0-9年月日./-]{{6,20}}({_LEFT})|^(信用)?({_LEFT})(完成|完毕)"
    "|拟(列入|认定|确定)|告知[中期]|尚?未(认定|决定|确定)|^(待|预)列入|^(待|尚待)(核|定|查)|^暂(缓|不)"
    "|^[系属]?(误列|误报|错列|错报)|列入(错误|有误)|^(应予?|请)(删除|移出|撤销)|^勿报|^不再?列入|^不予(列入|认定)"
).search
_PERFORMED: Final = re.compile(
    "(?:已经?|均|现|和解)*(?:(?:已|全部|全额)(?:已经?|全部)?(?:履行|执行|清偿)(?:完毕|完结|完成|到位|结束)?"
    "|(?:履行|执行|清偿)(?:完毕|完结|完成|到位))"
).fullmatch
_DUTY: Final = frozenset(("履行情况", "被执行人的履行情况", "履行状态", "performance"))
"""Columns of how far a duty is performed, in the form of `column_name`."""
_NOT_YET_SAYS: Final = re.compile("拟(列|认|确)|(待|预)列入|告知|未(认定|决定|确定)").search
_OF_SECTIONS: Final = re.compile(
    r"名单|以下|下列|如下|下表|(?:企业|单位|主体|当事人|情况|信息|部分|列入)(?:[(][^()]*[)])?$"
    rf"|^[已拟本期批次提前到]*({_LEFT})$"
).search
"""What a line has that says something of rows below it, and a name alone in its row has not."""
_STANDS_SAYS: Final = re.compile("列入|在列|认定|新增").search
_NOT_LEFT: Final = re.compile(rf"(?:尚|还|暂|均)?未({_LEFT})?(名单)?|否").fullmatch
"""Words in a column of removals that say that there was none."""
_LISTS: Final = frozenset(
    (
        "名单类型",
        "名单名称",
        "名单种类",
        "所属名单",
        "列入名单",
        "列入名单类型",
        "列入名单名称",
        "list_type",
    )
)
"""Columns that name the list of a row, in the form of `column_name`."""
_SAYS_MAX: Final = 40
"""Characters of a cell that is read as a remark; longer ones tell stories."""
_NAMES: Final = re.compile(
    rf"{_LEFT}|拟(列|认|确)|待列入|预列入|告知书|repair|withdraw|remov|relie[fv]|delist|revo[kc]"
    "|cancel|delet|expired|exited|(?<![a-z])exits?(?![a-z])"
).search


def check_names(names: Iterable[str]) -> None:
    """Refuse a file that is not plainly one of listings (F18).

    Args:
        names: of the file and its worksheet, and the titles above its header.

    Raises:
        RefusedError: `file.not-of-listings`.
    """
    for name in names:
        if found := _NAMES(column_name(name)):
            message = (
                f"文件名或标题含“{found[0]}”，不作为名单受理 / "
                f"{name[:80]!r} speaks of {found[0]!r}: not taken as a list. A relief file is "
                "published with --kind repair or withdrawal (in a drop folder its name begins "
                "with repair or withdrawal); if it is a list all the same, say so: --kind list"
            )
            raise RefusedError("file.not-of-listings", message)


NO_LISTS: Final = (
    *("经营异常名录", "异常经营名录", "限制消费", "限制高消费", "非正常户", "欠税公告", "重点关注"),
    *("警示名单", "被执行人", "红名单", "守信激励"),
)
"""Registers that titles name, and that are none of the lists, by parts of their names."""
_TITLE_MAX: Final = 80
_LIST_NAME_LEAST: Final = 4


def check_titles(titles: Iterable[str], mapping: Mapping, others: Iterable[str]) -> None:
    """Refuse a file whose titles name another list than the one as which it is taken (F54).

    Args:
        titles: above its header, and the name of its worksheet.
        mapping: as which it is taken.
        others: names of all lists that are known.

    Raises:
        RefusedError: `file.other-list`.
    """
    own = called((mapping.list_type, mapping.title, *mapping.list_names))
    known = {one for one in called(others) if len(one) >= _LIST_NAME_LEAST}
    known |= set() if mapping.commends else {*NO_LISTS}
    for title in titles:
        text = column_name(title)
        if len(text) > _TITLE_MAX or any(one in text for one in own if one):
            continue
        if found := sorted((one for one in known - own if one in text), key=len):
            message = (
                f"标题“{title[:40]}”写的是“{found[-1]}”，不是所选的“{mapping.title}”；请核对：选错名单的，改选后重新"
                "导入，标题写错的，更正标题；确属所选名单的，加 --kind list / the title "
                f"{title[:40]!r} names another list than the one chosen, {mapping.title}: choose "
                "the right list, or correct the title; if it is this list all the same, say so: "
                "--kind list"
            )
            raise RefusedError("file.other-list", message)


class Standing:
    """Judges rows of one header by a mapping."""

    def __init__(self, header: Sequence[str], mapping: Mapping, named: Iterable[int]) -> None:
        """Bind; `named` are the positions of columns that the mapping reads or drops."""
        index = {column_name(text): at for at, text in enumerate(header) if text}

        def present(columns: Iterable[str]) -> list[int]:
            return [index[name] for name in map(column_name, columns) if name in index]

        self._header = header
        self._mapping = mapping
        removal = mapping.removal
        self._filled = present(removal_columns(removal) if removal else ())
        self._words: list[tuple[int, dict[str, str]]] = []
        for state in mapping.state:
            meant = {
                column_name(word): code
                for code, words in (
                    ("", state.stands),
                    (REMOVED, state.removed),
                    (NOT_YET, state.not_yet),
                )
                for word in words
            }
            self._words += [(at, meant) for at in present(state.columns)]
        self._by_hand = present(mapping.by_hand)
        aside = present(mapping.aside)
        read = {*self._filled, *(at for at, _ in self._words), *self._by_hand}
        self.named = frozenset({*read, *aside})
        """Positions of columns that are read here, or were said to tell nothing."""
        known = {*named, *self.named}
        unnamed = [at for at in range(len(header)) if at not in known]
        self._unread = [at for at in unnamed if tells(header[at])]
        self._remarks = [at for at in unnamed if at not in self._unread]
        self._lists = [at for at in unnamed if column_name(header[at]) in _LISTS]
        self._called = called((mapping.list_type, mapping.title, *mapping.list_names))
        ends = any(one.kind is ExitKind.PERFORMED for one in mapping.exits)
        self._duties = [at for name, at in index.items() if ends and name in _DUTY]
        self._section = ""
        """Code of what a line above the row at hand said of the rows below it (F63)."""
        self._section_text = ""

    def heads(self, cells: Sequence[str]) -> bool:
        """Whether a line without a code is no row, but says what those below are (F63)."""
        text = heading(cells)
        if not text:
            return False
        if not (divides(text) or _OF_SECTIONS(text)):
            return False
        if found := _NAMES(text):
            self._section = NOT_YET if _NOT_YET_SAYS(found[0]) else REMOVED
            self._section_text = text
            return True
        if self._section and _STANDS_SAYS(text):
            self._section = ""
            return True
        return divides(text)

    def unread(self, row: Sequence[str]) -> MappingError | None:
        """Return why the file stops at this row (F17), or None."""
        if not self._unread or not any(row[at] for at in self._unread):
            return None
        names = "、".join(self._header[at] for at in self._unread)
        message = (
            f"映射未说明的列可能表示该行是否在列或期限：{names} / "
            f"mapping {self._mapping.id}: filled columns that may tell whether a row stands, or "
            "for how long, are not named by it. Name each: `removal`, `state`, `by_hand`, "
            "`period`, `fields.publish_until`, of a penalty `fields.valid_until` 处罚有效期, or "
            "`aside` where it tells nothing of that"
        )
        return MappingError(UNREAD, message)

    def judge(
        self, row: Sequence[str], names: Collection[str] = ()
    ) -> tuple[int, CellError] | None:
        """Return why a row is none that stands on this list (F16, F54), and where it says so.

        Args:
            row: prepared.
            names: of the list, beside those of the mapping, as `called` gives them.
        """
        if self._section:
            return self._below()
        if (said := self._ended(row) or self._by_words(row)) is not None:
            return said
        for position in self._by_hand:
            if row[position]:
                return position, _not_standing(BY_HAND)
        for position in self._remarks:
            cell = row[position]
            if cell and len(cell) <= _SAYS_MAX and _SAYS(_plain(cell)):
                return position, _not_standing(REMOVED)
        for position in self._lists:
            named = called(row[position : position + 1])
            if row[position] and named.isdisjoint(self._called) and named.isdisjoint(names):
                return position, _of_other_list(self._mapping.title)
        return None

    def _ended(self, row: Sequence[str]) -> tuple[int, CellError] | None:
        """Whether a row says by a filled cell of removals, or by its duty, that it is over."""
        for position in self._filled:
            if row[position] and not _NOT_LEFT(_plain(row[position])):
                return position, _not_standing(REMOVED)
        for position in self._duties:
            if row[position] and _PERFORMED(_plain(row[position])):
                return position, _performed()
        return None

    def _below(self) -> tuple[int, CellError]:
        """What is wrong with a row below a line that speaks of removal (F63)."""
        zh, _, en = _MESSAGES[self._section].partition(" / ")
        line = self._section_text[:40]
        message = f"位于“{line}”之下：{zh} / below the line {line!r}: {en}"
        return 0, CellError(self._section, "", message)

    def _by_words(self, row: Sequence[str]) -> tuple[int, CellError] | None:
        unknown: tuple[int, CellError] | None = None
        for at, meant in self._words:
            code = meant.get(column_name(row[at]), UNKNOWN) if row[at] else ""
            if code == UNKNOWN:
                unknown = unknown or (at, _unknown(meant))
            elif code:
                return at, _not_standing(code)
        return unknown


_MESSAGES: Final = {
    REMOVED: (
        "已移出、退出、修复或撤销，不能列入 / "
        "the row says that it no longer stands; if its listing stands here, publish the relief: "
        "huxin publish --kind repair or withdrawal"
    ),
    NOT_YET: "尚未作出列入决定 / the row says that it is not decided yet; send it once it is",
    BY_HAND: (
        "须由人工处理（如续期） / "
        "the row says something that a person has to look at, for instance that its term was "
        "lengthened; publish it by hand"
    ),
}


def called(names: Iterable[str]) -> frozenset[str]:
    """Names of a list in the form in which they are compared: 名单 at the end says nothing."""
    return frozenset(column_name(name).removesuffix("名单") for name in names)


def _of_other_list(title: str) -> CellError:
    message = (
        "此行所写的名单不是所选的名单；请核对：选错名单的，改选后重新导入，写错的，更正此格 / "
        "the row names another list than its file is taken as: expected the same list, or an empty "
        "cell; choose the right list, or correct the cell"
    )
    return CellError(OTHER_LIST, title, message)


def _unknown(meant: Iterable[str]) -> CellError:
    message = (
        "不知该词是否表示在列 / expected a word that the mapping has for a row that stands, is "
        "removed, or is not decided yet"
    )
    return CellError(UNKNOWN, "、".join(meant), message)


def _performed() -> CellError:
    message = (
        "义务已全部履行，应当删除，不能列入 / the duty is performed, which ends this list: nothing "
        "is listed; publish the repair of what stands here"
    )
    return CellError(REMOVED, "", message)


def _not_standing(code: str) -> CellError:
    return CellError(code, "", _MESSAGES[code])


def tells(header: str) -> bool:
    """Whether a column by its name tells whether rows stand, or for how long (F17)."""
    name = column_name(header)
    return bool(_TELLS(name)) and not _OTHERWISE(name)


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())

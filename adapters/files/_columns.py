"""The columns of one header, bound to the fields of a mapping."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import chain
from typing import Final

from adapters.files._cell_error import CellError
from adapters.files._cells import MAYBE_ERROR, is_error, read_code
from adapters.files._extraction import extracted, not_found, values
from adapters.files._nothing import MAYBE_NOTHING, filled, says_nothing
from adapters.files._told_texts import differs
from adapters.files.errors import MappingError
from adapters.files.faults import shown
from adapters.files.headings import (
    Wanted,
    check_once,
    column_name,
    header_lacks,
    is_aside,
    plain,
)
from adapters.files.mapping import SCHEMES, Mapping
from adapters.files.mapping_parts import removal_columns
from adapters.files.standing import Standing
from federation.record_key import same_subject
from federation.visible import visible

Titles = Sequence[Sequence[str]]
"""Texts about a whole file, in the order in which they count."""
TEXTS = ("document_type", "basis", "exit_path", "remedy")
"""Texts that a mapping states for all rows; a cell of their own goes before."""
ABSENT = -1
"""Position of a field without a column: the empty cell that `Columns.prepare` adds."""


NOTE: Final = "row.note"
_CODE_LEAST: Final = 9
"""Characters of the shortest code; what is shorter may be the count of a sum below the table."""
_PERSONS: Final = re.compile(
    "证件|身份证|护照|姓名|性别|年龄|出生|民族|籍贯|电话|手机|联系方式|邮箱|住址|家庭|银行|账号|账户|帐号|开户|卡号"
    "|法定代表人|法人代表|负责人|联系人|经办人|股东|自然人|idcard|id_?no|phone|mobile|bank"
).search
"""Names of columns that are of persons or of money, whoever named them."""


def wanted(mapping: Mapping) -> Wanted:
    """What a mapping looks for in a header."""
    party = mapping.party.columns if mapping.party else ()
    grades = mapping.grades.columns if mapping.grades else ()
    removal = removal_columns(mapping.removal) if mapping.removal else ()
    names = chain(
        *mapping.fields.values(),
        *(part.columns for part in mapping.reason),
        *(part.columns for part in mapping.extract.values()),
        *(part.columns for part in mapping.state),
        *(
            party,
            grades,
            mapping.own_key,
            mapping.persons,
            mapping.period,
            mapping.by_hand,
            removal,
        ),
    )
    stated = {*mapping.defaults, *mapping.titles} - set(TEXTS)
    return Wanted(
        names=frozenset(map(column_name, names)),
        fits=lambda header: not _absent(header, mapping, stated),
        row=mapping.header_row,
        skip=mapping.header_skip,
    )


class Columns:
    """Where each field stands; `reason`, `party` and `key` are fields here too."""

    def __init__(self, header: Sequence[str], mapping: Mapping, titles: Titles = ()) -> None:
        """Bind.

        Args:
            header: names of the columns, as they stand in the file.
            mapping: the layout.
            titles: what stands above the header; the worksheet's name; the file's. The first of
                these that says a value counts.

        Raises:
            MappingError: `header.missing`; a required field has no column. `titles.several`,
                `titles.none`: the titles do not say what the mapping looks for in them.
            TableError: `header.duplicate`; a column that is used stands twice.
        """
        self.header = header
        """As it stands in the file."""
        self._mapping = mapping
        self._index = {column_name(text): at for at, text in enumerate(header) if text}
        party = mapping.party
        self._at = {
            **{field: self._present(columns) for field, columns in mapping.fields.items()},
            "reason": self._present([name for part in mapping.reason for name in part.columns]),
            "party": self._present(party.columns if party else ()),
            "key": self._present(mapping.own_key),
            "period": self._present(mapping.period),
        }
        if mapping.grades:
            self._at["grade"] = self._present(mapping.grades.columns)
        self._sources = {
            field: self._present(one.columns) for field, one in mapping.extract.items()
        }
        stated = self._stated(titles)
        self._check(stated)
        told = dict.fromkeys([*self._sources, *stated])
        added = [field for field in told if not self._at.get(field)]
        self._added = {field: len(header) + at for at, field in enumerate(added)}
        """Fields without a column: where `prepare` puts what is known of them otherwise."""
        self._fills = [
            (
                field,
                self.position(field),
                self._sources.get(field, ()),
                mapping.extract[field].pattern if field in mapping.extract else None,
                stated.get(field, ""),
            )
            for field in told
        ]
        self._tail = [""] * (len(added) + 1)
        self._needed = mapping.required | {"authority_name"}
        self._blank = mapping.blank
        parts = [(part.label, self._present(part.columns)) for part in mapping.reason]
        self.reason = [(f"{label}：" if label else "", at[0]) for label, at in parts if at]
        """Labels of the parts of the reason, and where their cells stand."""
        self.lost = [
            one.columns for one, at in zip(mapping.reason, parts, strict=True) if not at[1]
        ]
        """Names of the columns of each part of the reason that the file has not."""
        self.period = self._at["period"]
        """Where periods are stated; all of them are read."""
        groups = [at for field, at in self._at.items() if field not in ("reason", "period")]
        self._merges = [at for at in (*groups, *(at for _, at in parts)) if len(at) > 1]
        self.ends = self._at.get("publish_until", ())
        """Where last days are stated; all of them are read."""
        self._alike = [
            (field, at)
            for field in ("code", "name")
            if len(at := self._told_of_one(self._at.get(field, ()))) > 1
        ]
        self.former = self._present(mapping.former_key)
        """Where keys stand by which rows were known before."""
        dropped = frozenset(map(column_name, mapping.persons))
        positions = {at for at, text in enumerate(header) if column_name(text) in dropped}
        used = {*positions, *(at for columns in self._at.values() for at in columns)}
        used |= {at for columns in self._sources.values() for at in columns}
        self.standing = Standing(header, mapping, used)
        """Judges whether a prepared row stands."""
        used |= {*self.standing.named, *self.former}
        self._used = sorted(used - positions)
        check_once(header, [column_name(header[at]) for at in self._used])
        self.least = max(self._used) + 1
        """How many columns a row has at least: up to the last one that is used."""
        self.ignored = tuple(text for at, text in enumerate(header) if text and at not in used)
        """Headings that the mapping does not name."""
        more = {at for at, text in enumerate(header) if _PERSONS(column_name(text))} - used
        self.persons = [(header[at], at) for at in sorted(positions | more)]
        """Columns of natural persons in this file: header and position."""

    def header_of(self, field: str) -> str:
        """Return the header of a field's column, empty where it has none."""
        at = self._at.get(field) or self._sources.get(field, ())
        return self.header[at[0]] if at else ""

    def first(self, row: Sequence[str], columns: Sequence[str]) -> str:
        """Return the first filled cell of some columns; empty for none."""
        return next(filter(None, (row[at] for at in self._present(columns))), "")

    def position(self, field: str) -> int:
        """Return where a field stands in a prepared row, `ABSENT` where it has no column."""
        at = self._at.get(field, ())
        return at[0] if at else self._added.get(field, ABSENT)

    def passed(self, row: Sequence[str], code: str, *, whole: bool) -> str | None:
        """Say of a row without a code that it is no row of the list; None where it is one (F38).

        Nothing stands in the columns that are used (a pre-filled number does not count): nothing is
        said. It is a note below the table, or a line between the rows of a file that is `whole`
        (F63): the code of the notice.
        """
        if len(code) >= _CODE_LEAST and code.isascii():
            return None
        if whole and self.standing.heads(row):
            return NOTE
        if not any(row[at] for at in self._used):
            return ""
        cells = [cell for cell in row if cell]
        return NOTE if is_aside(cells) else None

    def broken(self, row: Sequence[str]) -> int:
        """Return where a column that is used has an error of a spreadsheet (F24), or `ABSENT`."""
        for at in self._used:
            if (cell := row[at]) and cell[0] in MAYBE_ERROR and is_error(cell):
                return at
        return ABSENT

    def contradictions(self, cells: Sequence[str]) -> list[tuple[str, str, CellError]]:
        """Say where several columns of a row, as it came, name different subjects (F62)."""
        found = []
        for field, at in self._alike:
            said = [text for position in at if (text := filled(cells[position]))]
            for other in said[1:]:
                if said[0] != other and self._another(field, said[0], other):
                    found.append((field, other, differs(shown(said[0]), shown(other))))
                    break
        return found

    def _told_of_one(self, positions: Sequence[int]) -> list[int]:
        """Without tax numbers: a branch may go by that of its head."""
        return [at for at in positions if "纳税" not in self.header[at]]

    def _another(self, field: str, one: str, other: str) -> bool:
        if field == "name":
            return plain(one).casefold() != plain(other).casefold()
        try:
            codes = [read_code(text, SCHEMES)[:2] for text in (one, other)]
        except CellError:
            return False  # a number of another kind beside the code: 注册号, 纳税人识别号
        return same_subject(*codes[0]) != same_subject(*codes[1])

    def prepare(self, cells: Sequence[str]) -> list[str]:
        """Return the cells stripped, blank ones emptied, first choices filled, and an empty one.

        A field for which the file has several columns takes the first that is filled.
        """
        row = list(map(str.strip, cells))
        if not MAYBE_NOTHING.isdisjoint([cell[:1] for cell in row]):
            row = ["" if cell and says_nothing(cell) else cell for cell in row]
        if not self._blank.isdisjoint(row):
            row = ["" if cell in self._blank else cell for cell in row]
        for at in self._merges:
            row[at[0]] = next(filter(None, [row[position] for position in at]), "")
        row += self._tail
        return row

    def fill(self, row: list[str], faults: list[tuple[str, str, CellError]]) -> None:
        """Fill what no cell of a prepared row says: from inside a cell, a title or the mapping.

        Args:
            row: as `prepare` returns it.
            faults: field, value and what is wrong, where a cell says several values.
        """
        needed = self._needed
        for field, at, columns, pattern, stated in self._fills:
            if row[at]:
                continue
            text = next(filter(None, (row[column] for column in columns)), "")
            try:
                found = extracted(pattern, text) if pattern is not None and text else ""
                if text and pattern is not None and not (found or stated or field not in needed):
                    raise not_found(pattern)
            except CellError as error:
                faults.append((field, text, error))
                continue
            row[at] = found or stated

    def _present(self, columns: Sequence[str]) -> tuple[int, ...]:
        names = map(column_name, columns)
        return tuple(self._index[name] for name in names if name in self._index)

    def _stated(self, titles: Titles) -> dict[str, str]:
        """What titles and mapping say of fields for the whole file; texts have their own way."""
        mapping = self._mapping
        stated = {f: text for f, text in mapping.defaults.items() if f not in TEXTS}
        for field, pattern in mapping.titles.items():
            groups = ([one for text in group for one in values(pattern, text)] for group in titles)
            found = list(dict.fromkeys(next(filter(None, groups), ())))
            if len(found) > 1:
                message = (
                    f"标题中 {field} 有多个值：{'、'.join(found[:3])} / mapping {mapping.id}: the "
                    f"titles say several values of {field}; keep one, or write a pattern of it"
                )
                raise MappingError("titles.several", message)
            if not found and field not in stated and not self._at.get(field):
                message = (
                    f"标题、工作表名和文件名中未找到 {field} / mapping {mapping.id}: expected "
                    f"{field} above the header, in the worksheet's name or the file's; found "
                    "none: add it there"
                )
                raise MappingError("titles.none", message)
            stated |= {field: found[0]} if found else {}
        return stated

    def _check(self, stated: Collection[str]) -> None:
        if absent := _absent(self.header, self._mapping, stated):
            message = header_lacks(
                f"mapping {self._mapping.id}",
                absent,
                self.header,
                _advice(self._mapping, absent),
            )
            raise MappingError("header.missing", visible(message))


def _advice(mapping: Mapping, absent: Sequence[Sequence[str]]) -> tuple[str, str]:
    """What to do; what to ask for, or to put, where no column says how grave the rows are."""
    zh, en = "请改列名，或用这种表的映射。", "Rename the column, or use a mapping of this layout"
    grades = mapping.grades
    if grades is None or list(grades.columns) not in absent:
        return zh, en
    return (
        zh + "无失信程度列：请报送单位加上该列，或按程度分表并在映射中写明",
        (
            f"{en}. No column of the grade: ask who sends the table for it, or for a table of each "
            "grade, with a mapping that says (`huxin adapter new` proposes one)\n"
            "  defaults: {grade: ordinary}"
        ),
    )


def _absent(header: Sequence[str], mapping: Mapping, stated: Collection[str]) -> list[list[str]]:
    """Return what each required field may be called that has no column and is not stated."""
    there = {column_name(text) for text in header if text}
    extract = mapping.extract
    grades = mapping.grades.columns if mapping.grades else ()
    absent: list[list[str]] = []
    for field in sorted({*mapping.required, *(["grade"] if grades else [])}):
        options = (field, "authority_name") if field == "authority" else (field,)
        if not set(options).isdisjoint(stated) or (field == "basis" and field in mapping.defaults):
            continue
        names = [name for option in options for name in mapping.fields.get(option, ())]
        names += [n for option in options if option in extract for n in extract[option].columns]
        if field == "reason":
            names = [name for part in mapping.reason for name in part.columns]
        if field == "grade" and grades:
            names = list(grades)
        if there.isdisjoint(map(column_name, names)):
            absent.append(names)
    return absent

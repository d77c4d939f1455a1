"""The columns of one header, bound to the fields of a mapping."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.files._cells import is_error
from adapters.files.errors import MappingError
from adapters.files.mapping import Mapping
from adapters.files.standing import Standing
from adapters.files.tables import column_name

ABSENT = -1
"""Position of a field without a column: the empty cell that `Columns.prepare` adds."""


class Columns:
    """Where each field stands; `reason`, `party` and `key` are fields here too."""

    def __init__(self, header: Sequence[str], mapping: Mapping) -> None:
        """Bind.

        Raises:
            MappingError: `header.missing`; a required field has no column.
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
        self._check()
        self._blank = mapping.blank
        parts = [(part.label, self._present(part.columns)) for part in mapping.reason]
        self.reason = [(f"{label}：" if label else "", at[0]) for label, at in parts if at]
        """Labels of the parts of the reason, and where their cells stand."""
        self.period = self._at["period"]
        """Where periods are stated; all of them are read."""
        groups = [at for field, at in self._at.items() if field not in ("reason", "period")]
        self._merges = [at for at in (*groups, *(at for _, at in parts)) if len(at) > 1]
        self.former = self._present(mapping.former_key)
        """Where keys stand by which rows were known before."""
        positions = self._present(mapping.persons)
        self.persons = [(header[at], at) for at in positions]
        """Columns of natural persons in this file: header and position."""
        used = {*positions, *(at for columns in self._at.values() for at in columns)}
        self.standing = Standing(header, mapping, used)
        """Judges whether a prepared row stands."""
        used |= {*self.standing.named, *self.former}
        self._used = sorted(used - set(positions))
        self.ignored = tuple(text for at, text in enumerate(header) if text and at not in used)
        """Headers that the mapping does not name."""

    def header_of(self, field: str) -> str:
        """Return the header of a field's column, empty where it has none."""
        at = self._at.get(field, ())
        return self.header[at[0]] if at else ""

    def first(self, row: Sequence[str], columns: Sequence[str]) -> str:
        """Return the first filled cell of some columns; empty for none."""
        return next(filter(None, (row[at] for at in self._present(columns))), "")

    def position(self, field: str) -> int:
        """Return where a field stands in a prepared row, `ABSENT` where it has no column."""
        at = self._at.get(field, ())
        return at[0] if at else ABSENT

    def broken(self, row: Sequence[str]) -> int:
        """Return where a column that is used has an error of a spreadsheet (F24), or `ABSENT`."""
        return next((at for at in self._used if row[at] and is_error(row[at])), ABSENT)

    def prepare(self, cells: Sequence[str]) -> list[str]:
        """Return the cells stripped, blank words emptied, first choices filled, and an empty one.

        A field for which the file has several columns takes the first that is filled.
        """
        row = [cell.strip() for cell in cells]
        if not self._blank.isdisjoint(row):
            row = ["" if cell in self._blank else cell for cell in row]
        for at in self._merges:
            row[at[0]] = next(filter(None, [row[position] for position in at]), "")
        row.append("")
        return row

    def _present(self, columns: Sequence[str]) -> tuple[int, ...]:
        names = map(column_name, columns)
        return tuple(self._index[name] for name in names if name in self._index)

    def _check(self) -> None:
        fields = self._mapping.fields
        absent = []
        for field in sorted(self._mapping.required):
            options = (field, "authority_name") if field == "authority" else (field,)
            if field == "basis" and field in self._mapping.defaults:
                continue
            if not any(self._at.get(option) for option in options):
                names = [name for option in options for name in fields.get(option, ())]
                if field == "reason":
                    names = [name for part in self._mapping.reason for name in part.columns]
                absent.append(" / ".join(names))
        if absent:
            message = (
                f"表头缺少必需的列 / mapping {self._mapping.id}: the header lacks "
                f"{'; '.join(absent)}. Got {', '.join(filter(None, self.header))}. "
                "Rename the column, or use a mapping of this layout"
            )
            raise MappingError("header.missing", message)

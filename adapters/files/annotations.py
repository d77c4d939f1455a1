"""Annotation files 标注: objections taken up and settled, publication masked and shown again.

A row names its record as a row of a relief file does, the action in words, and the document that
it rests on: the receipt or decision of the objection, the court's ruling on a reorganisation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from adapters.files.faults import RowFault, shown
from adapters.files.headings import column_name
from adapters.files.relief_row import ReliefRow
from adapters.files.reliefs import COLUMNS as OF_RELIEFS
from adapters.files.reliefs import ReliefContext, opened
from adapters.files.tables import DEFAULT_LIMITS, Limits, Rows, Table
from federation.names import ANNOTATION_ACTIONS
from federation.statements import AnnotationAction

KIND: Final = "annotation"
"""What files and platforms call such rows."""

COLUMNS: Final = {
    **OF_RELIEFS,
    "action": ("标注类型", "标注事项", "标注", "办理情况", "action"),
    "document": (
        "受理文书号",
        "异议受理文书号",
        "异议处理文书号",
        "裁定书文号",
        "民事裁定书文号",
        "决定文书号",
        "标注依据文书号",
        "document",
    ),
    "decided_on": ("标注日期", "受理日期", "办结日期", "裁定日期", "决定日期", "decided_on"),
    "reason": ("说明", "异议事由", "事由", "原因", "reason"),
}
"""Names of the columns; each field may be filled from any of its columns."""

ACTIONS: Final = {
    column_name(word): action
    for action, words in {
        AnnotationAction.OBJECTION_OPENED: (
            *(
                "异议受理",
                "受理异议",
                "异议标注",
                "异议中",
                "异议已受理",
                "已受理异议",
                "异议处理中",
            ),
            *("异议核查中", "异议审核中"),
        ),
        AnnotationAction.OBJECTION_CLOSED: ("异议办结", "异议处理完毕", "异议不成立", "撤销异议"),
        AnnotationAction.MASKING_BEGUN: (
            *("屏蔽", "重整屏蔽", "暂时屏蔽", "临时屏蔽", "破产重整屏蔽", "重整期间屏蔽"),
        ),
        AnnotationAction.MASKING_ENDED: ("终止屏蔽", "解除屏蔽", "结束屏蔽"),
        AnnotationAction.PAUSED: ("暂停", "暂停公示", "中止公示", "停止执行"),
    }.items()
    for word in (*words, ANNOTATION_ACTIONS.name(action))
}
"""Actions by the words of a file. Nothing that was paused is resumed by a file (V8, V9)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotationRow:
    """An annotation to publish: of the record and by the document of `said`."""

    said: ReliefRow
    action: AnnotationAction

    @property
    def row(self) -> int:
        """Number of the row."""
        return self.said.row


def read_annotations(
    path: Path, context: ReliefContext, limits: Limits = DEFAULT_LIMITS
) -> Iterator[AnnotationRow | RowFault]:
    """Read an annotation file.

    Raises:
        TableError: the file is not a table within the bounds.
        MappingError: the header lacks a required column (`header.missing`).
    """
    return annotation_rows(Table(path, limits), context)


def annotation_rows(
    table: Table | Rows, context: ReliefContext
) -> Iterator[AnnotationRow | RowFault]:
    """Read the rows of a table as annotations, in their order.

    Raises:
        MappingError: `header.missing`, when the first row is asked for; likewise TableError.
    """
    reader = opened(table, context, COLUMNS, ("action",))
    for item in reader.rows(table):
        if isinstance(item, RowFault):
            yield item
            continue
        number, record = item
        said = reader.read(number, record)
        word = reader.cell("action", record)
        action = ACTIONS.get(column_name(word))
        if action is None:
            yield _unknown(number, word)
        elif isinstance(said, ReliefRow):
            yield AnnotationRow(said=said, action=action)
        else:
            yield from said


def _unknown(number: int, word: str) -> RowFault:
    expected = "、".join(ANNOTATION_ACTIONS.label(one) for one in sorted(set(ACTIONS.values())))
    return RowFault(
        row=number,
        column=COLUMNS["action"][0],
        code="field.value" if word else "field.missing",
        value=shown(word),
        expected=expected,
        message="标注类型未知 / expected what is noted of the listing",
    )

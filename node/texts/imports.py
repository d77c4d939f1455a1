"""Words of imports: how far one has come, and what two persons say of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from node.texts.fields import Pair

STATES: Final[Mapping[str, Pair]] = {
    "columns": ("列未识别，须映射", "its columns are not known"),
    "tried": ("已检查，未发布", "checked, not published"),
    "returned": ("已退回", "returned"),
    "waits": ("待另一人确认", "waits for a second person"),
    "ready": ("已确认，可发布", "said by two, may be published"),
    "published": ("已发布", "published"),
    "dropped": ("已删去", "removed"),
}
"""Every state of an import."""

KINDS: Final[Mapping[str, Pair]] = {
    "list": ("名单（列入）", "a list"),
    "repair": ("修复", "repairs"),
    "withdrawal": ("撤销", "withdrawals"),
    "annotation": ("标注（异议、屏蔽、暂停）", "annotations"),
    "commitment": ("信用承诺", "commitments"),
    "scenario": ("场景", "scenarios"),
    "recognition": ("互认", "recognitions"),
    "comparison": ("信用中国导出比对", "an export compared"),
}
"""Every kind of file, by what its rows say."""

SAYS: Final[Mapping[str, Pair]] = {
    "one-subject": ("几乎各行确属同一主体", "nearly all rows are of one subject"),
    "other-subjects": ("许多行确已改指其他主体", "many rows name other subjects"),
    "two-records": ("相似的各行确为另一记录", "rows alike are records of their own"),
    "other-names": (
        "名称与法人库不一致的各行，主体确用此名称",
        "subjects do bear the names that the library does not know",
    ),
    "confirmed": ("确认发布", "the rows are to be published"),
    "much-absent": ("全量导出确实缺少很多", "much is rightly absent from a full export"),
}
"""Every thing that two persons say of the rows of a file."""

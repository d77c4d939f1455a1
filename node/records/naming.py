"""Statements named by the beginning of their ids, as tables on a terminal show them.

An id is 16 random bytes. People copy its first digits: those name a statement as long as only one
that is held begins so, and `digits` says how many that takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from federation.errors import RefusedError
from federation.ids import StatementId
from federation.names import KINDS
from federation.ports.store import ReadSession, Store
from federation.reconcile.views import RecordView
from federation.rows import StatementRow

FEWEST_DIGITS: Final = 6
"""Fewer name nothing: a slip of the hand would do."""
SHOWN_DIGITS: Final = 8
"""A table shows at least so many: what is unique today is to stay so for a while."""
MOST_CANDIDATES: Final = 10
"""So many are named where several begin alike."""
_ID_DIGITS: Final = 32
_ALIKE: Final = SHOWN_DIGITS // 2
"""Bytes by which ids are compared first."""


class Viewing(Protocol):
    """What is needed of `node.records.records.Records`."""

    def views(
        self, session: ReadSession, rows: Sequence[StatementRow], *, whole: bool = False
    ) -> Sequence[RecordView]:
        """Turn rows into views, in order."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """Finds statements by the beginning of their ids."""

    store: Store
    records: Viewing

    def named(self, prefix: str) -> StatementId:
        """The one statement held whose id begins so.

        Args:
            prefix: 6 to 32 hexadecimal digits, in lower case.

        Raises:
            RefusedError: `record.unknown`, `record.ambiguous`, which names the candidates.
        """
        least = bytes.fromhex(prefix.ljust(_ID_DIGITS, "0"))
        greatest = bytes.fromhex(prefix.ljust(_ID_DIGITS, "f"))
        with self.store.read() as session:
            ids = session.ids_from_to(least, greatest, MOST_CANDIDATES + 1)
            if len(ids) == 1:
                return StatementId(ids[0])
            if not ids:
                message = (
                    f"未持有以 {prefix} 开头的声明 / "
                    f"no statement that begins with {prefix} is held here"
                )
                raise RefusedError("record.unknown", message)
            rows: dict[bytes, StatementRow] = {}
            for row in session.rows_by_id(None, ids[:MOST_CANDIDATES]):
                rows.setdefault(row.statement_id, row)
            views = self.records.views(session, list(rows.values()))
        more = len(ids) > MOST_CANDIDATES
        raise RefusedError("record.ambiguous", _ambiguous(prefix, views, more=more))

    def digits(self, ids: Sequence[StatementId]) -> Sequence[int]:
        """How many digits name each of these among all that are held; 8 at least."""
        with self.store.read() as session:
            alike = session.ids_beginning(sorted({one[:_ALIKE] for one in ids}))
        near: dict[bytes, list[str]] = {}
        for one in alike:
            near.setdefault(one[:_ALIKE], []).append(one.hex())
        return [
            max([SHOWN_DIGITS, *(_apart(one.hex(), other) for other in near.get(one[:_ALIKE], ()))])
            for one in ids
        ]


def _apart(one: str, other: str) -> int:
    """Digits of an id that no other one begins with; none for itself."""
    same = next((n for n, pair in enumerate(zip(one, other, strict=True)) if len({*pair}) > 1), 0)
    return same + 1 if one != other else 0


def _ambiguous(prefix: str, views: Sequence[RecordView], *, more: bool) -> str:
    zh = "；".join(_candidate(view, KINDS.label(view.kind)) for view in views)
    en = "; ".join(_candidate(view, KINDS.name(view.kind)) for view in views)
    return (
        f"以 {prefix} 开头的声明不止一条，请多写几位：{zh}{'；……' if more else ''} / "
        f"several statements begin with {prefix}, write more of it: {en}{'; …' if more else ''}"
    )


def _candidate(view: RecordView, kind: str) -> str:
    subject = "" if view.subject is None else view.subject.name
    parts = (view.statement_id.hex(), view.city or view.origin, kind, view.list_type, subject)
    return " ".join(filter(None, parts))

"""Which records are asked for, beside state, origin and kind: of a subject, of a list.

A code is compared as records are (`record_key.same_subject`): a unified code and the organisation
code in it name the same subject; so do the other codes that the base library links with it (SJ1). A
name is compared whole, in its normal form; one without a normal form agrees with nothing. Only what
this node may open is found: subjects are kept nowhere in clear.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from federation.payloads import Subject
from federation.ports.store import Lookup, ReadSession
from federation.reconcile.views import RecordView
from federation.record_key import pack_subject, same_subject
from federation.rows import StatementRow
from federation.subject_names import normal_name
from node.records.subject_codes import SCHEMES, Name


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for; empty texts ask for nothing."""

    code: str = ""
    name: str = ""
    list_type: str = ""
    others: tuple[Name, ...] = ()
    """By what else the subject of that code is named (`SubjectCodes.of_code`)."""

    def may_be(self, row: StatementRow) -> bool:
        """Whether a row may be of a record that is asked for, before anything is opened."""
        return not self.list_type or row.list_type in ("", self.list_type)

    def fits(self, view: RecordView) -> bool:
        """Whether a record is asked for."""
        if self.list_type and view.list_type != self.list_type:
            return False
        if not self.code and not self.name:
            return True
        return view.subject is not None and self.names(view.subject)

    @property
    def by_name(self) -> bool:
        """Whether a name alone is asked for: nothing stands beside a row by which it is found."""
        return bool(self.name) and not self.code

    def names(self, subject: Subject) -> bool:
        """Whether this is the subject, by what is asked for of code and name."""
        name = normal_name(self.name)
        return (not self.code or self._is_code(subject.scheme, subject.code)) and (
            not self.name or (bool(name) and normal_name(subject.name) == name)
        )

    def _is_code(self, scheme: str, code: str) -> bool:
        itself = same_subject(scheme, code)
        return any(itself == same_subject(*name) for name in self._names)

    @property
    def _names(self) -> tuple[Name, ...]:
        code = self.code.strip().upper()
        return (*((scheme, code) for scheme in SCHEMES), *self.others)

    def rows_of_subject(
        self, session: ReadSession, tagger: Lookup, kinds: Sequence[int]
    ) -> Sequence[StatementRow] | None:
        """All rows of the subject in the order of the logs; None where every row must be read.

        Tags of a former form are found by no code, and last until an upgrade has gone through.
        """
        if not self.code or session.unformed():
            return None
        tags = {tagger.lookup(pack_subject(*name)) for name in self._names}
        rows = session.rows_by_subject(sorted(tags), kinds)
        return sorted(rows, key=lambda row: (row.log, row.idx))


EVERYTHING: Final = Wanted()

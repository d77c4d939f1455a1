"""What third parties display 第三方公示: which of it must go, and who is late with taking it down.

A credit agency or a portal copies what is published, and goes on showing it after a repair. A feed
of who was repaired would itself be the sharing that a repair stops. So a third party hands in what
it displays, and is told which rows of it must go; it acknowledges each.

    TP1 a row is a code, the number of a document and, where it names one, a list; at most 1,000 in
        a batch. A row that cannot be read is refused by its number and no other with it. No refusal
        repeats what stood in it
    TP2 of natural persons nothing is answered: what has the shape of an ID number 公民身份号码, and
        is no unified code, is refused in whichever field it stands
    TP3 answered are numbers of rows that were handed in, each with ground and day, and nothing
        else: what is not held, in force, masked, paused or in doubt here looks the same
    TP4 a row must go where a record that it fits was repaired or withdrawn, whichever copy says so,
        or has expired with every copy that stood. Where another record that it fits stands, it is
        `ambiguous`: only a row that names the list, or a person, tells them apart
    TP5 since when is the day of the first relief of the record, or the day after its last day
    TP6 whoever was told has until the last day by the row `third-party-displays` of the editions
        adopted, from the day on which it was told first; without such a row nobody is late
    TP7 an acknowledgement counts for rows of which that third party was told, and the first one
        counts. What it displays again after that begins anew, and is said
    TP8 what has to go no longer, because it was relisted, is owed by nobody
    TP9 a third party is a role of its own (`federation.screening.roles`, AC3): it hands in and
        acknowledges, and may do nothing else; nor may a department do this
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from federation.dates import add_days
from federation.errors import StatementError
from federation.ids import WRITTEN_CODE_FORM, Date
from federation.life.life import STANDING, at
from federation.reconcile.identity import USCC, code_fault
from federation.record_key import ORGANISATION, names_document, normalise_document, pack_subject
from federation.relief.nation_export import RELIEVED
from federation.rows import State

ROWS_MAX: Final = 1000
"""Rows of one batch."""
RAW_LONGEST: Final = 512
"""Characters of a field that are looked at, before it is normalised."""
DOCUMENT_LONGEST: Final = 128

FORM, CODE, DOCUMENT, LIST, PERSON = (
    "display.form",
    "display.code",
    "display.document",
    "display.list",
    "display.natural-person",
)
_LIST: Final = re.compile(WRITTEN_CODE_FORM).fullmatch
_ORGANISATION: Final = re.compile(r"[0-9A-Z]{8}-?[0-9X]").fullmatch
_FIELDS: Final = ("code", "document", "list_type")
_ID_NUMBER: Final = re.compile(
    r"(?<![0-9])[1-8][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
    r"[0-9]{3}[0-9X](?![0-9A-Z])"
).search
_FORMER_ID_NUMBER: Final = re.compile(
    r"[1-8][0-9]{7}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}"
).fullmatch
_UNSEEN: Final = frozenset({"Cf", "Cc"})


class Ground(StrEnum):
    """Why something must go."""

    WITHDRAWN = "withdrawn"
    REPAIRED = "repaired"
    EXPIRED = "expired"


class Verdict(StrEnum):
    """What a third party is told of a row; nothing is told of the others (TP3)."""

    REMOVE = "remove"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True, kw_only=True)
class Displayed:
    """A row that a third party handed in, as normalised."""

    row: int
    """Its number in the batch, from 1."""
    scheme: str
    code: str
    document: str
    list_type: str = ""

    @property
    def item(self) -> bytes:
        """What makes two rows the same, however they are spelt."""
        return b"\0".join(
            (
                pack_subject(self.scheme, self.code),
                normalise_document(self.document).encode(),
                self.list_type.encode(),
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A row that cannot be read, and why."""

    row: int
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A copy of a record that a row fits: of its document, and of the list that it names."""

    record: bytes
    """The same for all copies of a record."""
    state: State
    """Of its row, before the day is asked."""
    until: Date
    relieved_on: Date = Date(0)
    """Day of the first relief that is held of it; 0 where none is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is told of a row."""

    row: int
    verdict: Verdict
    ground: Ground | None = None
    since: Date = Date(0)
    """0 where the day is not held here."""


def read(rows: object) -> tuple[Sequence[Displayed], Sequence[Unread]]:
    """Read a batch (TP1, TP2).

    Args:
        rows: a list of objects with `code`, `document` and maybe `list_type`.

    Raises:
        StatementError: `display.form`: no list, an empty one, or too long a one.
    """
    if not isinstance(rows, list) or not 1 <= len(rows) <= ROWS_MAX:
        message = f"每批 1 至 {ROWS_MAX} 行 / expected a list of 1 to {ROWS_MAX} rows"
        raise StatementError(FORM, message)
    found = [_read(number, raw) for number, raw in enumerate(rows, 1)]
    return (
        [one for one in found if isinstance(one, Displayed)],
        [one for one in found if isinstance(one, Unread)],
    )


def told(row: Displayed, copies: Iterable[Copy], today: Date) -> Told | None:
    """What a third party is told of a row; None: nothing (TP3, TP4, TP5).

    Args:
        row: what it displays.
        copies: of the records that the row fits.
        today: in China.
    """
    records: dict[bytes, list[Copy]] = {}
    for copy in copies:
        records.setdefault(copy.record, []).append(copy)
    judged = [_ended(one, today) for one in records.values()]
    ended = [one for one in judged if one is not None]
    if not ended:
        return None
    if any(_stands(one) for one, end in zip(records.values(), judged, strict=True) if end is None):
        return Told(row=row.row, verdict=Verdict.AMBIGUOUS)
    ground, since = min(ended, key=lambda one: (list(Ground).index(one[0]), one[1]))
    return Told(row=row.row, verdict=Verdict.REMOVE, ground=ground, since=since)


def is_overdue(due_on: Date, acknowledged_on: Date, today: Date) -> bool:
    """Whether what was told is, or was, taken down after its last day (TP6).

    Args:
        due_on: the last day; 0 where none is known.
        acknowledged_on: day of the acknowledgement; 0 where there is none.
        today: in China.
    """
    return 0 < due_on < (acknowledged_on or today)


def _stands(copies: Sequence[Copy]) -> bool:
    return any(copy.state in STANDING for copy in copies)


def _ended(copies: Sequence[Copy], today: Date) -> tuple[Ground, Date] | None:
    """Why and since when a record has ended; None: it has not, or nothing counts of it (TP4)."""
    relieved = [copy for copy in copies if copy.state in RELIEVED]
    if relieved:
        withdrawn = any(copy.state == State.WITHDRAWN for copy in relieved)
        days = [copy.relieved_on for copy in copies if copy.relieved_on]
        ground = Ground.WITHDRAWN if withdrawn else Ground.REPAIRED
        return ground, min(days, default=Date(0))
    states = [(at(copy.state, copy.until, today), copy.until) for copy in copies]
    over = [until for state, until in states if state == State.EXPIRED]
    if not over or any(state in STANDING for state, _ in states):
        return None
    last = max(over)
    return Ground.EXPIRED, add_days(last, 1) if last else Date(0)


def _read(number: int, raw: object) -> Displayed | Unread:
    if not isinstance(raw, Mapping) or set(raw) - set(_FIELDS):
        return Unread(row=number, code=FORM)
    texts = [_text(raw, field) for field in _FIELDS]
    if None in texts:
        return Unread(row=number, code=FORM)
    code, document, list_type = (text or "" for text in texts)
    code, list_type = "".join(code.upper().split()), list_type.lower()
    scheme = ORGANISATION if _ORGANISATION(code) else USCC
    wrong = code_fault(scheme, code)
    if (wrong and _FORMER_ID_NUMBER(code)) or any(
        _ID_NUMBER(text.upper()) for text in (code if wrong else "", document, list_type)
    ):
        return Unread(row=number, code=PERSON)
    if wrong:
        return Unread(row=number, code=CODE)
    if len(document) > DOCUMENT_LONGEST or not names_document(document):
        return Unread(row=number, code=DOCUMENT)
    if list_type and not _LIST(list_type):
        return Unread(row=number, code=LIST)
    return Displayed(row=number, scheme=scheme, code=code, document=document, list_type=list_type)


def _text(raw: Mapping[str, Any], field: str) -> str | None:
    """A field in NFKC, without what cannot be seen; None where it is no text of a row."""
    value = raw.get(field, "" if field == _FIELDS[-1] else None)
    if not isinstance(value, str) or len(value) > RAW_LONGEST:
        return None
    plain = unicodedata.normalize("NFKC", value)
    seen = "".join(char for char in plain if unicodedata.category(char) not in _UNSEEN)
    return " ".join(seen.split())

"""Watches 跟踪核查: what changed in the answers about the subjects of one case, until a day.

Between a tender and the contract, or a grant and its last payment, an answer can become another
one: by a statement, by a day that passes, by a log that falls silent, by an edition, by what a
region says of a subject. Whoever watches is told of each such change, once, as the answer is then.

    WA1  a watch is of one asker, matter, case and purpose; its subjects are those of its opening
         and never change: 1 to 1,000,000, each once. A row that cannot be watched is refused by its
         number, and no other with it; no refusal repeats what stood in it
    WA2  it ends with a day that is not before today and not after the time for which what was asked
         is kept; nothing is answered after it
    WA3  what is compared of an answer is all that is told of the subject: result, matches, notes
         and codes; of the logs, which of them is not covered and why. Numbers, times and sizes
         change all the time and are no change
    WA4  a subject is an event where its answer now is another one than at the position from which
         is read; of a position from before all, than `clear` with all logs covered. What changed
         and changed back in between is none
    WA5  of a subject the last `HELD` answers that differ are remembered. Who comes with a position
         from before them is told of the subject as it is now, whether or not that is another answer
    WA6  a page says the position from which the next one is read, also where it has no event; what
         is told on a page that follows another is counted from the position of the first

Only digests of answers are compared: what a match said is never told again from memory.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from federation.errors import FederationError, RefusedError, StatementError
from federation.ids import Date
from federation.reconcile.held_records import Coverage, LogState
from federation.reconcile.matters import Applicable
from federation.reconcile.named_subject import Reason
from federation.screening.checks import Answer, Match, Note, Reference, Result
from federation.screening.questions import SUBJECT_FIELDS, Field, read_fields
from federation.screening.roles import may_be_person

SUBJECTS_MAX: Final = 1_000_000
HELD: Final = 8
"""Answers of one subject that are remembered (WA5)."""
COVERAGE: Final = 0
"""Row of what is said of the logs; subjects are numbered from 1."""
DUPLICATE: Final = "watch.duplicate"
PERSON: Final = "access.person"
UNTIL: Final = "watch.until"
FORM: Final = "watch.form"
CHANGED: Final = "watch.log-changed"
_DIGEST: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Who is watched, as normalised (CK3)."""

    row: int
    code: str
    name: str
    scheme: str = "uscc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unwatched:
    """A row that is not watched, and why."""

    row: int
    code: str


_ROW: Final[Mapping[str, Field]] = {name: SUBJECT_FIELDS[name] for name in ("code", "name")}


class Rows:
    """Reads the rows of one opening, one after the other (WA1)."""

    def __init__(self) -> None:
        """Begin before the first row."""
        self._known: set[bytes] = set()
        self._row = 0

    def read(self, raw: Iterable[object]) -> tuple[list[Subject], list[Unwatched]]:
        """Read further rows.

        Args:
            raw: each an object with `code` and `name`; others of its fields are not looked at.

        Returns:
            Who is watched, and the rows that are not.

        Raises:
            StatementError: `watch.subjects`: more than a watch may have.
        """
        subjects: list[Subject] = []
        refused: list[Unwatched] = []
        for said in raw:
            self._row += 1
            if self._row > SUBJECTS_MAX:
                message = f"至多 {SUBJECTS_MAX} 行 / expected at most {SUBJECTS_MAX} rows"
                raise StatementError("watch.subjects", message)
            try:
                texts, _ = read_fields(said if isinstance(said, Mapping) else {}, _ROW)
            except FederationError as error:
                refused.append(Unwatched(row=self._row, code=error.code))
                continue
            if may_be_person(texts["code"]):
                refused.append(Unwatched(row=self._row, code=PERSON))
                continue
            named = hashlib.blake2b("\0".join(texts.values()).encode(), digest_size=16).digest()
            if named in self._known:
                refused.append(Unwatched(row=self._row, code=DUPLICATE))
                continue
            self._known.add(named)
            subjects.append(Subject(row=self._row, **texts))
        return subjects, refused


def check_until(until: int, today: Date, longest: Date) -> Date:
    """The last day of a watch (WA2).

    Args:
        until: as asked.
        today: never behind any clock that is believed.
        longest: the last day on which what is asked today is still kept.

    Raises:
        StatementError: `watch.until`.
    """
    if not today <= until <= longest:
        message = f"截止日应在 {today} 至 {longest} 之间 / expected a day from {today} to {longest}"
        raise StatementError(UNTIL, message)
    return Date(until)


# ---------------------------------------------------------------------------- what is compared


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is compared of an answer (WA3)."""

    result: str
    parts: Mapping[str, str]
    """Digest of each part, by kind and key: `match origin/index`, `note …`, `reason code`; of logs
    `log origin` with its state."""

    def to_bytes(self) -> bytes:
        """The one form in which it is remembered; empty for what nothing is known of."""
        if self in (CLEAR, COVERED):
            return b""
        return _json({"result": self.result, "parts": dict(self.parts)}).encode()


CLEAR: Final = Seen(result=Result.CLEAR.value, parts={})
COVERED: Final = Seen(result="complete", parts={})
"""All logs."""


def seen_from_bytes(data: bytes, row: int) -> Seen:
    """Read what `Seen.to_bytes` wrote for a row."""
    if not data:
        return COVERED if row == COVERAGE else CLEAR
    content = json.loads(data)
    return Seen(result=content["result"], parts=content["parts"])


def seen_of(answer: Answer) -> Seen:
    """What is compared of an answer about a subject."""
    if answer.result is Result.CLEAR and not answer.notes:
        return CLEAR
    parts: dict[str, str] = {}
    parts |= {_key("match", one.reference): _digest(_match(one)) for one in answer.matches}
    parts |= {_key("note", one.reference): _digest(_note(one)) for one in answer.notes}
    parts |= {f"reason {one.code}": _digest(_reason(one)) for one in answer.reasons}
    return Seen(result=answer.result.value, parts=parts)


def covered(coverage: Iterable[Coverage]) -> Seen:
    """What is compared of the logs that were looked at."""
    parts = {
        f"log {one.origin}": one.state.value for one in coverage if one.state is not LogState.OK
    }
    return Seen(result="incomplete", parts=parts) if parts else COVERED


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What changed: a stable code, and of what."""

    code: str
    said: str = ""
    """`origin/index` of a record, the code of a reason, the origin of a log; else empty."""


def differences(before: Seen, now: Seen) -> tuple[Change, ...]:
    """What changed of an answer, in a fixed order; nothing where it is the same (WA4)."""
    found = [] if before.result == now.result else [Change(code=_RESULTS[now.result])]
    for key in sorted(before.parts.keys() | now.parts.keys()):
        kind, _, said = key.partition(" ")
        was, is_ = before.parts.get(key), now.parts.get(key)
        if was == is_:
            continue
        if kind == "log":
            found.append(Change(code=CHANGED, said=said))
            continue
        how = "began" if was is None else "ended" if is_ is None else "changed"
        found.append(Change(code=f"watch.{kind}-{how}", said=said))
    return tuple(found)


_RESULTS: Final = {
    "clear": "watch.now-clear",
    "match": "watch.now-match",
    "insufficient": "watch.now-insufficient",
    "error": "watch.now-error",
    "complete": "watch.now-complete",
    "incomplete": "watch.now-incomplete",
}
AGAIN: Final = Change(code="watch.told-again")
"""What was known at the position asked for is not remembered any more (WA5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An answer that differed from the one before it, and the number of the change."""

    number: int
    seen: Seen


def event(held: Sequence[Held], after: int, now: Seen, row: int) -> tuple[Change, ...]:
    """What is told of a subject to who read up to a position (WA4, WA5).

    Args:
        held: what is remembered of it, the oldest first.
        after: number of the last change that was told.
        now: what is answered now.
        row: of the subject, or `COVERAGE`.

    Returns:
        Nothing where nothing is to be told.
    """
    before = [one for one in held if one.number <= after]
    if not before and len(held) >= HELD:
        return (AGAIN,)
    return differences(before[-1].seen if before else seen_from_bytes(b"", row), now)


# ---------------------------------------------------------------------------- positions


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """How far somebody has read a watch (WA6)."""

    after: int = 0
    """Number of the last change that was told."""
    upto: int = 0
    """Of pages that belong together: the last change when the first of them was made."""
    row: int = -1
    """The last row told of them; -1 where all were told."""

    def next(self, last_change: int, told_to: int | None) -> Position:
        """The position after a page.

        Args:
            last_change: number of the last change when the page was made.
            told_to: the last row told where more are waiting; None where all were told.
        """
        first = self.upto if self.row >= 0 else last_change
        if told_to is None:
            return Position(after=first)
        return Position(after=self.after, upto=first, row=told_to)

    def to_text(self) -> str:
        """Write it; what is given to readers is sealed by the node."""
        return f"{self.after}.{self.upto}.{self.row}"


def position_from_text(text: str) -> Position:
    """Read what `Position.to_text` wrote.

    Raises:
        RefusedError: `watch.position`.
    """
    try:
        after, upto, row = (int(part) for part in text.split("."))
    except ValueError:
        raise wrong_position() from None
    return Position(after=after, upto=upto, row=row)


def wrong_position() -> RefusedError:
    """What is said of a position that this watch never gave."""
    message = (
        "不是此跟踪给出的位置；不带位置即从头读起 / expected a position that this watch gave; "
        "without one all is told from the beginning"
    )
    return RefusedError("watch.position", message)


# ---------------------------------------------------------------------------- digests


def _key(kind: str, reference: Reference) -> str:
    return f"{kind} {reference.origin}/{reference.index}"


def _match(one: Match) -> list[Any]:
    measures = [_measure(measure) for measure in one.measures]
    said = [list(one.regions), list(one.annotations), measures, one.rule, one.no_measure]
    return [*_reference(one.reference), *said]


def _measure(one: Applicable) -> list[str]:
    said = [one.measure.code, one.measure.name, one.cls.value, one.rule]
    return [*said, one.basis, one.article, one.manner]


def _note(one: Note) -> list[Any]:
    return [one.kind, one.region, *_reference(one.reference)]


def _reason(one: Reason) -> list[str]:
    return [one.code, *one.said]


def _reference(one: Reference) -> list[Any]:
    return [
        one.statement_id.hex(),
        one.list_type,
        one.list_name,
        one.authority,
        one.authority_name,
        one.document,
        one.decided_on,
        one.until,
    ]


def _digest(content: object) -> str:
    return hashlib.sha256(_json(content).encode()).hexdigest()[: 2 * _DIGEST]


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

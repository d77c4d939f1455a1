"""What is said on a lane between a node and a worker that answers checks, read strictly.

A lane is an inherited socket; the worker speaks, and the node answers (`node.workers.messages`).
JSON, so that nothing is executed or built by name; bytes are base64. After the answers to `admit`
and `keep` comes a second message: the node's state where the worker's is another one, else empty.
That alone is pickled, and goes from the node to the worker alone.

    admit    {"do", "state", "asked": [{"certificate", "token", "raw": {…}}, …]}
             {"state", "moment", "asked": [{"credential", "question": {…}} or {"error"}, …]}
    keep     {"do", "state", "answers": [{"place", "result", "complete", "due_on", "matches",
             "notes"}, …]}        `place`: which of those that were admitted last
             {"state", "moment", "again": true}, or "kept": [{"number", "superseded", "due_on",
             "promise"} or {"error"}, …]

    CW3  what a worker says is read by `Form`: it handles what strangers wrote, so every type and
         bound is looked at. Of a worker whose message has not the form nothing is believed, and it
         is ended

A worker believes the node that started it.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import structlog

from adapters.errors import AdapterError, ConflictError, CorruptError, StoreError
from federation.errors import EntitlementError, FederationError, RefusedError, StatementError
from federation.ids import Date, Origin, Timestamp
from federation.screening.checks import Result
from federation.screening.questions import Question
from node.access.numbering import to_json
from node.access.presented import Presented
from node.access.together import GROUP_MAX
from node.network.errors import UnavailableError
from node.screening.answers import Place
from node.screening.recording import REFERENCES, Answered, Kept, Told, ToldMatch
from node.workers.form import FormError

_log = structlog.get_logger()

LONGEST_TEXT: Final = 64 * 1024
"""Characters; a call has at most as many bytes."""
MATCHES: Final = 100_000
_DATES: Final = 10**8
_INDICES: Final = 2**63

_FAMILIES: Final[Mapping[str, type[FederationError]]] = {
    "refused": RefusedError,
    "entitlement": EntitlementError,
    "statement": StatementError,
    "unavailable": UnavailableError,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The time of one answer: the later of all clocks, its day, and the machine's own clock."""

    now: Timestamp
    today: Date
    wall: Timestamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A question as it came, and what its caller presented."""

    presented: Presented
    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a worker says of a question that was admitted; number and time are the node's."""

    place: int
    result: Result
    complete: bool
    due_on: Date
    matches: tuple[ToldMatch, ...]
    notes: tuple[Place, ...]

    def told(self, number: str, at: Timestamp) -> Told:
        """What is kept of it."""
        return Told(
            number=number,
            at=at,
            result=self.result,
            complete=self.complete,
            matches=self.matches,
            notes=self.notes,
        )


class Form:
    """A message of a worker; whatever has not the form raises `FormError`."""

    def __init__(self, value: object) -> None:
        """Take a part of it."""
        self._value = value

    @classmethod
    def of(cls, message: bytes) -> Form:
        """Read a message."""
        try:
            return cls(json.loads(message))
        except (ValueError, RecursionError) as error:
            raise FormError("expected JSON") from error

    def __getitem__(self, name: str) -> Form:
        """A field of an object."""
        if not isinstance(self._value, dict) or name not in self._value:
            raise FormError(f"expected an object with {name}")
        return Form(self._value[name])

    def many(self, most: int) -> list[Form]:
        """The elements of an array."""
        if not isinstance(self._value, list) or len(self._value) > most:
            raise FormError(f"expected an array of at most {most}")
        return [Form(one) for one in self._value]

    def pair(self) -> tuple[Form, Form]:
        """The elements of an array of two."""
        found = self.many(2)
        if len(found) != len(("first", "second")):
            raise FormError("expected an array of two")
        return found[0], found[1]

    def text(self, most: int = LONGEST_TEXT) -> str:
        """A text that can be written as UTF-8."""
        value = self._value
        if not isinstance(value, str) or len(value) > most or not _writable(value):
            raise FormError(f"expected a text of at most {most}")
        return value

    def number(self, below: int) -> int:
        """A number from 0 on."""
        value = self._value
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < below:
            raise FormError(f"expected a number below {below}")
        return value

    def truth(self) -> bool:
        """True or false."""
        if not isinstance(self._value, bool):
            raise FormError("expected true or false")
        return self._value

    def data(self) -> bytes:
        """Bytes in base64."""
        try:
            return b64decode(self.text(), validate=True)
        except (Base64Error, ValueError) as error:
            raise FormError("expected base64") from error

    def fields(self) -> Mapping[str, Any]:
        """The fields of a question as its caller sent them: `read` judges each of them."""
        if not isinstance(self._value, dict):
            raise FormError("expected an object")
        return {name: Form(value).text() for name, value in self._value.items()}

    def place(self) -> Place:
        """Origin and index of a record."""
        origin, index = self.pair()
        return Origin(origin.text(255)), index.number(_INDICES)

    def presented(self) -> Presented:
        """What a caller presented."""
        return Presented(certificate=self["certificate"].data(), token=self["token"].text(128))

    def wishes(self) -> list[Wish]:
        """Of `admit`."""
        return [
            Wish(presented=one.presented(), raw=one["raw"].fields())
            for one in self["asked"].many(GROUP_MAX)
        ]

    def judged(self, admitted: int) -> list[Judged]:
        """Of `keep`: about questions among so many, of each once."""
        found = [
            Judged(
                place=one["place"].number(admitted),
                result=_result(one["result"].text(32)),
                complete=one["complete"].truth(),
                due_on=Date(one["due_on"].number(_DATES)),
                matches=tuple(match.match() for match in one["matches"].many(MATCHES)),
                notes=tuple(note.place() for note in one["notes"].many(REFERENCES)),
            )
            for one in self["answers"].many(GROUP_MAX)
        ]
        if len({one.place for one in found}) < len(found):
            raise FormError("expected one answer to a question")
        return found

    def match(self) -> ToldMatch:
        """A match: its measures are kept as the JSON that this makes of them."""
        measures = [dict(measure.fields()) for measure in self["measures"].many(MATCHES)]
        if not all("code" in measure for measure in measures):
            raise FormError("expected measures with codes")
        return ToldMatch(
            place=self["place"].place(),
            record=self["record"].data(),
            list_type=self["list_type"].text(255),
            measures=to_json(measures),
        )


def judged_to_json(place: int, said: Answered) -> dict[str, Any]:
    """Write what a worker says of a question."""
    told = said.to_keep().told
    return {
        "place": place,
        "result": told.result.value,
        "complete": told.complete,
        "due_on": said.due_on,
        "matches": [
            {
                "place": one.place,
                "record": _b64(one.record),
                "list_type": one.list_type,
                "measures": json.loads(one.measures),
            }
            for one in told.matches
        ],
        "notes": told.notes,
    }


def presented_to_json(presented: Presented) -> dict[str, str]:
    """Write what a caller presented."""
    return {"certificate": _b64(presented.certificate), "token": presented.token}


def question_to_json(question: Question) -> dict[str, Any]:
    """Write a question as the node read it."""
    return asdict(question)


def question_of(said: Mapping[str, Any]) -> Question:
    """The question that was written."""
    return Question(**{**said, "normalised": tuple(said["normalised"])})


def kept_to_json(kept: Kept | RefusedError) -> dict[str, Any]:
    """Write what an answer became."""
    if isinstance(kept, RefusedError):
        return error_to_json(kept)
    return {
        "number": kept.number,
        "superseded": kept.superseded,
        "due_on": [[*place, day] for place, day in kept.due_on.items()],
        "promise": dict(kept.promise),
    }


def kept_of(said: Mapping[str, Any]) -> Kept | Exception:
    """What was written of an answer."""
    if "error" in said:
        return error_of(said)
    return Kept(
        number=said["number"],
        superseded=tuple((origin, index) for origin, index in said["superseded"]),
        due_on={(origin, index): Date(day) for origin, index, day in said["due_on"]},
        promise=said["promise"],
    )


def error_to_json(error: Exception) -> dict[str, Any]:
    """Write an error; of one that is not ours only that there was one."""
    if isinstance(error, AdapterError):
        _log.error("store failed", code="store.failed", error=str(error))
        family = "one" if isinstance(error, ConflictError | CorruptError) else "store"
        return {"error": [family, "", ""]}
    for family, kind in _FAMILIES.items():
        if isinstance(error, kind):
            return {"error": [family, error.code, str(error)]}
    _log.error("unexpected error", code="internal", exc_info=error)
    return {"error": ["", "", ""]}


def error_of(said: Mapping[str, Any]) -> Exception:
    """The error that was written."""
    family, code, text = said["error"]
    match family:
        case "one":
            return ConflictError("the node's store refused what one question is about")
        case "store":
            return StoreError("the node's store failed; its log has the rest")
        case known if known in _FAMILIES:
            return _FAMILIES[known](code, text)
        case _:
            return RuntimeError("the node failed; its log has the rest")


def moment_of(said: Mapping[str, Any]) -> Moment:
    """The moment of an answer of the node."""
    now, today, wall = said["moment"]
    return Moment(now=Timestamp(now), today=Date(today), wall=Timestamp(wall))


def written(message: Mapping[str, Any]) -> bytes:
    """A message as bytes."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def _result(word: str) -> Result:
    try:
        return Result(word)
    except ValueError as error:
        raise FormError("expected a result") from error


def _writable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _b64(data: bytes) -> str:
    return b64encode(data).decode()

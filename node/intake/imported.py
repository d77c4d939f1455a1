"""A file that somebody brought, between its try and its publishing, as it is kept beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from federation.errors import RefusedError
from federation.ids import Timestamp
from federation.intake import feed
from federation.persons import Sort
from federation.relief.nation_export import TOO_MUCH_ABSENT
from node.intake.row_words import (
    CONFIRMED,
    MUCH_ABSENT,
    ONE_SUBJECT,
    OTHER_NAMES,
    OTHER_SUBJECTS,
    TWO_RECORDS,
    WORD_OF,
    RowWords,
)
from node.intake.seen_rows import See, SeenRow
from node.persons.roster import TWO

FORM: Final = 1
"""Of what is kept."""
_OF_CODE: Final[Mapping[str, str]] = {
    feed.ONE_SUBJECT: ONE_SUBJECT,
    **WORD_OF,
    TOO_MUCH_ABSENT: MUCH_ABSENT,
}
"""What persons say of rows that wait with a code, and of files."""
_OF_DECISION: Final = {
    decision.value: _OF_CODE[code] for decision, code in feed.HELD_RULES.items() if code in _OF_CODE
}
"""What persons say of a row that leads to this."""
_WHOLE: Final = frozenset({ONE_SUBJECT, MUCH_ABSENT})
"""Without these nothing of the file is published, or nothing of what it lacks."""
_ROWS_NAMED: Final = 20


def plain_name(called: str) -> str:
    """What a file is called, without folders and what cannot be seen."""
    name = re.split(r"[/\\]", called)[-1]
    return "".join(char for char in name if char.isprintable()).strip()


class State(StrEnum):
    """How far an import has come."""

    COLUMNS = "columns"
    """No mapping reads its columns."""
    TRIED = "tried"
    """What would happen is known; nobody has said anything of it."""
    RETURNED = "returned"
    """Somebody said no to a word (IM9)."""
    WAITS = "waits"
    """A word lacks a person."""
    READY = "ready"
    """Every word that was begun has been said by two."""
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Who has said a word, and with which credential it came; empty: on the node's own socket."""

    person: str
    credential: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportWord:
    """What two persons are to say of an import, and who has."""

    sort: str
    """`rows` or `mapping`; see `federation.persons.Sort`."""
    text: str
    """The very bytes that are signed."""
    says: tuple[str, ...] = ()
    reason: str = ""
    note: str = ""
    """Their signatures; empty where the node names no persons."""
    said: tuple[Said, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether two have said it."""
        return len(self.said) >= TWO


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What is to be done with a file; see `Intake.publish_file`."""

    kind: str
    list_type: str = ""
    mapping: str = ""
    source: str = ""
    full_snapshot: bool = False
    called: str = ""
    person: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One import."""

    number: str
    """32 hexadecimal digits, not to be guessed."""
    at: Timestamp
    until: Timestamp
    """After which nothing is published of it, and it is removed."""
    by: str
    """Department of the credential that brought it."""
    file: str
    """Name of its copy here, made of its number."""
    called: str = ""
    """What whoever brought it calls the file: in no log line, figure or address; empty where nobody
    said, and once it is published where it names who stands in its rows (IM8)."""
    names_row: bool = False
    """Whether it does, or that cannot be told."""
    person: str = ""
    """Name of the account that brought it; empty where none did."""
    sha256: str
    kind: str
    list_type: str = ""
    mapping: str = ""
    """Name of a built-in or saved mapping, as it was given."""
    own: str = ""
    """Id of a mapping that was proposed with it, which lies beside it; or empty."""
    own_sha256: str = ""
    """Digest of that mapping's bytes, by which it is named there."""
    source: str = ""
    full_snapshot: bool = False
    result: Mapping[str, Any] = field(default_factory=dict)
    """Of the try, then of the publishing."""
    waited: Mapping[str, str] = field(default_factory=dict)
    """Of the try, by the word the rows that wait for it, as `numbers_as_text` writes them."""
    fault: Mapping[str, str] = field(default_factory=dict)
    """`code` and `message`, where the file as a whole cannot be read."""
    words: tuple[ImportWord, ...] = ()
    returned: Mapping[str, str] = field(default_factory=dict)
    """Who said no to a word, and why: `sort`, `person`, `reason`; empty where nobody did (IM9)."""
    begun: bool = False
    """Whether its publishing was begun."""
    published: bool = False
    request_id: str = ""
    """Under which it was published."""

    @property
    def state(self) -> State:
        """How far it has come."""
        if self.published:
            return State.PUBLISHED
        if any(not word.whole for word in self.words):
            return State.WAITS
        if self.returned:
            return State.RETURNED
        if self.fault:
            return State.COLUMNS
        return State.READY if self.words else State.TRIED

    def is_same(self, other: Import) -> bool:
        """Whether it was brought by the same hands, for the same as another, and still waits."""
        said = ("by", "sha256", "kind", "list_type", "mapping", "source", "full_snapshot")
        return self.state in (State.TRIED, State.COLUMNS) and all(
            getattr(self, name) == getattr(other, name) for name in said
        )

    def check_open(self, now: Timestamp) -> None:
        """Check that it may still be changed and published.

        Raises:
            RefusedError: `import.published`, `import.over`.
        """
        if self.published:
            message = "这一导入已发布 / this import was published; expected another one"
            raise RefusedError("import.published", message)
        if self.until < now:
            message = (
                "已过七天，不再发布，请重新导入文件 / expected an import of the last seven "
                "days, got an older one: bring the file again"
            )
            raise RefusedError("import.over", message)

    def check_unsaid(self) -> None:
        """Check that nobody has said a word about it.

        Raises:
            RefusedError: `import.said`.
        """
        if any(word.said for word in self.words):
            message = (
                "已有人确认，映射不得再改；如有误，删去这一导入后重新导入 / somebody has said "
                "a word about this import: expected its mapping as it stands; where it is "
                "wrong, drop the import and bring the file again"
            )
            raise RefusedError("import.said", message)

    def word(self, sort: Sort) -> ImportWord | None:
        """The word of a sort, where one was begun."""
        return next((word for word in self.words if word.sort == sort), None)

    def with_word(self, word: ImportWord) -> Import:
        """The import with this word in place of the one of its sort."""
        rest = tuple(one for one in self.words if one.sort != word.sort)
        return replace(self, words=(*rest, word), returned={})

    def without_word(self, sort: Sort) -> Import:
        """The import without the word of a sort."""
        return replace(self, words=tuple(one for one in self.words if one.sort != sort))

    def done(self, request_id: str, result: Mapping[str, Any]) -> Import:
        """The import once all of it is published; a name that names a row is not kept (IM8)."""
        return replace(
            self,
            called="" if self.names_row else self.called,
            published=True,
            request_id=request_id,
            result=result,
            fault={},
        )

    @property
    def row_words(self) -> RowWords:
        """What two persons have said of the rows that waited for it when the file was tried (IM10).

        Nothing where a person lacks.
        """
        word = self.word(Sort.ROWS)
        if word is None or not word.whole:
            return RowWords()
        return replace(
            words_of(word.says, word.reason),
            by=tuple(one.person for one in word.said),
            note=word.note,
            resumed=self.begun,
            shown={one: numbers_of(rows) for one, rows in self.waited.items()},
            seen_at=self.at,
        )

    @property
    def lacks_second(self) -> bool:
        """Whether rows wait for a second person, and no two have confirmed them (F58)."""
        waits = self.result.get("decisions", {}).get(feed.Decision.HOLD_ALONE.value, 0)
        return bool(waits) and not self.row_words.confirmed

    @property
    def relieves(self) -> bool:
        """Whether it relieves or ends something, which waits for nobody."""
        found = self.result
        ends = found.get("paused_count", 0) + found.get("withdrawn_count", 0)
        return bool(ends or found.get("decisions", {}).get("relieved", 0))

    def check_second(self) -> None:
        """Refuse to publish what a second person lacks for (F58), where nothing else is in it.

        Raises:
            RefusedError: `import.waits`.
        """
        if not self.relieves:
            message = (
                "列入须两人确认后发布，尚缺第二人确认，不予发布 / what lists somebody is published "
                "by two persons: expected the word of two that it is confirmed"
            )
            raise RefusedError("import.waits", message)

    def awaited(self) -> list[dict[str, Any]]:
        """What persons may say of its rows, by what its try found.

        Each with `word`, `code`, how many `rows`, the numbers of the `first` of them, and whether
        it `stops` the whole file.
        """
        if self.published:
            return []
        found: dict[str, dict[str, Any]] = {}
        decisions: Mapping[str, int] = self.result.get("decisions", {})
        counts = {code: decisions.get(one.value, 0) for one, code in feed.HELD_RULES.items()}
        counts |= dict.fromkeys(self.result.get("suspicions", ()), self.result.get("rows", 0))
        counts |= {c: n for c, n in self.result.get("faults", {}).items() if c in _OF_CODE}
        for code, word in _OF_CODE.items():
            if not (rows := counts.get(code, 0)):
                continue
            held = [one["row"] for one in self.result.get("held", ()) if one["code"] == code]
            one = found.setdefault(
                word,
                {"word": word, "code": code, "rows": 0, "first": [], "stops": self._stops(word)},
            )
            one["rows"] += rows
            one["first"] = [*one["first"], *held][:_ROWS_NAMED]
        return list(found.values())

    def _stops(self, word: str) -> bool:
        """Whether nothing of the import is published without this word."""
        return word in _WHOLE or (word == CONFIRMED and not self.relieves)

    def head(self) -> dict[str, Any]:
        """What is listed of it, without its rows."""
        return {
            "import": self.number,
            "state": self.state.value,
            "at": self.at,
            "until": self.until,
            "by": self.by,
            "person": self.person,
            "file": self.file,
            "called": self.called,
            "sha256": self.sha256,
            "kind": self.kind,
            "list_type": self.list_type or self.result.get("list_type", ""),
            "source": self.source or self.result.get("source", ""),
            "mapping": self.own or self.mapping,
            "own_mapping": bool(self.own),
            "full_snapshot": self.full_snapshot,
            "rows": self.result.get("rows", 0),
            "returned": dict(self.returned),
            "words": [
                {"sort": word.sort, "persons": [said.person for said in word.said]}
                for word in self.words
            ],
        }

    def to_json(self) -> bytes:
        """What is kept."""
        said = asdict(self) | {"form": FORM}
        return json.dumps(said, ensure_ascii=False, sort_keys=True).encode()

    @classmethod
    def of_json(cls, data: bytes) -> Import:
        """Read what was kept.

        Raises:
            ValueError: it is none.
        """
        said: dict[str, Any] = json.loads(data)
        if said.pop("form", None) != FORM:
            message = f"form: expected {FORM}"
            raise ValueError(message)
        words = tuple(
            ImportWord(
                **(
                    word
                    | {
                        "says": tuple(word["says"]),
                        "said": tuple(Said(**one) for one in word["said"]),
                    }
                )
            )
            for word in said.pop("words")
        )
        return cls(words=words, **said)


class Waiting:
    """Notes which rows wait for a word, while a file is tried (IM10)."""

    def __init__(self, see: See) -> None:
        """`see` is told of each row as well."""
        self._see = see
        self._rows: dict[str, list[int]] = {}

    def add(self, row: SeenRow) -> None:
        """A row of the file."""
        if (word := _OF_DECISION.get(row.decision)) is not None:
            self._rows.setdefault(word, []).append(row.row)
        self._see(row)

    def as_text(self) -> dict[str, str]:
        """By the word the rows that wait for it."""
        return {word: numbers_as_text(rows) for word, rows in self._rows.items()}


def numbers_as_text(numbers: Iterable[int]) -> str:
    """Numbers as what is kept has them, `2-7,9`: those of a file may be very many."""
    runs: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if runs and number <= runs[-1][1] + 1:
            runs[-1] = runs[-1][0], number
        else:
            runs.append((number, number))
    return ",".join(f"{first}-{last}" if last > first else f"{first}" for first, last in runs)


def numbers_of(text: str) -> frozenset[int]:
    """The numbers that `numbers_as_text` wrote."""
    parts = [part.partition("-") for part in text.split(",") if part]
    return frozenset(
        number for first, _, last in parts for number in range(int(first), int(last or first) + 1)
    )


def words_of(says: tuple[str, ...], reason: str) -> RowWords:
    """What is said of rows, by nobody yet."""
    return RowWords(
        one_subject=ONE_SUBJECT in says,
        two_records=TWO_RECORDS in says,
        other_subjects=OTHER_SUBJECTS in says,
        other_names=OTHER_NAMES in says,
        confirmed=CONFIRMED in says,
        much_absent=MUCH_ABSENT in says,
        reason=reason,
    )

"""What became of rows of platforms' inboxes, in the journal: ids and codes, nothing of a subject.

A row counts as it was taken last (G8), so a row that was refused is noted again when it is taken.
Which two persons said that rows that waited are right (F12-F14, F33; V9) is kept here too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from adapters.platform.inbox import REFUSED, Answer
from federation.ids import Timestamp
from federation.intake.feed import ONE_SUBJECT, Decision
from federation.names import RELIEFS
from federation.persons import inbox_body
from federation.ports.store import JournalEntry, ReadSession, Store
from federation.quality.figures import Group, Taken
from node.log.writer import Writer
from node.persons.roster import Agreed

ROWS: Final = "inbox"
WORD: Final = "one-subject"
"""Kinds of the journal's entries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """Persons said that rows are right; `rows` are ids of the inbox."""

    at: Timestamp
    platform: str
    source: str
    persons: Sequence[str]
    rows: Sequence[int]
    code: str
    """With which they waited."""
    reason: str
    digest: str
    """Of the rows as they stood, hexadecimal; empty where one person was enough."""

    @property
    def body(self) -> str:
        """What two persons sign."""
        return inbox_body(
            platform=self.platform,
            source=self.source,
            code=self.code,
            rows=self.digest,
            reason=self.reason,
        )


class InboxTally:
    """Keeps notes of the rows of all platforms."""

    def __init__(self, *, store: Store, writer: Writer, now: Callable[[], Timestamp]) -> None:
        """Wire it."""
        self._store = store
        self._writer = writer
        self._now = now
        self._refused: dict[str, set[int]] | None = None

    def note(
        self, platform: str, group: Group, kind: str, answers: Mapping[int, Answer | None]
    ) -> None:
        """Note the answers to rows of one kind, unless all were taken and none was refused before.

        Args:
            platform: its name.
            group: source and list under which they count.
            kind: `list`, `repair`, `withdrawal`, or what else the rows said.
            answers: by id; None for a row that is brought again.
        """
        rows = {number: answer for number, answer in answers.items() if answer is not None}
        faults = [
            (number, answer.faults or (answer.code,))
            for number, answer in sorted(rows.items())
            if answer.outcome == REFUSED
        ]
        exists = [number for number, answer in rows.items() if answer.outcome == _EXISTS]
        bad = {number for number, _ in faults}
        before = self._before().setdefault(platform, set())
        mended = sorted(before & rows.keys() - bad)
        if not (faults or exists or mended):
            return
        body = {
            "platform": platform,
            "source": group[0],
            "list_type": group[1],
            "relief": kind in RELIEFS,
            "rows": faults,
            "exists": sorted(exists),
            "mended": mended,
        }
        self._append(ROWS, body)
        before -= set(mended)
        before |= bad

    def say(self, word: Word, agree: Callable[[str, Sequence[str]], Agreed]) -> tuple[str, ...]:
        """Hear persons who say that rows that waited with a code are right, and keep it.

        Args:
            word: what they say; who say it, and when, is added here.
            agree: hears them: given what is signed, and the words kept so far.

        Returns:
            The persons.

        Raises:
            RefusedError: see `agree`.
        """
        heard: list[str] = []

        def job() -> None:
            with self._store.write() as session:
                agreed = agree(word.body, session.words())
                heard[:] = agreed.persons
                said = asdict(word) | {"persons": agreed.persons}
                del said["at"]
                text = json.dumps(said, ensure_ascii=False)
                session.append_journal([JournalEntry(at=self._now(), kind=WORD, body=text)])
                if agreed.note:
                    session.put_word(self._now(), agreed.note)

        self._writer.submit(job).result()
        return tuple(heard)

    def said(self, platform: str) -> list[Word]:
        """What was said of a platform's rows, the oldest first."""
        with self._store.read() as session:
            words = words_said(session)
        return [word for word in words if word.platform == platform]

    def _append(self, kind: str, body: Mapping[str, Any]) -> None:
        text = json.dumps(body, ensure_ascii=False)

        def job() -> None:
            with self._store.write() as session:
                session.append_journal([JournalEntry(at=self._now(), kind=kind, body=text)])

        self._writer.submit(job).result()

    def _before(self) -> dict[str, set[int]]:
        """Rows that were refused when they were taken last, by platform."""
        if self._refused is None:
            self._refused = {}
            with self._store.read() as session:
                for _, entry in session.entries(ROWS):
                    said = json.loads(entry.body)
                    rows = self._refused.setdefault(said["platform"], set())
                    rows -= set(said["mended"])
                    rows |= {number for number, _ in said["rows"]}
        return self._refused


def words_said(session: ReadSession) -> list[Word]:
    """What persons said of rows of all platforms, the oldest first."""
    found: list[Word] = []
    for _, entry in session.entries(WORD):
        said = {"code": ONE_SUBJECT, "reason": "", "digest": ""} | json.loads(entry.body)
        if one := said.pop("person", ""):  # as it was kept while one was enough
            said["persons"] = [one]
        found.append(Word(at=entry.at, **said))
    return found


def taken_rows(session: ReadSession) -> list[tuple[Timestamp, Taken]]:
    """Every row that was refused, or stood already by another, and what came after."""
    found: list[tuple[Timestamp, Taken]] = []
    for number, entry in session.entries(ROWS):
        said = json.loads(entry.body)
        faults: dict[int, Sequence[str]] = dict(said["rows"])
        for row in sorted({*faults, *said["exists"], *said["mended"]}):
            codes = faults.get(row, ())
            taken = Taken(
                group=(said["source"], said["list_type"]),
                file=f"{said['platform']}/{row}",
                number=number,
                rows=[(row, code) for code in codes],
                refused=int(bool(codes)),
                exists=int(row in said["exists"]),
                relief=said["relief"],
                platform=said["platform"],
            )
            found.append((entry.at, taken))
    return found


_EXISTS: Final = Decision.EXISTS.value

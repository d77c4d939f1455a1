"""What became of rows of platforms' inboxes, in the journal: ids and codes, nothing of a subject.

A row counts as it was taken last (G8), so a row that was refused is noted again when it is taken.
Which two persons said that rows that waited are right (F12-F14, F33; V9) is kept here too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from adapters.platform.inbox import REFUSED, Answer
from federation.ids import Timestamp
from federation.intake.feed import Decision
from federation.names import RELIEFS
from federation.ports.journal import InboxTaken, InboxWord
from federation.ports.store import ReadSession, Store
from federation.quality.figures import Group, Taken
from node.log.writer import Writer
from node.persons.roster import Agreed


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
        self._append(
            InboxTaken(
                at=self._now(),
                platform=platform,
                source=group[0],
                list_type=group[1],
                relief=kind in RELIEFS,
                rows=faults,
                exists=sorted(exists),
                mended=mended,
            )
        )
        before -= set(mended)
        before |= bad

    def say(
        self, word: InboxWord, agree: Callable[[str, Sequence[str]], Agreed]
    ) -> tuple[str, ...]:
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
                said = replace(word, at=self._now(), persons=agreed.persons)
                session.append_journal([said.entry()])
                if agreed.note:
                    session.put_word(self._now(), agreed.note)

        self._writer.submit(job).result()
        return tuple(heard)

    def said(self, platform: str) -> list[InboxWord]:
        """What was said of a platform's rows, the oldest first."""
        with self._store.read() as session:
            words = [InboxWord.of(entry) for _, entry in session.entries(InboxWord.KIND)]
        return [word for word in words if word.platform == platform]

    def _append(self, said: InboxTaken) -> None:
        def job() -> None:
            with self._store.write() as session:
                session.append_journal([said.entry()])

        self._writer.submit(job).result()

    def _before(self) -> dict[str, set[int]]:
        """Rows that were refused when they were taken last, by platform."""
        if self._refused is None:
            self._refused = {}
            with self._store.read() as session:
                for _, entry in session.entries(InboxTaken.KIND):
                    said = InboxTaken.of(entry)
                    rows = self._refused.setdefault(said.platform, set())
                    rows -= set(said.mended)
                    rows |= {number for number, _ in said.rows}
        return self._refused


def taken_rows(session: ReadSession) -> list[tuple[Timestamp, Taken]]:
    """Every row that was refused, or stood already by another, and what came after."""
    found: list[tuple[Timestamp, Taken]] = []
    for number, entry in session.entries(InboxTaken.KIND):
        said = InboxTaken.of(entry)
        faults = dict(said.rows)
        for row in sorted({*faults, *said.exists, *said.mended}):
            codes = faults.get(row, ())
            taken = Taken(
                group=(said.source, said.list_type),
                file=f"{said.platform}/{row}",
                number=number,
                rows=[(row, code) for code in codes],
                refused=int(bool(codes)),
                exists=int(row in said.exists),
                relief=said.relief,
                platform=said.platform,
            )
            found.append((said.at, taken))
    return found


_EXISTS: Final = Decision.EXISTS.value

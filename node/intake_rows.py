"""Rows out of a platform's inbox table become statements, by the same way as rows of files.

What a row says is answered; what only the operator of this node can mend (a mapping, our own log)
is raised, and the rows wait.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from adapters.files.errors import MappingError
from adapters.files.faults import Faults
from adapters.files.listings import ListingReader, ListingRow
from adapters.files.tables import Rows
from adapters.platform.inbox import Answer
from federation import feed
from federation.errors import RefusedError
from federation.feed import HELD_RULES
from node.intake_acts import RELIEFS, ActIntake, answer_of
from node.intake_listings import Feeds, FileRow, Outcome
from node.sources import Source, Sources
from node.writer import Writer

Cells = Mapping[str, str]
NoteRefused = Callable[[str, tuple[str, str], Faults, int, int], None]

_HELD: Final = "见 huxin cases / held: a person decides"
_RIGHTS: Final = "章程未授权 / our charter does not let us publish this row"


class RowIntake:
    """Takes rows at hand; blocks."""

    def __init__(
        self,
        *,
        sources: Sources,
        feeds: Feeds,
        acts: ActIntake,
        writer: Writer,
        note: NoteRefused,
    ) -> None:
        """Wire it; `note` keeps for the quality of a source what was refused."""
        self._sources = sources
        self._feeds = feeds
        self._acts = acts
        self._writer = writer
        self._note = note

    def take(
        self, batch: str, source: str, kind: str, list_type: str, rows: Mapping[int, Cells]
    ) -> dict[int, Answer | None]:
        """Publish rows of one source, kind and list, together.

        Args:
            batch: what the statements name as their batch.
            source: the source department.
            kind: `list`, `repair` or `withdrawal`.
            list_type: of a list; may be empty where the source has one only.
            rows: cells by column, by the row's number; in the order of the numbers.

        Returns:
            By the row's number what became of it; None for a row that repeats an earlier one of
            these, which is a later version of it and is to be brought again.

        Raises:
            FederationError: nothing can be published now.
            MappingError: the mapping of the source is not there or not valid.
        """
        if kind not in ("list", *RELIEFS):
            message = f"expected list, repair or withdrawal, got {kind!r}"
            return _all_refused(rows, "kind.unknown", message)
        try:
            authorities = self._sources.authorities(source)
            bound = self._sources.find(source, list_type) if kind == "list" else None
        except RefusedError as error:
            return _all_refused(rows, error.code, str(error))
        try:
            if bound is None:
                return self._acts.relieve_rows(Rows(rows), RELIEFS[kind], authorities)
            return self._listings(batch, bound, rows)
        except MappingError as error:
            if error.code != "header.missing":
                raise
            return _all_refused(rows, error.code, str(error))

    def _listings(
        self, batch: str, source: Source, rows: Mapping[int, Cells]
    ) -> dict[int, Answer | None]:
        layout = self._sources.layout(source, publishes=True)
        context = self._feeds.context(source, batch)
        answers: dict[int, Answer | None] = {}
        good: list[FileRow] = []
        faults = Faults()
        for item in ListingReader(Rows(rows), layout, context):
            if isinstance(item, ListingRow):
                good.append(FileRow(number=item.row, key=item.row_key, listing=item.listing))
                continue
            if item.code != "row.duplicate":
                faults.append(item)
            answers.setdefault(item.row, answer_of(item))
        try:
            feed.check_reach(feed.reach(row.listing for row in good))
        except RefusedError as error:
            return _all_refused(rows, error.code, str(error))
        outcome = Outcome()
        self._writer.publish(self._feeds.feed(source).unit(good, outcome)).result()
        for row, (decision, listed) in outcome.listed.items():
            held = HELD_RULES.get(decision, "")
            answers[row] = Answer(
                outcome=decision.value,
                code=held,
                message=_HELD if held else "",
                statement_id=listed.hex(),
            )
        for refused in outcome.refused:
            answers[refused.number] = Answer(outcome="refused", code=refused.code, message=_RIGHTS)
        group = (source.name, source.list_type)
        count = len({fault.row for fault in faults.kept}) + len(outcome.refused)
        exists = outcome.decisions[feed.Decision.EXISTS]
        if count or exists:
            self._note(batch, group, faults, count, exists)
        return answers


def _all_refused(rows: Mapping[int, Cells], code: str, message: str) -> dict[int, Answer | None]:
    return dict.fromkeys(rows, Answer(outcome="refused", code=code, message=message))

"""Rows out of a platform's inbox table become statements, by the same way as rows of files.

What a row says is answered; what only the operator of this node can mend (a mapping, our own log)
is raised, and the rows wait.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from adapters.files.annotations import KIND as ANNOTATION
from adapters.files.errors import MappingError
from adapters.files.listings import ListingReader, ListingRow, ReliefRow, RemovedRow
from adapters.files.standing import REMOVED
from adapters.files.tables import Rows
from adapters.platform.inbox import SUPERSEDED, Answer
from federation.errors import RefusedError
from federation.intake import feed
from federation.intake.feed import HELD_RULES, Word
from federation.names import ABOUT_LISTINGS, RELIEFS
from federation.ports.store import Store
from node.intake.annotations import Annotations
from node.intake.answers import answer_of, refusal
from node.intake.feeds import Feeds
from node.intake.known_rows import FileRow, by_record, newest
from node.intake.listings import ListingFeed
from node.intake.planned import Outcome
from node.intake.reliefs import Reliefs
from node.intake.row_words import NO_WORDS, RowWords
from node.intake.second_person import SecondPerson
from node.intake.sources import Source, Sources
from node.log.writer import Writer

Cells = Mapping[str, str]

_HELD: Final = "待人工处理；核实无误的，见 huxin adapter inbox / held: a person decides"
_ONE_SUBJECT: Final = (
    "若确属同一主体：huxin adapter inbox --one-subject / for rows of this table: "
    "huxin adapter inbox --one-subject"
)


class RowIntake:
    """Takes rows at hand; blocks."""

    def __init__(
        self,
        *,
        sources: Sources,
        feeds: Feeds,
        reliefs: Reliefs,
        annotations: Annotations,
        second: SecondPerson,
        store: Store,
        writer: Writer,
    ) -> None:
        """Wire it; `second` says whether rows wait for a second person (F58)."""
        self._second = second
        self._store = store
        self._sources = sources
        self._feeds = feeds
        self._reliefs = reliefs
        self._annotations = annotations
        self._writer = writer

    def group(self, source: str, kind: str, list_type: str) -> tuple[str, str]:
        """Return under which source and list rows count; empty where that is not known.

        A relief counts for its source, whatever list it is about.
        """
        try:
            self._sources.authorities(source)
            if kind in ABOUT_LISTINGS:
                return source, ""
            return source, self._sources.find(source, list_type).list_type
        except RefusedError as error:
            return ("" if error.code == "source.unknown" else source), ""

    def take(
        self,
        batch: str,
        source: str,
        kind: str,
        list_type: str,
        rows: Mapping[int, Cells],
        *,
        said: Word | None = None,
    ) -> dict[int, Answer]:
        """Publish rows of one source, kind and list, together.

        Args:
            batch: what the statements name as their batch.
            source: the source department.
            kind: `list`, `repair`, `withdrawal` or `annotation`.
            list_type: of a list; may be empty where the source has one only.
            rows: cells by column, by the row's number; in the order of the numbers.
            said: two persons say that rows that waited with a code are right.

        Returns:
            By the row's number what became of it. Of rows of one key the newest that is not
            refused counts; the others are answered with it (F31).

        Raises:
            FederationError: nothing can be published now.
            MappingError: the mapping of the source is not there or not valid.
        """
        if kind not in ("list", *ABOUT_LISTINGS):
            message = f"expected list, repair, withdrawal or annotation, got {kind!r}"
            return _all_refused(rows, "kind.unknown", message)
        try:
            authorities = self._sources.authorities(source)
            bound = self._sources.find(source, list_type) if kind == "list" else None
        except RefusedError as error:
            return _all_refused(rows, error.code, str(error))
        try:
            if kind == ANNOTATION:
                context = self._reliefs.context(authorities)
                return self._annotations.take_rows(Rows(rows), context)
            if bound is None:
                return self._reliefs.relieve_rows(Rows(rows), RELIEFS[kind], authorities)
            return self._listings(batch, bound, rows, said)
        except MappingError as error:
            if error.code != "header.missing":
                raise
            return _all_refused(rows, error.code, str(error))

    def _listings(
        self, batch: str, source: Source, rows: Mapping[int, Cells], said: Word | None
    ) -> dict[int, Answer]:
        layout = self._sources.layout(source, publishes=True)
        unshared = self._sources.unshared(source)
        context = self._feeds.context(source, batch, commends=layout.commends)
        listing_feed = self._feeds.feed(source)
        answers: dict[int, Answer] = {}
        good: list[FileRow] = []
        reliefs: list[ReliefRow] = []
        first = ListingReader(Rows(rows), layout, context, whole=False)
        for _ in first:
            pass
        reader = ListingReader(Rows(rows), layout, context, removed=first.gone, whole=False)
        for item in reader:
            if isinstance(item, ListingRow):
                good.append(listing_feed.making.row(item))
            elif isinstance(item, ReliefRow):
                reliefs.append(item)
            else:
                answers[item.row] = answer_of(item, answers.get(item.row))
        try:
            if said is None or said.code != feed.ONE_SUBJECT:
                counted = [row.written.facts for row in newest(good)[0]]
                feed.check_reach(feed.reach((one.subject, one.document) for one in counted))
        except RefusedError as error:
            return _all_refused(rows, error.code, f"{error}; {_ONE_SUBJECT}")
        with self._store.read() as session:
            many = feed.many_others(*listing_feed.others(session, good))
        for part in by_record(good):
            outcome = Outcome()
            unit = listing_feed.unit(
                part,
                outcome,
                two_records=said.two_records if said else (),
                other_subjects=said.other_subjects if said else (),
                other_names=said.other_names if said else (),
                many_others=many,
                words=RowWords(seen_at=said.said_at) if said else NO_WORDS,
                alone=said is None and self._second.asks(layout.list_type, by_hand=False),
                unshared=unshared,
            )
            self._writer.publish(unit).result()
            answers |= _answers(outcome, rows, reader.ignored)
        if reliefs and layout.removal is not None:
            bound_to = frozenset(source.authorities.values())
            answers |= self._reliefs.relieve_read(reliefs, RELIEFS[layout.removal.kind], bound_to)
        self._end(listing_feed, reader.removed, batch)
        return answers

    def _end(self, listing_feed: ListingFeed, removed: Sequence[RemovedRow], batch: str) -> None:
        """End what rows say no longer stands, where they are no relief (F16, F51)."""
        over = {row.record for row in removed if row.record and row.relief is None}
        with self._store.read() as session:
            ended = listing_feed.standing_of(session, over)
        if ended:
            unit = listing_feed.end_unit(ended, f"{batch}: {REMOVED}", REMOVED)
            self._writer.publish(unit).result()


def _answers(
    outcome: Outcome, rows: Mapping[int, Cells], ignored: Sequence[str]
) -> dict[int, Answer]:
    """What became of the rows of one unit, by their numbers; of columns each hears of its own."""
    answers: dict[int, Answer] = {}
    for row, (decision, listed) in outcome.listed.items():
        held = HELD_RULES.get(decision, "")
        answers[row] = Answer(
            outcome=decision.value,
            code=held,
            message=_HELD if held else _ignored([name for name in ignored if name in rows[row]]),
            statement_id=listed.hex(),
        )
    for refused in outcome.refused:
        answers[refused.number] = refusal(refused.code, refused.message)
    for row, newer in outcome.superseded.items():
        answers[row] = Answer(
            outcome=SUPERSEDED, statement_id=answers[newer].statement_id, newer=newer
        )
    return answers


def _ignored(columns: Sequence[str]) -> str:
    return f"未用的列 / columns not used: {', '.join(columns)}" if columns else ""


def _all_refused(rows: Mapping[int, Cells], code: str, message: str) -> dict[int, Answer]:
    return dict.fromkeys(rows, refusal(code, message))

"""Files of scenarios and recognitions: each good row one open statement.

Idempotent by content: a row that says what was said before publishes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from adapters.files.faults import RowFault
from adapters.files.scenarios import (
    RecognitionDraft,
    ScenarioContext,
    ScenarioDraft,
    read_scenarios,
)
from federation.errors import RefusedError
from federation.ids import Date, LeafHash
from federation.intake import feed
from federation.own_log import Draft
from federation.payloads import Recognition, Reference, Scenario
from federation.ports.store import FeedRow, FeedRowStatus, ReadSession, Store, Tagger, WriteSession
from federation.reconcile.catalog import Catalog
from federation.statements import Kind
from node.intake.answers import fault_of
from node.intake.seen_rows import See, SeenRow, unseen
from node.log.refusals import of_the_node
from node.log.units import Placed, Unit
from node.log.writer import Writer
from node.publishing.own_statements import OwnStatements
from node.publishing.registry import Registry
from node.texts.catalog_names import names_of
from node.texts.conditions import explain


class Scenarios:
    """Takes files of scenarios, and of recognitions of scenarios."""

    def __init__(
        self,
        *,
        store: Store,
        writer: Writer,
        registry: Registry,
        statements: OwnStatements,
        tagger: Tagger,
        today: Callable[[], Date],
        catalog: Callable[[], Catalog],
    ) -> None:
        """Wire it; `catalog`, of the moment, names regions and what conditions speak of."""
        self._store = store
        self._writer = writer
        self._registry = registry
        self._statements = statements
        self._tagger = tagger
        self._today = today
        self._catalog = catalog

    def take(
        self,
        path: Path,
        kind: str,
        authorities: dict[str, str],
        progress: Callable[[int], None],
        *,
        dry_run: bool,
        see: See = unseen,
    ) -> tuple[list[RowFault], dict[str, Any]]:
        """Take a file of scenarios or recognitions; `see` is told of each good row.

        Returns:
            Faults of rows, and the result without them.

        Raises:
            FileAdapterError: the file cannot be read.
        """
        context = ScenarioContext(
            authorities=authorities,
            charters=self._statements.audience().charters,
            today=self._today(),
            regions=self._regions(),
        )
        items = read_scenarios(path, context)
        progress(len(items))
        faults = [item for item in items if isinstance(item, RowFault)]
        good = [item for item in items if not isinstance(item, RowFault)]
        counts: Counter[str] = Counter()
        published: list[str] = []
        for item in good:
            unit, outcome = self._unit(item)
            try:
                if dry_run:
                    with self._store.read() as session:
                        made = self._drafts(session, item)
                    word = "published" if made else "unchanged"
                else:
                    placed = self._writer.publish(unit).result()
                    published += [p.statement_id.hex() for p in placed]
                    word = outcome(placed)
                counts[word] += 1
                see(_seen(item, word))
            except RefusedError as error:
                if of_the_node(error):
                    raise
                counts["refused"] += 1
                faults.append(fault_of(item.row, error.code, str(error)))
        return faults, ({"explained": self._explained(good)} if dry_run else {}) | {
            "kind": kind,
            "dry_run": dry_run,
            "rows": len({f.row for f in faults} | {item.row for item in good}),
            "published": len(published),
            "statement_ids": published,
            "decisions": dict(sorted(counts.items())),
            "refused_rows": len({fault.row for fault in faults}),
        }

    def _regions(self) -> dict[str, str]:
        """The codes of the regions that editions in force have, by their names."""
        editions = self._catalog().in_force(self._today())
        return {row.name: row.code for edition in editions for row in edition.regions.values()}

    def _explained(
        self, items: Sequence[ScenarioDraft | RecognitionDraft]
    ) -> list[dict[str, object]]:
        """What programs would decide by, in words, for whoever wrote it to compare.

        Of a recognition what it asks further: where that is nothing, there is nothing to compare.
        """
        names = names_of(self._catalog(), self._today())
        found: list[dict[str, object]] = []
        for item in items:
            scenario = item.scenario if isinstance(item, ScenarioDraft) else None
            condition = item.further if isinstance(item, RecognitionDraft) else None
            if scenario is not None:
                condition = scenario.condition
            elif condition is None:
                continue
            said = explain(condition, names)
            title = scenario.title if scenario is not None else ""
            found.append({"row": item.row, "title": title, "zh": said.zh, "en": said.en})
        return found

    def _unit(
        self, item: ScenarioDraft | RecognitionDraft
    ) -> tuple[Unit, Callable[[Sequence[Placed]], str]]:
        made: list[tuple[bytes, bytes, Draft]] = []

        def drafts(session: WriteSession) -> list[Draft]:
            made[:] = self._drafts(session, item)
            return [draft for _, _, draft in made]

        def record(session: WriteSession, placed: Sequence[Placed]) -> None:
            del placed
            session.put_feed_rows(
                [
                    FeedRow(
                        feed=feed.OPEN_FEED,
                        row_tag=row_tag,
                        record_tag=row_tag,
                        content_tag=content_tag,
                        statement_id=draft.statement_id,
                        until=0,
                        status=FeedRowStatus.LIVE,
                    )
                    for row_tag, content_tag, draft in made
                ]
            )

        def outcome(placed: Sequence[Placed]) -> str:
            return "published" if placed else "unchanged"

        return Unit(drafts=drafts, record=record), outcome

    def _drafts(
        self, session: ReadSession, item: ScenarioDraft | RecognitionDraft
    ) -> list[tuple[bytes, bytes, Draft]]:
        """Draft an open statement, unless the newest one of its row says the same."""
        payload: Scenario | Recognition
        if isinstance(item, ScenarioDraft):
            payload, about = item.scenario, item.about
        else:
            payload, about = self._recognition(session, item), None
        identity = feed.row_identity(feed.OPEN_FEED, feed.open_identity(payload))
        row_tag = self._tagger.lookup(identity)
        content_tag = self._tagger.lookup(feed.open_said(item.action, payload))
        known = session.feed_rows(feed.OPEN_FEED, [row_tag])
        if known and known[0].content_tag == content_tag:
            return []
        draft = self._registry.scenario_draft(session, item.action, payload, about)
        return [(row_tag, content_tag, draft)]

    def _recognition(self, session: ReadSession, item: RecognitionDraft) -> Recognition:
        return Recognition(
            scenario=self._reference(session, item),
            authority=item.authority,
            authority_name=item.authority_name,
            conditions_text=item.conditions,
            reason=item.reason,
            decided_on=item.decided_on,
            valid_until=item.valid_until,
            further=item.further,
            equivalences=item.equivalences,
            services=item.services,
            charters=item.charters,
            effective_on=item.effective_on,
        )

    @staticmethod
    def _reference(session: ReadSession, item: RecognitionDraft) -> Reference:
        """Resolve the scenario that a recognition names."""
        heads = {head.log: head for head in session.heads()}
        if item.statement_id is not None:
            rows = session.rows_by_id(None, [item.statement_id])
        else:
            logs = [head.log for head in heads.values() if head.origin == item.origin]
            rows = session.rows_at([(log, item.index or 0) for log in logs])
        scenarios = [row for row in rows if row.kind == Kind.SCENARIO]
        if not scenarios:
            message = (
                "没有这个场景；见 huxin scenarios list / "
                "no such scenario is held here; see huxin scenarios list"
            )
            raise RefusedError("recognition.no-scenario", message)
        row = scenarios[0]
        (leaf_hash,) = session.leaf_hashes([(row.log, row.idx)])
        return Reference(origin=heads[row.log].origin, index=row.idx, leaf_hash=LeafHash(leaf_hash))


def _seen(item: ScenarioDraft | RecognitionDraft, word: str) -> SeenRow:
    if isinstance(item, ScenarioDraft):
        return SeenRow(row=item.row, decision=word, name=item.scenario.title)
    return SeenRow(
        row=item.row,
        decision=word,
        name=item.authority_name,
        decided_on=item.decided_on,
        publish_until=item.valid_until,
    )

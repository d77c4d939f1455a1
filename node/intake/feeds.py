"""The feeds of all sources, and what rows cannot say themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from adapters.files.listings import FeedContext
from adapters.files.standing import called
from federation.ids import Date, Timestamp
from federation.payloads import PENALTY_LIST_TYPE
from federation.ports.store import (
    Tagger,
)
from federation.reconcile.catalog import Catalog
from federation.reconcile.findings import RULES
from federation.reconcile.own_lists import own_fault, own_fault_text, own_trust_fault
from federation.reconcile.trust_lists import LIST_BOTH, award_months
from node.intake.known_rows import Moment
from node.intake.listings import ListingFeed
from node.intake.other_names import OtherNames, Subjects
from node.intake.row_making import RowMaking
from node.intake.sources import Source
from node.publishing.own_statements import OwnStatements
from node.publishing.plausibility import looked_at
from node.publishing.registry import Registry


class Feeds:
    """The feeds of all sources."""

    def __init__(
        self,
        *,
        registry: Registry,
        statements: OwnStatements,
        tagger: Tagger,
        today: Callable[[], Date],
        catalog: Callable[[], Catalog],
        subjects: Subjects,
        now: Callable[[], Timestamp],
    ) -> None:
        """Wire them; `catalog` is that of the moment, `subjects` are those of the base library."""
        self._names = OtherNames(subjects=subjects, tagger=tagger, now=now)
        self._catalog = catalog
        self._registry = registry
        self._statements = statements
        self._tagger = tagger
        self._today = today

    def context(self, source: Source, batch: str, *, commends: bool = False) -> FeedContext:
        """Return what rows cannot say themselves, as of today.

        Of penalties, which are on no list, the catalog is not asked (O1); of a list of the
        trustworthy (`commends`) for how long an award counts that states no last day (F20), and
        whether the list is one of those who are punished (O2).
        """
        context = FeedContext(
            audience=self._statements.audience(),
            department=source.name,
            batch=batch,
            authorities=source.authorities,
            today=self._today(),
            called=called(
                item.name
                for edition in self._catalog().editions
                for list_type, item in edition.lists.items()
                if list_type == source.list_type
            ),
        )
        if source.list_type == PENALTY_LIST_TYPE:
            return context
        if commends:
            return replace(
                context,
                term_months=partial(award_months, self._catalog(), source.list_type),
                ground=partial(_punishes, self._catalog(), source.list_type),
            )
        return replace(
            context,
            term_months=partial(self._catalog().term_months, source.list_type),
            ground=partial(_fault, self._catalog(), source.list_type),
        )

    def feed(self, source: Source) -> ListingFeed:
        """Return the feed of a source's list."""
        name = f"{source.name}/{source.list_type}"
        making = RowMaking(
            name,
            payloads=self._registry.payloads,
            tagger=self._tagger,
            look=looked_at,
            moment=self._moment,
        )
        return ListingFeed(
            name=name,
            making=making,
            registry=self._registry,
            statements=self._statements,
            tagger=self._tagger,
            names=self._names,
            today=self._today,
        )

    def _moment(self) -> Moment:
        return Moment(
            audience=self._statements.audience(), today=self._today(), catalog=self._catalog()
        )


def _punishes(catalog: Catalog, list_type: str, decided_on: Date) -> tuple[str, str] | None:
    """Code and text of why nothing is commended under a list type (O2), whatever the day."""
    del decided_on
    return (LIST_BOTH, own_trust_fault(list_type)) if catalog.punishes(list_type) else None


def _fault(catalog: Catalog, list_type: str, decided_on: Date) -> tuple[str, str] | None:
    """Code and text of why a list does not stand in our catalog for a decision of a day."""
    finding = own_fault(catalog, list_type, decided_on)
    return None if finding is None else (RULES[finding].code, own_fault_text(finding))

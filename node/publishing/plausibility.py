"""What our own node does not publish, whichever door it comes in by: file, table or draft.

The rules are those of `federation.reconcile.plausibility` and F20; what they refuse is told with
what was found, what was expected and what to do. Relief is never asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from federation.dates import add_months
from federation.errors import RefusedError
from federation.ids import Date
from federation.payloads import (
    Commendation,
    Correction,
    Listed,
    Listing,
    Payload,
    Penalty,
    Relisting,
    TermQuality,
    content_of,
)
from federation.reconcile import plausibility
from federation.reconcile.candidate import Candidate
from federation.reconcile.catalog import Catalog
from federation.reconcile.findings import RULES
from federation.reconcile.plausibility import Doubt
from federation.reconcile.rules import unstated
from federation.relief.rules import early
from node.codec.candidates import candidate_of, candidate_of_award

SHORTER: Final = "period.shorter"


def looked_at(listed: Listed, catalog: Catalog, today: Date) -> tuple[Doubt | None, str]:
    """What a row of a file is told before it is published, by a catalog and on a day.

    Returns:
        The rule that keeps it out of our log, or None; and the code of what it does not say, for
        which every city will hold it, or empty. That is no fault: what is published so is mended by
        the row with what it lacks.
    """
    if isinstance(listed, Commendation):
        return plausibility.doubt(candidate_of_award(listed), 0, today), ""
    candidate = candidate_of(listed)
    if candidate is None:
        raise TypeError(listed)
    lacking = unstated(candidate)
    return _doubt(candidate, catalog, today), "" if lacking is None else RULES[lacking].code


def shorter(listed: Listed, catalog: Catalog) -> str:
    """The code of a publication that ends before the law lets it (F59); empty for none.

    Only a confirmed entry says how long it is at least. Nobody is published longer for it: a slip
    is mended by who sent the row, by another end or another document.
    """
    if not isinstance(listed, Listing) or not listed.publish_until:
        return ""
    months = catalog.shortest_months(listed.list_type, listed.decided_on)
    ends = add_months(listed.decided_on, months)
    return SHORTER if listed.publish_until < ends else ""


class Plausibility:
    """Asks the rules by the catalog and the day of the moment; any thread."""

    def __init__(
        self,
        *,
        catalog: Callable[[], Catalog],
        today: Callable[[], Date],
        heard_today: Callable[[], Date],
        check_drafts: Callable[[Sequence[Payload]], None] = lambda _: None,
    ) -> None:
        """Wire it.

        `today` is never behind any clock that is believed, `heard_today` behind none at all.
        """
        self.check_drafts = check_drafts
        """Raises where drafts wait for a second person (F58)."""
        self._catalog = catalog
        self._today = today
        self._heard_today = heard_today

    def today_of(self, *, relief: bool) -> Date:
        """The day by which a decision is of the future (F22); for relief no clock is behind it."""
        return self._heard_today() if relief else self._today()

    def doubt(self, payload: Payload) -> Doubt | None:
        """The rule that keeps what a payload lists out of our log; None for what lists nothing."""
        candidate = candidate_of(payload)
        if candidate is None:
            award = content_of(payload)
            if not isinstance(award, Commendation):
                return None
            return plausibility.doubt(candidate_of_award(award), 0, self._today())
        return _doubt(candidate, self._catalog(), self._today())

    def early(self, listed: Listed | None, decided_on: Date) -> str:
        """Why the day of a repair may be a slip of the pen (F56); empty for no reason."""
        if listed is None:
            return ""
        months = self._catalog().shortest_months(listed.key.list_type, listed.decided_on)
        return early(listed, decided_on, months)

    def check(self, payload: Payload) -> None:
        """Refuse what is not plausible.

        Raises:
            RefusedError: the code of a rule of `federation.reconcile.plausibility`.
        """
        if (found := self.doubt(payload)) is not None:
            raise RefusedError(found.code, found.message)

    def with_term(self, payload: Payload) -> Payload:
        """What is published of a payload that may state no last day (F20).

        Raises:
            RefusedError: `period.missing`: no confirmed entry of the catalog states a term, and
                our node invents none; `date.over`: the term has ended.
        """
        match payload:
            case Correction(payload=Listing() | Penalty() as listed):
                return replace(payload, payload=self._ending(listed))
            case Relisting():
                return replace(payload, payload=self._ending(payload.payload))
            case Listing() | Penalty():
                return self._ending(payload)
            case _:
                return payload

    def _ending(self, listed: Listing | Penalty) -> Listing | Penalty:
        candidate = candidate_of(listed)
        if listed.publish_until or candidate is None:
            return listed
        months = self._catalog().term_months(candidate.list_type, listed.decided_on)
        if not months:
            message = (
                "未写明公示截止日期，目录亦无经核实的期限；请写明后再报 / expected a last day of "
                "publication, or a confirmed entry of the catalog that states the term"
            )
            raise RefusedError("period.missing", message)
        until = add_months(listed.decided_on, months)
        if until < self._today():
            message = f"公示期已于 {until} 届满 / the publication period ended on {until}"
            raise RefusedError("date.over", message)
        return replace(listed, publish_until=until, term=TermQuality.BY_CATALOG)


def _doubt(candidate: Candidate, catalog: Catalog, today: Date) -> Doubt | None:
    entry = catalog.entry(candidate.list_type, Date(candidate.decided_on))
    tier = 0 if entry is None or candidate.is_penalty else entry.item.tier
    return plausibility.doubt(candidate, tier, today)

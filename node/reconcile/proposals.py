"""Proposals: what one case teaches about the catalog, as an edition that two persons adopt.

A decision never changes a rule. Where the catalog does not name an authority, or knows a list
under another code, a person proposes an edition that does; it is tried like any other, and a
second person lets it take effect.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from adapters.catalog.proposing import Correct, add_authority, add_list, propose
from federation.errors import RefusedError
from federation.ids import Date
from federation.ports.findings import StoredEdition
from federation.reconcile.catalog import Catalog, Edition, Layer
from federation.reconcile.findings import RULES, Finding
from federation.rows import StatementRow


class Proposals:
    """Writes the edition that would cure what a rule found."""

    def __init__(
        self, *, catalog: Callable[[], Catalog], adopted: Callable[[], Sequence[StoredEdition]]
    ) -> None:
        """Wire it; both are asked at each proposal."""
        self._catalog = catalog
        self._adopted = adopted

    def text(self, row: StatementRow, finding: int, like: str, person: str) -> str:
        """Write the proposal.

        Args:
            row: of the listing that the rule stopped.
            finding: the rule.
            like: the list of ours that theirs is; empty where the rule is about an authority.
            person: who proposes.

        Returns:
            YAML of the edition.

        Raises:
            RefusedError: `case.no-proposal`: no edition cures this; `catalog.persons`.
        """
        catalog = self._catalog()
        edition, correct = self._correction(catalog, row, finding, like)
        stored = {one.id: one.text for one in self._adopted()}
        return propose(
            stored[edition.id],
            taken=stored.keys(),
            confirmed=catalog.confirmed,
            person=person,
            correct=correct,
        )

    @staticmethod
    def _correction(
        catalog: Catalog, row: StatementRow, finding: int, like: str
    ) -> tuple[Edition, Correct]:
        in_force = catalog.in_force(Date(row.decided_on))
        if finding == Finding.AUTHORITY_NOT_NAMED:
            for edition in in_force:
                item = edition.lists.get(row.list_type)
                if item and item.authorities is not None and row.authority not in item.authorities:
                    return edition, add_authority(row.list_type, row.authority)
        if finding == Finding.LIST_UNKNOWN and like:
            for edition in in_force:
                if edition.layer is not Layer.CITY and like in edition.lists:
                    return edition, add_list(row.list_type, like)
        shown = RULES[finding].code if finding in RULES else "nothing"
        curable = f"{RULES[Finding.AUTHORITY_NOT_NAMED].code}, {RULES[Finding.LIST_UNKNOWN].code}"
        message = (
            f"{shown}: expected {curable}; for the latter --as names a list that an edition in "
            "force at the decision has"
        )
        raise RefusedError("case.no-proposal", message)

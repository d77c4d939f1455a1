"""Proposals: what one case teaches about the catalog, as an edition that two persons adopt.

A decision never changes a rule. Where the catalog does not name an authority, or knows a list
under another code, a person proposes an edition that does; it is tried like any other, and a
second person lets it take effect.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from adapters.catalog.proposing import (
    LISTS,
    TRUST_LISTS,
    Correct,
    add_authority,
    add_list,
    propose,
)
from federation.errors import RefusedError
from federation.ids import Date
from federation.ports.findings import StoredEdition
from federation.reconcile.catalog import Catalog, Edition, Layer, ListItem
from federation.reconcile.findings import RULES, Finding
from federation.reconcile.trust_lists import TrustList
from federation.rows import StatementRow
from federation.statements import Kind

_ALIKE: Final = (Finding.LIST_UNKNOWN, Finding.TRUST_UNKNOWN)
"""What a person says of which list of ours theirs is."""
CURABLE: Final = (*_ALIKE, Finding.AUTHORITY_NOT_NAMED)
"""What an edition cures that can be written out of the one listing that was stopped. What else only
an edition cures is for persons to read in the official text: which subjects a list is for, what
makes it and since when, how grades compare."""


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
        trusted = row.kind == Kind.COMMENDATION
        sort = TRUST_LISTS if trusted else LISTS
        for edition in in_force:
            lists: Mapping[str, ListItem | TrustList] = (
                edition.trust_lists if trusted else edition.lists
            )
            if finding == Finding.AUTHORITY_NOT_NAMED and (item := lists.get(row.list_type)):
                if item.authorities is not None and row.authority not in item.authorities:
                    return edition, add_authority(row.list_type, row.authority, sort=sort)
            elif finding in _ALIKE and edition.layer is not Layer.CITY and like in lists:
                return edition, add_list(row.list_type, like, sort=sort)
        shown = RULES[finding].code if finding in RULES else "nothing"
        curable = ", ".join(RULES[one].code for one in CURABLE)
        message = (
            f"{shown}: expected {curable}; but for the last --as names a list that an edition in "
            "force at the decision has"
        )
        raise RefusedError("case.no-proposal", message)

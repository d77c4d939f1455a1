"""What our own catalog says of what we say: a list type stands, or nothing is published under it.

    O1  a LISTING, also one of a RELISTING, is published only where an edition that is adopted here
        makes its list type, for a decision of its day (B1, B2); whoever has adopted no edition is
        not asked. A listing of ours that got into the log before is held here, as others' are
    O2  a list type that an edition has as one of those who are punished is none of a COMMENDATION:
        a record key does not tell the two apart (SPEC §6.1)
    O3  a listing of ours whose code the base library knows, but under none of its names, present
        or former, is held here like those of others, until the row, the library or persons have
        it otherwise; which of the two is right is not guessed. A subject that the library does
        not know contradicts nothing. Before it is published its row waits (F53)

    O4  what two persons said of such a row before it was published (F53) is not asked once more as
        a case: it holds for the name that the row stated and for what the library said of the
        code, as they saw it: of a library that was put in after that nothing is said. Another name,
        another answer of the library, or any word on the case itself, and O3 holds it

    GE5 a RECOGNITION says only equivalences of grades that this region adopted
        (`federation.reconcile.equivalences`)

Relief, annotations and corrections are never asked about: what was listed has to be reachable.
"""

from __future__ import annotations

from typing import Final

from federation.errors import RefusedError
from federation.ids import Date
from federation.payloads import Commendation, Listing, Payload, Recognition
from federation.reconcile.catalog import Catalog
from federation.reconcile.equivalences import check_said
from federation.reconcile.findings import RULES, Finding
from federation.reconcile.identity import BaseSubject, agrees
from federation.reconcile.rules import ground_finding
from federation.reconcile.trust_lists import LIST_BOTH

WITHOUT_GROUND: Final = frozenset({Finding.GROUND_MISSING, Finding.LIST_NOT_IN_FORCE})
"""Findings for which a standing listing of our own is held here."""


def own_fault(catalog: Catalog, list_type: str, decided_on: Date) -> Finding | None:
    """What stops a listing of our own: its list type does not stand on the decision's date (O1).

    A city that struck a list may go on to say what its own authorities decide by it.
    """
    return ground_finding(catalog.own(list_type, decided_on)) if catalog.editions else None


def own_fault_text(finding: Finding) -> str:
    """What was found, what is expected, and what to do; Chinese first."""
    rule = RULES[finding]
    return (
        f"{rule.chinese}；应为：决定之日有效、设立该名单的目录版本；"
        "请核对决定日期，或者采用该版本 / "
        f"{rule.english}; expected an edition that makes the list and is in force on that date: "
        "check the date of the decision, or adopt that edition"
    )


def named_otherwise(name: str, known: BaseSubject | None) -> bool:
    """Whether the base library knows the code of a subject, but under none of its names (O3).

    Args:
        name: as it is stated.
        known: the library's answer for the code, or None.
    """
    return known is not None and not agrees(name, known)


def name_said(scheme: str, code: str, name: str, known: BaseSubject) -> bytes:
    """What persons look at who say that a subject bears a name (O4), to be tagged by a key."""
    of_library = [known.code, known.name, *known.former_names]
    return "\0".join(["row-named", scheme, code, name, *of_library]).encode()


def own_trust_fault(list_type: str) -> str:
    """Why nothing is commended under a list type of those who are punished (O2)."""
    return (
        f"{list_type}: 目录中为失信名单，不得兼作守信名单；应为另一名单类型 / "
        "the catalog has it as a list of those who are punished; expected another list type "
        "for a COMMENDATION"
    )


def check_own(catalog: Catalog, payload: Payload) -> None:
    """Check that our catalog has what we would say (O1, O2, GE5).

    Raises:
        RefusedError: `catalog.list-unknown`, `catalog.ground-missing`,
            `catalog.list-not-in-force`; `catalog.list-both`; `recognition.equivalence-unknown`.
    """
    if isinstance(payload, Recognition):
        day = payload.effective_on or payload.decided_on
        check_said(payload.equivalences, catalog, day)
    if isinstance(payload, Listing):
        finding = own_fault(catalog, payload.list_type, payload.decided_on)
        if finding is not None:
            raise RefusedError(RULES[finding].code, own_fault_text(finding))
    if isinstance(payload, Commendation) and catalog.punishes(payload.list_type):
        raise RefusedError(LIST_BOTH, own_trust_fault(payload.list_type))

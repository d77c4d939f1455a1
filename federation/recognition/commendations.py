"""Is a commendation 守信 of another city recognised here? By this city's own catalog alone.

One pure function, `judge_commendation`, over (what it says, catalog, what is known of its subject)
gives a finding (`federation.reconcile.findings`): recognised, held, or rejected, by the first rule
that holds. Recognised it is a fact that a condition of a scenario may ask for, and gives nothing by
itself. CM1 to CM3, of what a catalog knows, are in `federation.reconcile.trust_lists`.

    CM4 its subject is an organisation: the code is valid (`identity.code-invalid`, rejected), the
        kind is stated (`commendation.kind`, rejected; natural persons have none) and agrees with
        the unified code (`identity.kind-differs`, held)
    CM5 its list is none of those who are punished (`commendation.list-punishes`, rejected), known
        here (`commendation.list-unknown`), for awards of that day (`catalog.list-not-in-force`),
        and confirmed (`catalog.list-unconfirmed`); else it is held until an edition says more. A
        list that is not known is no reason to call the award false
    CM6 the catalog names its authority for the list (`catalog.authority-not-named`), and the kind
        of its subject (`catalog.subject-kind`); else it is rejected
    CM7 it was not awarded in the future (`date.future`), states a last day
        (`commendation.validity-missing`), no later than the catalog's longest validity
        (`commendation.validity-long`); else it is held: what never ends is never looked at again
    CM8 a grade is one of the scale of its method's edition (CM3), by the method that the catalog
        has for the list; else it is held (`commendation.grade-unknown`)
    CM9 code and name are those of one subject that exists: by the base library, or by the word of
        the region where it is registered (H6 to H8), as for listings; else it is held

    CM10 what its authority withdrew, or whose day is over, is not asked about: it ends at once at
        every node, by the leaf alone (L1 to L4, L11)
"""

from __future__ import annotations

from typing import Final, NamedTuple

from federation.dates import add_months
from federation.ids import Date
from federation.payloads import PENALTY_LIST_TYPE
from federation.reconcile.attestation import Attested
from federation.reconcile.catalog import Catalog
from federation.reconcile.findings import Finding
from federation.reconcile.identity import BaseSubject, code_fault
from federation.reconcile.plausibility import in_future, kind_differs
from federation.reconcile.rules import identity_finding
from federation.reconcile.trust_lists import TrustList, grade_scale, trust_list

_SURE: Final = frozenset({Finding.RECOGNISED, Finding.ATTESTED})


class Commended(NamedTuple):
    """What the rules ask of a COMMENDATION; empty text and date 0 mean "not stated"."""

    scheme: str
    code: str
    name: str
    subject_kind: int
    list_type: str
    authority: str
    decided_on: int
    until: int
    grade: str = ""
    method: str = ""
    edition: str = ""


def judge_commendation(
    said: Commended,
    catalog: Catalog,
    known: BaseSubject | None,
    attested: Attested | None = None,
    *,
    today: Date,
) -> Finding:
    """Judge a commendation by itself.

    Args:
        said: what it says.
        catalog: this city's; judged by the editions in force on the day of the award.
        known: the base library's answer for the code, or None.
        attested: what the subject's region says of it; asked only where the library knows nothing.
        today: the reader's, in China.

    Returns:
        The first rule that holds; where none does `RECOGNISED` or `ATTESTED`.
    """
    finding = _form(said) or _list(said, catalog, today)
    return finding or identity_finding(said.name, catalog, known, attested)


def is_sure(finding: int) -> bool:
    """Whether nothing holds a commendation by itself."""
    return finding in _SURE


def _form(said: Commended) -> Finding | None:
    """CM4."""
    if code_fault(said.scheme, said.code):
        return Finding.CODE_INVALID
    if not said.subject_kind:
        return Finding.COMMENDATION_KIND
    return Finding.KIND_DIFFERS if kind_differs(said.scheme, said.code, said.subject_kind) else None


def _list(said: Commended, catalog: Catalog, today: Date) -> Finding | None:
    """CM5 to CM8."""
    if said.list_type.startswith(PENALTY_LIST_TYPE) or catalog.punishes(said.list_type):
        return Finding.LIST_PUNISHES
    day = Date(said.decided_on)
    entry = trust_list(catalog, said.list_type, day)
    if entry is None:
        return Finding.TRUST_UNKNOWN
    if not entry.within:
        return Finding.LIST_NOT_IN_FORCE
    if not entry.confirmed:
        return Finding.LIST_UNCONFIRMED
    item = entry.item
    if item.authorities is not None and said.authority not in item.authorities:
        return Finding.AUTHORITY_NOT_NAMED
    if said.subject_kind not in item.subjects:
        return Finding.SUBJECT_KIND
    if in_future(said.decided_on, today):
        return Finding.FUTURE
    if not said.until:
        return Finding.VALIDITY_MISSING
    if item.longest_months and said.until > add_months(day, item.longest_months):
        return Finding.VALIDITY_LONG
    return _grade(said, item, catalog)


def _grade(said: Commended, item: TrustList, catalog: Catalog) -> Finding | None:
    """CM8."""
    if not said.grade:
        return None
    scale = grade_scale(catalog, said.method, said.edition, Date(said.decided_on))
    of_list = item.method in ("", said.method)
    return None if of_list and scale and said.grade in scale else Finding.GRADE_UNKNOWN

"""Reconciliation 比对: is a listing of another city recognised by this city's own catalog?

One pure function, `judge`, over (record, catalog, base library) gives a *finding*: the rule that
fired (`federation.reconcile.findings`). `federation.reconcile.copies` then compares the copies of
one record.

Order of the questions is that of `RULES`: the first rule that holds decides. Where a doubt remains
the listing is held: it is not used against anyone, and a person is asked. Relief is never judged
here: it takes effect on the leaf alone (federation.life).

A PENALTY 行政处罚 is judged by the same questions but that of the prior notice, which its own law
settles; the catalog has an entry for each grade. Recognised it is `record.noted`, and no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from federation.dates import add_months
from federation.ids import Date
from federation.reconcile import plausibility
from federation.reconcile.attestation import Agreement, Attested, Registration
from federation.reconcile.candidate import Candidate
from federation.reconcile.catalog import Catalog, Entry, Ground
from federation.reconcile.findings import RULES, Finding
from federation.reconcile.identity import BaseSubject, agrees, changed_hands, code_fault

_BY_CODE: Final = {rule.code: Finding(rule.number) for rule in RULES.values()}


def judge(
    candidate: Candidate,
    catalog: Catalog,
    known: BaseSubject | None,
    attested: Attested | None = None,
    *,
    today: Date,
) -> Finding:
    """Judge a listing by itself.

    Args:
        candidate: what the listing says.
        catalog: this city's catalog; judged by the editions in force at the decision's date.
        known: the base library's answer for the code, or None.
        attested: what the subject's region says of it; asked only where the library knows nothing.
        today: the reader's, in China: of the future it holds what is decided or listed (M1).

    Returns:
        The first rule that holds; where none does `RECOGNISED` or `ATTESTED`, of a penalty `NOTED`.
    """
    finding = _form(candidate)
    if finding is None:
        entry = catalog.entry(candidate.list_type, Date(candidate.decided_on))
        finding = Finding.LIST_UNKNOWN if entry is None else _legality(candidate, entry, today)
    if finding is not None:
        return finding
    finding = identity_finding(candidate.name, catalog, known, attested)
    certain = finding in (Finding.RECOGNISED, Finding.ATTESTED)
    return Finding.NOTED if certain and candidate.is_penalty else finding


def identity_finding(
    name: str, catalog: Catalog, known: BaseSubject | None, attested: Attested | None
) -> Finding:
    """Whether it is certain who is meant: by the base library, else by the subject's region.

    Args:
        name: as it is stated.
        catalog: this city's, which says for how long the word of another region counts.
        known: the base library's answer for the code, or None.
        attested: what the subject's region says of it.

    Returns:
        `RECOGNISED`, `ATTESTED`, or what holds it.
    """
    if known is None:
        return _elsewhere(catalog, attested)
    return _identity(name, known) or Finding.RECOGNISED


def _form(candidate: Candidate) -> Finding | None:
    if code_fault(candidate.scheme, candidate.code):
        return Finding.CODE_INVALID
    if plausibility.out_of_order(candidate.decided_on, candidate.listed_on, candidate.until):
        return Finding.DATE_ORDER
    if not candidate.has_document:
        return Finding.DOCUMENT_MISSING
    return None


def ground_finding(entry: Entry | None) -> Finding | None:
    """What stops a list type before a listing is looked at: it is unknown, or does not stand."""
    if entry is None:
        return Finding.LIST_UNKNOWN
    return _GROUNDS.get(entry.ground)


_GROUNDS: Final[Mapping[Ground, Finding]] = {
    Ground.NONE: Finding.GROUND_MISSING,
    Ground.OUTSIDE: Finding.LIST_NOT_IN_FORCE,
}


def _legality(candidate: Candidate, entry: Entry, today: Date) -> Finding | None:
    if (stopped := ground_finding(entry)) is not None:
        return stopped
    item = entry.item
    if not entry.confirmed:
        return Finding.LIST_UNCONFIRMED
    if item.authorities is not None and candidate.authority not in item.authorities:
        return Finding.AUTHORITY_NOT_NAMED
    if candidate.subject_kind not in item.subjects:
        return Finding.SUBJECT_KIND
    if (doubt := plausibility.doubt(candidate, item.tier, today)) is not None:
        return _BY_CODE[doubt.code]
    if (lacking := unstated(candidate)) is not None:
        return lacking
    longest = item.longest_months
    if longest and candidate.until > add_months(Date(candidate.decided_on), longest):
        return Finding.PERIOD_LONG
    return None


def unstated(candidate: Candidate) -> Finding | None:
    """What a listing does not say, so that every city holds it, whatever its catalog."""
    if not candidate.has_basis:
        return Finding.BASIS_MISSING
    if not candidate.has_notice and not candidate.is_penalty:
        return Finding.NOTICE_MISSING
    if not candidate.until:
        return Finding.PERIOD_MISSING
    return None


_NOT_CERTAIN: Final[Mapping[Agreement, Finding]] = {
    Agreement.DIFFERS: Finding.ATTESTED_DIFFERS,
    Agreement.UNKNOWN: Finding.ATTESTED_UNKNOWN,
    Agreement.REUSED: Finding.NAME_REUSED,
    Agreement.NOT_ANSWERED: Finding.UNATTESTED,
}


def _elsewhere(catalog: Catalog, attested: Attested | None) -> Finding:
    """What the word of the subject's region makes certain (H6 to H8)."""
    if attested is None:
        return Finding.SUBJECT_UNKNOWN
    if attested.older_than(catalog.attestation_days(attested.today)):
        return Finding.ATTESTATION_OLD
    if attested.agreement in _NOT_CERTAIN:
        return _NOT_CERTAIN[attested.agreement]
    if attested.registration is Registration.UNKNOWN:
        return Finding.UNATTESTED
    return Finding.SUBJECT_CEASED if attested.ceased else Finding.ATTESTED


def _identity(name: str, known: BaseSubject) -> Finding | None:
    if known.ceased:
        return Finding.SUBJECT_CEASED
    if not agrees(name, known):
        return Finding.NAME_MISMATCH
    if changed_hands(name, known):
        return Finding.NAME_REUSED
    return None
